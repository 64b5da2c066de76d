"""The last moves of a fit, particle by particle: every one with slopes of its own, until it rests.

Where a count nears its ceiling, or the pool is too small for it, its answer to a parameter is another than elsewhere,
so slopes of the whole population do not bring every particle home. From here on a particle keeps its luck (the seed of
its run), which makes its history a function of its parameters, and corrects its slopes by what every move has shown
(Broyden 1965):

    G <- G + dz (ds - dz' G) / (dz' dz)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats

SMALL = 1e-6
"""Squared length of a move that shows nothing."""


@dataclass(slots=True)
class OwnSlopes:
    """Slopes of the summaries on the scores, particle by particle."""

    told: Bools  # (d,) scores that have a slope
    slopes: Floats  # (n, told, k)
    last: tuple[Floats, Floats] | None = None  # scores and summaries before the last move

    @classmethod
    def of(cls, slope: Floats, n: int) -> OwnSlopes:
        """Begin with the slopes of the population, (d, k)."""
        told = np.any(slope != 0.0, axis=1)
        return cls(told, np.repeat(slope[told][None], n, axis=0))

    def learn(self, z: Floats, s: Floats) -> None:
        """Correct the slopes along the last move, so that they say what it brought."""
        if self.last is not None:
            moved = (z - self.last[0])[:, self.told]
            missed = s - self.last[1] - np.einsum("nd,ndk->nk", moved, self.slopes)
            length = np.maximum((moved**2).sum(axis=1), SMALL)
            self.slopes += moved[:, :, None] * (missed / length[:, None])[:, None, :]
        self.last = z, s

    def ahead(self, z: Floats, s: Floats, anchors: Floats) -> Floats:
        """Return what the anchors would give if the slopes held all the way, (n, k)."""
        return np.asarray(s + np.einsum("nd,ndk->nk", (anchors - z)[:, self.told], self.slopes))

    def pulled(self, gap: Floats, covariance: Floats, error: Floats) -> Floats:
        """Return where the gaps pull the anchors to, (n, d): C G (G' C G + S)^-1 gap."""
        spread = np.einsum("de,nek->ndk", covariance[:, self.told], self.slopes)
        total = np.einsum("ndk,ndl->nkl", self.slopes, spread[:, self.told]) + error
        return np.asarray(np.einsum("ndk,nk->nd", spread, np.linalg.solve(total, gap[:, :, None])[:, :, 0]))
