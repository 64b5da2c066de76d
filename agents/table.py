"""A table whose rows are agents: one NumPy array per attribute, declared once with its unit.

Rows are always compact: an enterprise that leaves is dropped, so there is no `alive` mask
to forget. Row numbers and their order therefore mean nothing across quarters; identity is the `slot` column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

from agents.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Hashable

Floats = NDArray[np.float64]
"""Real numbers, one per row unless a shape is given."""
Ints = NDArray[np.int64]
"""Whole numbers: slots, quarters, codes, row numbers."""
Bools = NDArray[np.bool_]
"""One truth value per row."""
EVERY_ROW = slice(None)
"""In place of row numbers: the whole column, as it lies."""


def column(dtype: str, unit: str, doc: str, *, width: int = 0) -> Any:
    """Declare one attribute: dtype, unit, meaning, and how many numbers a row holds. A new row holds zeros."""
    return field(default=None, metadata={"dtype": dtype, "unit": unit, "doc": doc, "width": width})


class _Column(NamedTuple):
    """A declared attribute, as the table's own methods need it."""

    name: str
    dtype: str
    width: int
    line: int  # its first line in the block of its dtype

    def of(self, blocks: dict[str, NDArray[Any]], rows: slice) -> NDArray[Any]:
        """Return the attribute's rows, (rows,) or (rows, width), as a view of its block."""
        # transposed, a column of several numbers still has each of them in one run of memory
        lines = blocks[self.dtype]
        return lines[self.line : self.line + self.width, rows].T if self.width else lines[self.line, rows]


@cache  # `fields` is slow
def _declared(table: Any) -> tuple[_Column, ...]:
    """Return the columns of a table in the order they are declared."""
    made, lines = list[_Column](), Counter[str]()
    for c in fields(table):
        dtype, width = c.metadata["dtype"], c.metadata["width"]
        made.append(_Column(c.name, dtype, width, lines[dtype]))
        lines[dtype] += max(width, 1)
    return tuple(made)


_EXPECTED_GROWTH = 5
"""Times its first rows that a table has room for, and half more; the model's register outgrows that in few runs."""
_SPARSE = 1 / 12
"""Share of the rows up to which the true ones are found faster by looking at eight rows at once."""


def among(slots: Ints, ordered: Ints) -> Bools:
    """Tell which slots are among some others, given in order; faster than `numpy.isin`, which sorts or hashes."""
    if not len(ordered):
        return np.zeros(len(slots), bool)
    # a slot above all others is placed behind the last, where nothing can be read
    return ordered[np.minimum(np.searchsorted(ordered, slots), len(ordered) - 1)] == slots


def added(numbers: Iterable[float]) -> float:
    """Return the sum of numbers, each added to what is there.

    From Python 3.12 on the built-in `sum` carries the rounding along, so its last digit may be another one: a fit made
    on one Python would not hold on another.
    """
    found = 0.0
    for number in numbers:
        found += number
    return found


@compiled
def rows_where(mask: Bools) -> Ints:
    """Return the rows of a mask, in order: `numpy.flatnonzero`, faster where they are few and where they are many."""
    count = mask.sum()
    rows = np.empty(count, np.int64)
    if count < _SPARSE * len(mask):
        _write_few(mask, rows)
        return rows
    at = row = 0
    # each row is written where the next true one belongs, without asking whether it is true: the last one stays
    while at < count:
        rows[at] = row
        at += mask[row]
        row += 1
    return rows


@compiled
def _write_few(mask: Bools, rows: Ints) -> None:
    """Write the true rows, looking at eight at a glance: where all are false, at the next eight."""
    at, whole = 0, len(mask) // 8 * 8
    for eight, some in enumerate(mask[:whole].view(np.uint64)):
        if some:
            for row in range(8 * eight, 8 * eight + 8):
                if mask[row]:
                    rows[at] = row
                    at += 1
    for row in range(whole, len(mask)):
        if mask[row]:
            rows[at] = row
            at += 1


@compiled
def those(rows: Ints, mask: Bools) -> Ints:
    """Return the rows for which a mask, (rows,), is true, in order: `rows[mask]`, in a fraction of its time."""
    kept = np.empty(mask.sum(), np.int64)
    at = row = 0
    while at < len(kept):
        kept[at] = rows[row]  # as in `rows_where`
        at += mask[row]
        row += 1
    return kept


@compiled
def _move(block: NDArray[Any], movers: Ints, gaps: Ints) -> None:
    """Copy the numbers of one row to another's place, in every line of a block."""
    # every mover lies behind every gap, so nothing is overwritten before it has been copied
    for line in range(len(block)):
        for i in range(len(gaps)):
            block[line, gaps[i]] = block[line, movers[i]]


class AgentTable:
    """Base of every struct-of-arrays in the model.

    The columns of one dtype are the lines of one block, (numbers, rows and room for more), so that a table is filled
    and copied in a few strokes, rows are added without copying it, and the memory comes in large pages. What is asked
    for is nearly always one number of every row, and these lie together.
    """

    __slots__ = ("_blocks",)
    _blocks: dict[str, NDArray[Any]]

    @classmethod
    def _columns(cls) -> tuple[_Column, ...]:
        return _declared(cast("Hashable", cls))

    @classmethod
    def _with_room(cls, n: int) -> dict[str, NDArray[Any]]:
        """Return unset blocks for `n` rows and as many again by half; what is never written costs no memory."""
        lines = Counter[str]()
        for c in cls._columns():
            lines[c.dtype] += max(c.width, 1)
        return {dtype: np.empty((count, n + n // 2 + 64), dtype) for dtype, count in lines.items()}

    @classmethod
    def blank(cls, n: int) -> Self:
        """Make `n` rows of zeros, with room for several times as many."""
        made = cls()
        made._blocks = cls._with_room(_EXPECTED_GROWTH * n)
        made.clear(n)
        return made

    def _room(self) -> int:
        """Return how many rows fit into the memory at hand."""
        return min(block.shape[1] for block in self._blocks.values())

    def clear(self, n: int) -> None:
        """Make it `n` rows of zeros, in the memory it has where that is enough."""
        blocks = self._blocks if n <= self._room() else self._with_room(n)
        self._blank(blocks, 0, n)
        self._show(blocks, n)

    def __len__(self) -> int:
        return len(getattr(self, self._columns()[0].name))

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        n, twin = len(self), type(self)()
        twin._show(self._copied(n, n), n)
        return twin

    def __copy__(self) -> Self:
        return self.__deepcopy__({})  # two tables on one block would grow into each other

    def __getstate__(self) -> tuple[Any, ...]:
        """Return the rows there are, once: the columns are views, and pickle would give each memory of its own."""
        return len(self), {dtype: block[:, : len(self)] for dtype, block in self._blocks.items()}

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        # through a copy, because what was pickled has no room for further rows
        n, self._blocks = state
        self._show(self._copied(n, n), n)

    def drop(self, rows: Ints) -> None:
        """Drop the given rows, in increasing order; the last rows move into the gaps."""
        n = len(self) - len(rows)
        # rows that stay and lie behind the new end fill the gaps before it, so no more rows move than leave
        inside = int(np.searchsorted(rows, n))
        gaps, last = rows[:inside], np.ones(len(rows), bool)
        last[rows[inside:] - n] = False
        movers = n + rows_where(last)
        for block in self._blocks.values():
            _move(block, movers, gaps)
        self._show(self._blocks, n)

    def add(self, count: int) -> None:
        """Add `count` rows of zeros at the end."""
        n = len(self)
        total = n + count
        if total > self._room():
            self._blocks = self._copied(n, total)
        self._blank(self._blocks, n, total)
        self._show(self._blocks, total)

    def last(self, count: int) -> Self:
        """Return the last `count` rows, as views: what is written there is written here."""
        n = len(self)
        return type(self)(**{c.name: c.of(self._blocks, slice(n - count, n)) for c in self._columns()})

    @staticmethod
    def _blank(blocks: dict[str, NDArray[Any]], start: int, stop: int) -> None:
        """Set rows to zero."""
        for block in blocks.values():
            block[:, start:stop] = 0

    def _copied(self, n: int, total: int) -> dict[str, NDArray[Any]]:
        """Return copies of the blocks with the first `n` rows, and room for `total` and more."""
        blocks = self._with_room(total)
        for dtype, block in blocks.items():
            block[:, :n] = self._blocks[dtype][:, :n]
        return blocks

    def _show(self, blocks: dict[str, NDArray[Any]], n: int) -> None:
        """Let the columns be views of the first `n` rows of the blocks."""
        self._blocks = blocks
        for c in self._columns():
            setattr(self, c.name, c.of(blocks, slice(n)))

    @classmethod
    def describe(cls) -> list[tuple[str, str, str]]:
        """List (name, unit, meaning) for the docs."""
        return [(c.name, c.metadata["unit"], c.metadata["doc"]) for c in fields(cast("Any", cls))]
