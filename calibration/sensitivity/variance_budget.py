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
class VarianceShare:
    """A share of the variance with its 90 % interval."""

    part: str
    share: float
    low: float
    high: float


def products(y: Floats) -> Floats:
    """Return what runs that share a set of parts have in common, a pair of draws at a time, (pairs, 2^parts).

    `y` is (pairs, 2^parts): column c takes part k from the second draw where bit k of c is one. In set s part k is
    shared where bit k of s is one.
    """
    count = y.shape[1]
    at = np.arange(count)
    # products of numbers near zero lose no digits
    centred = y - y.mean()
    return np.stack([(centred * centred[:, at ^ (count - 1) ^ s]).mean(axis=1) for s in range(count)], axis=1)


def closed_variances(product: Floats) -> Floats:
    """Return the variance explained by every set of parts, (..., 2^parts), from products averaged over pairs.

    Unbiased: products of runs that share the set, less those of runs that share nothing, which hold the squared mean.
    """
    return product - product[..., :1]


def components(closed: Floats) -> Floats:
    """Return what every set of parts explains beyond all smaller sets in it, (..., 2^parts), by Möbius inversion."""
    out = closed.copy()
    step = 1
    # one part after the other: each pass takes off what the sets without it explain
    while step < out.shape[-1]:
        for s in range(out.shape[-1]):
            if s & step:
                out[..., s] -= out[..., s ^ step]
        step *= 2
    return out


def shares(product: Floats) -> Floats:
    """Return the shares of single parts and, last, of parts together, (..., parts + 1); NaN without variance."""
    made = components(closed_variances(product))
    total = made.sum(axis=-1, keepdims=True)
    parts = made.shape[-1].bit_length() - 1
    single = made[..., [1 << k for k in range(parts)]] / np.where(total > 0.0, total, np.nan)
    return np.concatenate([single, 1.0 - single.sum(axis=-1, keepdims=True)], axis=-1)


def budget(y: Floats, parts: tuple[str, ...], seed: int, *, resamples: int = RESAMPLES) -> list[VarianceShare]:
    """Return the budget with bootstrap intervals over the pairs of draws; `parts` ends with the name of "together"."""
    made = products(y)
    centre = shares(made.mean(axis=0))
    again = shares(made[resampled(len(y), resamples, seed)].mean(axis=1))
    low, high = np.nanquantile(again, LEVELS, axis=0) if np.isfinite(again).any() else (centre, centre)
    return [VarianceShare(p, float(c), float(a), float(b)) for p, c, a, b in zip(parts, centre, low, high, strict=True)]


def resampled(n: int, times: int, seed: int) -> Ints:
    """Return rows drawn with replacement, (times, n), the same for the same seed."""
    u = Streams(seed).uniform("bootstrap", 0, np.arange(times * n))
    return (u * n).astype(np.int64).reshape(times, n)
