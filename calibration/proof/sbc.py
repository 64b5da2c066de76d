"""Simulation-based calibration tells whether a posterior is as wide as it should be, and where it should be.

Draw parameters from the prior, let the model make data from them, fit, and ask where the truth ranks among the
posterior draws. Over many replicates the ranks of a right sampler are uniform (Talts et al. 2018): a hump means
posteriors too wide, a bowl too narrow, a slope a bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import bdtr, chdtrc

from agents.table import Floats, Ints
from calibration.proof import reduced
from calibration.sampler import smc
from sim.streams import Streams
from sim.workers import Workers

BINS = 10
PARTICLES = 297
"""Of a fit: every third is ranked against, 99 draws make 100 ranks, ten a bin."""
THIN = 3
"""Every third particle is ranked against, so that the ranks divide evenly into the bins."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """Where the truth came among the draws, (replicates, parameters), each in 0 … draws."""

    ranks: Ints
    draws: int
    names: tuple[str, ...]

    def counts(self) -> Ints:
        """Count the ranks in equal bins, (parameters, bins)."""
        bins = (self.ranks * BINS) // (self.draws + 1)
        return np.stack([np.bincount(b, minlength=BINS) for b in bins.T])

    def p_values(self) -> Floats:
        """Return the chi-square p-value of uniformity by parameter."""
        counts = self.counts()
        expected = len(self.ranks) / BINS
        return np.asarray(chdtrc(BINS - 1, ((counts - expected) ** 2 / expected).sum(axis=1)))

    def band(self, level: float = 0.99) -> tuple[int, int]:
        """Return the band in which a bin's count lies with this probability if ranks are uniform."""
        n, tail, k = len(self.ranks), (1.0 - level) / 2.0, np.arange(len(self.ranks) + 1)
        at_most = bdtr(k, n, 1.0 / BINS)
        return int(k[np.searchsorted(at_most, tail)]), int(k[np.searchsorted(at_most, 1.0 - tail)])

    def coverage(self, level: float) -> Floats:
        """Return the part of replicates whose central interval of this level held the truth, (parameters,)."""
        position = (self.ranks + 0.5) / (self.draws + 1)
        return np.asarray((np.abs(position - 0.5) <= level / 2.0).mean(axis=0))


def ranks(*, replicates: int = 200, particles: int = 300, seed: int = 1, workers: Workers = Workers()) -> Ranks:
    """Fit `replicates` cities of the reduced model whose truths are drawn from the prior."""
    rows = list(workers.spread(partial(_one, particles, seed), range(replicates)))
    return Ranks(np.array(rows), particles // THIN, reduced.NAMES)


def _one(particles: int, seed: int, replicate: int) -> Ints:
    d, key = len(reduced.NAMES), seed * 1_000_000 + replicate
    truth = smc.prior_scores(Streams(key), 10_000, 1, d)[0]
    # the fit's own runs have other streams than the run that made the data
    start = smc.Start.prior(d, particles, key)
    found = smc.posterior(partial(_simulated, key + 500_000), reduced.observed(truth, key), start)
    # evenly through those that came home, as many in every city: ranks have one scale
    rows = np.linspace(0, len(found.z) - 1, particles // THIN).astype(np.int64)
    return np.asarray((found.z[rows] < truth).sum(axis=0))


def _simulated(key: int, z: Floats, generation: int) -> Floats:
    return reduced.simulate(z, key, generation)
