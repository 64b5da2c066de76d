"""A table whose rows are agents: one NumPy array per attribute, declared once with its unit.

Rows are always compact: an enterprise that leaves is dropped, so there is no `alive` mask
to forget. Row numbers therefore mean nothing across quarters; identity is the `slot` column.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers, one per row unless a shape is given."""
Ints = NDArray[np.int64]
"""Whole numbers: slots, quarters, codes, row numbers."""
Bools = NDArray[np.bool_]
"""One truth value per row."""


def column(dtype: str, unit: str, doc: str, *, fill: float = 0, width: int = 0) -> Any:
    """Declare one attribute: dtype, unit, meaning, the value of a new row, and how many numbers a row holds."""
    return field(default=None, metadata={"dtype": dtype, "unit": unit, "doc": doc, "fill": fill, "width": width})


def _with_room(n: int, like: NDArray[Any]) -> NDArray[Any]:
    """Return `n` unset rows of the kind of `like`, at the head of a longer array, so that a few can be added."""
    return np.empty((n + n // 8 + 64, *like.shape[1:]), like.dtype)[:n]


@dataclass(slots=True)
class Table:
    """Base of every struct-of-arrays in the model.

    Columns are views of slightly longer arrays, so that adding rows rarely copies the table.
    """

    @classmethod
    def blank(cls, n: int) -> Self:
        """Make `n` rows, every column at its declared fill value."""
        made = {}
        for c in fields(cls):
            shape = (0, c.metadata["width"]) if c.metadata["width"] else (0,)
            made[c.name] = _with_room(n, np.empty(shape, c.metadata["dtype"]))
            made[c.name][:] = c.metadata["fill"]
        return cls(**made)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Ints) -> Self:
        """Copy the given rows, in that order, into a new table."""
        made = {}
        for c in fields(self):
            old = getattr(self, c.name)
            made[c.name] = _with_room(len(rows), old)
            np.take(old, rows, axis=0, out=made[c.name], mode="clip")  # the fast path of `out`; rows are in range
        return type(self)(**made)

    def keep(self, rows: Bools) -> None:
        """Drop every row where `rows` is False."""
        staying = np.flatnonzero(rows)
        for c in fields(self):
            old = getattr(self, c.name)
            old[: len(staying)] = old.take(staying, axis=0)  # in place: touching fresh memory costs more
            room = old if old.base is None else old.base
            setattr(self, c.name, room[: len(staying)])

    def append(self, other: Self) -> None:
        """Add the rows of `other` at the end."""
        n = len(self)
        total = n + len(other)
        for c in fields(self):
            old = getattr(self, c.name)
            room = old.base
            if room is not None and len(room) >= total and room.shape[1:] == old.shape[1:]:
                longer = room[:total]
            else:
                longer = _with_room(total, old)
                longer[:n] = old
            longer[n:] = getattr(other, c.name)
            setattr(self, c.name, longer)

    @classmethod
    def describe(cls) -> list[tuple[str, str, str]]:
        """List (name, unit, meaning) for the docs."""
        return [(c.name, c.metadata["unit"], c.metadata["doc"]) for c in fields(cls)]
