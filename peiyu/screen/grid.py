"""Tables that stay readable on a narrow terminal: words fold but never collapse, and the least of the numbers go."""

from __future__ import annotations

from collections.abc import Iterable

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

    def fit(self, width: int) -> list[str]:
        """Leave out columns until the rest fits into so many letters; returns the heads of those that went."""
        for column in self.columns:
            column.min_width = _least(column)
        gone = []
        while sum(_least(c) + _FRAME for c in self.columns) + 1 > width:
            going = self._next_to_go()
            if going is None:
                break
            self.columns.remove(going)
            gone.append(str(going.header))
        for at, column in enumerate(self.columns):
            column._index = at  # rich finds a column's neighbours by it
        return gone

    def _next_to_go(self) -> Column | None:
        """Return the column that is missed least: those named first, then from the right."""
        named = [c for head in self._first_to_go for c in self.columns if c.header == head]
        rest = list(self.columns[self._kept :])[::-1]
        return next(iter((*named, *rest)), None)


def _least(column: Column) -> int:
    """Return how narrow a column may be: a number is never cut, words fold."""
    texts = [str(column.header), *map(str, column.cells)]
    wide = max(cell_len(line) for text in texts for line in text.split("\n"))
    if column.no_wrap:
        return wide
    word = max((cell_len(word) for text in texts for word in text.split()), default=0)
    return min(wide, max(LEAST, min(word, MOST)))
