"""From an ensemble to a statement about every goal: how far, how sure, by when, and how well known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from agents.table import Bools, Floats
from sim import quarter
from sim.city.city import City, Goal, Reading
from sim.ensemble.ensemble import Ensemble
from sim.scenario.rule import OPERATORS

MODEL_WEIGHT = {"A": 1.0, "B": 1.0, "C": 0.5}
"""How much of a reading's probability is the model's; the rest is the base rate of its kind (grade C)."""
POOLING = 4.0
"""Settled goals of all kinds that stand behind the base rate of one kind; an assumption."""


@dataclass(frozen=True, slots=True)
class GoalForecast:
    """What the ensemble says about one reading of one goal."""

    goal: str
    reading: str
    operator: str
    value: float
    deadline: str
    q05: float
    median: float
    q95: float
    probability: float  # as published: grade C is shrunk to the base rate
    mc_error: float
    evidence: str
    primary: bool
    model_probability: float
    base_rate: float
    first_passage: str | None  # median quarter of reaching it, if at least half the members do
    first_passage_early: str | None  # quarter by which one member in twenty has reached it
    still_needed: float  # a quarter, from the origin to the deadline, median member
    shortfall: float  # mean of what is missing at the deadline


@dataclass(frozen=True, slots=True)
class Joint:
    """Probabilities over the primary readings of all goals together."""

    all: float
    at_least: dict[int, float]


def base_rates(city: City) -> dict[str, float]:
    """Return the hit rate of settled goals by kind, pulled towards the rate of all kinds.

    (hits + POOLING * overall) / (settled + POOLING); with no settled goal anywhere, one half.
    """
    settled = city.base_rates
    overall = float(settled.hit.mean()) if len(settled) else 0.5
    kinds = {goal.kind for goal in city.goals} | set(settled.kind if len(settled) else ())
    out = {}
    for kind in kinds:
        hits = settled.hit[settled.kind == kind] if len(settled) else pd.Series(dtype=float)
        out[kind] = (float(hits.sum()) + POOLING * overall) / (len(hits) + POOLING)
    return out


def path(reading: Reading, ensemble: Ensemble) -> Floats:
    """Return the reading's count at the end of every quarter, (members, quarters).

    last: the indicator itself; sum: its total since `since`; change: less its value at `since`.
    """
    x = ensemble.of(reading.indicator)
    at = reading.since - ensemble.start
    if reading.count == "sum":
        counted = np.arange(x.shape[1]) >= at
        return np.cumsum(np.where(counted, x, 0.0), axis=1)
    if reading.count == "change":
        return np.where(np.arange(x.shape[1]) >= at, x - x[:, [max(at, 0)]], 0.0)
    return x


def standard_error(hits: Floats | float, n: int) -> Floats | float:
    """Return the Monte-Carlo error of a share, with one hit and one miss added so that 0 and 1 have one too."""
    p = (hits + 1.0) / (n + 2.0)
    return np.sqrt(p * (1.0 - p) / n)


def least_error(goal: GoalForecast, members: int, later: int) -> float:
    """Return the smallest Monte-Carlo error that a forecast of `members` can have when there are `later` of them.

    The error is a hump over the hits, so the least is where none of the further members reaches the reading, or all.
    """
    hits = round(goal.model_probability * members)
    ends = (float(standard_error(h, later)) for h in (hits, hits + later - members))
    return MODEL_WEIGHT[goal.evidence] * min(ends)


def forecast_goals(city: City, ensemble: Ensemble, as_of: int) -> list[GoalForecast]:
    """Return the forecast of every goal and reading."""
    rates = base_rates(city)
    return [
        _forecast(goal, reading, ensemble, as_of, rates[goal.kind]) for goal in city.goals for reading in goal.readings
    ]


def _forecast(goal: Goal, reading: Reading, ensemble: Ensemble, as_of: int, base: float) -> GoalForecast:
    paths = path(reading, ensemble)
    end, origin = goal.deadline - ensemble.start, as_of - ensemble.start
    final = paths[:, end]
    met = OPERATORS[reading.operator](paths, reading.value)
    hits, n = float(met[:, end].sum()), len(final)
    weight = MODEL_WEIGHT[reading.evidence]
    early, usual = _first_passage(met[:, origin : end + 1], as_of)
    missing = (
        np.maximum(reading.value - paths, 0.0)
        if reading.operator in (">=", ">")
        else np.maximum(paths - reading.value, 0.0)
    )
    q05, median, q95 = np.quantile(final, (0.05, 0.5, 0.95))
    return GoalForecast(
        goal.key,
        reading.key,
        reading.operator,
        reading.value,
        quarter.label(goal.deadline),
        float(q05),
        float(median),
        float(q95),
        probability=weight * hits / n + (1.0 - weight) * base,
        mc_error=weight * float(standard_error(hits, n)),
        evidence=reading.evidence,
        primary=reading.primary,
        model_probability=hits / n,
        base_rate=base,
        first_passage=usual,
        first_passage_early=early,
        still_needed=float(np.median(missing[:, origin])) / max(end - origin, 1),
        shortfall=float(missing[:, end].mean()),
    )


def _first_passage(met: Bools, as_of: int) -> tuple[str | None, str | None]:
    """Return the quarters by which a twentieth and a half of the members have reached the reading."""
    # once reached is reached: a count that falls back later does not take first passage away
    share = np.maximum.accumulate(met, axis=1).mean(axis=0)
    found = []
    for level in (0.05, 0.5):
        at = np.flatnonzero(share >= level)
        found.append(quarter.label(as_of + int(at[0])) if len(at) else None)
    return found[0], found[1]


def joint(city: City, ensemble: Ensemble) -> Joint:
    """Return P(all primary readings) and P(at least k), from the same members.

    Given a member, a reading counts with its model outcome or, at grade C, partly with the base rate; the number
    reached is then Poisson-binomial, averaged over members, so the marginals equal the published ones.
    """
    rates = base_rates(city)
    chances = []
    for goal in city.goals:
        reading = next(r for r in goal.readings if r.primary)
        end = path(reading, ensemble)[:, goal.deadline - ensemble.start]
        weight = MODEL_WEIGHT[reading.evidence]
        met = OPERATORS[reading.operator](end, reading.value)
        chances.append(weight * met + (1.0 - weight) * rates[goal.kind])
    count = poisson_binomial(np.column_stack(chances)).mean(axis=0)
    # P(at least k) sums from the top; over all outcomes rounding may pass one
    tail = np.cumsum(count[::-1])[::-1]
    return Joint(float(count[-1]), {k: float(min(tail[k], 1.0)) for k in range(1, len(count))})


def poisson_binomial(p: Floats) -> Floats:
    """Return the distribution of the number of successes, (members, trials + 1), of independent trials `p`."""
    dist = np.zeros((len(p), p.shape[1] + 1))
    dist[:, 0] = 1.0
    # exact, one trial after the other: ten goals need no approximation
    for j in range(p.shape[1]):
        chance = p[:, [j]]
        dist[:, 1:] = dist[:, 1:] * (1.0 - chance) + dist[:, :-1] * chance
        dist[:, 0] *= 1.0 - chance[:, 0]
    return dist
