"""Evidence on a fit: runs of its draws against every observation, and the sampler where the answer is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.special import ndtri

from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.data.summaries import summaries
from calibration.data.target import Target
from calibration.fit.calibrate import FRESH_GENERATION, run_seed
from calibration.fit.fit import Fit
from calibration.fit.history import History
from calibration.sampler import smc
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.streams import Streams
from sim.workers import Workers

LEVELS = (0.05, 0.5, 0.95)
Z90 = 1.6448536269514722
TOY_ERROR = (0.15, 0.25, 0.35, 0.45)
"""Errors of the toy's four observations, repeated for more."""


def kind(o: Observation) -> str:
    """Name the kind of number an observation is: moment, derived, bound, rounded or exact."""
    if o.share:
        return "moment"
    if "derived" in o.source or "'s flow" in o.source:
        return "derived"
    if o.bound != "none":
        return "bound"
    return "rounded" if o.half_unit > 0.0 else "exact"


def year_end(when: int) -> float:
    """Return the end of a quarter as a year with a fraction: 2024Q4 ends at 2025.0."""
    return (when + 1) / 4.0


def histories(history: History, fit: Fit, *, members: int, workers: Workers = Workers()) -> Ensemble:
    """Run the history of posterior draws again with fresh seeds: the posterior predictive, quarter by quarter."""
    one = partial(_history, history, fit)
    series = np.stack(list(workers.spread(one, range(members))))
    return Ensemble(history.scenario.name, history.city.start + 1, series)


def _history(history: History, fit: Fit, i: int) -> Floats:
    return history.series(fit.parameters(i), run_seed(fit.provenance.seed, FRESH_GENERATION, i))


def predictive_table(runs: Ensemble, seen: list[Observation]) -> pd.DataFrame:
    """Return one row per observation against the runs, worst first.

    Columns: name, kind, observed, low and high (its own 90 % error), q05, q50, q95 of the runs, `in_runs` whether the
    runs' 90 % interval holds the number, `inside` whether that of runs seen through the number's error does, `apart`
    the gap of the median in standard deviations of both.
    """
    s = np.array([summaries(seen, series, runs.start) for series in runs.values])
    t = target(seen)
    sd = np.sqrt(np.diag(t.covariance()))
    rows = [_against(o, s[:, j], float(sd[j])) for j, o in enumerate(seen)]
    columns = ["name", "kind", "observed", "low", "high", "q05", "q50", "q95", "in_runs", "inside", "apart"]
    made = pd.DataFrame(rows, columns=columns)
    far = made.apart.abs()
    return made.assign(far=far).sort_values(["inside", "far"], ascending=[True, False]).drop(columns="far")


def _against(o: Observation, runs: Floats, sd: float) -> tuple[object, ...]:
    """Compare one observation with its simulated counterparts; both on the scale of summaries."""
    y = o.value if o.share else float(np.log1p(o.value))
    back: Callable[[float], float] = float if o.share else _count
    quantiles = np.quantile(runs, LEVELS)
    wide = float(np.hypot(runs.std(), sd))
    gap = y - float(quantiles[1])
    held = (o.bound == "lower" and gap < 0.0) or (o.bound == "upper" and gap > 0.0)
    apart = 0.0 if held else gap / max(wide, 1e-12)
    in_runs = held or bool(quantiles[0] <= y <= quantiles[2])
    ends = (
        0.0 if o.bound == "upper" else back(y - Z90 * sd),
        float("inf") if o.bound == "lower" else back(y + Z90 * sd),
    )
    return o.name, kind(o), o.value, *ends, *map(back, quantiles), in_runs, in_runs or abs(apart) <= Z90, apart


def _count(logged: float) -> float:
    return max(float(np.expm1(logged)), 0.0)


def coverage_words(table: pd.DataFrame) -> str:
    """Say how many observations lie inside."""
    inside, strict = int(table.inside.sum()), int(table.in_runs.sum())
    return f"{inside} of {len(table)} inside with their error, {strict} inside the runs alone"


@dataclass(frozen=True, slots=True)
class Toy:
    """A linear-Gaussian model s = A z + noise, seen with error; its posterior is known exactly."""

    slope: Floats  # (k, d)
    noise: float
    target: Target
    mean: Floats
    covariance: Floats

    def simulate(self, z: Floats, generation: int) -> Floats:
        """Return the summaries of normal scores, (n, k)."""
        k, d = self.slope.shape
        at = np.arange(len(z))
        noise = [ndtri(Streams(99).uniform(f"sim:{j}", generation, at)) for j in range(k)]
        return np.asarray(z[:, :d] @ self.slope.T + self.noise * np.column_stack(noise))


def toy(d: int, k: int, noise: float, seed: int = 1) -> Toy:
    """Make a toy of `d` parameters and `k` observations."""
    streams, at = Streams(seed), np.arange(k)
    slope = ndtri(np.column_stack([streams.uniform(f"slope:{j}", 0, at) for j in range(d)]))
    error = np.resize(TOY_ERROR, k)
    truth = ndtri(streams.uniform("truth", 0, np.arange(d)))
    y = slope @ truth + np.hypot(error, noise) * ndtri(streams.uniform("seen", 0, at))
    precise = np.linalg.inv(np.diag(error**2) + noise**2 * np.eye(k))
    covariance = np.asarray(np.linalg.inv(np.eye(d) + slope.T @ precise @ slope), np.float64)
    return Toy(slope, noise, Target.plain(y, error), covariance @ slope.T @ precise @ y, covariance)


def exactness(made: Toy, *, particles: int, others: int = 0, seed: int = 1) -> pd.DataFrame:
    """Fit a toy; return exact and found mean and sd of every parameter. `others` do not enter the model at all."""
    d = made.slope.shape[1]
    found = smc.posterior(made.simulate, made.target, smc.Start.prior(d + others, particles, seed))
    z = found.z[:, :d]
    return pd.DataFrame(
        {
            "name": [f"z{j + 1}" for j in range(d)],
            "exact_mean": made.mean,
            "found_mean": z.mean(axis=0),
            "exact_sd": np.sqrt(np.diag(made.covariance)),
            "found_sd": z.std(axis=0),
        }
    )


def observation_table(seen: list[Observation]) -> pd.DataFrame:
    """Return one row per observation: what kind of number it is, and every part of its error."""
    sd = np.sqrt(np.diag(target(seen).covariance()))
    return pd.DataFrame(
        {
            "name": [o.name for o in seen],
            "kind": [kind(o) if o.bound == "none" else f"{o.bound} bound" for o in seen],
            "value": [o.value for o in seen],
            "until": [quarter.label(o.quarter) for o in seen],
            "error": [o.error for o in seen],
            "half_unit": [o.half_unit for o in seen],
            "offset": [o.offset for o in seen],
            "total": sd,
            "source": [o.source for o in seen],
        }
    )
