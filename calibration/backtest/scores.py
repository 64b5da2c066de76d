"""Scores of forecasts: how near, how honest, and whether a difference is more than luck.

A predictive distribution is a row of equally likely draws, sorted or not. Lower is better for every score.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.special import ndtr, stdtr

from agents.table import Bools, Floats, added
from sim.streams import Streams

LEVELS = (0.5, 0.8, 0.9)
"""Central intervals that are reported and that the weighted interval score averages."""


def crps(draws: Floats, observed: float) -> float:
    """Return the continuous ranked probability score of equally likely draws, exactly.

    CRPS = mean |x - y| - 1/2 mean |x - x'|, the mean over all pairs including equal ones: the integral of
    (F(z) - 1{y <= z})^2 for the step function F of the draws (Gneiting & Raftery 2007, eq. 20-21).
    """
    x = np.sort(draws)
    n = len(x)
    # half the mean of |x - x'| over all pairs, from sorted draws in n log n steps instead of n^2
    spread = float(np.dot(2.0 * np.arange(1, n + 1) - n - 1.0, x)) / n**2
    return float(np.abs(x - observed).mean()) - spread


def interval_score(low: float, high: float, observed: float, alpha: float) -> float:
    """Return width + 2 / alpha * miss of a central 1 - alpha interval (Gneiting & Raftery 2007, eq. 43)."""
    return high - low + 2.0 / alpha * (max(low - observed, 0.0) + max(observed - high, 0.0))


def wis(draws: Floats, observed: float) -> float:
    """Return the weighted interval score over `LEVELS` (Bracher et al. 2021, eq. 1).

    WIS = (|y - median| / 2 + sum_k alpha_k / 2 * IS_k) / (K + 1/2), IS the interval score.
    """
    total = abs(observed - float(np.quantile(draws, 0.5))) / 2.0
    for level in LEVELS:
        low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        total += (1.0 - level) / 2.0 * interval_score(float(low), float(high), observed, 1.0 - level)
    return total / (len(LEVELS) + 0.5)


def covered(draws: Floats, observed: float, level: float) -> bool:
    """Tell whether the central interval of a level holds the observed value."""
    low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return bool(low <= observed <= high)


def pit(draws: Floats, observed: float) -> float:
    """Return the probability integral transform: the share of draws below, half of those equal."""
    return float((draws < observed).mean() + 0.5 * (draws == observed).mean())


def uniformity(values: Floats, bins: int = 10) -> Floats:
    """Return shares of PIT values in equal bins; all 1 / bins when a forecast is calibrated."""
    return np.histogram(values, bins=bins, range=(0.0, 1.0))[0] / max(len(values), 1)


def brier(probability: float, outcome: bool) -> float:
    """Return (p - o)^2 (Brier 1950)."""
    return (probability - float(outcome)) ** 2


def reliability(probability: Floats, outcome: Bools, edges: tuple[float, ...]) -> list[dict[str, float]]:
    """Return, for each band of probability that was used, how many goals, the mean P and the share reached."""
    rows = []
    for low, high in pairwise(edges):
        held = (probability >= low) & ((probability < high) | (high >= edges[-1]))
        if held.any():
            said, came = float(probability[held].mean()), float(outcome[held].mean())
            rows.append({"from": low, "to": high, "goals": float(held.sum()), "probability": said, "reached": came})
    return rows


def paired_bootstrap(difference: Floats, group: list[str], seed: int, rounds: int = 2000) -> tuple[float, float]:
    """Return a 90 % interval of a mean paired difference.

    Whole groups are drawn with replacement, so that pairs of one region that share their errors count once.
    """
    names = sorted(set(group))
    code = np.array([names.index(g) for g in group])
    total = np.bincount(code, weights=difference, minlength=len(names))
    count = np.bincount(code, minlength=len(names)).astype(float)
    slots = np.arange(rounds * len(names))
    # counts are drawn with the groups, since a region with many pairs weighs more when it is drawn
    chosen = (Streams(seed).uniform("bootstrap", 0, slots) * len(names)).astype(int).reshape(rounds, len(names))
    means = total[chosen].sum(axis=1) / count[chosen].sum(axis=1)
    return float(np.quantile(means, 0.05)), float(np.quantile(means, 0.95))


def diebold_mariano(difference: Floats, horizon: int) -> tuple[float, float]:
    """Return the Diebold-Mariano statistic and its two-sided p-value, for forecasts made `horizon` steps ahead.

    The variance of the mean counts autocovariances up to horizon - 1, with the small-sample factor and the
    t distribution of Harvey, Leybourne & Newbold (1997). Zeros with p = 1 when there is no variation.
    """
    n = len(difference)
    fewest = 3
    if n < fewest:
        return 0.0, 1.0
    d = difference - difference.mean()
    lags = range(1, min(horizon, n))
    variance = (float(d @ d) + 2.0 * added(float(d[lag:] @ d[:-lag]) for lag in lags)) / n
    # autocovariances are estimated, so their sum may come out negative in a short series
    if variance <= 0.0:
        return 0.0, 1.0
    factor = max((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n, 1.0 / n)
    statistic = float(difference.mean() / np.sqrt(variance / n) * np.sqrt(factor))
    return statistic, float(2.0 * stdtr(n - 1, -abs(statistic)))


def crps_normal(mean: float, sd: float, observed: float) -> float:
    """Return the CRPS of a normal distribution in closed form: the measure `crps` is held against."""
    z = (observed - mean) / sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    return float(sd * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / np.sqrt(np.pi)))
