"""Gather what the calibration report says: every run and every fit it needs, at a small or a full budget."""

from __future__ import annotations

import logging
import runpy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.data.observations import Observation
from calibration.data.summaries import observed
from calibration.fit.budget import FitBudget
from calibration.fit.fit import Fit
from calibration.fit.history import History
from calibration.proof import reduced, sbc
from calibration.proof.identify import contraction
from calibration.proof.recovery import weight_bias
from calibration.proof.sbc import PARTICLES, Ranks
from calibration.sampler import smc
from peiyu.fit.evidence import exactness, histories, predictive_table, toy
from peiyu.fit.neural import Neural
from peiyu.fit.recovered import SyntheticCities
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Ensemble
from sim.scenario.scenario import load_scenario
from sim.workers import Workers

CROSSCHECK = Path(__file__).parents[2] / "tests" / "test_crosscheck_pyabc.py"
"""The test that runs pyABC, which draws from a global generator and so stays out of the packages."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much work the report may be."""

    name: str
    members: int  # posterior draws whose history is run again
    weight: float  # enterprises a row stands for in those runs
    replicates: int  # of simulation-based calibration
    cities: int  # synthetic ones that are fitted
    particles: int  # of those fits
    recovery_weight: float
    bias_draws: int  # run with a row for one enterprise and for several
    toy_particles: int


FULL = Budget("full", 300, 1.0, 400, 20, 200, 6.0, 60, 20_000)
SMALL = Budget("small", 24, 20.0, 60, 1, 60, 60.0, 6, 4000)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the report states."""

    city: City
    fit: Fit
    budget: Budget
    seen: list[Observation]
    runs: Ensemble
    predictive: pd.DataFrame
    toy: pd.DataFrame  # three parameters, many particles
    wide: pd.DataFrame  # 18 parameters among 80, 500 particles
    crosscheck: pd.DataFrame
    neural: Neural
    ranks: Ranks
    recovered: pd.DataFrame
    bias: pd.DataFrame
    told: pd.DataFrame


def gather(
    city: City, fit: Fit, budget: Budget, workers: Workers, tell: Tell, keep: Path | None = None
) -> Evidence:
    """Run everything but the synthetic cities that are kept; the same numbers with any number of workers."""
    policy, as_of = load_scenario(city.in_force, city), quarter.parse(fit.provenance.as_of)
    seen = observed(city, as_of)
    tell(f"posterior predictive, {budget.members} histories")
    runs = histories(History(city, policy, as_of, budget.weight), fit, members=budget.members, workers=workers)
    tell("toys and pyABC")
    toys = (
        exactness(toy(3, 4, 0.3), particles=budget.toy_particles),
        exactness(toy(18, 30, 0.05), particles=500, others=62),
    )
    compared = crosscheck()
    tell(f"simulation-based calibration, {budget.replicates} replicates")
    ranks = sbc.ranks(replicates=budget.replicates, particles=PARTICLES, workers=workers)
    tell(f"weight check, {budget.bias_draws} draws")
    weight = max(fit.provenance.weight, 2.0)
    bias = weight_bias(city, policy, fit, weight=weight, draws=budget.bias_draws, workers=workers)
    found = synthetic_cities(city, fit, budget, workers, keep).fitted(budget.cities, tell)
    told = contraction(fit)
    table = predictive_table(runs, seen)
    return Evidence(city, fit, budget, seen, runs, table, *toys, compared, Neural.kept(), ranks, found, bias, told)


def synthetic_cities(
    city: City, fit: Fit, budget: Budget, workers: Workers, keep: Path | None = None
) -> SyntheticCities:
    """Return the cities that the budget asks to be made from the fit and fitted again, and where they are kept."""
    effort = FitBudget(budget.particles, budget.recovery_weight, workers, min_acceptance=0.0)
    return SyntheticCities(city, load_scenario(city.in_force, city), fit, effort, keep)


def crosscheck() -> pd.DataFrame:
    """Fit one city of the reduced model by our sampler and by pyABC; return mean and sd of both by parameter."""
    test = runpy.run_path(str(CROSSCHECK))
    logging.getLogger("ABC").setLevel(logging.ERROR)  # its import turns it up
    truth, target = test["city"](11)
    free = list(test["FREE"])

    def simulate(z: np.ndarray, generation: int) -> np.ndarray:
        return np.asarray(test["simulated"](truth, z, 5, generation))

    ours = smc.posterior(simulate, target, smc.Start.prior(len(free), 2000, 1))
    with tempfile.TemporaryDirectory() as folder:
        mean, sd = test["by_pyabc"](truth, target, folder)
    return pd.DataFrame(
        {
            "name": [reduced.NAMES[j] for j in free],
            "truth": truth[free],
            "our_mean": ours.z.mean(axis=0),
            "our_sd": ours.z.std(axis=0),
            "pyabc_mean": mean,
            "pyabc_sd": sd,
        }
    )
