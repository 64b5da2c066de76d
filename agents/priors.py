"""Prior distributions of behavioural numbers, each with the two functions calibration needs.

A prior maps a uniform to a value (`value`) and a value back to a uniform (`rank`), so that every
parameter can be drawn from an addressed uniform and moved on the normal-score scale.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from scipy import special

from agents.table import Floats


class Prior(Protocol):
    """What is believed about one number before the city's data are seen."""

    def value(self, u: Floats) -> Floats:
        """Quantile function: the value at probability `u`."""

    def rank(self, x: Floats) -> Floats:
        """Distribution function: the probability of being at most `x`."""


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal with mean and standard deviation."""

    mean: float
    sd: float

    def value(self, u: Floats) -> Floats:
        return self.mean + self.sd * special.ndtri(u)

    def rank(self, x: Floats) -> Floats:
        return special.ndtr((x - self.mean) / self.sd)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Log-normal given by its median and the standard deviation of the logarithm."""

    median: float
    s: float

    def value(self, u: Floats) -> Floats:
        return self.median * np.exp(self.s * special.ndtri(u))

    def rank(self, x: Floats) -> Floats:
        return special.ndtr(np.log(x / self.median) / self.s)


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta on (0, 1) with its two shape numbers."""

    a: float
    b: float

    def value(self, u: Floats) -> Floats:
        return special.betaincinv(self.a, self.b, u)

    def rank(self, x: Floats) -> Floats:
        return special.betainc(self.a, self.b, x)


@dataclass(frozen=True, slots=True)
class Gamma:
    """Gamma with shape and scale."""

    shape: float
    scale: float

    def value(self, u: Floats) -> Floats:
        return np.multiply(self.scale, special.gammaincinv(self.shape, u), dtype=np.float64)

    def rank(self, x: Floats) -> Floats:
        return np.asarray(special.gammainc(self.shape, x / self.scale), np.float64)


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """Normal cut to the interval from `low` to `high`."""

    mean: float
    sd: float
    low: float
    high: float

    def _ends(self) -> tuple[np.float64, np.float64]:
        below, above = (self.low - self.mean) / self.sd, (self.high - self.mean) / self.sd
        return np.float64(special.ndtr(below)), np.float64(special.ndtr(above))

    def value(self, u: Floats) -> Floats:
        low, high = self._ends()
        # inverse transform: u is stretched over the probability that the cut leaves
        return Normal(self.mean, self.sd).value(low + u * (high - low))

    def rank(self, x: Floats) -> Floats:
        low, high = self._ends()
        return (Normal(self.mean, self.sd).rank(x) - low) / (high - low)


@dataclass(frozen=True, slots=True)
class MovedPrior:
    """Another prior, moved and narrowed on its normal scores: the score is normal with this mean and deviation."""

    prior: Prior
    mean: float
    sd: float

    def value(self, u: Floats) -> Floats:
        return self.prior.value(special.ndtr(self.mean + self.sd * special.ndtri(u)))

    def rank(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr((special.ndtri(self.prior.rank(x)) - self.mean) / self.sd))


def param(prior: Prior, unit: str, source: str, zh: str) -> Any:
    """Declare one parameter: prior, unit, source and Chinese name; the default is the prior median."""
    return field(
        default=float(prior.value(np.array(0.5))),
        metadata={"prior": prior, "unit": unit, "source": source, "zh": zh},
    )
