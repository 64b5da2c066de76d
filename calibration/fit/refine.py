"""The last moves of a fit: every particle is brought to where its own history fits its own perturbed observations.

Steps of regression (`calibration.fit.smc`) leave behind what the model's curvature made of them. A refinement forgets
the way: it starts again from the particle z0 that was drawn from the prior and from the observation y + e that was
drawn for it, with slopes G of the summaries on the scores fitted anew in the population as it is now,

    z' = z0 - G' (G G' + S)^-1 (s(z) + G (z0 - z) - e - y),    e ~ N(0, R),    S = R + T

which is the Gauss-Newton step of randomised maximum likelihood (Oliver, He & Reynolds 1996; Chen & Oliver 2012). Its
fixed point does not depend on the steps before, and it is the exact posterior where s is linear: the noise T that is
already in s(z) is what makes e's R the whole of S.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats
from calibration.data.target import Target
from sim.streams import Streams

LONGEST = 1.0
"""Longest move of one score in one refinement: slopes hold near the population."""
ERRORS = 900
"""Generation number of the observation errors, one for each particle, the same in every refinement."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where every particle began: its draw from the prior and its errors of observation."""

    z: Floats  # (n, d)
    error: Floats  # (n, k)

    @classmethod
    def of(cls, z: Floats, target: Target, streams: Streams) -> Anchors:
        """Draw the errors that go with prior particles."""
        return cls(z, target.noise(streams, ERRORS, len(z)))


def refined(z: Floats, s: Floats, target: Target, anchors: Anchors, noise: Floats, told: Bools) -> Floats:
    """Return the particles after one refinement, (n, d); scores of which the data say nothing stay.

    `s` are their summaries, `noise` the covariance of the simulator's own noise, `told` which scores are spoken of.
    """
    now, start = z[:, told], anchors.z[:, told]
    slope = _slope(now, s)
    ahead = s + (start - now) @ slope  # what the anchors would give if the slopes held all the way
    gap = _gap(ahead - anchors.error, target)
    total = slope.T @ slope + target.covariance() + noise
    wanted = start - np.linalg.solve(total, gap.T).T @ slope.T
    out = z.copy()
    out[:, told] = now + np.clip(wanted - now, -LONGEST, LONGEST)
    return out


def _slope(z: Floats, s: Floats) -> Floats:
    """Return the regression of the summaries on the scores in the population, (d, k).

    A ridge of one run keeps what hardly varies from getting a slope of its own.
    """
    x, y = z - z.mean(axis=0), s - s.mean(axis=0)
    return np.linalg.solve(x.T @ x + np.eye(x.shape[1]), x.T @ y)


def _gap(seen: Floats, target: Target) -> Floats:
    """Return the gaps to close, (n, k); a run that breaks a bound is drawn to the edge of those that keep it."""
    gap = target.gap(seen)
    for j in np.flatnonzero(target.lower | target.upper):
        breaks = gap[:, j] != 0.0
        keeps = np.sort(seen[~breaks, j])
        if len(keeps):
            # in the order of the particles, which is as good as random
            gap[breaks, j] = seen[breaks, j] - keeps[np.arange(int(breaks.sum())) * 7919 % len(keeps)]
    return gap
