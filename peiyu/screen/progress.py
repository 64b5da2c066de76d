"""Progress on stderr, with time left; stdout stays free for the result."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from peiyu.screen.console import stderr
from peiyu.words.loader import words
from sim.inputs.shown import visible

LINE_SECONDS = 15.0
"""Where stderr is a file or a pipe, a plain line this often instead of a bar."""


class Bar:
    """A progress bar, or plain lines, told how many are done of how many; the total may be known from the start."""

    def __init__(self, title: str, lang: str, total: int | None = None) -> None:
        self._title, self._console = visible(title), stderr(lang)
        self._begun = self._said = monotonic()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task(self._title, total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        """Write a line above the bar."""
        self._console.print(line)

    def update(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done."""
        self._progress.update(self._task, completed=done, total=total)
        now = monotonic()
        if not self._console.is_terminal and now - self._said >= LINE_SECONDS and done:
            self._said = now
            left = (now - self._begun) / done * (total - done)
            line = words("screen", self._console.lang)["progress"]
            self._console.print(line.format(title=self._title, done=done, total=total, left=round(left)))
