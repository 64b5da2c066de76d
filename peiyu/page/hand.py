"""One warm worker: a process of the usual kind that stays, and is waited for without holding anybody up."""

from __future__ import annotations

import asyncio
from typing import Any

from sim.lost import LostWorkersError
from sim.processes import TRIES, LineCutError, Worker


class Hand:
    """A process that knows its task and does one piece at a time; one that is lost is replaced, without its states."""

    def __init__(self, task: bytes) -> None:
        self._task = task
        self._worker: Worker | None = None

    def start(self) -> None:
        """Start the process; it loads the model while the page is already there."""
        self._worker = Worker(stays=True)
        self._worker.prepare(self._task)

    def end(self) -> None:
        """End the process, in the middle of a piece too."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    async def do(self, piece: bytes) -> Any:
        """Return what comes out of a piece, or raise what was raised; `LostWorkersError` if nobody survives it."""
        status = 0
        for _ in range(TRIES):
            if self._worker is None:
                self.start()
            assert self._worker is not None  # it has been started
            try:
                return await _answered(self._worker, piece)
            except LineCutError:
                status, self._worker = self._worker.end(), None
        raise LostWorkersError(status)


async def _answered(worker: Worker, piece: bytes) -> Any:
    loop, line, there = asyncio.get_running_loop(), worker.line.fileno(), asyncio.Event()
    worker.begin(0, piece)
    loop.add_reader(line, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(line)
    return worker.answer()
