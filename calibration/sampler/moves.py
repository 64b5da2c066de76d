"""One step of the whole population: where every particle goes, by its anchor, its own error and the slopes.

What the sampler's step is made of (`calibration.sampler.smc` has the formula): anchors with their errors, a
temperature, and how strongly each particle has answered to its moves so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from agents.table import Floats
from calibration.data.target import Target
from sim.covariance import root
from sim.streams import Streams

MEMORY = 0.7
"""Part of what a particle's moves have shown that still counts after the next."""
PRIOR_WEIGHT, FACTORS = 8.0, (0.2, 3.0)
"""What a particle's own answer is drawn to one with (a spread of a third), and how far it may be from it."""
LONGEST = 1.5
"""Longest move of one score in one step: slopes hold near the population."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where every particle began, and the errors that were drawn for it once and for all."""

    z: Floats  # (n, d)
    covariance: Floats  # (d, d)
    error: Floats  # (n, k) of observation
    luck: Floats  # (n, k) standard normal, for what of the noise a run does not bring itself
    keeps: Floats  # (n, k) uniform, for runs that break a bound

    @classmethod
    def of(cls, z: Floats, covariance: Floats, target: Target, streams: Streams) -> Anchors:
        """Draw the errors of particles that start at `z`."""
        n, k, at = len(z), len(target.value), np.arange(len(z))
        luck, keeps = (
            np.column_stack([streams.uniform(f"{name}:{j}", 0, at) for j in range(k)])
            for name in ("slack", "keeps")
        )
        return cls(z, covariance, target.noise(streams, 0, n), ndtri(luck), keeps)


@dataclass(frozen=True, slots=True)
class Tempered:
    """What one move needs to know of the observed and of the error."""

    target: Target
    noise: Floats  # (k, k) of the simulator
    temperature: float


@dataclass(slots=True)
class Responses:
    """How strongly each particle's summaries have answered to its moves, against what the slopes said.

    A count that nears its ceiling answers less than elsewhere. By least squares over the last moves, drawn to one.
    """

    moved: Floats  # (n, k) sums of said x came, and of said^2, over twice the noise
    said: Floats
    last: tuple[Floats, Floats] | None = None

    @classmethod
    def none(cls, n: int, k: int) -> Responses:
        """Begin with nothing learned."""
        return cls(np.zeros((n, k)), np.zeros((n, k)))

    def learn(self, z: Floats, s: Floats, slope: Floats, noise: Floats) -> None:
        """Compare what the last move brought with what the slopes of then said it would."""
        if self.last is not None:
            said, came = (z - self.last[0]) @ slope, s - self.last[1]
            # two runs differ by twice the noise of one; the slope is never known better than to a tenth
            error = 2.0 * noise + (0.1 * said) ** 2 + 1e-12
            self.moved = MEMORY * self.moved + said * came / error
            self.said = MEMORY * self.said + said**2 / error
        self.last = z, s

    def factor(self) -> Floats:
        """Return what the slopes are multiplied by, (n, k)."""
        return np.clip((PRIOR_WEIGHT + self.moved) / (PRIOR_WEIGHT + self.said), *FACTORS)


def moved(
    now: tuple[Floats, Floats], slope: Floats, factor: Floats, anchors: Anchors, step: Tempered
) -> Floats:
    """Return the particles after one step, (n, d); `now` are their scores and summaries."""
    (z, s), t = now, step.temperature
    drawn = anchors.error / np.sqrt(t) + anchors.luck @ root((1.0 / t - 1.0) * step.noise)
    # what the anchors would give if the slopes held all the way
    ahead = s + ((anchors.z - z) @ slope) * factor
    gap = gap_to_plausible(ahead - drawn, step.target, anchors.keeps)
    spread = anchors.covariance @ slope
    total = (slope.T @ spread) * factor[:, :, None] * factor[:, None, :] + (step.target.covariance() + step.noise) / t
    wanted = anchors.z - (np.linalg.solve(total, gap[:, :, None])[:, :, 0] * factor) @ spread.T
    return z + np.clip(wanted - z, -LONGEST, LONGEST)


def gap_to_plausible(seen: Floats, target: Target, keeps: Floats) -> Floats:
    """Return the gaps to close, (n, k); a run that breaks a bound is drawn to one that keeps it, not to its edge.

    An approximation: where a bound cuts off 84 % of the prior, the mean ends a quarter of a prior standard
    deviation too far inside and the spread a tenth too wide; a bound that cuts off little is exact.
    """
    gap = target.gap(seen)
    for j in np.flatnonzero(target.lower | target.upper):
        breaks = gap[:, j] != 0.0
        those = np.sort(seen[~breaks, j])
        if len(those):
            gap[breaks, j] = seen[breaks, j] - those[(keeps[breaks, j] * len(those)).astype(np.int64)]
    return gap
