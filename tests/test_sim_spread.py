"""Work spread over processes: in order, one at a time where it can be, with faults and refusals as they are; BLAS on one thread."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sim import one_thread as module
from sim.inputs.errors import InputError
from sim.one_thread import one_thread
from sim.processes import HUGE_PAGES, crew
from sim.workers import Workers

ROOT = Path(__file__).parents[1]


def slow_first(i):
    time.sleep(0.2 if i == 0 else 0.0)
    return i, os.getpid()


def fails_at_three(i):
    if i == 3:
        raise InputError(f"piece {i}")
    return i


def test_results_wait_for_those_before_them_though_others_finish_first():
    done = list(Workers(2).spread(slow_first, range(6)))
    assert [i for i, _ in done] == list(range(6))
    here = {pid for _, pid in done}
    assert os.getpid() not in here and 1 <= len(here) <= 2
    assert {pid for _, pid in Workers(1).spread(slow_first, range(3))} == {os.getpid()}


def test_a_fault_in_a_piece_comes_out_as_it_is_after_the_results_before_it():
    results = Workers(1).spread(fails_at_three, range(6))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(InputError, match=r"^piece 3$"):
        next(results)
    with pytest.raises(InputError, match=r"^piece 3$"):  # from another process it may come sooner
        list(Workers(2).spread(fails_at_three, range(6)))


@pytest.mark.parametrize("processes", [1, 2])
def test_no_work_is_no_result(processes):
    assert list(Workers(processes).spread(slow_first, [])) == []


def test_what_is_made_on_the_spot_can_be_sent_to_processes():
    offset = 10
    assert list(Workers(2).spread(lambda i: i + offset, range(3))) == [10, 11, 12]


def test_another_task_in_the_same_processes_is_not_taken_for_the_last_one():
    """Processes keep what they unpacked, by its bytes."""
    for factor in (2, 3, 2):
        assert list(Workers(2).spread(lambda i, factor=factor: i * factor, range(4))) == [i * factor for i in range(4)]


def test_one_process_loads_nothing_to_spread_work():
    code = "import sys; from sim.workers import Workers; print(list(Workers(1).spread(abs, [-1])), 'cloudpickle' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[1] False\n"


@pytest.mark.parametrize(("before", "after"), [(None, HUGE_PAGES), ("glibc.malloc.arena_max=1", "glibc.malloc.arena_max=1")])
def test_large_pages_are_asked_for_unless_the_user_asks_for_something(monkeypatch, before, after):
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if before:
        monkeypatch.setenv("GLIBC_TUNABLES", before)
    crew().close()  # those that wait were started before
    assert list(Workers(2).spread(os.getenv, ["GLIBC_TUNABLES"])) == [after]
    assert os.environ.get("GLIBC_TUNABLES") == before
    crew().close()


@pytest.mark.parametrize("processes", [0, -1])
def test_nobody_to_do_the_work_is_refused(processes):
    with pytest.raises(InputError) as refused:
        Workers(processes).check()
    assert str(refused.value) == f"--workers {processes}: write a number from 1 to 256; --cluster has more machines."
    Workers(1).check()


def test_a_cluster_without_dask_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)  # as if it were not installed
    for ask in (Workers(cluster="tcp://127.0.0.1:9").check, lambda: list(Workers(cluster="tcp://127.0.0.1:9").spread(abs, [1]))):
        with pytest.raises(InputError) as refused:
            ask()
        assert str(refused.value) == "--cluster needs Dask; install it with: pip install 'peiyu[cluster]'"


# One thread ----------------------------------------------------------------------------------------------------------


def threads():
    return {x["num_threads"] for x in threadpool_info() if x["user_api"] == "blas"}


def test_algebra_is_on_one_thread_inside_and_as_before_outside_also_after_a_fault():
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        with one_thread():
            assert threads() == {1}
            with one_thread():
                assert threads() == {1}
            assert threads() == {1}
        assert threads() == before
        with pytest.raises(ZeroDivisionError), one_thread():
            1 / 0  # noqa: B018
        assert threads() == before
    if os.cpu_count() > 1:
        assert before == {2}  # or nothing was shown


def test_what_is_decorated_runs_on_one_thread_every_time():
    counted = one_thread()(threads)
    assert counted() == counted() == {1}


def test_without_threadpoolctl_the_environment_decides(monkeypatch):
    monkeypatch.setattr(module, "threadpool_limits", None)
    before = threads()
    with one_thread():
        assert threads() == before
