"""The workers of an existing Dask cluster: only those of our own code and versions, and one word when they are lost."""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import lru_cache
from threading import Event, Lock
from time import monotonic
from typing import Any

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.lost import LostClusterError
from sim.versions import code_and_versions

CONNECT_SECONDS, CLOSE_SECONDS = 10, 2
LOOK_SECONDS = 1.0
"""How often it is looked whether the cluster is still there."""
PATIENCE_SECONDS = 10.0
"""So long a cluster may be without workers; one that is started again takes some seconds."""
AHEAD = 2
"""Pieces a worker of the cluster: one at work, one that waits, so that nobody waits for us."""
ASK = "__import__('sim.versions', fromlist=['code_and_versions']).code_and_versions()"
"""Asked as text, which every version of Python reads, and a worker without our code answers too."""
NONE = "none"
ONE_AT_A_TIME = Lock()
"""A worker of several threads does one piece at a time: a run is not made to share its process."""


def spread(address: str, task: bytes, work: Iterable[Any]) -> Iterator[Any]:
    """Do a pickled task to every piece on the cluster and give the results in the order of the pieces."""
    with connected(address) as client:
        waiting: deque[Any] = deque()
        watch = _Watch(address, client)
        for piece in work:
            waiting.append(client.submit(_perform, task, piece, pure=False))
            if len(waiting) >= AHEAD * watch.hands():
                yield watch.result(waiting.popleft())
        while waiting:
            yield watch.result(waiting.popleft())


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to a scheduler whose workers are like us. Raises `InputError` where there is none, or another worker."""
    try:
        from distributed import Client as AnyClient  # noqa: PLC0415  only with the cluster extra
    except ImportError:
        said = Said("--cluster needs Dask; install it with: pip install 'peiyu[cluster]'")
        raise InputError(said) from None
    connect: Callable[..., Any] = AnyClient  # untyped
    with _silence():
        try:
            client = connect(address, timeout=f"{CONNECT_SECONDS}s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                Said(
                    "--cluster {address}: no Dask scheduler answers ({reason}); write an address such as"
                    " tcp://127.0.0.1:8786.",
                    address=address,
                    reason=foreign(error),
                )
            ) from None
        try:
            _refuse_others(address, client)
            yield client
        finally:
            with suppress(TimeoutError, OSError):  # nobody is there to say goodbye to
                client.close(timeout=CLOSE_SECONDS)


@contextmanager
def _silence() -> Iterator[None]:
    """Let Dask say nothing of what it lost: we say it, in one sentence."""
    named = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    loud = [x for x in named if x.name.split(".")[0] in ("distributed", "tornado", "asyncio")]
    levels = [x.level for x in loud]
    for x in loud:
        x.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for x, level in zip(loud, levels, strict=True):
            x.setLevel(level)


def _refuse_others(address: str, client: Any) -> None:
    """Raise `InputError` where no worker comes, or one of other code, another Python or another package."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        said = Said(
            "--cluster {address}: the scheduler has no workers; start some with: dask worker {address}", address=address
        )
        raise InputError(said) from None
    answers = client.run(eval, ASK, on_error="return")
    pythons = {where: about["host"]["python"] for where, about in client.get_versions()["workers"].items()}
    for where, answer in answers.items():
        known = answer if isinstance(answer, dict) else {"python": pythons.get(where, NONE).split(".final")[0]}
        _refuse(where, known)


def _refuse(where: Said | str, theirs: dict[str, str]) -> None:
    """Raise `InputError` for a worker that would compute otherwise, naming what it has and what we have."""
    for what, ours in code_and_versions().items():
        has = theirs.get(what, NONE)
        if has != ours:
            raise InputError(
                Said(
                    "--cluster: worker {where} has {what} {has}, here it is {ours}; start workers of the same code and"
                    " versions, as the numbers would not be the same.",
                    where=where,
                    what=what,
                    has=Said("none") if has == NONE else has,
                    ours=ours,
                )
            )


def _perform(task: bytes, piece: Any) -> tuple[dict[str, str], Any]:
    """Do a pickled task to a piece, on a worker, and say what this worker is."""
    with ONE_AT_A_TIME:
        return code_and_versions(), _unpacked(task)(piece)


@lru_cache(maxsize=1)
def _unpacked(pickled: bytes) -> Callable[[Any], Any]:
    """Unpack what is done, once in every process."""
    do: Callable[[Any], Any] = pickle.loads(pickled)
    return do


class _Watch:
    """Waits for results as long as there is somebody to bring them."""

    def __init__(self, address: str, client: Any) -> None:
        self.address, self.client = address, client
        self.seen = monotonic()

    def hands(self) -> int:
        """Return how many pieces the cluster can do at once; a worker of several threads still does one."""
        return len(self._workers())

    def result(self, future: Any) -> Any:
        """Return the result of a piece. Raises what was raised, or `LostClusterError`."""
        from distributed import KilledWorker  # noqa: PLC0415  only with the cluster extra

        done = Event()
        future.add_done_callback(lambda _future: done.set())
        lost = (CancelledError, asyncio.CancelledError, KilledWorker)
        try:
            while not (done.wait(LOOK_SECONDS) or future.done()):
                self._look()
            if future.status == "error":
                self._explain(future.exception())
            said, result = future.result()
        except lost:
            raise LostClusterError(self.address) from None
        _refuse(Said("that has joined"), said)
        return result

    def _explain(self, error: BaseException) -> None:
        """Raise what a worker raised, unless it is one that should not be there."""
        self._look()
        _refuse_others(self.address, self.client)
        raise error

    def _look(self) -> None:
        """Raise `LostClusterError` when the scheduler is gone, or has been without workers for long."""
        gone = self.client.status != "running"
        if not gone and self._workers():
            self.seen = monotonic()
        if gone or monotonic() - self.seen > PATIENCE_SECONDS:
            raise LostClusterError(self.address)

    def _workers(self) -> list[str]:
        return list(self.client.scheduler_info(n_workers=-1).get("workers", {}))
