"""The sampler on models whose posterior is known, observations as what they are, and the shipped fit."""

import numpy as np
import pandas as pd
import pytest
from helpers import AS_OF
from scipy.special import ndtri

from agents.parameters import NAMES, PRIORS
from calibration import abc
from calibration.calibrate import Effort, History, calibrate, predictive
from calibration.fit import Fit, Provenance, draws_sha, load_fit, rounded
from calibration.observations import observed, targets
from sim import quarter
from sim.city import load_city
from sim.door import InputError
from sim.streams import Streams


def test_the_posterior_of_a_linear_gaussian_model_is_exact():
    """s = A z + noise, y observed with error R: the posterior is N(m, C) in closed form."""
    rng = np.random.default_rng(0)
    a, noise_sd = rng.normal(size=(4, 3)), 0.3
    y, error = np.array([1.0, -0.5, 0.3, 2.0]), np.array([0.2, 0.4, 0.3, 0.5])

    def simulate(z, generation):
        slots = np.arange(len(z))
        noise = [ndtri(Streams(99).uniform(f"sim:{k}", generation, slots)) for k in range(4)]
        return z @ a.T + noise_sd * np.column_stack(noise)

    none = np.zeros(4, bool)
    z = abc.posterior(simulate, abc.Observed(y, error, none, none), d=3, particles=40_000, seed=1)
    # every generation's simulator noise is drawn afresh, so it counts once per tempered step
    total = np.diag(error**2) + 0 * np.eye(4)
    exact = _tempered(a, noise_sd, y, total)
    assert z.mean(axis=0) == pytest.approx(exact[0], abs=0.02)
    assert np.cov(z.T) == pytest.approx(exact[1], abs=0.02)


def _tempered(a, noise_sd, y, r):
    """Closed form of the tempered steps: each is a Kalman update with error inflation * R + simulator noise."""
    mean, cov = np.zeros(3), np.eye(3)
    for inflation in abc.INFLATION:
        s = a @ cov @ a.T + noise_sd**2 * np.eye(4)
        gain = cov @ a.T @ np.linalg.inv(s + inflation * r)
        mean = mean + gain @ (y - a @ mean)
        cov = cov - gain @ a @ cov
    return mean, cov


def test_without_simulator_noise_tempering_is_the_textbook_posterior():
    a, y, r = np.array([[1.0, 0.5, 0.0]]), np.array([1.0]), np.array([[0.04]])
    mean, cov = np.zeros(3), np.eye(3)
    for inflation in abc.INFLATION:
        gain = cov @ a.T @ np.linalg.inv(a @ cov @ a.T + inflation * r)
        mean, cov = mean + (gain @ (y - a @ mean)), cov - gain @ a @ cov
    exact = np.linalg.inv(np.eye(3) + a.T @ np.linalg.inv(r) @ a)
    assert cov == pytest.approx(exact) and mean == pytest.approx(exact @ a.T @ np.linalg.inv(r) @ y)


def test_a_lower_bound_moves_only_those_below_it():
    z = np.linspace(-2, 2, 101)[:, None]
    seen = abc.Observed(np.array([0.0]), np.array([1e-3]), np.array([True]), np.array([False]))
    moved = abc.adjust(z, z.copy(), seen, np.zeros((101, 1)), 1.0)
    assert np.allclose(moved[z[:, 0] > 0], z[z[:, 0] > 0])
    assert (moved[z[:, 0] < 0] > z[z[:, 0] < 0]).all()


def test_observations_are_what_they_are(city):
    seen = {o.name: o for o in observed(city, AS_OF)}
    assert seen["hnte_stock@2015Q4"].value == pytest.approx(1979)
    assert seen["hnte_stock@2024Q4"].value == pytest.approx(16000)
    assert seen["hnte_stock@2023Q4"].bound == "lower"
    assert seen["hnte_stock@2021Q4"].bound == "none"  # the exact count, not the bound beside it
    assert 7000 < seen["hnte_stock@2020Q4"].value < 7800  # derived from shares of the delta
    assert not any("target" in o.indicator or "expected" in o.indicator for o in seen.values())
    rounded_error, exact = seen["hnte_stock@2024Q4"].error, seen["tech_sme_stock@2024Q4"].error
    assert rounded_error > exact


def test_a_fit_never_sees_what_came_later(city):
    early = observed(city, quarter.parse("2018Q4"))
    assert max(o.quarter for o in early) <= quarter.parse("2018Q4")
    assert {o.name for o in early} < {o.name for o in observed(city, AS_OF)} | {o.name for o in early}
    with pytest.raises(InputError, match="known by"):
        observed(city, quarter.parse("2013Q1"))


def test_any_number_of_workers_gives_the_same_bytes(city, scenario):
    fits = [
        calibrate(city, scenario("history"), quarter.parse("2017Q4"), seed=4, effort=Effort(50, 60.0, workers))
        for workers in (1, 2)
    ]
    assert fits[0].draws.tobytes() == fits[1].draws.tobytes()
    assert fits[0].provenance == fits[1].provenance


def test_a_fit_is_saved_whole_and_read_back_the_same(city, tmp_path):
    folder = tmp_path / city.name
    folder.mkdir()
    for file in city.folder.glob("*.*"):
        (folder / file.name).write_bytes(file.read_bytes())
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


def test_the_posterior_predictive_covers_the_history(city, scenario):
    fit, seen = load_fit(city, AS_OF), observed(city, AS_OF)
    history = History(city, scenario("history"), AS_OF, 2.0)
    s = predictive(history, fit, seen, members=60, workers=2)
    value, *_ = targets(seen)
    table = pd.DataFrame(np.quantile(s, (0.05, 0.5, 0.95), axis=0).T, columns=["low", "median", "high"])
    table.index = [o.name for o in seen]
    for name, tolerance in MUST_MATCH.items():
        row, y = table.loc[name], value[[o.name for o in seen].index(name)]
        assert row["low"] <= y <= row["high"], (name, np.expm1(row), np.expm1(y))
        assert abs(np.expm1(row["median"]) / np.expm1(y) - 1) <= tolerance, (name, np.expm1(row), np.expm1(y))


def test_provenance_names_what_made_it():
    draws = np.ones((2, len(NAMES)))
    made = Provenance("x", "2024Q4", 1, 2, 3, 4.0, "d", "c", draws_sha(draws), ["a"])
    assert Fit(draws, made).member(3, 7).seed == 7_000_003
