"""Sequential Monte-Carlo ABC with regression moves: a population whose runs come ever closer to what was observed.

Every parameter lives on its normal-score scale z = Phi^-1(F(theta)), on which the prior is N(0, 1). The
population follows the tempered sequence prior(z) p(y | z)^t from t = 0 to t = 1. A step of size 1/a is an ABC
step with tolerance `a`: the acceptance kernel is a times the error S that a run and the observation have
together. Instead of throwing most runs away and copying the rest, which leaves nothing in twenty dimensions,
each particle is moved by the local-linear regression adjustment (Beaumont, Zhang & Balding 2002)

    z' = z + B' C_ss (C_ss + A)^-1 (y + e - s),    A = a S - T,    e ~ N(0, A)

where B is the regression of z on the summaries s among the runs nearest to the observed, C_ss the covariance of
the summaries, T that of the simulator's own noise, already in s, and S = T + R with R the observation error
(Wilkinson 2013; Emerick & Reynolds 2013). The tolerance adapts to the misfit (Iglesias & Yang 2021): steps are
as long as the population's misfit has information for. The weights of the summaries are thus learned: inverse
covariances of error and noise, in which correlated numbers do not count twice. On a linear-Gaussian model the
result is the exact posterior. Parameters of which the data say nothing keep their prior to the bit. Every draw
is addressed by (seed, decision, generation, particle): workers and their order change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, fdtrc, logsumexp, ndtri

from agents.table import Bools, Floats
from calibration.data.target import Target
from calibration.fit.refine import Anchors, refined
from sim.streams import Streams

SAMPLER_VERSION = 2
"""Raise it with any change of this module that moves a draw, and of how `calibration.data.target` sees a run."""
ALPHA = 0.01
"""P-value below which a parameter counts as spoken of by the data."""
NEAREST = 0.5
"""Part of the runs that the local regression gives weight."""
MIN_GENERATIONS, MAX_GENERATIONS = 4, 20
"""Generations a fit takes at least (curvature is followed in steps) and at most."""
REFINEMENTS = 4
"""Moves at the end that forget the way (`calibration.fit.refine`)."""
REPLICATE_EVERY, REPLICATES_FROM = 10, 500
"""One particle in ten is run twice, for the simulator's noise; those runs have generation numbers from 500 on."""
ACCEPTANCE_TAIL = 0.05
"""A run counts as accepted when its misfit is not in this upper tail of chi-square."""

Simulate = Callable[[Floats, int], Floats]
"""Turns normal scores, (particles, d), and a generation number into summaries, (particles, k)."""


@dataclass(frozen=True, slots=True)
class Generation:
    """How one generation went, before its move."""

    number: int
    done: float  # t, the part of the data's information used so far
    tolerance: float  # a of the move that follows; 1/a is its step; 0 in the last, which does not move
    acceptance: float  # part of the runs that fit the observed within the error
    effective: float  # effective sample size that weighing instead of moving would have left


@dataclass(frozen=True, slots=True)
class Posterior:
    """A sample of the posterior, and how it was found."""

    z: Floats  # (particles, d) normal scores, equally weighted
    seen: Floats  # (particles, k) their summaries: the posterior predictive, without observation error
    informed: Bools  # (d,) parameters that the summaries say something about
    generations: tuple[Generation, ...]


def settings() -> dict[str, float]:
    """Return the numbers above, by which a fit is known."""
    return {
        "alpha": ALPHA,
        "nearest": NEAREST,
        "min_generations": MIN_GENERATIONS,
        "max_generations": MAX_GENERATIONS,
        "refinements": REFINEMENTS,
        "replicate_every": REPLICATE_EVERY,
        "replicates_from": REPLICATES_FROM,
        "acceptance_tail": ACCEPTANCE_TAIL,
    }


def quiet(_generation: Generation) -> None:
    """Report nothing."""


def posterior(
    simulate: Simulate,
    target: Target,
    *,
    d: int,
    particles: int,
    seed: int,
    report: Callable[[Generation], None] = quiet,
) -> Posterior:
    """Return a sample of the posterior of `d` parameters given the target.

    `simulate` must depend on its arguments only, so that any number of workers gives the same bytes.
    """
    streams, done, is_informed = Streams(seed), 0.0, np.zeros(d, bool)
    z = prior_scores(streams, 0, particles, d)
    anchors, left = Anchors.of(z, target, streams), REFINEMENTS
    history: list[Generation] = []
    for number in range(MAX_GENERATIONS):
        s = simulate(z, number)
        # over prior particles only: those that were moved by a regression would all look spoken of
        if number == 0:
            is_informed = informed(z, s)
        noise = _simulator_noise(simulate, z, s, target, number)
        gap = target.gap(s)
        misfit = _misfit(gap, noise + target.covariance())
        # steps are a sum of floats, which need not end at one exactly
        arrived = done > 1.0 - 1e-9
        step = 0.0 if arrived else _step(misfit, gap.shape[1], done, number)
        history.append(_diagnostics(number, done, step, misfit, gap.shape[1]))
        report(history[-1])
        if arrived and not left:
            break
        if arrived:
            z, left = refined(z, s, target, anchors, noise, is_informed), left - 1
            continue
        z = np.where(is_informed, _moved(z, s, target, _Tempered(noise, 1.0 / step, number, streams)), z)
        done += step
    return Posterior(z, s, is_informed, tuple(history))


def prior_scores(streams: Streams, generation: int, n: int, d: int) -> Floats:
    """Draw normal scores from the prior, (n, d)."""
    at = np.arange(n)
    return ndtri(np.column_stack([streams.uniform(f"prior:{j}", generation, at) for j in range(d)]))


def informed(z: Floats, s: Floats) -> Bools:
    """Tell which parameters the summaries say anything about, (d,): an F-test of z on s over prior particles.

    The others keep their prior to the bit, instead of drifting on chance correlations.
    """
    n, k = s.shape
    design = np.column_stack((np.ones(n), s))
    fitted = design @ np.linalg.lstsq(design, z, rcond=None)[0]
    unexplained = ((z - fitted) ** 2).sum(axis=0)
    explained = ((z - z.mean(axis=0)) ** 2).sum(axis=0) - unexplained
    f = (explained / k) / (unexplained / (n - k - 1))
    return fdtrc(k, n - k - 1, f) < ALPHA


def _simulator_noise(simulate: Simulate, z: Floats, s: Floats, target: Target, number: int) -> Floats:
    """Return the covariance of the simulator's own noise, (k, k): the nearest particles are run a second time.

    Half of its off-diagonal is kept: a tenth of the particles tells the variances better than the correlations.
    """
    rows = np.sort(np.argsort(_distance(s, target), kind="stable")[: max(len(z) // REPLICATE_EVERY, 2)])
    apart = simulate(z[rows], REPLICATES_FROM + number) - s[rows]
    # two runs differ by twice the noise of one
    noise = 0.5 * apart.T @ apart / len(rows)
    return 0.5 * noise + 0.5 * np.diag(np.diag(noise))


def _distance(s: Floats, target: Target) -> Floats:
    """Return how far every run is from the observed, in the population's standard deviations, (n,)."""
    return np.sqrt(((target.gap(s) / (s.std(axis=0) + 1e-12)) ** 2).mean(axis=1))


def _misfit(gap: Floats, error: Floats) -> Floats:
    """Return gap' error^-1 gap of every particle, (n,)."""
    return np.einsum("ij,ji->i", gap, np.linalg.solve(error, gap.T))


def _step(misfit: Floats, k: int, done: float, number: int) -> float:
    """Return how much of the data's information the next move may use: max(k / mean, sqrt(2 k / var)) of the misfit.

    With M = gap' S^-1 gap this is the data-misfit controller of Iglesias & Yang (2021), 1/a = max(k / 2 mean(M/2),
    sqrt(k / 2 var(M/2))). The last of the fewest steps is not taken early.
    """
    nothing = 1e-12  # of a misfit: every bound holds
    step = max(k / max(float(misfit.mean()), nothing), np.sqrt(2.0 * k / max(float(misfit.var()), nothing)))
    return float(min(step, 1.0 - done, 1.0 / max(MIN_GENERATIONS - number, 1) if number < MIN_GENERATIONS else 1.0))


def _diagnostics(number: int, done: float, step: float, misfit: Floats, k: int) -> Generation:
    weight = -0.5 * step * misfit
    # Kish's effective sample size, in logs because the weights of poor runs underflow
    effective = float(np.exp(2.0 * logsumexp(weight) - logsumexp(2.0 * weight)))
    acceptance = float((misfit <= chdtri(k, ACCEPTANCE_TAIL)).mean())
    return Generation(number, done, 1.0 / step if step else 0.0, acceptance, effective)


@dataclass(frozen=True, slots=True)
class _Tempered:
    """What one move needs to know of the error."""

    noise: Floats  # (k, k) of the simulator
    tolerance: float
    number: int
    streams: Streams


def _moved(z: Floats, s: Floats, target: Target, step: _Tempered) -> Floats:
    """Return the particles moved by one regression adjustment, (particles, d)."""
    error = step.tolerance * target.covariance()
    slack = (step.tolerance - 1.0) * step.noise  # what of a S - T is not observation error
    # e ~ N(0, A) in two parts: target noise has covariance `error` once scaled, what is left of A is `slack`
    drawn = np.sqrt(step.tolerance) * target.noise(step.streams, step.number, len(z))
    drawn += _normal(step, len(z)) @ _root(slack).T
    c_ss = np.atleast_2d(np.cov(s.T))
    pull = np.linalg.solve(c_ss + error + slack, _gap_to_plausible(s - drawn, target, step).T)
    return z - (c_ss @ pull).T @ _slope(z, s, target)


def _gap_to_plausible(seen: Floats, target: Target, step: _Tempered) -> Floats:
    """Return the gaps to close, (n, k); a run that breaks a bound is drawn to one that keeps it, not to its edge.

    An approximation: where a bound cuts off 84 % of the prior, the mean ends a quarter of a prior standard
    deviation too far inside and the spread a tenth too wide; a bound that cuts off little is exact.
    """
    gap = target.gap(seen)
    for j in np.flatnonzero(target.lower | target.upper):
        breaks = gap[:, j] != 0.0
        keeps = np.sort(seen[~breaks, j])
        if len(keeps):
            u = step.streams.uniform(f"keeps:{j}", step.number, np.flatnonzero(breaks))
            gap[breaks, j] = seen[breaks, j] - keeps[(u * len(keeps)).astype(np.int64)]
    return gap


def _slope(z: Floats, s: Floats, target: Target) -> Floats:
    """Return the local-linear regression of z on s, (k, d): Epanechnikov weights by distance to the observed."""
    distance = _distance(s, target)
    width = np.quantile(distance, NEAREST) * 2.0 + 1e-12
    # no weight is zero, so that the regression stays determined however few runs are near
    weight = np.sqrt(np.maximum(1.0 - (distance / width) ** 2, 0.0) + 1e-3)[:, None]
    design = np.column_stack((np.ones(len(z)), s - s.mean(axis=0)))
    slope = np.linalg.lstsq(design * weight, z * weight, rcond=None)[0][1:]
    return np.asarray(slope)


def _normal(step: _Tempered, n: int) -> Floats:
    k, at = len(step.noise), np.arange(n)
    return ndtri(np.column_stack([step.streams.uniform(f"slack:{j}", step.number, at) for j in range(k)]))


def _root(covariance: Floats) -> Floats:
    """Return a root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    # rounding may leave an eigenvalue just below zero
    return vectors * np.sqrt(np.maximum(values, 0.0))
