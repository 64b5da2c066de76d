"""What the summaries of a run should come close to, with everything that is known about how it was measured.

A published number is the true count, seen through its own error, an offset that every number of the same
list shares, and rounding; some are only bounds. The error is part of the model: it is added to what a run
gives before the two are compared, so that a small distance means a plausible history (Wilkinson 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from agents.table import Bools, Floats, Ints
from sim.streams import Streams


@dataclass(frozen=True, slots=True)
class Target:
    """Observed summaries and how each was seen; all (k,)."""

    value: Floats
    error: Floats  # sd of the number's own error
    half_unit: Floats  # half the unit it was rounded to; 0 where it was not
    offset: Floats  # sd of the offset its list shares; 0 where there is none
    group: Ints  # which offset it shares
    lower: Bools  # a lower bound: anything above it fits
    upper: Bools

    @classmethod
    def plain(cls, value: Floats, error: Floats) -> Target:
        """Return a target whose numbers have nothing but an error of their own."""
        k = len(value)
        zero, no = np.zeros(k), np.zeros(k, bool)
        return cls(value, error, zero, zero, np.arange(k), no, no)

    def covariance(self) -> Floats:
        """Return the covariance of the observation error, (k, k); a uniform of half-width h has variance h^2 / 3."""
        shared = np.outer(self.offset, self.offset) * (self.group[:, None] == self.group[None, :])
        return np.diag(self.error**2 + self.half_unit**2 / 3.0) + shared

    def noise(self, streams: Streams, generation: int, n: int) -> Floats:
        """Draw observation errors of `n` runs, (n, k), addressed by generation and run."""
        at = np.arange(n)
        out = np.empty((n, len(self.value)))
        for j in range(len(self.value)):
            out[:, j] = self.error[j] * ndtri(streams.uniform(f"noise:{j}", generation, at))
            out[:, j] += self.half_unit[j] * (2.0 * streams.uniform(f"rounding:{j}", generation, at) - 1.0)
            # by the group: one draw for all numbers of a list, since it is the list that is off
            out[:, j] += self.offset[j] * ndtri(streams.uniform(f"offset:{self.group[j]}", generation, at))
        return out

    def gap(self, seen: Floats) -> Floats:
        """Return how far simulated numbers, (n, k), are from the observed; a bound that holds is no gap."""
        gap = seen - self.value
        # a run above a lower bound is not nearer to the truth for being close to it
        gap = np.where(self.lower, np.minimum(gap, 0.0), gap)
        return np.where(self.upper, np.maximum(gap, 0.0), gap)
