"""Shapes of growth and size distributions: Subbotin by maximum likelihood, spread by size, the upper tail."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, log_ndtr

from agents.table import Floats

GAUSS = 2.0
"""A Subbotin of shape two is a Gaussian."""
SHAPES = (0.3, 4.0)
"""Shapes between which the most likely one is looked for."""
MIN_SAMPLE = 100
"""Values below which nothing is said of a shape."""


def log_likelihood(size: Floats, shape: float) -> float:
    """Return the mean log-likelihood of Subbotin deviations at the most likely scale.

    f(x) = exp(-|x / a|^b / b) / (2 a b^(1/b) Gamma(1 + 1/b)), with a^b = mean |x|^b; `size` is |x|.
    """
    # the scale has a closed form for a given shape, so only the shape is searched for
    scale = np.mean(size**shape) ** (1.0 / shape)
    constant = np.log(2.0 * scale) + np.log(shape) / shape + gammaln(1.0 + 1.0 / shape)
    return float(-constant - 1.0 / shape)


def subbotin_shape(x: Floats) -> float:
    """Return the maximum-likelihood Subbotin shape b of values around their median [A33, A35, A36]."""
    if len(x) < MIN_SAMPLE:
        return np.nan
    size = np.abs(x - np.median(x))
    found = minimize_scalar(lambda b: -log_likelihood(size, b), bounds=SHAPES, method="bounded")
    return float(found.x)


def against_gaussian(x: Floats) -> float:
    """Return ln p of a likelihood-ratio test of a Gaussian within the Subbotin family, one degree of freedom.

    The p-value itself is below any float for a city's enterprises. With z^2 = 2 n (l_b - l_2), the tail of
    the chi-squared is 2 Phi(-z), whose log is at hand.
    """
    shape = subbotin_shape(x)
    if np.isnan(shape):
        return np.nan
    best = log_likelihood(np.abs(x - np.median(x)), shape)
    # around the mean, which is a Gaussian's most likely centre; a Subbotin's is taken at the median
    gauss = log_likelihood(np.abs(x - x.mean()), GAUSS)
    z = np.sqrt(max(2.0 * len(x) * (best - gauss), 0.0))
    return float(np.log(2.0) + log_ndtr(-z))


def spread_slope(size: Floats, x: Floats, *, bins: int = 12) -> float:
    """Return beta of sd(x) = size^-beta: a regression of the log sd on the log mean size over equal bins [A30]."""
    if len(x) < MIN_SAMPLE * bins:
        return np.nan
    order = np.argsort(size, kind="stable")
    groups = np.array_split(order, bins)
    spread = np.log([x[g].std() for g in groups])
    middle = np.array([np.log(size[g]).mean() for g in groups])
    return float(-np.polyfit(middle, spread, 1)[0])


def hill(size: Floats, *, top: float = 0.10) -> float:
    """Return Hill's estimate of the exponent of the upper tail, P(size > s) ~ s^-alpha, over the `top` share [A42]."""
    largest = np.sort(size)[-(round(top * len(size)) + 1) :]
    if len(largest) < MIN_SAMPLE // 2:
        return np.nan
    return float(1.0 / np.mean(np.log(largest[1:] / largest[0])))
