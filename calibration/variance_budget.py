"""A variance budget: how much of a forecast's spread each independent part of its inputs makes, and all together.

Two draws of every part are crossed in all ways (pick-freeze): runs that share a set of parts and differ in the
others have as covariance the variance that this set explains. No model of the output is assumed, and the shares of
single parts and of parts together add up to one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.table import Floats, Ints
from sim.streams import Streams

LEVELS = (0.05, 0.95)
RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the variance with its 90 % interval."""

    part: str
    share: float
    low: float
    high: float


def closed_variances(y: Floats) -> Floats:
    """Return the variance explained by every set of parts, (2^parts,); set s holds part k where bit k of s is one.

    `y` is (pairs, 2^parts): column c takes part k from the second draw where bit k of c is one. Unbiased: the mean of
    products over runs that share the set, less that over runs that share nothing.
    """
    count = y.shape[1]
    at = np.arange(count)
    centred = y - y.mean()
    full = count - 1
    products = np.array([np.mean(centred * centred[:, at ^ (full ^ s)]) for s in range(count)])
    return products - products[0]


def components(closed: Floats) -> Floats:
    """Return what every set of parts explains beyond all smaller sets in it, (2^parts,), by Möbius inversion."""
    out = closed.copy()
    step = 1
    while step < len(out):
        for s in range(len(out)):
            if s & step:
                out[s] -= out[s ^ step]
        step *= 2
    return out


def shares(y: Floats) -> Floats:
    """Return the shares of single parts and, last, of parts together, (parts + 1,); not a number without variance."""
    made = components(closed_variances(y))
    total = made.sum()
    if total <= 0.0:
        return np.full(int(np.log2(len(made))) + 1, np.nan)
    single = np.array([made[1 << k] for k in range(int(np.log2(len(made))))]) / total
    return np.append(single, 1.0 - single.sum())


def budget(y: Floats, parts: tuple[str, ...], seed: int, *, resamples: int = RESAMPLES) -> list[Share]:
    """Return the budget with bootstrap intervals over the pairs of draws; `parts` ends with the name of "together"."""
    centre = shares(y)
    again = np.array([shares(y[rows]) for rows in resampled(len(y), resamples, seed)])
    low, high = np.nanquantile(again, LEVELS, axis=0) if np.isfinite(again).any(axis=0).all() else (centre, centre)
    return [Share(p, float(c), float(a), float(b)) for p, c, a, b in zip(parts, centre, low, high, strict=True)]


def resampled(n: int, times: int, seed: int) -> Ints:
    """Return rows drawn with replacement, (times, n), the same for the same seed."""
    u = Streams(seed).uniform("bootstrap", 0, np.arange(times * n))
    return (u * n).astype(np.int64).reshape(times, n)
