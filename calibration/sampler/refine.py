"""The last moves of a fit, particle by particle: every one with slopes of its own, and never uphill.

Where a count nears its ceiling, or the pool is too small for it, its answer to a parameter is another than elsewhere,
so slopes of the whole population do not bring every particle home. From here on a particle keeps its luck (the seed of
its run), which makes its history a function of its parameters. It corrects its slopes by what every trial has shown
(Broyden 1965),

    G <- G + dz (ds - dz' G) / (dz' dz)

goes from the best place it has been at, and takes shorter steps after a trial that was worse: the objective is that
of randomised maximum likelihood, (z - z0)' C^-1 (z - z0) + (s(z) - e - y)' S^-1 (s(z) - e - y).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats

SHORTER = 0.35
"""Part of a step that is taken after a trial that was worse."""
SMALL = 1e-6
"""Squared length of a move that shows nothing."""


@dataclass(slots=True)
class OwnSlopes:
    """Slopes of the summaries on the scores, particle by particle."""

    told: Bools  # (d,) scores that have a slope
    slopes: Floats  # (n, told, k)

    @classmethod
    def of(cls, slope: Floats, n: int) -> OwnSlopes:
        """Begin with the slopes of the population, (d, k)."""
        told = np.any(slope != 0.0, axis=1)
        return cls(told, np.repeat(slope[told][None], n, axis=0))

    def learn(self, moved: Floats, brought: Floats) -> None:
        """Correct the slopes along a move, so that they say what it brought."""
        moved = moved[:, self.told]
        missed = brought - np.einsum("nd,ndk->nk", moved, self.slopes)
        length = np.maximum((moved**2).sum(axis=1), SMALL)
        self.slopes += moved[:, :, None] * (missed / length[:, None])[:, None, :]

    def ahead(self, z: Floats, s: Floats, anchors: Floats) -> Floats:
        """Return what the anchors would give if the slopes held all the way, (n, k)."""
        return np.asarray(s + np.einsum("nd,ndk->nk", (anchors - z)[:, self.told], self.slopes))

    def pulled(self, gap: Floats, covariance: Floats, error: Floats) -> Floats:
        """Return where the gaps pull the anchors to, (n, d): C G (G' C G + S)^-1 gap."""
        spread = np.einsum("de,nek->ndk", covariance[:, self.told], self.slopes)
        total = np.einsum("ndk,ndl->nkl", self.slopes, spread[:, self.told]) + error
        return np.asarray(np.einsum("ndk,nk->nd", spread, np.linalg.solve(total, gap[:, :, None])[:, :, 0]))


@dataclass(slots=True)
class Best:
    """The best place each particle has been at, and how long its next step may be."""

    z: Floats  # (n, d)
    s: Floats  # (n, k)
    objective: Floats  # (n,)
    length: Floats  # (n,) of the step that the slopes ask for

    @classmethod
    def of(cls, z: Floats, s: Floats, objective: Floats) -> Best:
        """Begin where the particles stand."""
        return cls(z.copy(), s.copy(), objective.copy(), np.ones(len(z)))

    def judge(self, z: Floats, s: Floats, objective: Floats) -> None:
        """Go on from a trial that is better; take a shorter step after one that is not."""
        better = objective < self.objective
        self.z[better], self.s[better], self.objective[better] = z[better], s[better], objective[better]
        self.length = np.where(better, np.minimum(2.0 * self.length, 1.0), SHORTER * self.length)
