"""Work done here, in processes or on a Dask cluster comes back the same and in order, also when workers are lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from others import runs, shared_memory, waited_until

from sim import cluster
from sim.inputs.errors import InputError
from sim.lost import LostWorkersError
from sim.processes import crew
from sim.versions import code_and_versions
from sim.workers import Workers

ROOT = Path(__file__).parents[1]


def square(x):
    return x * x


def dies_once(mark, x):
    """Kill the process at work the first time that it comes to 3."""
    if x == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
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


# Lost workers --------------------------------------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_replaced_and_its_piece_done_again(tmp_path):
    mark = tmp_path / "died"
    assert list(Workers(2).spread(lambda x: dies_once(mark, x), range(9))) == [x * x for x in range(9)]
    assert mark.exists()


def test_a_worker_that_was_lost_between_two_tasks_is_not_asked():
    first = set(Workers(2).spread(lambda _: os.getpid(), range(4)))
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    assert not first & set(Workers(2).spread(lambda _: os.getpid(), range(4)))


def test_a_piece_that_kills_every_worker_ends_with_a_word_after_the_results_before_it():
    def kills(x):
        return os.kill(os.getpid(), signal.SIGKILL) if x == 2 else x

    results = Workers(2).spread(kills, range(9))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(LostWorkersError) as lost:
        next(results)
    assert lost.value.status == -signal.SIGKILL


def test_nobody_works_on_when_the_results_are_not_wanted_any_more(tmp_path):
    def works(x):
        (tmp_path / str(os.getpid())).touch()
        time.sleep(60 if x else 0)

    results = Workers(2).spread(works, range(3))
    assert next(results) is None
    assert waited_until(lambda: len(list(tmp_path.iterdir())) == 2)
    results.close()
    assert waited_until(lambda: not any(runs(p.name) for p in tmp_path.iterdir()), seconds=3)


def test_two_threads_have_workers_each_who_stay_when_these_have_ended():
    """Linux counts the end of the thread that started a process as its parent's end."""
    crew().close()
    found = {}
    who = lambda x: (os.getpid(), square(x))  # noqa: E731
    threads = [threading.Thread(target=lambda i=i: found.update({i: list(Workers(2).spread(who, range(i)))})) for i in (5, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {i: [x for _, x in found[i]] for i in found} == {i: [x * x for x in range(i)] for i in (5, 6)}
    assert waited_until(lambda: not any(Path(f"/proc/self/task/{t.native_id}").exists() for t in threads))
    pids = {i: {pid for pid, _ in found[i]} for i in found}
    assert not pids[5] & pids[6]
    assert all(runs(pid) for pid in pids[5] | pids[6])
    assert {pid for pid, _ in Workers(2).spread(who, range(5))} <= pids[5] | pids[6]


def test_a_fork_has_workers_of_its_own():
    list(Workers(2).spread(square, range(3)))
    pid = os.fork()
    if not pid:
        signal.alarm(60)
        os._exit(list(Workers(2).spread(square, range(3))) != [0, 1, 4])
    assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_who_started_them_and_leave_nothing_in_shared_memory(tmp_path, end):
    """Neither is told to anybody: the program has no handler for them, and no time to say goodbye."""
    before = shared_memory()
    code = (
        "import os, time, pathlib; from sim.workers import Workers\n"
        "def works(_): (pathlib.Path('pids') / str(os.getpid())).touch(); time.sleep(60)\n"
        "list(Workers(2).spread(works, range(4)))"
    )
    (tmp_path / "pids").mkdir()
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert waited_until(lambda: len(list((tmp_path / "pids").iterdir())) == 2, 30)
    starter.send_signal(end)
    assert starter.wait(10) == -end
    assert waited_until(lambda: not any(runs(p.name) for p in (tmp_path / "pids").iterdir()), seconds=3)
    assert not [name for name in shared_memory() - before if str(starter.pid) in name]


def test_nobody_is_left_when_all_are_sent_home():
    pids = set(Workers(2).spread(lambda _: os.getpid(), range(4)))
    crew().close()
    assert not any(runs(pid) for pid in pids)


# A cluster -----------------------------------------------------------------------------------------------------------


def test_a_cluster_gives_the_same():
    distributed = pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        everyone = Workers(cluster=local.scheduler_address)
        everyone.check()
        assert list(everyone.spread(square, range(9))) == [x * x for x in range(9)]
        with pytest.raises(ZeroDivisionError):
            list(everyone.spread(lambda x: 1 / x, [1, 0]))


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_is_one_message(address, monkeypatch):
    pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        list(Workers(cluster=address).spread(square, range(3)))


class Scheduler:
    """Says what its one worker says of itself; a worker without our code answers with an error."""

    def __init__(self, answer):
        self.answer = answer

    def wait_for_workers(self, _n, timeout):  # noqa: ARG002  Dask's own names
        if self.answer is None:
            raise TimeoutError

    def run(self, ask, text, on_error):  # noqa: ARG002  as above
        assert ask(text) == code_and_versions()  # what the text asks for is there
        return {"tcp://w:1": self.answer}

    def get_versions(self):
        return {"workers": {"tcp://w:1": {"host": {"python": "3.12.1.final.0"}}}}


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"python": "3.9.1"}, "worker tcp://w:1 has python 3.9.1, here it is {python}"),
        ({"code": "0123456789abcdef"}, "worker tcp://w:1 has code 0123456789abcdef, here it is {code}"),
        ({"numpy": "1.0"}, "worker tcp://w:1 has numpy 1.0, here it is {numpy}"),
        (ModuleNotFoundError("No module named 'sim'"), "worker tcp://w:1 has python 3.12.1, here it is {python}"),
        (None, "the scheduler has no workers; start some with: dask worker tcp://s:1"),
    ],
)
def test_workers_that_would_compute_otherwise_are_refused_with_both_named(differs, said):
    answer = code_and_versions() | differs if isinstance(differs, dict) else differs
    with pytest.raises(InputError) as refused:
        cluster._refuse_others("tcp://s:1", Scheduler(answer))
    assert said.format(**code_and_versions()) in str(refused.value)


def test_a_worker_that_is_like_us_is_welcome():
    cluster._refuse_others("tcp://s:1", Scheduler(code_and_versions()))
