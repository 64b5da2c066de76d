"""The census: what several indicators need of the register, counted once a quarter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from agents import growth
from agents.enterprises import N_RECOGNITIONS, Enterprises, Recognition, Stage
from agents.table import Bools, Floats, Ints, rows_where, those


def holds(e: Enterprises, kind: Recognition, quarter: int) -> Bools:
    """Tell whose recognition is valid at the end of a quarter, (n,)."""
    return e.until[:, kind] > quarter


@dataclass(frozen=True, slots=True)
class Census:
    """Rows of the register by recognition and stage at the end of a quarter."""

    held: Ints  # (recognitions,) rows that hold each recognition
    future_held: Ints  # (recognitions,) the same in future tracks
    stage: Floats  # (stages,) enterprises
    future_leaders: int
    closing_high: float  # 10 %-definition high-growth enterprises among those of ten staff or more
    closing_base: float
    future_high: int  # rows in a high-growth episode in future tracks
    sums: Floats  # (3,) revenue, staff and R&D of the active
    future_sums: Floats  # (3,) the same in future tracks

    @classmethod
    def blank(cls) -> Self:
        """Return the census of an empty register."""
        none = np.zeros(N_RECOGNITIONS, int)
        return cls(none, none, np.zeros(len(Stage)), 0, 0.0, 0.0, 0, np.zeros(3), np.zeros(3))

    @classmethod
    def of(cls, e: Enterprises, quarter: int) -> Self:
        """Take the census of the quarter."""
        # only those whose books close now: for them alone the last three years end this quarter
        rows = growth.closes_now(e.closes, quarter)
        rows = those(rows, ~e.dormant[rows] & (quarter - e.born[rows] >= 4 * growth.HIGH_GROWTH_YEARS))
        total = growth.in_three_years(e.growth, rows)
        base = growth.began_large(total, e.employees[rows])
        high = np.count_nonzero(base & growth.grew_fast(total, yearly_rate=0.10))
        stage = np.array([np.count_nonzero(e.stage == s.value) for s in Stage], float)
        future_leaders = int(np.count_nonzero(e.future & (e.stage == Stage.LEADER.value)))
        valid = [holds(e, kind, quarter) for kind in Recognition]
        held = np.array([np.count_nonzero(v) for v in valid])
        future_held = np.array([np.count_nonzero(v & e.future) for v in valid])
        future_high = int(np.count_nonzero(e.future & (e.stage == Stage.HIGH_GROWTH.value)))
        dormant, tracks = rows_where(e.dormant), rows_where(e.future & ~e.dormant)
        # the dormant are few, so whole columns less theirs; no dot product: its threads would wait for each other
        amounts = (e.revenue, e.employees, e.rd_spend)
        sums, future_sums = np.array([(x.sum() - x[dormant].sum(), x[tracks].sum()) for x in amounts]).T
        closing = float(high), float(np.count_nonzero(base))
        return cls(held, future_held, stage, future_leaders, *closing, future_high, sums, future_sums)
