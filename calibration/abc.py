"""Regression-adjusted ABC in tempered generations.

Every parameter lives on its normal-score scale z = Phi^-1(F(theta)), on which the prior is N(0, 1).
One generation simulates all particles, regresses z on the simulated summaries, and moves each particle
by the adjustment

    z' = z + C_zs (C_ss + a R)^-1 (y + sqrt(a) e - s),    e ~ N(0, R)

the local-linear adjustment of Beaumont, Zhang & Balding (2002) with the observation error R as the ABC
kernel (Wilkinson 2013), applied in steps with inflation a, sum of 1/a = 1 (Emerick & Reynolds 2013), so
that a curved relation is followed. On a linear-Gaussian model the result is the exact posterior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, ndtri

from agents.table import Bools, Floats
from sim.streams import Streams

INFLATION = (24.0, 12.0, 8.0, 6.0, 4.0, 3.0)
"""Inflation of the observation error by generation; the inverses sum to one."""

CHANCE = 0.01
"""P-value below which a parameter counts as spoken of by the data."""

Simulate = Callable[[Floats, int], Floats]
"""Turns normal scores, (particles, d), and a generation number into summaries, (particles, k)."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the summaries should come close to; all (k,)."""

    value: Floats
    error: Floats
    lower: Bools  # a lower bound: simulated values above it need no adjustment
    upper: Bools


def posterior(simulate: Simulate, observed: Observed, *, d: int, particles: int, seed: int) -> Floats:
    """Return posterior normal scores, (particles, d).

    `simulate` must depend on its arguments only, so that any number of workers gives the same bytes.
    """
    streams, slots = Streams(seed), np.arange(particles)
    z = ndtri(np.column_stack([streams.uniform(f"prior:{j}", 0, slots) for j in range(d)]))
    for generation, inflation in enumerate(INFLATION):
        s = simulate(z, generation)
        draws = [streams.uniform(f"noise:{j}", generation, slots) for j in range(len(observed.value))]
        noise = np.column_stack([ndtri(u) for u in draws]) * observed.error
        if generation == 0:
            speaks = informed(z, s)
        z = np.where(speaks, adjust(z, s, observed, noise, inflation), z)
    return z


def informed(z: Floats, s: Floats) -> Bools:
    """Tell which parameters the summaries say anything about, (d,): an F-test of z on s over prior particles.

    The others keep their prior to the bit, instead of drifting on chance correlations.
    """
    n, k = s.shape
    design = np.column_stack((np.ones(n), s))
    fitted = design @ np.linalg.lstsq(design, z, rcond=None)[0]
    unexplained = ((z - fitted) ** 2).sum(axis=0)
    explained = ((z - z.mean(axis=0)) ** 2).sum(axis=0) - unexplained
    f = (explained / k) / (unexplained / (n - k - 1))
    return fdtrc(k, n - k - 1, f) < CHANCE


def adjust(z: Floats, s: Floats, observed: Observed, noise: Floats, inflation: float) -> Floats:
    """Return the particles moved by one tempered regression adjustment, (particles, d)."""
    n = len(z)
    dz, ds = z - z.mean(axis=0), s - s.mean(axis=0)
    c_zs, c_ss = dz.T @ ds / (n - 1), ds.T @ ds / (n - 1)
    gap = observed.value + np.sqrt(inflation) * noise - s
    gap = np.where(observed.lower, np.maximum(gap, 0.0), gap)
    gap = np.where(observed.upper, np.minimum(gap, 0.0), gap)
    moved = np.linalg.solve(c_ss + inflation * np.diag(observed.error**2), gap.T)
    return z + (c_zs @ moved).T
