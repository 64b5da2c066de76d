"""Fit a city: draw parameters, run its history, adjust, and keep the posterior."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from joblib import Parallel, delayed
from scipy.special import ndtr

from agents.parameters import NAMES, PRIORS, Parameters
from agents.table import Floats
from calibration import abc
from calibration.fit import Fit, Provenance, code_version, draws_sha, rounded
from calibration.observations import Observation, observed, summary, targets
from sim import quarter
from sim.city import City
from sim.indicators import NAMES as INDICATOR_NAMES
from sim.model import IndustryModel
from sim.scenario import Scenario

WEIGHT = 4.0
"""While fitting, a row stands for four enterprises; the shipped fit is checked at full size (docs)."""
PARTICLES, DRAWS = 800, 400
Progress = Callable[[int, int], None]
"""Told after every simulation: how many are done, of how many."""


def calibrate(
    city: City, scenario: Scenario, as_of: int, *, seed: int = 1, particles: int = PARTICLES, workers: int = 2,
    weight: float = WEIGHT, progress: Progress = lambda done, total: None,
) -> Fit:
    """Return the posterior of a city as of a quarter, under the policy that was in force.

    The same seed gives the same bytes with any number of workers.
    """
    seen = observed(city, as_of)
    total = particles * len(abc.INFLATION)

    def simulate(z: Floats, generation: int) -> Floats:
        jobs = (
            delayed(_summaries)(city, scenario, as_of, _theta(row), _run_seed(seed, generation, i), weight, seen)
            for i, row in enumerate(z)
        )
        rows: Iterator[Floats] = Parallel(n_jobs=workers, return_as="generator")(jobs)
        out = []
        for row in rows:
            out.append(row)
            progress(generation * particles + len(out), total)
        return np.array(out)

    z = abc.posterior(simulate, abc.Observed(*targets(seen)), d=len(NAMES), particles=particles, seed=seed)
    draws = rounded(np.array([[getattr(_theta(row), n) for n in NAMES] for row in z[:DRAWS]]))
    made = Provenance(
        city.name, quarter.label(as_of), seed, particles, len(abc.INFLATION), weight, city.sha, code_version(),
        draws_sha(draws), [o.name for o in seen],
    )
    return Fit(draws, made)


def _theta(z: Floats) -> Parameters:
    """Turn normal scores into parameters."""
    u = np.clip(ndtr(z), 1e-9, 1.0 - 1e-9)
    return Parameters(**{name: float(PRIORS[name].value(np.asarray(x))) for name, x in zip(NAMES, u, strict=True)})


def _run_seed(seed: int, generation: int, particle: int) -> int:
    return (seed * 1000 + generation) * 1_000_000 + particle


def history_series(
    city: City, scenario: Scenario, as_of: int, parameters: Parameters, seed: int, weight: float
) -> Floats:
    """Run the city's history and return (quarters, indicators) from the quarter after the opening."""
    model = IndustryModel(city, scenario, parameters, seed=seed, as_of=as_of, weight=weight).run_to(as_of)
    columns = model.datacollector.model_vars
    series = np.column_stack([np.asarray(columns[name], float) for name in INDICATOR_NAMES])
    model.release()
    return series


def _summaries(
    city: City, scenario: Scenario, as_of: int, parameters: Parameters, seed: int, weight: float,
    seen: list[Observation],
) -> Floats:
    series = history_series(city, scenario, as_of, parameters, seed, weight)
    return np.array([summary(o, series, city.start + 1) for o in seen])
