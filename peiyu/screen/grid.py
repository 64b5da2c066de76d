"""Tables that stay readable on a narrow terminal: words fold but never collapse, and the least of the numbers go."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.cells import cell_len
from rich.table import Column, Table

LEAST, MOST = 14, 18
"""Letters that a column of words keeps, if its words are so long: so many at least, and a long word's at most."""
_FRAME = 3
"""Letters that a column's frame and padding take."""


class Grid(Table):
    """A table for the terminal; its first column and those it is told to keep are never left out."""

    def __init__(self, title: str | None = None, *, first_to_go: Iterable[str] = (), kept: int = 2) -> None:
        super().__init__(title=title or None, title_justify="left", header_style="bold")
        self._first_to_go, self._kept = tuple(first_to_go), kept

    def fit(self, width: int, seen: Callable[[str], str]) -> list[str]:
        """Leave out columns until the rest fits into so many letters; returns the heads of those that went.

        `seen` says how a text looks on the screen.
        """
        gone = []
        for column in self.columns:
            column.header, column._cells = seen(str(column.header)), [seen(str(cell)) for cell in column.cells]
        while sum(_least(c) + _FRAME for c in self.columns) + 1 > width:
            going = self._next_to_go()
            if going is None:
                break
            self.columns.remove(going)
            gone.append(str(going.header))
        ends = [(_least(c), _widest(_texts(c))) for c in self.columns]
        for at, (column, wide) in enumerate(zip(self.columns, shared(ends, width - 1, _FRAME), strict=True)):
            column._index = at  # rich finds a column's neighbours by it
            column.width, column.no_wrap, column.overflow = wide, False, "fold"
        return gone

    def _next_to_go(self) -> Column | None:
        """Return the column that is missed least: those named first, then from the right."""
        named = [c for head in self._first_to_go for c in self.columns if c.header == head]
        rest = list(self.columns[self._kept :])[::-1]
        return next(iter((*named, *rest)), None)


def shared(ends: list[tuple[int, int]], width: int, frame: int) -> list[int]:
    """Return widths from the least to the most of each column: who lacks most gets the next letter, while there is one.

    Where not even the least fits, the widest loses: words are broken, and none is lost.
    """
    widths, free = [least for least, _ in ends], width - frame * len(ends)
    while sum(widths) < free and any(w < most for w, (_, most) in zip(widths, ends, strict=True)):
        widths[max(range(len(ends)), key=lambda i: ends[i][1] - widths[i])] += 1
    while sum(widths) > free and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _texts(column: Column) -> list[str]:
    return [str(column.header), *map(str, column.cells)]


def _widest(texts: Iterable[str]) -> int:
    return max((cell_len(line) for text in texts for line in text.split("\n")), default=0)


def _least(column: Column) -> int:
    """Return how narrow a column may be: a number is never cut, words and heads fold."""
    if column.justify == "right":
        return max(_widest(map(str, column.cells)), min(MOST, _widest(str(column.header).split())), 1)
    texts = _texts(column)
    word = _widest(word for text in texts for word in text.split())
    return max(1, min(_widest(texts), max(LEAST, min(word, MOST))))
