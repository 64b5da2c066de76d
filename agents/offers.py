"""What policy offers every enterprise in a quarter: nothing, but for the few that some lever reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from agents.enterprises import Recognition
from agents.table import EVERY_ROW, Bools, Floats, Ints, Table, column, rows_where


class Invitation(NamedTuple):
    """What draws applications for a recognition, from many at once."""

    kind: Recognition
    who: Bools  # (n,)
    lift: float  # added to the log rate of applying


class _Offers(Table):
    """A table of zeros, but for what was offered since it was cleared: policy reaches few, so clearing is little work.

    Columns are read-only: what is written goes through `offer`, which keeps the rows.
    """

    __slots__ = ("_lines", "_offered", "invitations")
    _lines: dict[str, NDArray[Any]]  # the columns to write to, rows to come included
    _offered: list[tuple[str, Ints]]
    invitations: list[Invitation]

    def __post_init__(self) -> None:
        self._lines, self._offered, self.invitations = {"reached": np.zeros(0, bool)}, [], []

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = super().__deepcopy__(memo)
        twin._offered, twin.invitations = self._offered.copy(), self.invitations.copy()
        return twin

    def clear(self, n: int) -> None:
        self._lines["reached"][:] = False
        for name, rows in self._offered:
            self._lines[name][rows] = 0
        self._offered, self.invitations = [], []
        super().clear(n)

    def offer(self, rows: Ints, **more: Floats | float) -> None:
        """Add to columns of the rows, each named once; they are reached. Raises `KeyError` for what is no column."""
        self._lines["reached"][rows] = True
        for name, amount in more.items():
            self._lines[name][rows] += amount
            self._offered.append((name, rows))

    def invite(self, kind: Recognition, who: Bools, lift: float) -> None:
        """Add to the log rate at which those of a mask apply for a recognition; they are reached unless it is zero."""
        if lift != 0.0:
            self.invitations.append(Invitation(kind, who, lift))
            self._lines["reached"][: len(who)] |= who

    def offered(self, *names: str) -> Ints:
        """Return the rows to which something of these columns is offered, in order."""
        some = np.zeros(len(self), bool)
        for name, rows in self._offered:
            if name in names:
                some[rows] = True
        return rows_where(some)

    def largest(self, name: str) -> float:
        """Return the largest number of a column, at least zero."""
        column = getattr(self, name)
        return max((float(column[rows].max(initial=0.0)) for what, rows in self._offered if what == name), default=0.0)

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
        return {dtype: np.zeros(block.shape, dtype) for dtype, block in super()._with_room(n).items()}

    @staticmethod
    def _blank(_blocks: dict[str, NDArray[Any]], _start: int, _stop: int) -> None:
        """Leave rows alone: they are blank already."""

    def _show(self, blocks: dict[str, NDArray[Any]], n: int) -> None:
        if self._lines["reached"].base is not blocks["?"]:  # other memory than before
            self._lines = {c.name: c.of(blocks, EVERY_ROW) for c in self._columns()}
        super()._show(blocks, n)
        for name in self._lines:
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
