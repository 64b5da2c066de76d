"""The sampler on models whose posterior is known, observations as what they are, and the shipped fit."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers import AS_OF
from scipy.special import ndtri

from agents.parameters import NAMES, PRIORS
from calibration.data.observations import target
from calibration.data.summaries import observed
from calibration.data.target import Target
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import calibrate, predictive
from calibration.fit.fit import Fit, Provenance, draws_sha, load_fit, rounded
from calibration.fit.history import History
from calibration.sampler import smc
from sim import quarter
from sim.city.city import load_city
from sim.inputs.errors import InputError
from sim.streams import Streams
from sim.workers import Workers


def toy(noise_sd, d=3, k=4, seed=0):
    """Return a linear-Gaussian model, its target and its exact posterior: s = A z + noise, y seen with error R."""
    rng = np.random.default_rng(seed)
    a, error = rng.normal(size=(k, d)), rng.uniform(0.1, 0.5, k)
    y = a @ rng.normal(size=d) + np.hypot(error, noise_sd) * rng.normal(size=k)

    def simulate(z, generation):
        at = np.arange(len(z))
        noise = [ndtri(Streams(99).uniform(f"sim:{j}", generation, at)) for j in range(k)]
        return z[:, :d] @ a.T + noise_sd * np.column_stack(noise)

    total = np.linalg.inv(np.diag(error**2) + noise_sd**2 * np.eye(k))
    covariance = np.linalg.inv(np.eye(d) + a.T @ total @ a)
    return simulate, Target.plain(y, error), covariance @ a.T @ total @ y, covariance


@pytest.mark.parametrize("noise_sd", [0.0, 0.3, 1.0])
def test_the_posterior_of_a_linear_gaussian_model_is_exact(noise_sd):
    simulate, target_, mean, covariance = toy(noise_sd)
    found = smc.posterior(simulate, target_, smc.Start.prior(3, 80_000, 1))
    assert found.z.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert np.cov(found.z.T) == pytest.approx(covariance, abs=0.05)  # the noise is told from 2,000 pairs, to 3 %
    assert found.generations[-1].done == pytest.approx(1.0)
    assert found.generations[-1].acceptance > 0.5


@pytest.mark.parametrize("noise_sd", [0.0, 0.3, 1.0])
def test_of_the_runs_of_the_truth_95_in_100_are_accepted(noise_sd):
    """The data have luck of their own, which no run of the truth shares."""
    rng, n, error = np.random.default_rng(3), 40_000, np.array([0.1, 0.2, 0.4, 0.8])
    data = noise_sd * rng.normal(size=(n, 4)) + error * rng.normal(size=(n, 4))
    runs = noise_sd * rng.normal(size=(n, 4))
    seen = Target.plain(np.zeros(4), error)
    assert smc.accepted(runs - data, seen, noise_sd**2 * np.eye(4)) == pytest.approx(0.95, abs=0.004)
    assert smc.accepted(runs - data + 5.0, seen, noise_sd**2 * np.eye(4)) < 0.2


def test_eighteen_parameters_of_eighty_are_found_with_five_hundred_particles():
    simulate, target_, mean, covariance = toy(0.05, d=18, k=30, seed=1)
    found = smc.posterior(simulate, target_, smc.Start.prior(80, 500, 1))
    assert found.informed[:18].all() and found.informed[18:].sum() <= 4  # of 62, at a chance of 1 %
    sd = np.sqrt(np.diag(covariance))
    assert np.abs((found.z[:, :18].mean(axis=0) - mean) / sd).max() < 0.35
    assert np.abs(found.z[:, :18].std(axis=0) / sd - 1).max() < 0.25


def test_what_no_datum_speaks_of_keeps_its_prior_to_the_bit():
    simulate, target_, *_ = toy(0.1)
    found = smc.posterior(simulate, target_, smc.Start.prior(6, 300, 2))
    start = smc.prior_scores(Streams(2), 0, 300, 6)
    kept = ~found.informed
    assert kept[3:].sum() >= 2
    assert found.z[:, kept].tobytes() == start[found.home][:, kept].tobytes()


def test_a_shared_offset_is_not_averaged_away():
    """Ten numbers of one list with one offset say no more than the offset allows."""
    k, at = 10, np.zeros(10, int)
    target_ = Target(np.zeros(k), np.full(k, 0.01), np.zeros(k), np.full(k, 0.5), at, at > 0, at > 0)
    found = smc.posterior(lambda z, _g: np.repeat(z, k, axis=1), target_, smc.Start.prior(1, 8000, 3))
    exact = np.sqrt(1 / (1 + 1 / 0.25))
    assert found.z.std() == pytest.approx(exact, rel=0.05)


def test_rounding_is_an_interval():
    zero, no = np.zeros(1), np.zeros(1, bool)
    target_ = Target(zero, zero, np.array([0.5]), zero, np.zeros(1, int), no, no)
    noise = target_.noise(Streams(1), 0, 20_000)
    assert noise.min() == pytest.approx(-0.5, abs=1e-3) and noise.max() == pytest.approx(0.5, abs=1e-3)
    assert noise.var() == pytest.approx(target_.covariance()[0, 0], rel=0.03)


def test_a_bound_that_holds_is_no_gap():
    yes, no = np.array([True]), np.array([False])
    lower = Target(np.array([1.0]), np.array([0.1]), np.zeros(1), np.zeros(1), np.zeros(1, int), yes, no)
    assert lower.gap(np.array([[0.5], [1.5]])).ravel().tolist() == [-0.5, 0.0]
    upper = Target(np.array([1.0]), np.array([0.1]), np.zeros(1), np.zeros(1), np.zeros(1, int), no, yes)
    assert upper.gap(np.array([[0.5], [1.5]])).ravel().tolist() == [0.0, 0.5]
    found = smc.posterior(lambda z, _g: z + 0.0, lower, smc.Start.prior(1, 8000, 4))
    assert found.z.min() > 0.5  # the normal's tail above one has mean 1.525 and sd 0.446: nearly, and not narrower
    assert found.z.mean() == pytest.approx(1.525, abs=0.25) and 0.446 < found.z.std() < 0.55


def test_observations_are_what_they_are(city):
    seen = {o.name: o for o in observed(city, AS_OF)}
    assert seen["hnte_stock@2015Q4"].value == pytest.approx(1979)
    assert seen["hnte_stock@2024Q4"].value == pytest.approx(16000)
    assert seen["hnte_stock@2023Q4"].bound == "lower"
    assert seen["hnte_stock@2021Q4"].bound == "none"  # the exact count, not the bound beside it
    assert 7000 < seen["hnte_stock@2020Q4"].value < 7800  # derived from shares of the delta
    assert not any("target" in o.indicator or "expected" in o.indicator for o in seen.values())
    assert seen["hnte_stock@2024Q4"].half_unit == pytest.approx(500 / 16000, rel=0.05)  # 1.6万家
    assert seen["tech_sme_stock@2024Q4"].half_unit == 0.0
    assert seen["hnte_certified@2020Q4"].value == pytest.approx(3570, rel=0.02)  # history.md
    assert "hnte_certified@2022Q4" not in seen  # the province's flow enters through what is expected of the drive


def test_a_fit_never_sees_what_came_later(city):
    early = observed(city, quarter.parse("2018Q4"))
    assert max(o.quarter for o in early) <= quarter.parse("2018Q4")
    assert {o.name for o in early} < {o.name for o in observed(city, AS_OF)}
    with pytest.raises(InputError, match="known by"):
        observed(city, quarter.parse("2013Q1"))


def early_fit(city, scenario, workers, enough=0.0):
    effort = FitBudget(30, 60.0, workers, seed=4, refinements=3, min_acceptance=enough)
    return calibrate(city, scenario("history"), quarter.parse("2017Q4"), effort=effort)


@pytest.fixture(scope="module")
def alone(city, scenario):
    """A fit by one worker."""
    return early_fit(city, scenario, Workers(1))


def is_the_same(one, other):
    return one.draws.tobytes() == other.draws.tobytes() and one.provenance == other.provenance


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 4])
def test_any_number_of_workers_gives_the_same_bytes(city, scenario, alone, workers):
    assert is_the_same(early_fit(city, scenario, Workers(workers)), alone)


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(city, scenario, alone):
    distributed = pytest.importorskip("distributed", reason="needs the cluster extra: pip install -e '.[cluster]'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert is_the_same(early_fit(city, scenario, Workers(cluster=cluster.scheduler_address)), alone)


@pytest.mark.slow
def test_a_refused_fit_of_few_particles_blames_these_before_the_data(city, scenario, monkeypatch):
    with pytest.raises(InputError) as refused:
        early_fit(city, scenario, Workers(2), enough=1.5)
    told = str(refused.value)
    assert re.search(r"only \d+% of the draws give back all \d+ observations at once \(150% needed\)", told)
    assert re.search(r"the usual fit, without --quick: 30 particles are few for \d+ parameters", told)
    monkeypatch.setattr("calibration.fit.calibrate.PARTICLES", 30)  # as many as are usual
    with pytest.raises(InputError, match=r"agents/parameters\.py\.$"):
        early_fit(city, scenario, Workers(2), enough=1.5)


def test_a_fit_is_saved_whole_and_read_back_the_same(city, tmp_path):
    folder = Path(shutil.copytree(city.folder, tmp_path / city.name))
    place = load_city(folder)
    fit = load_fit(place)
    assert rounded(fit.draws).tobytes() == fit.draws.tobytes()
    fit.save(folder)
    assert load_fit(place).draws.tobytes() == fit.draws.tobytes()
    assert not list(folder.glob(".*"))
    text = (folder / "fitted.csv").read_text().splitlines()
    (folder / "fitted.csv").write_text("\n".join([text[0], *text[2:]]) + "\n")
    with pytest.raises(InputError, match="was changed after the fit"):
        load_fit(place)
    (folder / "fitted.csv").write_text("x,y\n1,2\n")
    with pytest.raises(InputError, match="other parameters"):
        load_fit(place)
    (folder / "fitted.json").write_text("{}")
    with pytest.raises(InputError, match="not a fit this version can read"):
        load_fit(place)


def test_the_shipped_fit_is_of_this_city_and_as_of_the_plan(city):
    fit = load_fit(city, AS_OF)
    assert fit.provenance.data == city.sha
    assert len(fit.draws) >= 400 and np.isfinite(fit.draws).all()
    for j, name in enumerate(NAMES):
        inside = PRIORS[name].rank(fit.draws[:, j])
        assert ((inside >= 0) & (inside <= 1)).all(), name


MUST_MATCH = {"hnte_stock@2015Q4": 0.15, "hnte_stock@2017Q4": 0.15, "hnte_stock@2018Q4": 0.15,
              "hnte_stock@2021Q4": 0.15, "hnte_stock@2024Q4": 0.15,
              "tech_sme_stock@2015Q4": 0.25, "tech_sme_stock@2024Q4": 0.25}  # fmt: skip


@pytest.mark.slow
def test_the_posterior_predictive_covers_the_history(city, scenario):
    fit, seen = load_fit(city, AS_OF), observed(city, AS_OF)
    history = History(city, scenario("history"), AS_OF, 2.0)
    s = predictive(history, fit, seen, members=60, workers=Workers(2))
    value = target(seen).value
    table = pd.DataFrame(np.quantile(s, (0.05, 0.5, 0.95), axis=0).T, columns=["low", "median", "high"])
    table.index = [o.name for o in seen]
    for name, tolerance in MUST_MATCH.items():
        row, y = table.loc[name], value[[o.name for o in seen].index(name)]
        assert row["low"] <= y <= row["high"], (name, np.expm1(row), np.expm1(y))
        assert abs(np.expm1(row["median"]) / np.expm1(y) - 1) <= tolerance, (name, np.expm1(row), np.expm1(y))


def test_provenance_names_what_made_it():
    draws = np.ones((2, len(NAMES)))
    made = Provenance("x", "2024Q4", 1, 2, 3, 4.0, "d", draws_sha(draws), ["a"])
    assert Fit(draws, made).member(3, 7).seed == 7_000_003
