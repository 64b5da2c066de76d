"""What the record of settled goals says of one reading: outcomes at the deadline, given what is on record already.

An outcome is the target times a ratio of the record. What institutions have done cannot be undone: 16 zones named
cannot become 9, and a sum cannot fall below what has been summed. On record is what every member has at the origin;
what some have beyond it the model made up, and silence of the record is no evidence that nothing was done. Where the
count up to the origin is known, because a series is fitted, only the time left adds to it: at half the time, half of
what a whole plan brings. A stock that may fall moves from the model's count at the origin in the same way. The record
is one of goals that lay ahead: a count that meets its reading at the origin already goes on as in the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Floats
from sim.city.city import City, Goal, Reading
from sim.ensemble.pool import AT_LEAST, fortunes
from sim.ensemble.track_record import Ratios
from sim.levers.funding import TIER_ROUNDS
from sim.scenario.rule import OPERATORS
from sim.state.indicators import INDICATORS

INSTITUTIONS = frozenset(
    {
        "consortia", "zones_designated", "zones_built", "zone_districts", "zones_provincial", "zones_national",
        "demonstration_samples", "exchange_platforms", "fund_tiers_operating",
    }
)  # fmt: skip
"""Stocks of which what has once been named or built stays."""
INFORMED = frozenset({"data", "proxy"})
"""What a reading rests on where the model is fitted to something that speaks of it."""
WHOLE = frozenset({"家", "个", "项"})
"""Units in which only whole numbers occur."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a reading's count besides the record."""

    at_origin: Floats  # (members,)
    at_end: Floats  # (members,) by the model
    left: float  # share of the plan's time that is left, 1 at its start
    most: float  # no more than that can be

    def start(self, reading: Reading) -> Floats:
        """Return the count at the origin from which the record's outcomes start, (members or 1,)."""
        if _only_grows(reading):
            return np.min(self.at_origin, keepdims=True)
        # where all members count the same, one of them stands for all
        return self.at_origin[:1] if np.all(self.at_origin == self.at_origin[0]) else self.at_origin


def _only_grows(reading: Reading) -> bool:
    """Tell whether what is on record of a reading stays, and what is not on record may exist all the same."""
    return reading.indicator in INSTITUTIONS or (reading.count == "sum" and reading.basis not in INFORMED)


def recorded_outcomes(reading: Reading, ratios: Ratios, known: Known) -> Floats:
    """Return the record's outcomes of a reading at its deadline, (members or 1, NODES, DRAWS)."""
    fresh = np.minimum(_fresh(reading, ratios.quantile(fortunes())), known.most)
    x = known.start(reading)[:, np.newaxis, np.newaxis]
    if _only_grows(reading):
        return np.maximum(x, fresh)
    if reading.count == "sum":
        return x + (fresh if known.left >= 1.0 else _whole(reading, known.left * fresh))
    ahead = fresh[np.newaxis] if known.left >= 1.0 else _whole(reading, x + known.left * (fresh - x))
    met = np.asarray(OPERATORS[reading.operator](known.at_origin, reading.value), bool)
    if not met.any():
        return ahead
    return np.where(met[:, np.newaxis, np.newaxis], known.at_end[:, np.newaxis, np.newaxis], ahead)


def beside(main: tuple[Known, Floats], reading: Reading, known: Known) -> Floats:
    """Return the record's outcomes of a reading that counts the same events as its goal's main reading.

    The record speaks of a goal as it is counted in the end, which is the main reading. Another one stands to it as in
    the model: what each adds from the origin on is in each member as many times what the model says.
    """
    ours, recorded = main
    one = np.maximum(ours.at_end - ours.at_origin, 1.0)[:, np.newaxis, np.newaxis]
    times = (recorded - ours.at_origin[:, np.newaxis, np.newaxis]) / one
    x = known.at_origin[:, np.newaxis, np.newaxis]
    return _whole(reading, x + times * (known.at_end[:, np.newaxis, np.newaxis] - x))


def settled_like(target: float, ratios: Ratios) -> Floats:
    """Return the record's outcomes of a goal of at least `target` at the time it is set, (1, NODES, DRAWS)."""
    return target * ratios.quantile(fortunes())[np.newaxis]


def _fresh(reading: Reading, ratio: Floats) -> Floats:
    """Return target times ratio, in whole units where the reading counts such; met where the ratio is 1 or more."""
    at_least = reading.operator in AT_LEAST
    if INDICATORS[reading.indicator].unit not in WHOLE:
        return reading.value * ratio if at_least else reading.value / ratio
    # the least (or the most) whole number that meets the reading
    above = np.floor(reading.value) + 1.0 if reading.operator == ">" else np.ceil(reading.value)
    below = np.ceil(reading.value) - 1.0 if reading.operator == "<" else np.floor(reading.value)
    return np.floor(above * ratio) if at_least else np.ceil(max(below, 0.0) / ratio)


def _whole(reading: Reading, outcomes: Floats) -> Floats:
    """Return outcomes in whole units where the reading counts such."""
    # plus zero, so that no count is minus zero
    return np.round(outcomes) + 0.0 if INDICATORS[reading.indicator].unit in WHOLE else outcomes


def most(city: City, reading: Reading) -> float:
    """Return the most that a reading can count: there are so many districts, and so many tiers of funds."""
    ceilings = {"zone_districts": len(city.districts), "fund_tiers_operating": len(TIER_ROUNDS)}
    return ceilings.get(reading.indicator, np.inf)


def time_left(city: City, goal: Goal, as_of: int) -> float:
    """Return the share of the plan's time that is left at the origin; it starts where its readings first count."""
    starts = [r.since - (r.count == "sum") for g in city.goals for r in g.readings if r.count != "last"]
    began = min(starts, default=as_of)
    return min((goal.deadline - as_of) / max(goal.deadline - began, 1), 1.0)
