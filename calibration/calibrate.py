"""Fit a city: draw parameters, run its history, adjust, and keep the posterior."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from scipy.special import ndtr

from agents.parameters import NAMES, Parameters, from_uniforms
from agents.table import Floats
from calibration import abc
from calibration.fit import Fit, Provenance, code_version, draws_sha, rounded
from calibration.observations import Observation, observed, summary, targets
from sim import quarter
from sim.city import City
from sim.ensemble import series_of
from sim.model import IndustryModel
from sim.scenario import Scenario

WEIGHT = 3.0
"""While fitting, a row stands for three enterprises; the shipped fit is checked at full size (docs)."""
PARTICLES, DRAWS = 500, 400
FRESH = 999
"""Generation number of runs that were not used in the fit."""
Progress = Callable[[int, int], None]
"""Told after every simulation: how many are done, of how many."""


def silent(_done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a fit may be: simulations per generation, enterprises a row stands for, processes."""

    particles: int = PARTICLES
    weight: float = WEIGHT
    workers: int = 2


def calibrate(
    city: City,
    scenario: Scenario,
    as_of: int,
    *,
    seed: int = 1,
    effort: Effort = Effort(),
    progress: Progress = silent,
) -> Fit:
    """Return the posterior of a city as of a quarter, under the policy that was in force.

    The same seed gives the same bytes with any number of workers.
    """
    seen = observed(city, as_of)
    particles, total = effort.particles, effort.particles * len(abc.INFLATION)
    history = History(city, scenario, as_of, effort.weight)

    def simulate(z: Floats, generation: int) -> Floats:
        jobs = (
            delayed(_summaries)(history, _theta(row), _run_seed(seed, generation, i), seen) for i, row in enumerate(z)
        )
        rows: Iterator[Floats] = Parallel(n_jobs=effort.workers, return_as="generator")(jobs)
        out = []
        for row in rows:
            out.append(row)
            progress(generation * particles + len(out), total)
        return np.array(out)

    z = abc.posterior(simulate, abc.Observed(*targets(seen)), d=len(NAMES), particles=particles, seed=seed)
    draws = rounded(np.array([[getattr(_theta(row), n) for n in NAMES] for row in z[:DRAWS]]))
    made = Provenance(
        city.name,
        quarter.label(as_of),
        seed,
        particles,
        len(abc.INFLATION),
        effort.weight,
        city.sha,
        code_version(),
        draws_sha(draws),
        [o.name for o in seen],
    )
    return Fit(draws, made)


@dataclass(frozen=True, slots=True)
class History:
    """A city's past as it is run: under the policy in force, to a quarter, at a weight."""

    city: City
    scenario: Scenario
    as_of: int
    weight: float

    def series(self, parameters: Parameters, seed: int) -> Floats:
        """Run it once and return (quarters, indicators) from the quarter after the opening."""
        model = IndustryModel(
            self.city, self.scenario, parameters, seed=seed, as_of=self.as_of, weight=self.weight
        ).run_to(self.as_of)
        series = series_of(model)
        model.release()
        return series


def predictive(history: History, fit: Fit, seen: list[Observation], *, members: int, workers: int) -> Floats:
    """Run the history of posterior draws again, with fresh seeds, and return summaries, (members, observations)."""
    jobs = (
        delayed(_summaries)(history, fit.parameters(i), _run_seed(fit.provenance.seed, FRESH, i), seen)
        for i in range(members)
    )
    return np.array(Parallel(n_jobs=workers)(jobs))


def _summaries(history: History, parameters: Parameters, seed: int, seen: list[Observation]) -> Floats:
    series = history.series(parameters, seed)
    return np.array([summary(o, series, history.city.start + 1) for o in seen])


def _theta(z: Floats) -> Parameters:
    """Turn normal scores into parameters."""
    return from_uniforms(np.clip(ndtr(z), 1e-9, 1.0 - 1e-9))


def _run_seed(seed: int, generation: int, particle: int) -> int:
    return (seed * 1000 + generation) * 1_000_000 + particle
