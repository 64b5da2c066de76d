"""Bring a fit forward: weigh its draws by what became known since, without fitting again.

Every draw runs on to the new quarter under the policy in force, with the facts on record, and counts as much as
the newly published numbers are likely under it. Weights hold while enough draws are left; where they are not,
the message says so and asks for a new fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.special import logsumexp

from agents.table import Floats, Ints
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from calibration.fit.calibrate import FRESH_GENERATION, run_seed
from calibration.fit.fit import Fit, draws_sha
from calibration.fit.history import History
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.scenario.scenario import Scenario
from sim.streams import Streams
from sim.workers import Workers

WEIGHT = 3.0
"""Enterprises a row stands for while weighing, as in fitting."""
REPLICATE_EVERY = 10
"""One draw in ten is run twice, for what a run is off by chance."""
MIN_EFFECTIVE = 40.0
"""Effective draws below which weighing is not enough."""


def new_observations(city: City, since: int, as_of: int) -> list[Observation]:
    """Return what a fit as of `as_of` may use and one as of `since` could not: later periods, later publications."""
    before = {o.name: o for o in observed(city, since)}
    return [o for o in observed(city, as_of) if not o.share and o != before.get(o.name)]


def brought_forward(
    city: City,
    fit: Fit,
    in_force: Scenario,
    as_of: int,
    *,
    workers: Workers = Workers(),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Fit:
    """Return the fit as of a later quarter: the same draws, drawn again by their weight.

    Raises `InputError` when too few draws are left to speak of a distribution.
    """
    since = quarter.parse(fit.provenance.as_of)
    seen = new_observations(city, since, as_of)
    again = partial(_again, History(city, in_force, as_of, WEIGHT), fit, tuple(seen))
    n = len(fit.draws)
    # seeds of generations that neither the fit nor its check has used
    work = [(i, FRESH_GENERATION + 1) for i in range(n)]
    work += [(i, FRESH_GENERATION + 2) for i in range(n // REPLICATE_EVERY)]
    rows = []
    for row in workers.spread(again, work):
        rows.append(row)
        progress(len(rows), len(work))
    log_weight = _log_weights(np.array(rows[:n]), np.array(rows[n:]), seen)
    effective = float(np.exp(2.0 * logsumexp(log_weight) - logsumexp(2.0 * log_weight)))
    if effective < MIN_EFFECTIVE:
        raise InputError(
            f"--as-of {quarter.label(as_of)}: {effective:.0f} of {len(fit.draws)} draws agree with what was published"
            f" since {fit.provenance.as_of} ({', '.join(o.name for o in seen)}); fit again with: peiyu calibrate"
            f" --city {city.name} --as-of {quarter.label(as_of)}"
        )
    draws = fit.draws[_resampled(log_weight, fit.provenance.seed)]
    made = replace(
        fit.provenance,
        as_of=quarter.label(as_of),
        data=city.sha,
        draws_sha=draws_sha(draws),
        observations=sorted({*fit.provenance.observations, *(o.name for o in seen)}),
        steps=[*fit.provenance.steps, {"effective": round(effective, 3), "observations": float(len(seen))}],
    )
    return Fit(draws, made).stamped(History(city, in_force, as_of, WEIGHT), observed(city, as_of))


def _again(history: History, fit: Fit, seen: tuple[Observation, ...], work: tuple[int, int]) -> Floats:
    """Return the summaries of one draw, run with the seed of one generation number."""
    i, generation = work
    series = history.series(fit.parameters(i), run_seed(fit.provenance.seed, generation, i))
    return summaries(list(seen), series, history.city.start + 1)


def _log_weights(simulated: Floats, twice: Floats, seen: list[Observation]) -> Floats:
    """Return log likelihoods of the new observations, (draws,), up to a constant.

    What a draw's run is off by chance is not the draw's fault: the variance between two runs of the same draws is
    added to the error of the observations.
    """
    if not seen:
        return np.zeros(len(simulated))
    t = target(seen)
    gap = t.gap(simulated)
    # half of the mean square: two runs differ by twice the noise of one
    error = t.covariance() + np.diag(0.5 * ((twice - simulated[: len(twice)]) ** 2).mean(axis=0))
    return -0.5 * np.einsum("ij,ji->i", gap, np.linalg.solve(error, gap.T))


def _resampled(log_weight: Floats, seed: int) -> Ints:
    """Draw as many rows as there are by weight, systematically, in an order of its own."""
    n = len(log_weight)
    weight = np.exp(log_weight - logsumexp(log_weight))
    streams = Streams(seed)
    places = (np.arange(n) + streams.uniform("update", 0, np.zeros(1, np.int64))[0]) / n
    # the last of the cumulated weights may round to less than one
    rows = np.minimum(np.searchsorted(np.cumsum(weight), places), n - 1)
    # systematic draws leave copies side by side, and a small ensemble takes the first rows
    return rows[np.argsort(streams.uniform("update_order", 0, np.arange(n)), kind="stable")]
