"""How a command is stopped from outside: Ctrl-C, `kill`, a terminal that is closed. It imports nothing of ours."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from threading import Timer, get_ident
from time import monotonic
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TWICE_SECONDS = 1.0
"""The same wish is often heard twice, from the terminal and from a parent; one that comes later is a second wish."""
GRACE_SECONDS = 10.0
"""So long a command may take to put things away; a wish that got lost in a library is answered then."""
AGAIN_SECONDS = 0.02
"""After so long a wish is said again that came where nothing can be raised: a finalizer, the import lock."""
NOT_BEGUN = "peiyu: 尚未开始,已停止; stopped before anything began.\n"
NOT_HEEDED = "peiyu: 已停止,完成的部分已保留; stopped, what was finished is kept.\n"


class Stopped(KeyboardInterrupt):
    """Somebody wants the command to end; `code` is its exit code, as shells count.

    Libraries let go of a `KeyboardInterrupt` where they keep other exceptions, as an event loop does.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number, self.code = number, exit_code(number)
        self.told = False  # whether somebody says so, or has


def exit_code(number: int) -> int:
    """Return the exit code of a command that a signal ended."""
    return 128 + number


def leave_at_once() -> None:
    """Leave at a signal with one line: nothing is begun, and an exception while modules load is a traceback."""
    _answer(_leave)


def raise_when_stopped() -> None:
    """Raise `Stopped` at a signal, so that what is open is put away."""
    handler = _Raise()
    sys.unraisablehook = _SaidAgain(handler, sys.unraisablehook)
    _answer(handler)


def wish() -> Stopped | None:
    """Return the wish to stop that has come, if one has: whatever is raised after it comes from it."""
    handlers = [signal.getsignal(number) for number in SIGNALS]
    return next((h.heard for h in handlers if isinstance(h, _Raise) and h.heard), None)


class _SaidAgain:
    """Says a wish to stop again that came where Python can only print what is raised."""

    def __init__(self, handler: _Raise, otherwise: Callable[[sys.UnraisableHookArgs], object]) -> None:
        self._handler, self._otherwise, self._main = handler, otherwise, get_ident()

    def __call__(self, unraisable: sys.UnraisableHookArgs) -> None:
        heard = self._handler.heard
        if heard is None or unraisable.exc_value is not heard:
            self._otherwise(unraisable)
            return
        self._handler.lost = True
        again = Timer(AGAIN_SECONDS, signal.pthread_kill, [self._main, heard.number])
        again.daemon = True
        again.start()


def _answer(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and the background of a script
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    os.write(2, NOT_BEGUN.encode())
    os._exit(exit_code(number))


def _late(heard: Stopped) -> None:
    if not heard.told:
        os.write(2, NOT_HEEDED.encode())
    os._exit(heard.code)


class _Raise:
    """Raises at the first signal; leaves at a second one, or when the first is not heeded."""

    def __init__(self) -> None:
        self.heard: Stopped | None = None
        self.lost = False  # whether the wish was raised where nothing can be
        self._since = 0.0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        other = signal.getsignal(signal.SIGTERM)
        if number == signal.SIGHUP and callable(other) and other is not self:
            signal.raise_signal(signal.SIGTERM)  # a server has its own way to close, and knows of no terminal
            return
        if self.heard is None:
            self.heard, self._since = Stopped(number), monotonic()
            late = Timer(GRACE_SECONDS, _late, [self.heard])
            late.daemon = True
            late.start()
            raise self.heard
        if self.lost:
            self.lost = False
            raise self.heard
        if monotonic() - self._since > TWICE_SECONDS:
            os._exit(exit_code(number))
