"""A hierarchy of log levels that drift together: a Gaussian process over regions and years.

Each region's log level is the sum of a national part, its own part and those of the regions around it:

    x[r, t] = a[r] + mu t + nation[t] + sum over p in {r, regions around r} of own[p, t]

Every part is a shock that stays (random walk), a drift that fades (integrated AR(1), so growth returns to mu) and
a shock that passes within the year (Student t). Observations are h(x) + error; h is linearised where it is not
linear (Gauss-Newton), which makes the posterior Gaussian and exact for given volatilities. All solves are in the
space of observations, a few hundred, whatever the number of regions and years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import ndtri, stdtrit

from agents.table import Floats, Ints
from calibration.panel.assumptions import assumptions
from sim.covariance import root
from sim.streams import Streams

_NEWTON_STEPS = 8
_MAX_STEP = 1.0
"""Longest Gauss-Newton step of a log level."""


@dataclass(frozen=True, slots=True)
class Volatility:
    """Yearly standard deviations of the log, of the nation's part and of a region's own part."""

    nation_shock: float
    nation_drift: float
    nation_passing: float
    shock: float
    drift: float
    passing: float
    long_run: float  # growth a year that drifts return to

    def times(self, own: tuple[float, float, float], nation: float) -> Volatility:
        """Return it with own (shock, drift, passing) and national parts scaled."""
        return replace(
            self,
            nation_shock=self.nation_shock * nation,
            nation_drift=self.nation_drift * nation,
            nation_passing=self.nation_passing * nation,
            shock=self.shock * own[0],
            drift=self.drift * own[1],
            passing=self.passing * own[2],
        )


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Who is in whom, and how variable each region is."""

    names: list[str]
    within: Floats  # (regions, regions), 1 where the column is the row's region or lies around it
    scale: Floats  # (regions,), of a region's own volatility
    years: int

    @property
    def shape(self) -> tuple[int, int]:
        """Return (regions, years)."""
        return len(self.names), self.years


@dataclass(frozen=True, slots=True)
class Seen:
    """Observations: of which region, what, how sure, and which are lower or upper bounds (+1, -1, else 0)."""

    region: Ints
    value: Floats
    error: Floats
    bound: Ints


Observe = Callable[[Floats], tuple[Floats, Floats]]
"""Turns levels, (regions, years), into expected observations, (k,), and their slopes, (k, years of the region)."""


@dataclass(frozen=True, slots=True)
class Linear:
    """The model around one point: everything a posterior for any volatility needs."""

    prior: Floats  # mean level, (regions, years)
    slope: Floats
    residual: Floats  # of the observations from the prior mean
    variance: Floats  # of the observation errors, as weighted
    passing: Floats  # relative variance of passing shocks, (regions, years)
    counting: Floats  # extra variance of passing shocks: small counts scatter


def walk(years: int) -> Floats:
    """Return the covariance of a random walk of unit steps that starts at 0, (years, years)."""
    t = np.arange(years, dtype=float)
    return np.minimum(t[:, None], t[None, :])


def faded(years: int) -> Floats:
    """Return the covariance of an integrated AR(1) drift of unit standard deviation, (years, years)."""
    t = np.arange(years)
    drift = assumptions().movement.fade ** np.abs(t[:, None] - t[None, :])
    # the level of the first year is free, so growth counts from the second; summing over both years integrates it
    drift[0, :] = drift[:, 0] = 0.0
    return np.cumsum(np.cumsum(drift, axis=0), axis=1)


def _kernels(v: Volatility, years: int) -> tuple[Floats, Floats]:
    """Return covariances over years of the nation's part and of a region's own part without passing shocks."""
    nation = v.nation_shock**2 * walk(years) + v.nation_drift**2 * faded(years) + v.nation_passing**2 * np.eye(years)
    return nation, v.shock**2 * walk(years) + v.drift**2 * faded(years)


@dataclass(frozen=True, slots=True)
class Parts:
    """Covariances of the observations that unit volatilities would give, (k, k) each."""

    nation: tuple[Floats, Floats, Floats]  # shock, drift, passing
    own: tuple[Floats, Floats, Floats]
    fixed: Floats  # unknown levels, scatter of small counts, observation errors

    def covariance(self, v: Volatility) -> Floats:
        """Return the covariance of the observations, (k, k)."""
        total = self.fixed.copy()
        sizes = (v.nation_shock, v.nation_drift, v.nation_passing, v.shock, v.drift, v.passing)
        for size, part in zip(sizes, (*self.nation, *self.own), strict=True):
            total += size**2 * part
        return total


def parts(at: Linear, h: Hierarchy, region: Ints) -> Parts:
    """Return what the covariance of the observations is made of, around one point."""
    slope, level = at.slope, at.slope.sum(axis=1)
    shock, drift = (slope @ kernel(h.years) @ slope.T for kernel in (walk, faded))
    m = h.within[region]
    scaled = m * h.scale
    shared = scaled @ scaled.T
    fixed = np.outer(level, level) * (m @ m.T) * assumptions().start.level_sd ** 2
    passing = np.zeros_like(fixed)
    for t in range(h.years):
        # only observations that see the year share its passing shock, and they are few of all
        rows = np.flatnonzero(slope[:, t])
        weighted = slope[rows, t][:, None] * m[rows]
        where = np.ix_(rows, rows)
        passing[where] += (weighted * (at.passing[:, t] * h.scale**2)) @ weighted.T
        fixed[where] += (weighted * at.counting[:, t]) @ weighted.T
    fixed[np.diag_indices_from(fixed)] += at.variance
    return Parts((shock, drift, slope @ slope.T), (shock * shared, drift * shared, passing), fixed)


def _passing_variance(at: Linear, h: Hierarchy, v: Volatility) -> Floats:
    return at.passing * (v.passing * h.scale[:, None]) ** 2 + at.counting


def evidence(at: Linear, made: Parts, v: Volatility) -> float:
    """Return the log density of the observations, Laplace's approximation where they are not linear."""
    factor = cho_factor(made.covariance(v), lower=True, overwrite_a=True, check_finite=False)
    # without the constant of a Gaussian: all volatilities are held against the same observations
    fit = float(at.residual @ cho_solve(factor, at.residual, check_finite=False))
    return -0.5 * fit - float(np.log(np.diag(factor[0])).sum())


def _apply_covariance(at: Linear, h: Hierarchy, region: Ints, v: Volatility, weights: Floats) -> tuple[Floats, Floats]:
    """Return what weights on the observations, (n, k), do to levels and to passing shocks, (n, regions, years)."""
    nation, own = _kernels(v, h.years)
    weighted = weights[:, :, None] * at.slope
    loaded = np.tensordot(weighted, h.within[region], axes=(1, 0)).transpose(0, 2, 1)  # over what lies within
    shocks = _passing_variance(at, h, v) * loaded
    levels = assumptions().start.level_sd ** 2 * loaded.sum(axis=2, keepdims=True)
    own_part = h.scale[:, None] ** 2 * (loaded @ own) + levels + shocks
    return h.within @ own_part + ((weights @ at.slope) @ nation)[:, None, :], shocks


def posterior_mode(prior: Floats, observe: Observe, seen: Seen, h: Hierarchy, v: Volatility) -> tuple[Linear, Floats]:
    """Return the model linearised at the most likely levels, and these, (regions, years).

    Passing shocks and observation errors are Student t by reweighting; a lower bound pulls where the level is
    near or below it and fades where the level is far above: ">3,000" says little about 5,000.
    """
    x = prior
    passing, counting = np.ones(h.shape), np.exp(-np.clip(x, 0.0, 20.0))
    variance, degrees = seen.error**2, assumptions().movement.degrees
    for _ in range(_NEWTON_STEPS):
        expected, slope = observe(x)
        # residuals are taken from the prior mean, so what the linear part has moved is added back
        moved = (slope * (x - prior)[seen.region]).sum(axis=1)
        at = Linear(prior, slope, seen.value - expected + moved, variance, passing, counting)
        factor = cho_factor(parts(at, h, seen.region).covariance(v), lower=True)
        change, shocks = (
            a[0] for a in _apply_covariance(at, h, seen.region, v, cho_solve(factor, at.residual)[None, :])
        )
        # a long step would leave the range in which the slopes hold
        x = x + np.clip(prior + change - x, -_MAX_STEP, _MAX_STEP)
        passing = (degrees + 0.5 + shocks**2 / (v.passing * h.scale[:, None]) ** 2) / (degrees + 1.0)
        counting = np.exp(-np.clip(x, 0.0, 20.0))
        variance = _weighted(seen, seen.value - observe(x)[0])
    return at, x


def _weighted(seen: Seen, left: Floats) -> Floats:
    """Return error variances that give outlying rows and slack bounds less weight."""
    degrees = assumptions().movement.degrees
    usual = seen.error**2 * (degrees + left**2 / seen.error**2) / (degrees + 1.0)
    slack = np.maximum(-left * seen.bound, 0.0)
    return np.where(seen.bound != 0, np.maximum(seen.error, 2.0 * slack) ** 2, np.maximum(usual, seen.error**2 * 0.8))


def sample(at: Linear, h: Hierarchy, seen: Seen, v: Volatility, draw: tuple[Streams, str, Ints, int]) -> Floats:
    """Return posterior levels, (draws, regions, years): a prior draw moved by its own distance from the data.

    `draw` is the streams, a name, the numbers of the draws and the first year that has no data: passing shocks
    from there on are Student t.
    """
    streams, name, slots, future = draw
    n, (regions, years) = len(slots), h.shape

    def normal(what: str, size: int) -> Floats:
        # every draw owns a block of numbers, so that draws of different branches share none
        block = (slots[:, None] * size + np.arange(size)[None, :]).ravel()
        return ndtri(streams.uniform(f"{name}:{what}", 0, block)).reshape(n, size)

    nation, own = _kernels(v, years)
    level = assumptions().start.level_sd * normal("level", regions)[:, :, None]
    local = normal("own", regions * years).reshape(n, regions, years) @ root(own) * h.scale[None, :, None]
    shared = normal("nation", years) @ root(nation)
    z = normal("passing", regions * years).reshape(n, regions, years)
    spread = np.sqrt(_passing_variance(at, h, v))
    passing = z * spread
    block = (slots[:, None] * (regions * years) + np.arange(regions * years)[None, :]).ravel()
    degrees = assumptions().movement.degrees
    heavy = stdtrit(degrees, streams.uniform(f"{name}:heavy", 0, block)).reshape(n, regions, years)
    ahead = heavy * v.passing * h.scale[:, None] / np.sqrt(degrees / (degrees - 1.0)) + z * np.sqrt(at.counting)
    passing[:, :, future:] = ahead[:, :, future:]
    x = h.within @ (level + local + passing) + shared[:, None, :]
    # Matheron's rule: a prior draw less the gain times what it misses of the data is a posterior draw
    made = (at.slope * x[:, seen.region, :]).sum(axis=2) + normal("error", len(seen.value)) * np.sqrt(at.variance)
    factor = cho_factor(parts(at, h, seen.region).covariance(v), lower=True)
    weights = cho_solve(factor, (at.residual[None, :] - made).T).T
    return at.prior + x + _apply_covariance(at, h, seen.region, v, weights)[0]
