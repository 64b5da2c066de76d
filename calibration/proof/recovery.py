"""Recovery of known parameters: make a city's published history from parameters we know, fit it, and look.

And the check that makes fitting fast without bias: the same draws with a row for one enterprise and for several.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from agents.parameters import NAMES
from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import FitEvidence, FitProgress, calibrate, run_seed
from calibration.fit.fit import Fit
from calibration.fit.history import History
from calibration.proof.identify import scores
from sim import quarter
from sim.city.city import City
from sim.scenario.scenario import Scenario
from sim.streams import Streams
from sim.workers import Workers

TRUTH = 700
"""Generation number of the runs that make synthetic histories."""
RECOVERED = ("city", "name", "truth", "q05", "q50", "q95", "inside", "closer")
"""Columns of what is found of a synthetic city."""


def synthetic(history: History, fit: Fit, seen: list[Observation], i: int) -> list[Observation]:
    """Return what the city would have published had draw `i` been true: its run, seen through the same errors."""
    series = history.series(fit.parameters(i), run_seed(fit.provenance.seed, TRUTH, i))
    truth = summaries(seen, series, history.city.start + 1)
    noisy = truth + target(seen).noise(Streams(run_seed(fit.provenance.seed, TRUTH, i)), TRUTH, 1)[0]
    values = [x if o.share else max(float(np.expm1(x)), 0.0) for o, x in zip(seen, noisy, strict=True)]
    # bounds become numbers: a run tells what the count is, not only what it is above
    return [replace(o, value=float(v), bound="none") for o, v in zip(seen, values, strict=True)]


def recover(
    city: City,
    scenario: Scenario,
    fit: Fit,
    i: int,
    *,
    effort: FitBudget,
    watch: FitProgress = FitProgress(),
) -> pd.DataFrame:
    """Return one row per informed parameter of synthetic city `i`: truth, 5, 50, 95 % of its fit, as normal scores.

    `inside` tells whether the 90 % interval holds the truth; `closer`, whether the fit is nearer to it than the prior.
    """
    as_of = quarter.parse(fit.provenance.as_of)
    seen, truths, outlook = observed(city, as_of), scores(fit), fit.outlook
    made = synthetic(History(city, scenario, as_of, effort.weight), fit, seen, i)
    # seeds apart from that of the fit, whose draws are the truths
    own = replace(effort, seed=100 + i)
    found = calibrate(city, scenario, as_of, effort=own, watch=watch, evidence=FitEvidence(made, outlook))
    z = scores(found)
    rows = []
    for name in found.provenance.informed:
        j = NAMES.index(name)
        low, middle, high = np.quantile(z[:, j], (0.05, 0.5, 0.95))
        truth = float(truths[i, j])
        rows.append((i, name, truth, low, middle, high, low <= truth <= high, abs(middle - truth) < abs(truth)))
    return pd.DataFrame(rows, columns=list(RECOVERED))


def expected_inside(truth: Floats, sd: Floats, level: float = 0.9) -> Floats:
    """Return how often an exact posterior's central interval holds a truth, given the truth, (n,).

    P = Phi((z + s t) / k) - Phi((-z + s t) / k), k = sqrt(1 - s^2), z = Phi^-1((1 + level) / 2).

    `truth` t is in prior scores, `sd` s in (0, 1) is the posterior's, of one parameter with a Gaussian history.
    Its mean is (1 - s^2) t with variance s^2 (1 - s^2), so a posterior leans to the middle of the prior, and holds a
    truth far from there less often than the level, which is what it holds on average over the prior.
    """
    z, spread = ndtri(0.5 * (1.0 + level)), np.sqrt(1.0 - np.square(sd))
    return np.asarray(ndtr((z + sd * truth) / spread) - ndtr((sd * truth - z) / spread))


def weight_bias(
    city: City, scenario: Scenario, fit: Fit, *, weight: float, draws: int = 30, workers: Workers = Workers()
) -> pd.DataFrame:
    """Return one row per observation: what standing for `weight` enterprises does to its summary.

    `shift` is the mean change of the simulated summary over draws, `error` its standard error, `observation_error`
    that of the published number, all on the log scale (or of the share).
    """
    as_of = quarter.parse(fit.provenance.as_of)
    seen = observed(city, as_of)
    # draw by draw with the same seeds, so that the shift is not blurred by the spread between draws
    one, many = (
        np.array(list(workers.spread(partial(_run, History(city, scenario, as_of, w), fit, tuple(seen)), range(draws))))
        for w in (1.0, weight)
    )
    shift = many - one
    error = np.sqrt(np.diag(target(seen).covariance()))
    return pd.DataFrame(
        {
            "name": [o.name for o in seen],
            "shift": shift.mean(axis=0),
            "error": shift.std(axis=0) / np.sqrt(draws),
            "observation_error": error,
        }
    )


def _run(history: History, fit: Fit, seen: tuple[Observation, ...], i: int) -> Floats:
    series = history.series(fit.parameters(i), run_seed(fit.provenance.seed, TRUTH + 1, i))
    return summaries(list(seen), series, history.city.start + 1)
