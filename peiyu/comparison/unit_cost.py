"""What a unit of effect costs: the money of the lever that made it, with an interval, or the reason for no number.

A ratio says something only where one programme made the effect, it costs money, and the effect is told apart from
none. The interval is Fieller's for a ratio of two means of paired differences, so an effect that is barely told
apart gets a wide one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents.table import Floats
from peiyu.comparison.paired import NORMAL_90, told_apart
from sim.inputs.errors import InputError
from sim.levers import Lever
from sim.scenario.coalitions import differing
from sim.scenario.scenario import Scenario

Note = Literal["several_levers", "no_cost", "not_told_apart", "lowers", "saves"]
"""Why there is no cost of a unit; each has its words in `comparison.toml`."""


@dataclass(frozen=True, slots=True)
class UnitCost:
    """万元 for one more unit, its 90 % interval, or why neither is stated."""

    value: float | None
    ci90: tuple[float, float] | None
    note: Note | None


def unit_cost(cost: Floats, units: Floats, paid: Note | None = None) -> UnitCost:
    """Return cost over units from paired differences, (members,) each.

    Parameters
    ----------
    cost, units
        What the levers paid more, 万元, and what was reached more, in each member.
    paid
        Known beforehand: why these levers have no cost of a unit, if they have none.
    """
    note = paid or _why_not(cost, units)
    if note is not None:
        return UnitCost(None, None, note)
    return UnitCost(float(cost.mean() / units.mean()), fieller(cost, units), None)


def fieller(cost: Floats, units: Floats) -> tuple[float, float]:
    """Return the 90 % interval of mean(cost) / mean(units), for units told apart from none.

    It holds every ratio r at which mean(cost - r * units) is within its own interval of zero: the roots of
    (m_u^2 - z^2 v_uu) r^2 - 2 (m_u m_c - z^2 v_uc) r + (m_c^2 - z^2 v_cc), v being covariances of the means.
    """
    m_u, m_c = units.mean(), cost.mean()
    v = NORMAL_90**2 * np.cov(units, cost, ddof=1) / len(units)
    a, b, c = m_u**2 - v[0, 0], m_u * m_c - v[0, 1], m_c**2 - v[1, 1]
    # at the ratio of the means the parabola is not above zero, so only rounding makes the root imaginary
    root = np.sqrt(max(b * b - a * c, 0.0))
    return float((b - root) / a), float((b + root) / a)


def _why_not(cost: Floats, units: Floats) -> Note | None:
    if not cost.any():
        return "no_cost"
    if not told_apart(units):
        return "not_told_apart"
    if units.mean() < 0.0:
        return "lowers"
    if not told_apart(cost):
        return "no_cost"
    return "saves" if cost.mean() < 0.0 else None


def whole_scenario(base: Scenario, scenario: Scenario) -> Note | None:
    """Return why the whole cost of a scenario is no programme's, or None where one type of lever differs and pays."""
    try:
        names = differing(base, scenario)
    except InputError:  # levers that change over time by rules: several, until somebody splits them
        return "several_levers"
    levers = [x for s in (base, scenario) for x in s.levers if x.name in names]
    if not pays(levers):
        return "no_cost"
    return "several_levers" if len({type(x) for x in levers}) > 1 else None


def pays(levers: list[Lever]) -> bool:
    """Tell whether any of these levers may spend: the ledger holds each to its pool, full once it has ramped up."""
    return any(x.pool(x.end) > 0.0 for x in levers)
