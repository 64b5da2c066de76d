"""What is stated of a goal, as it is stored: nothing of how it was found, so that showing it loads no model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GoalForecast:
    """What is forecast of one reading of one goal."""

    goal: str
    reading: str
    operator: str
    value: float
    deadline: str
    q05: float
    median: float
    q95: float
    probability: float  # the share of the pooled outcomes that meet the reading
    mc_error: float
    evidence: str
    primary: bool
    model_probability: float
    base_rate: float  # of settled goals of its kind; of places on a list, the share named by the deadline
    first_passage: str | None  # median quarter of reaching it, if at least half the outcomes do
    first_passage_early: str | None  # quarter by which one outcome in twenty has reached it
    still_needed: float  # a quarter, from the origin to the deadline, median member
    shortfall: float  # mean of what is missing at the deadline
    basis: str  # data, proxy, record or assumption
    likelihood: str  # word of the scale of pool.toml
    model_weight: float  # share of the distribution that is the model's
    record_n: int  # settled goals of its kind, of all kinds where nobody has settled one; or places of ladders
    record_rate: float  # P(reached) by the record alone, given what is on record and the time left
    record_own: bool  # whether the record is of its own kind
    hangs_low: float | None = None  # the model's P in the members with the lowest third of what it hangs on
    hangs_high: float | None = None


@dataclass(frozen=True, slots=True)
class Joint:
    """Probabilities over the primary readings of all goals together."""

    all: float
    at_least: dict[int, float]
