"""One worker process: does pieces of work until the process that started it is gone.

It is started as a file of its own (`python -P worker_process.py LINE PARENT [stays]`) and imports nothing of ours: that
can be found only when the starter has said where.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

PATH, TASK, PIECE = "path", "task", "piece"
"""What a message brings: where modules are, what is done, and a piece to do it to."""
DONE, FAULT = "done", "fault"
"""What an answer brings: the result of a piece, or what was raised."""
IDLE_SECONDS = 300.0
"""A worker without work ends after so long; its memory is of use to others."""
STAYS = "stays"
"""Said to a worker that is to wait for ever: what it keeps took long to make."""
DIE_WITH_PARENT = 1
"""Linux's PR_SET_PDEATHSIG."""


def main(line: int, parent: int, idle: float | None = IDLE_SECONDS) -> None:
    """Do what comes over the line, until the other end is closed."""
    _end_with(parent)
    over = Connection(line)
    orders: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(over, orders), daemon=True).start()
    hand = _Hand()
    while True:
        try:
            kind, told = orders.get(timeout=idle)
        except queue.Empty:
            return
        answer = hand.answer(kind, told)
        if answer is not None:
            over.send_bytes(answer)


def _end_with(parent: int) -> None:
    """Ask Linux to end this process with its parent, however that ends; elsewhere the line's end tells."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before we asked
            os._exit(1)


def _listen(over: Connection, orders: queue.SimpleQueue[tuple[str, bytes]]) -> None:
    """Pass on what comes, also while a piece is at work: that is how the parent's end is seen."""
    while True:
        try:
            orders.put(pickle.loads(over.recv_bytes()))
        except (EOFError, OSError):
            os._exit(0)


class _Hand:
    """Knows what is to be done, and does it to one piece after another."""

    def __init__(self) -> None:
        self._do: Callable[[Any], Any] | None = None
        self._task = b""

    def answer(self, kind: str, told: bytes) -> bytes | None:
        """Do what a message says; only a piece has an answer."""
        if kind == PATH:
            sys.path[:] = pickle.loads(told)
            return None
        if kind == TASK:
            self._do, self._task = None, told
            return None
        import cloudpickle  # noqa: PLC0415  can be found only now

        try:
            if self._do is None:  # here, so that a fault of unpacking is told like any other
                self._do = pickle.loads(self._task)
            return bytes(cloudpickle.dumps((DONE, self._do(pickle.loads(told)))))
        except BaseException as error:
            return _fault(error, traceback.format_exc())


def _fault(error: BaseException, trace: str) -> bytes:
    """Pack what was raised, and where; what cannot be packed, or not unpacked, is told in words."""
    import cloudpickle  # noqa: PLC0415  as above

    try:
        packed = bytes(cloudpickle.dumps((FAULT, (error, trace))))
        pickle.loads(packed)
    except Exception:
        return pickle.dumps((FAULT, (RuntimeError(f"{type(error).__name__}: {error}"), trace)))
    return packed


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), None if STAYS in sys.argv[3:] else IDLE_SECONDS)
