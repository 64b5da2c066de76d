"""Differences between scenarios, member by member: their mean, its 90 % interval, and what pairing saves."""

from __future__ import annotations

import numpy as np

from agents.table import Floats
from peiyu.forecasts.result import Forecast
from sim.city.city import Goal, Reading
from sim.ensemble.forecast import path
from sim.ensemble.pool import effect_weight
from sim.scenario.rule import OPERATORS

NORMAL_90 = 1.6448536269514722
"""Half-width of the central 90 % of a standard normal."""
NOTHING = 1e-12
"""A variance this small beside the others is rounding."""


def interval(paired: Floats) -> tuple[float, float]:
    """Return the 90 % interval of the mean of paired differences, from their standard error."""
    mean = float(paired.mean())
    half = NORMAL_90 * float(paired.std(ddof=1) / np.sqrt(len(paired))) if len(paired) > 1 else 0.0
    return mean - half, mean + half


def told_apart(paired: Floats) -> bool:
    """Tell whether the 90 % interval of a mean paired difference leaves zero out; one member alone tells nothing."""
    low, high = interval(paired)
    return len(paired) > 1 and not low <= 0.0 <= high


def share_interval(paired: Floats) -> tuple[float, float]:
    """Return the interval of the mean difference of two chances, which lies between -1 and 1."""
    low, high = interval(paired)
    return max(low, -1.0), min(high, 1.0)


def unpaired_times(with_it: Floats, without: Floats) -> float | None:
    """Return how many times the members unpaired seeds would need for the same precision of the mean difference.

    Unpaired, the variance of the difference is the sum of the two; paired, it is what it is. None where the
    difference does not vary, so that a single member would do.
    """
    if len(with_it) <= 1:
        return None
    apart = float(with_it.var(ddof=1) + without.var(ddof=1))
    paired = float((with_it - without).var(ddof=1))
    return apart / paired if paired > NOTHING * max(apart, 1.0) else None


def at_deadline(goal: Goal, reading: Reading, f: Forecast) -> Floats:
    """Return the reading's count at the goal's deadline, (members,)."""
    return path(reading, f.ensemble)[:, goal.deadline - f.ensemble.start]


def chance(reading: Reading, counts: Floats) -> Floats:
    """Return the part of the chance that levers can change in each member, (members,).

    The record's part is the same whatever the scenario; where the published chance is the record's alone, the
    model's own stands here, which is an assumption.
    """
    return effect_weight(reading.basis) * OPERATORS[reading.operator](counts, reading.value).astype(float)
