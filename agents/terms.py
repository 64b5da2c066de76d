"""What policy offers every enterprise in a quarter: nothing, but for the few that some lever reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from agents.enterprises import Recognition
from agents.table import AgentTable, Bools, Floats, Ints, column, rows_where


class Invitation(NamedTuple):
    """What draws applications for a recognition, from many at once."""

    kind: Recognition
    who: Bools  # (n,)
    lift: float  # added to the log rate of applying


class _Offers(AgentTable):
    """A table of zeros, but for what was offered since it was cleared: policy reaches few, so clearing is little work.

    Columns are read-only: what is written goes through `offer` and `invite`. Rows come at the end, and none is dropped.
    """

    __slots__ = ("_lines", "_offered", "invitations")
    _lines: dict[str, NDArray[Any]]  # the columns again, to write to
    _offered: dict[str, list[Ints]]  # the rows offered something, by column
    invitations: list[Invitation]

    def __post_init__(self) -> None:
        self._lines = {"reached": np.zeros(0, bool)}  # no row yet
        self._offered = {c.name: [] for c in self._columns()}
        self.invitations = []

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = super().__deepcopy__(memo)
        twin._offered = {name: several.copy() for name, several in self._offered.items()}
        twin.invitations = self.invitations.copy()
        return twin

    def __getstate__(self) -> tuple[Any, ...]:
        return *super().__getstate__(), self._offered, self.invitations

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        *rows, self._offered, self.invitations = state
        super().__setstate__(tuple(rows))

    def clear(self, n: int) -> None:
        # only what was offered is blanked: whole columns would cost a walk over every row for each of them
        self._lines["reached"][:] = False
        for name, several in self._offered.items():
            for rows in several:
                self._lines[name][rows] = 0
            several.clear()
        self.invitations = []
        super().clear(n)

    def offer(self, rows: Ints, **more: Floats | float) -> None:
        """Add to columns of the rows, each named once; they are reached. Raises `KeyError` for what is no column.

        The rows are kept until the terms are cleared: do not change them.
        """
        self._lines["reached"][rows] = True
        for name, amount in more.items():
            self._offered[name].append(rows)  # before anything is written, so that nothing stays behind
            # NumPy adds to a row that is named twice only once, hence each row once
            self._lines[name][rows] += amount

    def invite(self, kind: Recognition, who: Bools, lift: float) -> None:
        """Add to the log rate at which those of a mask apply for a recognition; they are reached unless it is zero."""
        if lift != 0.0:
            self.invitations.append(Invitation(kind, who, lift))
            self._lines["reached"] |= who

    def offered(self, *names: str) -> Ints:
        """Return the rows of all offers of these columns, in order; of some of them the offer may be nothing."""
        some = np.zeros(len(self), bool)
        for name in names:
            for rows in self._offered[name]:
                some[rows] = True
        return rows_where(some)

    def largest(self, name: str) -> float:
        """Return the largest number of a column, at least zero."""
        numbers = self._lines[name]
        return max((float(numbers[rows].max(initial=0.0)) for rows in self._offered[name]), default=0.0)

    def application_lift(self, kind: Recognition, rows: Ints) -> Floats:
        """Return what is added to the log rate of applying for a recognition, (rows,); `rows` are in order."""
        lift = np.zeros(len(rows))
        for invitation in self.invitations:
            if invitation.kind == kind:  # who has come since was not invited
                known = rows[: np.searchsorted(rows, len(invitation.who))]
                lift[: len(known)] += invitation.lift * invitation.who[known]
        return lift

    @classmethod
    def describe(cls) -> list[tuple[str, str, str]]:
        invited = ("invitations", "ln", "added to the log rate of applying for each recognition")
        return [*super().describe(), invited]

    @classmethod
    def _with_room(cls, n: int) -> dict[str, NDArray[Any]]:
        # zeros, not empty: rows are taken as blank, and memory that nobody writes is never touched
        return {dtype: np.zeros(block.shape, dtype) for dtype, block in super()._with_room(n).items()}

    @staticmethod
    def _blank(_blocks: dict[str, NDArray[Any]], _start: int, _stop: int) -> None:
        """Leave rows alone: they are blank already."""

    def _show(self, blocks: dict[str, NDArray[Any]], n: int) -> None:
        super()._show(blocks, n)
        self._lines = {c.name: c.of(blocks, slice(n)) for c in self._columns()}
        for name in self._lines:
            # what is written past `offer` would never be blanked, so it fails at once
            getattr(self, name).flags.writeable = False


# fmt: off
@dataclass(slots=True, eq=False)
class Terms(_Offers):
    """What policy offers each enterprise this quarter; blank again every quarter."""

    growth_lift:      Floats = column("f8", "log/year", "added to the yearly growth of staff")
    productivity_lift: Floats = column("f8", "log/year", "added to the yearly growth of revenue per head")
    boost:            Floats = column("f8", "log",      "added to the hazard of high growth by vouchers")
    finance_lift:     Floats = column("f8", "ln odds",  "added to the odds of closing an equity round")
    equity_offer:     Floats = column("f8", "万元",      "public equity on the table")
    rd_extra:         Floats = column("f8", "万元",      "real R&D this quarter that policy made possible")
    grant:            Floats = column("f8", "万元",      "cash paid out this quarter")
    exit_lift:        Floats = column("f8", "ln",       "added to the log exit hazard")
    result_lift:      Floats = column("f8", "ln odds",  "added to the odds that a key project succeeds")
    project:          Bools  = column("?",  "yes/no",   "a key project is awarded this quarter")
    scene:            Bools  = column("?",  "yes/no",   "a released application scene is matched to it this quarter")
    reached:          Bools  = column("?",  "yes/no",   "some lever offers something")
# fmt: on
