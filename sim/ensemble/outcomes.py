"""Outcomes by year: who grew, led, earned, hired, researched and held a label, and how much of it policy made.

A goal is counted once, at its deadline; money works for longer. So the register is kept at every year's end, and
each outcome has the numbers of a goal: net = additional + spillover - displaced, in every member. Of revenue, staff
and R&D they are sums over enterprises instead of counts of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.enterprises import Recognition, Stage
from agents.table import Bools, Floats, Ints, among
from sim.state.census import holds
from sim.state.state import State

if TYPE_CHECKING:
    from sim.ensemble.record import Record

Column = Callable[[State], Bools | Floats]
"""Says of every enterprise what it adds to an outcome: itself, or an amount."""

COLUMNS: dict[str, Column] = {
    "high_growth": lambda s: s.enterprises.stage == Stage.HIGH_GROWTH.value,
    "leaders": lambda s: s.enterprises.stage == Stage.LEADER.value,
    "large": lambda s: s.enterprises.revenue >= s.city.leader.revenue_tier,
    "revenue": lambda s: s.enterprises.revenue * ~s.enterprises.dormant,
    "employees": lambda s: s.enterprises.employees * ~s.enterprises.dormant,
    "rd_spend": lambda s: s.enterprises.rd_spend * ~s.enterprises.dormant,
    **{kind.name: lambda s, kind=kind: holds(s.enterprises, kind, s.quarter) for kind in Recognition},  # type: ignore[misc]
}
OUTCOMES: dict[str, tuple[str, bool]] = {
    "future_high_growth": ("high_growth", True),
    "future_unicorns": ("leaders", True),
    "future_revenue_leaders": ("large", True),
    "future_revenue": ("revenue", True),
    "future_employees": ("employees", True),
    "future_rd_spend": ("rd_spend", True),
    "future_hnte_stock": ("HNTE", True),
    "future_tech_centres_stock": ("TECH_CENTRE", True),
    "high_growth_enterprises": ("high_growth", False),
    "unicorns": ("leaders", False),
    "revenue": ("revenue", False),
    "employees": ("employees", False),
    "rd_spend": ("rd_spend", False),
    "hnte_stock": ("HNTE", False),
    "srdi_stock": ("SRDI", False),
    "little_giant_stock": ("LITTLE_GIANT", False),
}
"""Indicators that are outcomes: what each adds up, and whether in future tracks only."""


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The whole register at the end of a year; row i is the same enterprise, in the order of the slots."""

    slot: Ints
    future: Bools
    values: dict[str, Bools | Floats]
    reached: Ints  # slots, not rows: whom a lever had reached by then, those that have left included

    @classmethod
    def of(cls, s: State, reached: Ints) -> YearEnd:
        """Take the register down."""
        e = s.enterprises
        rows = np.argsort(e.slot)
        return cls(e.slot[rows], e.future[rows], {k: column(s)[rows] for k, column in COLUMNS.items()}, reached)


@dataclass(frozen=True, slots=True)
class Moved:
    """One outcome at the end of one year in one member, against the first scenario; units of the indicator."""

    year: int
    indicator: str
    gross: float
    additional: float
    spillover: float
    displaced: float
    net: float


def moved(record: Record, first: Record) -> list[Moved]:
    """Return what every outcome owes to the scenario, year by year."""
    out = []
    for when, here in record.years.items():
        there = first.years[when]
        newcomer = among(here.slot, record.newcomers) & ~among(here.slot, first.newcomers)
        supported = among(here.slot, here.reached) | newcomer
        pair = _Pair(here, there, supported, among(there.slot, here.reached))
        out += [Moved(when // 4, name, *pair.numbers(*what, record.weight)) for name, what in OUTCOMES.items()]
    return out


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same year's end with the levers and in the first scenario, and who of each is supported."""

    here: YearEnd
    there: YearEnd
    supported: Bools  # of here
    anyway: Bools  # of there

    def numbers(self, column: str, future: bool, weight: float) -> tuple[float, float, float, float, float]:
        """Return gross, additional, spillover, displaced and net of one outcome."""
        a, b = (x.values[column].astype(float) * (x.future if future else 1.0) for x in (self.here, self.there))
        gross = float(a[self.supported].sum())
        additional = gross - float(b[self.anyway].sum())
        change = self._of_bystanders(a * ~self.supported, b * ~self.anyway)
        up, down = float(change[change > 0.0].sum()), -float(change[change < 0.0].sum())
        return weight * gross, weight * additional, weight * up, weight * down, weight * float(a.sum() - b.sum())

    def _of_bystanders(self, a: Floats, b: Floats) -> Floats:
        """Return what each enterprise of either run adds here less what it adds there."""
        at = np.minimum(np.searchsorted(self.there.slot, self.here.slot), max(len(self.there.slot) - 1, 0))
        both = self.there.slot[at] == self.here.slot
        only_there = np.ones(len(b), bool)
        only_there[at[both]] = False
        return np.concatenate((a[both] - b[at[both]], a[~both], -b[only_there]))
