"""The record of settled goals as a distribution: how far outcomes end from their targets, by who decides.

Of the goals of a kind a share is met. The log of outcome over target is exponential on either side of zero, because
goals are set near what an office expects and ends far off are rare. Rate and sizes of a kind are pulled to those of
all kinds, as its goals are few: (own + KIND_GOALS x all) / (own number + KIND_GOALS). An outcome known only as a bound
counts with what is known of its size and not as a number that has been seen: the censored exponential.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

import scenarios
from agents.table import Floats, added
from sim.city.settled import DECIDERS, ratios
from sim.inputs.toml import read_model

if TYPE_CHECKING:
    from sim.city.city import City

FILE = scenarios.FOLDER / "common" / "pool.toml"
"""Numbers of the record and the pool that a reviewer may argue with."""
SMALLEST = 0.02
"""The least mean size of a log ratio, for goals met to the letter."""


class RecordPrior(BaseModel):
    """[record] of pool.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind_goals: float = Field(gt=0)
    overall_goals: float = Field(gt=0)
    size: float = Field(gt=0)
    common: float = Field(ge=0, lt=1)
    ladder_places: float = Field(gt=0)


class WeightPrior(BaseModel):
    """[weight] of pool.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: float = Field(gt=0)
    record: float = Field(gt=0)


class PoolFile(BaseModel):
    """pool.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: RecordPrior
    weight: WeightPrior
    likelihood: dict[str, float]


@cache
def settings() -> PoolFile:
    """Read pool.toml."""
    return read_model(FILE, PoolFile)


class Settled(NamedTuple):
    """A settled goal: who decided, log(outcome / target), whether it was met, whether the outcome is only a bound."""

    decided_by: str
    log_ratio: float
    hit: bool
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Ratios:
    """The distribution of outcome over target for one kind of goal."""

    goals: int  # settled of this kind; of all kinds where nobody has settled one of it
    hits: int
    rate: float
    above: float  # mean log ratio of the met
    below: float  # mean of minus the log ratio of the missed
    own: bool  # whether goals of its own kind are in it

    def quantile(self, u: Floats) -> Floats:
        """Return outcome over target below which a share `u` ends; a goal is met from 1 - rate up."""
        miss = 1.0 - self.rate
        # the two sides are computed everywhere and one is taken, so both must stay numbers
        low = self.below * np.log(np.clip(u / miss, 1e-12, 1.0))
        high = -self.above * np.log(np.clip((1.0 - u) / self.rate, 1e-12, 1.0))
        # a missed goal ends below its target, however little
        return np.exp(np.where(u < miss, np.minimum(low, -1e-9), high))


TrackRecord = Mapping[str | None, Ratios]
"""Ratios by who decides; None is of a goal of which nobody has said who decides."""


def track_record(settled: Sequence[Settled], prior: RecordPrior | None = None) -> TrackRecord:
    """Return the distribution of every kind, each pulled to that of all goals."""
    p = settings().record if prior is None else prior
    every = _ratios(settled, _ratios((), None, p), p)
    found: dict[str | None, Ratios] = {None: every}
    for kind in (*DECIDERS, *{s.decided_by for s in settled}):
        mine = [s for s in settled if s.decided_by == kind]
        found[kind] = _ratios(mine, every, p) if mine else every
    return found


def _ratios(goals: Sequence[Settled], towards: Ratios | None, p: RecordPrior) -> Ratios:
    """Return rate and sizes of some goals, pulled to others."""
    n, hits = len(goals), int(sum(s.hit for s in goals))
    if towards is None:
        return Ratios(0, 0, 0.5, p.size, p.size, own=False)
    # all goals are pulled to one half with a prior of their own, a kind to all goals
    weight = p.overall_goals if towards.goals == 0 else p.kind_goals
    rate = (hits + weight * towards.rate) / (n + weight)
    above = _mean_size([s for s in goals if s.hit], towards.above, weight)
    below = _mean_size([s for s in goals if not s.hit], towards.below, weight)
    return Ratios(n, hits, rate, above, below, own=bool(goals) and towards.goals > 0)


def _mean_size(side: Sequence[Settled], towards: float, weight: float) -> float:
    """Return the mean size of log ratios on one side of the target; a bound adds its size, not to the number."""
    total = added(abs(s.log_ratio) for s in side)
    seen = int(sum(not s.bound for s in side))
    return max((total + weight * towards) / (seen + weight), SMALLEST)


def of_city(city: City) -> TrackRecord:
    """Return the record that speaks of a city's goals: all settled goals, its own among them."""
    table = city.settled
    logs = np.log(np.maximum(ratios(table), 1e-3))
    columns = (table.decided_by, logs, table.hit == 1, table.outcome_is != "exact")
    return track_record([Settled(str(d), float(x), bool(h), bool(b)) for d, x, h, b in zip(*columns, strict=True)])
