"""What a number would tell: how much less a goal's outcome would vary if one more datum were published.

The ensemble holds, member by member, the outcome and what the datum would be. Members are put into bins of the datum as
it would be seen, with its error; what varies between bins the datum explains, what varies within it leaves.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from agents.table import Floats, Ints
from sim.city.series import PublishedSeries
from sim.streams import Streams

MAX_BINS, MIN_IN_BIN = 20, 15
PERMUTATIONS = 20
"""Permutations of members over bins that say how wide an interval is where a datum tells nothing."""
OUTCOME_PERMUTATIONS, OUTCOME_QUANTILE = 100, 0.95
"""Permutations of outcomes, and the quantile of the best explained share among them that luck alone would pass."""
INTERVAL = (0.05, 0.95)
"""The interval whose width a datum narrows."""


def datum_error(lists: PublishedSeries, indicator: str) -> float:
    """Return the sd of the log of a published number: as the history's are, or a department's exact own count."""
    grade = lists.errors.grade_error
    if indicator not in lists.indicators.values():
        return grade["A"]
    known = (grade["B"], lists.offsets.get(indicator, 0.0), lists.roll_out_errors.get(indicator, 0.0))
    return float(np.hypot.reduce(known))


def seen(value: Floats, error: float, name: str, seed: int) -> Floats:
    """Return a datum as it would be published, on the log scale, (members,)."""
    noise = ndtri(Streams(seed).uniform(f"datum:{name}", 0, np.arange(len(value))))
    return np.log1p(np.maximum(value, 0.0)) + error * noise


def bins(x: Floats) -> Ints:
    """Return bins of equal number from the smallest value on, (members,); equal values share a bin."""
    n = len(x)
    count = max(min(MAX_BINS, n // MIN_IN_BIN), 2)
    # edges are values that occur, so that a count has no edge between two of its numbers
    edges = np.unique(np.sort(x)[np.arange(1, count) * n // count - 1])
    made = np.searchsorted(edges, x, side="left")
    filled = np.bincount(made, minlength=len(edges) + 1) > 0
    return (np.cumsum(filled) - 1)[made]


def explained(bin_of: Ints, y: Floats) -> Floats:
    """Return the share of variance that bins explain, (outcomes,), for `y` (members, outcomes).

    1 - mean square within / mean square in all (epsilon squared): nothing on average where nothing is explained.
    Not a number where an outcome never varies.
    """
    n, k = len(y), int(bin_of.max()) + 1
    centred = y - y.mean(axis=0)
    member = np.zeros((k, n))
    member[bin_of, np.arange(n)] = 1.0
    sums, counts = member @ centred, member.sum(axis=1)[:, None]
    total = (centred**2).sum(axis=0)
    within = total - (sums**2 / np.maximum(counts, 1.0)).sum(axis=0)
    filled = int((counts > 0).sum())
    varies = total > 1e-12 * np.maximum((y**2).sum(axis=0), 1e-300)  # rounding is no variance
    ratio = within / max(n - filled, 1) / (np.where(varies, total, 1.0) / (n - 1))
    return np.where(varies, 1.0 - ratio, np.nan)


def permutation_threshold(data: list[Ints], y: Floats, seed: int) -> float:
    """Return the share that the best of so many data would explain by luck alone, in one case of twenty at most.

    `data` holds the bins of each. The outcome is dealt out to the members anew, so that no datum tells anything.
    """
    dealt = np.column_stack([y[order] for order in _orders(len(y), OUTCOME_PERMUTATIONS, seed)])
    best = np.max([explained(bin_of, dealt) for bin_of in data], axis=0)
    return float(np.quantile(best, OUTCOME_QUANTILE))


def narrowing(bin_of: Ints, y: Floats, seed: int) -> float:
    """Return by what share a datum narrows the 90 % interval of an outcome on average.

    Against bins of the same sizes with members at random, because few members show a narrower interval by themselves.
    Not a number where the interval has no width.
    """
    if not _width(np.zeros(len(y), np.int64), y) > 0.0:
        return np.nan
    usual = float(np.mean([_width(bin_of[order], y) for order in _orders(len(y), PERMUTATIONS, seed)]))
    return 1.0 - _width(bin_of, y) / usual


def _orders(n: int, times: int, seed: int) -> list[Ints]:
    streams, at = Streams(seed), np.arange(n)
    return [np.argsort(streams.uniform("shuffle", i, at)) for i in range(times)]


def _width(bin_of: Ints, y: Floats) -> float:
    """Return the mean width of the 90 % interval over bins, each counting by its members."""
    ordered = y[np.lexsort((y, bin_of))]
    counts = np.bincount(bin_of)
    first = np.cumsum(counts) - counts
    low, high = (_between(ordered, first + level * (counts - 1)) for level in INTERVAL)
    return float(((high - low) * counts).sum() / len(y))


def _between(ordered: Floats, at: Floats) -> Floats:
    """Return values at positions between two neighbours, as `numpy.quantile` has them."""
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def linear_share(x: Floats, y: Floats, folds: int = 10) -> Floats:
    """Return the share of variance of outcomes that many data explain together, (outcomes,), out of sample.

    Ridge regression on the leading directions of `x` (members, data), a tenth of the members left out at a time, so
    that fitting too much lowers the share: a lower bound of what any function of the data would explain.
    """
    n = len(y)
    scaled = (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0.0, x.std(axis=0), 1.0)
    missed = np.zeros(y.shape[1])
    for fold in range(folds):
        out = np.arange(n) % folds == fold
        # from the members that stay: the mean is fitted too, and the tenth left out must not know it
        middle = y[~out].mean(axis=0)
        gram = scaled[~out].T @ scaled[~out] + scaled.shape[1] * np.eye(scaled.shape[1])
        slope = np.linalg.solve(gram, scaled[~out].T @ (y[~out] - middle))
        missed += ((y[out] - middle - scaled[out] @ slope) ** 2).sum(axis=0)
    total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    return np.where(total > 0.0, 1.0 - missed / np.where(total > 0.0, total, 1.0), np.nan)
