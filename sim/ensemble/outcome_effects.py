"""What every outcome owes to a scenario, year by year: the numbers of a goal, enterprise by enterprise.

In every member net = additional + spillover - displaced, as for goals (`sim.ensemble.effects`). Of revenue, staff and
R&D they are sums over enterprises instead of counts of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats, among
from sim.ensemble.outcomes import OUTCOMES, YearEnd
from sim.ensemble.record import Record


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
