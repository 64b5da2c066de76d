"""Outcomes by year: who grew, led, earned, hired, researched and held a label, in the tracks and the city.

A goal is counted once, at its deadline; money works for longer. So the register is taken down at every year's end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agents.enterprises import Recognition, Stage
from agents.table import Bools, Floats, Ints
from sim.state.census import holds
from sim.state.state import State

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
