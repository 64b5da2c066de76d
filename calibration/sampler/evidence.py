"""How much every particle counts in the end: by how likely the data are around it, of which its step took no account.

Randomised maximum likelihood brings every particle to a plausible place, but too often to places where the summaries
answer strongly: such a place is reached from more anchors. Bayes' rule asks for the opposite, places where most of what
the prior allows agrees with the data. With slopes G that hold at the particle and anchors of mean m and covariance C,
the density of where particles end is the posterior's divided by

    w(z) = N(y; s(z) + G (m - z), G C G' + S),

with s without the run's luck, the likelihood of the data were the model as linear everywhere as it is there (Bardsley
et al. 2014; Ba, de Wiljes, Oliver & Reich 2022; second derivatives left out). On a linear model w is one number and
nothing changes. What is expected at a place, and how slopes differ from place to place, is told by a regression of all
runs of the fit on scores and their products, which chooses (`calibration.sampler.slopes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats, Ints
from calibration.data.target import Target
from calibration.sampler.slopes import slopes

LEAST_EFFECTIVE = 0.25
"""Part of the particles that stay effective; where the weights would leave fewer, they are flattened until they do."""
HALVINGS = 30
"""Of the interval in which the power that flattens is sought."""


@dataclass(frozen=True, slots=True)
class Curved:
    """Slopes of the summaries on the scores that change from place to place, by a regression with products."""

    told: Ints  # scores that have a slope
    middle: Floats  # (told,)
    level: Floats  # (k,) of the summaries there
    slope: Floats  # (told, k), there
    first: Ints  # of every product, which of `told` it is made of
    second: Ints
    bend: Floats  # (products, k)

    @classmethod
    def of(cls, z: Floats, s: Floats, told: Bools) -> Curved:
        """Fit all runs of a search; `told` are the scores that the summaries speak of."""
        which = np.flatnonzero(told)
        middle = z[:, which].mean(axis=0)
        away = z[:, which] - middle
        first, second = np.triu_indices(len(which))
        features = np.hstack((away, away[:, first] * away[:, second]))
        found = slopes(features, s, np.ones(len(z)), np.zeros((features.shape[1], s.shape[1])))
        bend = found[len(which) :]
        bent = np.flatnonzero(np.any(bend != 0.0, axis=1))
        level = s.mean(axis=0) - features.mean(axis=0) @ found
        return cls(which, middle, level, found[: len(which)], first[bent], second[bent], bend[bent])

    def value(self, z: Floats) -> Floats:
        """Return the summaries that are expected of every particle, without the luck of its run, (n, k)."""
        away = z[:, self.told] - self.middle
        return np.asarray(self.level + away @ self.slope + (away[:, self.first] * away[:, self.second]) @ self.bend)

    def at(self, z: Floats) -> Floats:
        """Return the slopes at every particle, (n, told, k)."""
        away = z[:, self.told] - self.middle
        out = np.repeat(self.slope[None], len(z), axis=0)
        for i, j, bend in zip(self.first, self.second, self.bend, strict=True):
            out[:, i] += away[:, j, None] * bend
            out[:, j] += away[:, i, None] * bend
        return out


def log_evidence(
    z: Floats, curved: Curved, anchors: tuple[Floats, Floats], seen: tuple[Target, Floats]
) -> Floats:
    """Return log w of every particle, (n,).

    `anchors` are their mean and covariance, `seen` the target and S. A bound that a run keeps says the same of every
    particle, so bounds are left out.
    """
    (mean, covariance), (target, error) = anchors, seen
    numbers = ~(target.lower | target.upper)
    local = curved.at(z)[:, :, numbers]
    off = (curved.value(z) - target.value)[:, numbers] + np.einsum("nd,ndk->nk", (mean - z)[:, curved.told], local)
    spread = np.einsum("de,nek->ndk", covariance[np.ix_(curved.told, curved.told)], local)
    total = np.einsum("ndk,ndl->nkl", local, spread) + error[np.ix_(numbers, numbers)]
    far = np.einsum("nk,nk->n", off, np.linalg.solve(total, off[:, :, None])[:, :, 0])
    return np.asarray(-0.5 * (np.linalg.slogdet(total)[1] + far))


def resampled(log_weight: Floats, offset: float) -> Ints:
    """Return which particles to keep, (n,), each as often as it counts, by one uniform number."""
    n = len(log_weight)
    weight = _normal(_power(log_weight) * log_weight)
    return np.minimum(np.searchsorted(np.cumsum(weight), (np.arange(n) + offset) / n), n - 1)


def _power(log_weight: Floats) -> float:
    """Return the largest power of the weights, one at most, that leaves enough effective particles."""
    low, high = 0.0, 1.0
    if _effective(log_weight) >= LEAST_EFFECTIVE:
        return high
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(middle * log_weight) >= LEAST_EFFECTIVE else (low, middle)
    return low


def _effective(log_weight: Floats) -> float:
    """Return Kish's effective sample size as a part of the sample."""
    return float(1.0 / (_normal(log_weight) ** 2).sum() / len(log_weight))


def _normal(log_weight: Floats) -> Floats:
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())
