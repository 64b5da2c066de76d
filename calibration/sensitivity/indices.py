"""Sensitivity indices: which inputs make a goal's outcome vary (Sobol), and which move it at all (Morris), by SALib."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.parameters import NAMES
from agents.table import Bools, Floats
from calibration.sensitivity.design import LEVELS
from calibration.sensitivity.information import bins, explained
from calibration.sensitivity.variance_budget import resampled

CONFIDENCE = 0.9
Z = 1.6448536269514722
"""Half width of a 90 % interval in standard errors."""
RESAMPLES = 100
MIN_OF_EACH = 10
"""Hits and misses that an analysis of being reached needs; with fewer it says nothing."""
LEAST_LEFT = 0.05
"""Least part of the variance of being reached that is not chance alone, for shares of the probability's variance."""


@dataclass(frozen=True, slots=True)
class Index:
    """First-order and total share of one factor, each with the half width of its 90 % interval."""

    factor: str
    first: float
    first_half: float
    total: float
    total_half: float
    of_probability: float | None = None  # for being reached: share of the variance of the probability itself
    of_probability_half: float | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What moving one factor from one end of its range to the other does, over Morris's paths."""

    factor: str
    size: float  # mean of the absolute change (mu*)
    size_half: float
    change: float  # mean of the change (mu)
    change_half: float
    spread: float  # standard deviation of the change (sigma)


@dataclass(frozen=True, slots=True)
class Single:
    """What one parameter explains by itself in the posterior, and the outcome in its lowest and highest third."""

    factor: str
    share: float
    half: float
    low_third: float
    high_third: float


def telling(hit: Floats | Bools) -> bool:
    """Tell whether there are enough hits and misses for an analysis of being reached."""
    return min(int(np.sum(hit)), int(np.sum(~np.asarray(hit, bool)))) >= MIN_OF_EACH


def sobol_indices(problem: dict[str, Any], y: Floats, seed: int, *, chance: str | None = None) -> list[Index]:
    """Return the indices of every group, for outcomes in the order of the design; empty when nothing varies.

    With `chance`, the name of the factor that is luck alone, `y` is 0 or 1 and the probability is its mean over luck:
    the first-order variance of the two is the same, and that of the probability in all is what luck does not touch,
    so a factor's share of it is S1 / (1 - ST of luck).
    """
    from SALib.analyze import sobol  # noqa: PLC0415  slow to load

    if not np.ptp(y) > 0.0:
        return []
    groups = list(dict.fromkeys(problem["groups"] or problem["names"]))
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a factor that does nothing makes equal values, as it should
        s = sobol.analyze(
            problem, y, calc_second_order=False, num_resamples=RESAMPLES, conf_level=CONFIDENCE, keep_resamples=True,
            seed=seed,
        )  # fmt: skip
    made = []
    for j, group in enumerate(groups):
        first, first_half, total, total_half = (float(s[key][j]) for key in ("S1", "S1_conf", "ST", "ST_conf"))
        share = _of_probability(s, j, groups.index(chance)) if chance and group != chance else (None, None)
        made.append(Index(group, first, first_half, total, total_half, *share))
    return made


def _of_probability(s: Any, j: int, luck: int) -> tuple[float | None, float | None]:
    # where nearly all is chance, the share is a ratio of two numbers that are both noise
    left = 1.0 - s["ST"][luck]
    if left < LEAST_LEFT:
        return None, None
    again = s["S1_conf_all"][:, j] / np.maximum(1.0 - s["ST_conf_all"][:, luck], LEAST_LEFT)
    return float(s["S1"][j] / left), float(Z * again.std(ddof=1))


def morris_moves(problem: dict[str, Any], x: Floats, y: Floats, seed: int) -> list[Move]:
    """Return what every factor does over its whole range, the largest first; empty when nothing varies."""
    from SALib.analyze import morris  # noqa: PLC0415  slow to load

    if not np.ptp(y) > 0.0:
        return []
    paths = len(y) // (problem["num_vars"] + 1)
    s = morris.analyze(problem, x, y, conf_level=CONFIDENCE, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed)
    columns = [np.ma.filled(s[key], np.nan) for key in ("mu_star", "mu_star_conf", "mu", "sigma")]
    moves = [
        Move(name, float(size), float(half), float(mu), float(Z * sigma / np.sqrt(paths)), float(sigma))
        for name, size, half, mu, sigma in zip(problem["names"], *columns, strict=True)
    ]
    return sorted(moves, key=lambda m: -m.size)


def singles(draws: Floats, y: Floats, seed: int, keep: int) -> list[Single]:
    """Return the parameters that explain most of an outcome in the ensemble as it is, first-order and given-data.

    `draws` is (members, parameters). No independence is assumed: a parameter that goes along with another explains
    what both do.
    """
    found = [
        (float(explained(bins(draws[:, j]), y[:, None])[0]), j) for j in range(draws.shape[1]) if _varies(draws, j)
    ]
    best = sorted((f for f in found if np.isfinite(f[0])), reverse=True)[:keep]
    rows = resampled(len(y), RESAMPLES, seed)
    made = []
    for share, j in best:
        again = [explained(bins(draws[r, j]), y[r, None])[0] for r in rows]
        third = np.quantile(draws[:, j], (1 / 3, 2 / 3))
        low, high = y[draws[:, j] <= third[0]].mean(), y[draws[:, j] >= third[1]].mean()
        made.append(Single(NAMES[j], share, float(Z * np.std(again, ddof=1)), float(low), float(high)))
    return made


def _varies(draws: Floats, j: int) -> bool:
    return bool(np.ptp(draws[:, j]) > 0.0)


def distance(a: Floats, b: Floats) -> float:
    """Return the largest difference between two distributions' shares below a value (Kolmogorov-Smirnov)."""
    both = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(x), both, side="right") / len(x) for x in (a, b)]
    return float(np.abs(below[0] - below[1]).max())
