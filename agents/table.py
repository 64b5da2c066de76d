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


@dataclass(slots=True)
class Table:
    """Base of every struct-of-arrays in the model."""

    @classmethod
    def blank(cls, n: int) -> Self:
        """Make `n` rows, every column at its declared fill value."""
        made = {}
        for c in fields(cls):
            shape = (n, c.metadata["width"]) if c.metadata["width"] else n
            made[c.name] = np.full(shape, c.metadata["fill"], c.metadata["dtype"])
        return cls(**made)

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Ints) -> Self:
        """Copy the given rows, in that order, into a new table."""
        return type(self)(**{c.name: getattr(self, c.name).take(rows, axis=0) for c in fields(self)})

    def keep(self, rows: Bools) -> None:
        """Drop every row where `rows` is False."""
        staying = np.flatnonzero(rows)
        for c in fields(self):
            setattr(self, c.name, getattr(self, c.name).take(staying, axis=0))

    def append(self, other: Self) -> None:
        """Add the rows of `other` at the end."""
        for c in fields(self):
            setattr(self, c.name, np.concatenate((getattr(self, c.name), getattr(other, c.name))))

    @classmethod
    def describe(cls) -> list[tuple[str, str, str]]:
        """List (name, unit, meaning) for the docs."""
        return [(c.name, c.metadata["unit"], c.metadata["doc"]) for c in fields(cls)]
