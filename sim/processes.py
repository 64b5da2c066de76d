"""Worker processes on this machine: they end when we do, and one that is lost is replaced and its piece done again."""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.lost import LostWorkersError
from sim.worker_process import FAULT, PATH, PIECE, STAYS, TASK

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""Asks Linux to give the processes we start their memory in large pages, which an enterprise table reads faster."""
SETTINGS = {
    "GLIBC_TUNABLES": HUGE_PAGES,  # read when a process starts
    # several threads a process on small matrices only wait for each other
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""What a worker's environment says unless the user's own does."""
TRIES = 3
"""A piece at which so many workers were lost will not be done by the next one either."""
OTHERS_BUSINESS = {signal.SIGINT, signal.SIGHUP}
"""What a terminal sends to everybody at once: we alone answer, and the workers end with us."""
PROGRAM = Path(__file__).with_name("worker_process.py")


class InWorkerError(Exception):
    """Where in a worker process something was raised: stands above the fault itself in a traceback."""


class LineCutError(Exception):
    """The worker at the other end is gone."""


@cache
def starter() -> ThreadPoolExecutor:
    """Return the one thread that starts processes: Linux counts the end of who started one as its parent's end."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  one process needs none of it

    deaf = partial(signal.pthread_sigmask, signal.SIG_BLOCK, OTHERS_BUSINESS)  # a child has its parent's mask
    return ThreadPoolExecutor(1, "starter", deaf)


os.register_at_fork(after_in_child=starter.cache_clear)  # a fork has no thread but the one that forked


def _started(more: list[str]) -> tuple[Connection, subprocess.Popen[bytes]]:
    """Start a process and return our end of the line to it."""
    ours, theirs = Pipe()
    with theirs:
        command = [sys.executable, "-P", str(PROGRAM), str(theirs.fileno()), str(os.getpid()), *more]
        return ours, subprocess.Popen(
            command, env=SETTINGS | os.environ, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )


class Worker:
    """A process that does one piece at a time; without any it ends after a while, unless it is told to stay."""

    def __init__(self, *, stays: bool = False) -> None:
        self.at: int | None = None  # the number of the piece at work
        self.line, self.process = starter().submit(_started, [STAYS] if stays else []).result()
        self._tell(PATH, pickle.dumps(sys.path))

    def prepare(self, task: bytes) -> None:
        """Say what is to be done to every piece."""
        self._tell(TASK, task)

    def begin(self, number: int, piece: bytes) -> None:
        """Give a piece; the answer is waited for on the line."""
        self.at = number
        self._tell(PIECE, piece)

    def answer(self) -> Any:
        """Return what came out of the piece, or raise what was raised; `LineCutError` if the worker is gone."""
        try:
            kind, what = pickle.loads(self.line.recv_bytes())
        except (EOFError, OSError):
            raise LineCutError from None
        self.at = None
        if kind == FAULT:
            error, trace = what
            raise error from InWorkerError(f"\n{trace}")
        return what

    def _tell(self, kind: str, what: bytes) -> None:
        with suppress(OSError):  # the line is cut: waiting for the answer will tell
            self.line.send_bytes(pickle.dumps((kind, what)))

    @property
    def lives(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def end(self) -> int:
        """End the process, whatever it is doing, and return how it ended."""
        self.line.close()
        self.process.kill()
        return self.process.wait()


class Crew:
    """The workers that wait for work; whoever has some takes them, and puts them back afterwards."""

    def __init__(self) -> None:
        self.idle: list[Worker] = []
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self.idle.clear)  # they are the parent's

    def take(self, task: bytes) -> Worker:
        """Return a worker that knows the task."""
        while self.idle:
            worker = self.idle.pop()
            if worker.lives:
                break
            worker.end()
        else:
            worker = Worker()
        worker.prepare(task)
        return worker

    def put_back(self, worker: Worker) -> None:
        """Keep a worker for the next task; one that is still at work is of no use to it."""
        if worker.at is None:
            self.idle.append(worker)
        else:
            worker.end()

    def close(self) -> None:
        """End all workers that wait."""
        while self.idle:
            self.idle.pop().end()


@cache
def crew() -> Crew:
    """Return the workers of this process, of which there is one lot: starting one takes seconds."""
    return Crew()


def spread(task: bytes, work: Iterable[Any], processes: int) -> Iterator[Any]:
    """Do a pickled task to every piece and give the results in the order of the pieces."""
    job = _Job(task, work, processes)
    try:
        yield from job.results()
    finally:
        for worker in job.workers:
            crew().put_back(worker)


class _Job:
    """One task over many pieces: who is at which, what came out too early, and which must be done again."""

    def __init__(self, task: bytes, work: Iterable[Any], processes: int) -> None:
        self.task, self.processes = task, processes
        self.workers: list[Worker] = []
        self._new = enumerate(pickled(piece) for piece in work)
        self._again: deque[tuple[int, bytes]] = deque()
        self._at_work: dict[int, bytes] = {}
        self._done: dict[int, Any] = {}
        self._lost: Counter[int] = Counter()

    def results(self) -> Iterator[Any]:
        """Give the results in order; everybody has work again before one is given."""
        given = 0
        self._hand_out()
        while self._at_work:
            busy: dict[Any, Worker] = {worker.line: worker for worker in self.workers if worker.at is not None}
            for line in wait(list(busy)):
                self._hear(busy[line])
            self._hand_out()
            while given in self._done:
                yield self._done.pop(given)
                given += 1

    def _hand_out(self) -> None:
        """Give a piece to everybody who has none, as long as there are some."""
        idle = deque(worker for worker in self.workers if worker.at is None)
        while idle or len(self.workers) < self.processes:
            piece = self._again.popleft() if self._again else next(self._new, None)
            if piece is None:
                return
            worker = idle.popleft() if idle else self._hire()
            self._at_work[piece[0]] = piece[1]
            worker.begin(*piece)

    def _hire(self) -> Worker:
        worker = crew().take(self.task)
        self.workers.append(worker)
        return worker

    def _hear(self, worker: Worker) -> None:
        """Take an answer; where the worker is gone its piece is the next to be done."""
        number = worker.at
        assert number is not None  # only those at work are listened to
        try:
            self._done[number] = worker.answer()
            del self._at_work[number]
        except LineCutError:
            self.workers.remove(worker)
            status = worker.end()
            self._lost[number] += 1
            if self._lost[number] >= TRIES:
                raise LostWorkersError(status) from None
            self._again.append((number, self._at_work.pop(number)))


def pickled(what: Any) -> bytes:
    """Return anything as bytes, functions and classes made on the spot too."""
    import cloudpickle  # noqa: PLC0415  one process needs none of it

    return bytes(cloudpickle.dumps(what))
