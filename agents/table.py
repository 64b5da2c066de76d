"""A table whose rows are agents: one NumPy array per attribute, declared once with its unit.

Rows are always compact: an enterprise that leaves is dropped, so there is no `alive` mask
to forget. Row numbers and their order therefore mean nothing across quarters; identity is the `slot` column.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Hashable

Floats = NDArray[np.float64]
"""Real numbers, one per row unless a shape is given."""
Ints = NDArray[np.int64]
"""Whole numbers: slots, quarters, codes, row numbers."""
Bools = NDArray[np.bool_]
"""One truth value per row."""


def column(dtype: str, unit: str, doc: str, *, fill: float = 0, width: int = 0) -> Any:
    """Declare one attribute: dtype, unit, meaning, the value of a new row, and how many numbers a row holds."""
    return field(default=None, metadata={"dtype": dtype, "unit": unit, "doc": doc, "fill": fill, "width": width})


class _Column(NamedTuple):
    """A declared attribute, as the table's own methods need it."""

    name: str
    dtype: str
    fill: float
    width: int

    def room(self, n: int) -> NDArray[Any]:
        """Return `n` unset rows at the head of a longer array, so that a few can be added without copying.

        A column of several numbers a row keeps each of them together in memory, (rows, width) in Fortran
        order: what is asked for is nearly always one of them for every row.
        """
        longer = n + n // 4 + 64
        shape = (longer, self.width) if self.width else (longer,)
        return np.empty(shape, self.dtype, order="F")[:n]


@cache  # `fields` is slow
def _declared(table: Any) -> tuple[_Column, ...]:
    """Return the columns of a table in the order they are declared."""
    keys = ("dtype", "fill", "width")
    return tuple(_Column(c.name, *(c.metadata[key] for key in keys)) for c in fields(table))


@dataclass(slots=True, eq=False)
class Table:
    """Base of every struct-of-arrays in the model.

    Columns are views of slightly longer arrays, so that adding rows rarely copies the table.
    """

    @classmethod
    def _columns(cls) -> tuple[_Column, ...]:
        return _declared(cast("Hashable", cls))

    @classmethod
    def blank(cls, n: int) -> Self:
        """Make `n` rows, every column at its declared fill value."""
        made = {c.name: c.room(n) for c in cls._columns()}
        for c in cls._columns():
            made[c.name][:] = c.fill
        return cls(**made)

    def __len__(self) -> int:
        return len(getattr(self, self._columns()[0].name))

    def take(self, rows: Ints) -> Self:
        """Copy the given rows, in that order, into a new table."""
        made = {c.name: c.room(len(rows)) for c in self._columns()}
        for name, values in made.items():
            values[:] = getattr(self, name)[rows]
        return type(self)(**made)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self.take(np.arange(len(self)))  # with room for the rows to come

    def keep(self, rows: Bools) -> None:
        """Drop every row where `rows` is False; the last rows move into the gaps."""
        n = int(np.count_nonzero(rows))
        gaps, movers = np.flatnonzero(~rows[:n]), n + np.flatnonzero(rows[n:])
        for c in self._columns():
            values = getattr(self, c.name)
            values[gaps] = values[movers]
            setattr(self, c.name, values[:n])

    def append(self, other: Self) -> None:
        """Add the rows of `other` at the end."""
        n = len(self)
        self._lengthen(n + len(other))
        for c in self._columns():
            getattr(self, c.name)[n:] = getattr(other, c.name)

    def append_blank(self, count: int) -> None:
        """Add `count` rows at their declared fill values at the end."""
        n = len(self)
        self._lengthen(n + count)
        for c in self._columns():
            getattr(self, c.name)[n:] = c.fill

    def _lengthen(self, total: int) -> None:
        """Make every column `total` rows long, the new rows unset; copies only where no room is left."""
        for c in self._columns():
            old = getattr(self, c.name)
            room = old.base
            if room is not None and room.ndim == old.ndim and len(room) >= total:
                longer = room[:total]
            else:
                longer = c.room(total)
                longer[: len(old)] = old
            setattr(self, c.name, longer)

    @classmethod
    def describe(cls) -> list[tuple[str, str, str]]:
        """List (name, unit, meaning) for the docs."""
        return [(c.name, c.metadata["unit"], c.metadata["doc"]) for c in fields(cls)]
