"""Work done here, in processes or on a Dask cluster comes back the same and in order."""

import pytest

from sim.inputs.errors import InputError
from sim.workers import Workers


def square(x):
    return x * x


class Power:
    """Knows how often it was pickled."""

    pickled = 0

    def __call__(self, x):
        return x**3

    def __getstate__(self):
        Power.pickled += 1
        return {}


def test_order_is_that_of_the_work():
    assert list(Workers(1).spread(square, range(9))) == list(Workers(2).spread(square, range(9)))


def test_what_is_done_is_pickled_once_for_all_pieces():
    Power.pickled = 0
    assert list(Workers(2).spread(Power(), range(9))) == [x**3 for x in range(9)]
    assert Power.pickled == 1


def test_a_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert list(Workers(cluster=cluster.scheduler_address).spread(square, range(9))) == [x * x for x in range(9)]


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_is_one_message(address, monkeypatch):
    pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        list(Workers(cluster=address).spread(square, range(3)))
