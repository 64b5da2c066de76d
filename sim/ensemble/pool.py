"""One distribution of outcomes out of two: what the model says and what the record of settled goals says.

A share of the probability is spread over the members' outcomes, the rest over a grid of the record's: for each of
NODES equally likely states of what a city's goals have in common, DRAWS equally likely fortunes of the goal's own.
The grid is the same in every scenario and every member, so the record adds no chance of its own. Median, interval,
probability and shortfall are read off the same weighted outcomes; none can contradict another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from scipy.special import ndtr, ndtri

import scenarios
from agents.table import Bools, Floats
from sim.ensemble.track_record import settings
from sim.inputs.toml import read_model
from sim.scenario.rule import OPERATORS

NODES, DRAWS = 8, 64
"""Equally likely states of what the goals of a city have in common, and fortunes of one goal in each."""
WEIGHTS = scenarios.FOLDER / "common" / "model_weights.toml"
"""The model's share of the pool by what a reading rests on, as `calibration.backtest.publish` wrote it."""
_ROUNDING = 1e-9
AT_LEAST = (">=", ">")
"""Operators of goals that more of a count meets."""


class _WeightsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    goals: int
    weight: dict[str, float] = Field(min_length=1)
    brier: dict[str, float] = Field(default_factory=dict)


@cache
def model_weights() -> Mapping[str, float]:
    """Return the model's share of the pool by basis; a basis that is not named has none."""
    return read_model(WEIGHTS, _WeightsFile).weight


def weight_of(basis: str) -> float:
    """Return the model's share of the pool for readings that rest on `basis`."""
    return model_weights().get(basis, 0.0)


def effect_weight(basis: str) -> float:
    """Return the weight at which levers change a chance: the model's share or, where it has none, all of it.

    Where the published number is the record's alone, a lever's effect is the model's own: an assumption.
    """
    return weight_of(basis) or 1.0


@cache
def fortunes() -> Floats:
    """Return the grid of uniforms, (NODES, DRAWS): correlated between goals through the node."""
    common = settings().record.common
    z, own = (ndtri((np.arange(n) + 0.5) / n) for n in (NODES, DRAWS))
    return np.asarray(ndtr(np.sqrt(common) * z[:, np.newaxis] + np.sqrt(1.0 - common) * own), float)


@dataclass(frozen=True, slots=True)
class Pooled:
    """Outcomes of one reading with their weights."""

    operator: str
    value: float
    weight: float  # of the model
    model: Floats  # (members,)
    recorded: Floats  # (members or 1, NODES, DRAWS)

    @property
    def at_least(self) -> bool:
        """Tell whether more is better."""
        return self.operator in AT_LEAST

    def met(self, outcomes: Floats) -> Bools:
        """Tell which outcomes meet the reading."""
        return np.asarray(OPERATORS[self.operator](outcomes, self.value), bool)

    def mean(self, model: Floats | Bools, recorded: Floats | Bools) -> float:
        """Return the mean of something over all outcomes."""
        return float(np.round(self.weight * model.mean() + (1.0 - self.weight) * recorded.mean(), 12))

    @property
    def model_share(self) -> float:
        """P(reached) by the model alone."""
        return float(self.met(self.model).mean())

    @property
    def record_share(self) -> float:
        """P(reached) by the record alone."""
        return float(self.met(self.recorded).mean())

    @property
    def probability(self) -> float:
        """The share of the pooled outcomes that meet the reading."""
        return self.mean(self.met(self.model), self.met(self.recorded))

    @property
    def shortfall(self) -> float:
        """The mean of what is missing."""
        return self.mean(missing(self.operator, self.value, self.model),
                         missing(self.operator, self.value, self.recorded))  # fmt: skip

    def chances(self) -> Floats:
        """Return the chance of each member in each state of what goals have in common, (members, NODES)."""
        recorded = self.met(self.recorded).mean(axis=2)
        own = self.met(self.model)[:, np.newaxis]
        return np.asarray(self.weight * own + (1.0 - self.weight) * recorded, float)

    def interval(self) -> tuple[float, float, float]:
        """Return the 5 %, 50 % and 95 % points, each an outcome.

        Of two middle outcomes the median is the one that is nearer to meeting the reading, so that it meets it
        exactly when the probability is one half or more.
        """
        parts = [(self.model, self.weight), (self.recorded.ravel(), 1.0 - self.weight)]
        outcomes = np.concatenate([x for x, w in parts if w > 0.0])
        shares = np.concatenate([np.full(len(x), w / len(x)) for x, w in parts if w > 0.0])
        order = np.argsort(outcomes, kind="stable")
        ordered, upto = outcomes[order], np.cumsum(shares[order])
        low, high = (float(ordered[_first(upto, level)]) for level in (0.05, 0.95))
        if self.at_least:
            from_the_top = np.cumsum(shares[order][::-1])
            median = float(ordered[::-1][_first(from_the_top, 0.5)])
        else:
            median = float(ordered[_first(upto, 0.5)])
        return low, median, high


def _first(upto: Floats, level: float) -> int:
    """Return where a growing share first reaches a level."""
    return min(int(np.searchsorted(upto, level - _ROUNDING)), len(upto) - 1)


def missing(operator: str, value: float, outcomes: Floats) -> Floats:
    """Return how much each outcome lacks to meet a reading."""
    gap = value - outcomes if operator in AT_LEAST else outcomes - value
    return np.maximum(gap, 0.0)


def likelihood(probability: float) -> str:
    """Return the word of the one scale of likelihood for a probability, as printed in whole per cent."""
    shown = round(100.0 * probability) / 100.0
    return next(word for word, least in settings().likelihood.items() if shown >= least)


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
