"""A fit is brought forward by its own moves, identified parameters are told apart, and an interrupted fit goes on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import AS_OF

from agents.parameters import NAMES
from calibration.data.summaries import observed
from calibration.data.target import Target
from calibration.fit import calibrate as module
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import FitEvidence, FitProgress, calibrate
from calibration.fit.fit import load_fit
from calibration.fit.history import History
from calibration.fit.outlook import Outlook
from calibration.fit.update import brought_forward, new_observations
from calibration.proof.identify import contraction, scores
from calibration.proof.recovery import synthetic, weight_bias
from calibration.sampler import smc
from sim import quarter
from sim.inputs.errors import InputError
from sim.streams import Streams
from sim.workers import Workers

EARLY = quarter.parse("2017Q4")
OUTLOOK = Outlook.of({})
SMALL = FitBudget(30, 60.0, Workers(1), seed=4, refinements=3, min_acceptance=0.0)


def test_what_is_new_is_later_or_was_published_later(city):
    new = new_observations(city, AS_OF, quarter.parse("2026Q3"))
    assert {o.name for o in new} >= {"little_giant_stock@2025Q4", "tech_sme_stock@2025Q4", "unicorns@2025Q2"}
    assert not [o for o in new if o.share]
    assert new_observations(city, AS_OF, AS_OF) == []


def test_a_datum_moves_parameters_and_what_is_still_to_come_as_the_exact_posterior_says():
    """A city as a Gaussian: a level, this year's innovation, next year's; a count of this year is published.

    The population is that of an earlier fit, in which level and innovation hang together. The forecast is next year's
    count: it must move by the gain of the exact posterior, and keep the spread that the datum leaves it.
    """
    rng = np.random.default_rng(3)
    covariance = np.array([[0.5, -0.2, 0.0, 0.0], [-0.2, 0.8, 0.1, 0.0], [0.0, 0.1, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    z = rng.multivariate_normal([0.3, -0.1, 0.0, 0.0], covariance, 4000)
    count, ahead = np.array([0.4, 0.3, 0.0, 0.0]), np.array([0.4, 0.3, 0.5, 0.0])
    y, error, luck = 0.9, 0.05, 0.03

    def simulate(particles, generation):
        noise = np.random.default_rng(generation).normal(size=len(particles))
        return (particles @ count + luck * noise)[:, None]

    start = smc.Start(z, np.cov(z.T), Streams(7), 2, 3)
    found = smc.posterior(simulate, Target.plain(np.array([y]), np.array([error])), start)
    gain = covariance @ count / (count @ covariance @ count + error**2 + luck**2)
    mean = np.array([0.3, -0.1, 0.0, 0.0]) + gain * (y - count @ [0.3, -0.1, 0.0, 0.0])
    spread = covariance - np.outer(gain, covariance @ count)
    assert found.z.mean(axis=0) == pytest.approx(mean, abs=0.06)  # 4,000 draws tell a mean to 0.016, a gain to 2 %
    assert (found.z @ ahead).mean() == pytest.approx(ahead @ mean, abs=0.03)
    assert (found.z @ ahead).std() == pytest.approx(np.sqrt(ahead @ spread @ ahead), rel=0.05)
    assert len(np.unique(found.z, axis=0)) > 0.95 * len(z)  # on a linear model all count alike


@pytest.fixture
def coarse(monkeypatch):
    """Make an update a coarse one."""
    monkeypatch.setattr("calibration.fit.update.WEIGHT", 60.0)


def test_a_fit_brought_forward_says_what_it_saw_and_does_not_collapse(city, scenario, monkeypatch, coarse):
    monkeypatch.setattr("calibration.fit.update.MIN_EFFECTIVE", 0.0)
    fit = load_fit(city)
    fit = replace(fit, draws=fit.draws[:20])
    new = brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q1"))
    assert new.provenance.as_of == "2026Q1" and "unicorns@2025Q2" in new.provenance.observations
    assert 10 <= len(new.draws) <= 20 and len(np.unique(new.draws, axis=0)) > len(new.draws) / 2
    assert 0.0 < new.provenance.effective <= len(np.unique(new.draws, axis=0))
    again = brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q1"), workers=Workers(2))
    assert new.draws.tobytes() == again.draws.tobytes()


def test_too_few_draws_that_agree_asks_for_a_new_fit(city, scenario, coarse):
    fit = load_fit(city)
    fit = replace(fit, draws=fit.draws[:12])
    with pytest.raises(InputError, match="peiyu calibrate"):
        brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q1"))


@pytest.fixture
def short(monkeypatch):
    """Let a fit have four generations, whether it has come home or not."""
    monkeypatch.setattr(smc, "MAX_GENERATIONS", 4)


@pytest.mark.slow
@pytest.mark.usefixtures("short")
def test_an_interrupted_fit_goes_on_where_it_was(city, scenario, tmp_path, monkeypatch):
    """Stopped in the third generation; the second run simulates only what is missing and gives the same bytes."""
    every: list[int] = []
    watch = FitProgress(lambda n, _t: every.append(n))
    whole = calibrate(city, scenario("history"), EARLY, effort=SMALL, watch=watch)
    done: list[int] = []

    def stop(number, _total):
        done.append(number)
        if len(done) > 80:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(city, scenario("history"), EARLY, effort=SMALL, watch=FitProgress(simulated=stop, kept=tmp_path))
    assert len(list(tmp_path.rglob("*.npy"))) == 4 and not list(tmp_path.rglob("*.part"))
    ran: list[int] = []
    fit = calibrate(
        city, scenario("history"), EARLY, effort=SMALL, watch=FitProgress(lambda n, _t: ran.append(n), smc.quiet, tmp_path)
    )
    assert fit.draws.tobytes() == whole.draws.tobytes()
    assert len(ran) == len(every) - 2 * (30 + 3)  # two generations, and one particle in ten run twice


@pytest.mark.usefixtures("short")
def test_a_prior_that_excludes_the_data_is_named(city, scenario):
    seen = [o for o in observed(city, EARLY) if o.name == "hnte_stock@2015Q4"]
    seen = [replace(seen[0], value=5e6, error=0.01)]
    with pytest.raises(InputError, match=r"Furthest off: hnte_stock@2015Q4 = 5e\+06.*The prior of \w+"):
        calibrate(city, scenario("history"), EARLY, effort=SMALL, evidence=FitEvidence(seen, OUTLOOK))


def test_what_the_data_identify_is_told_from_what_they_do_not(city):
    fit = load_fit(city)
    table = contraction(fit).set_index("name")
    assert list(table.contraction) == sorted(table.contraction, reverse=True)
    assert set(table.index[table.informed]) == set(fit.provenance.informed)
    assert (table.contraction[~table.informed] == 0).all()
    assert table.contraction["drive_hnte_2021"] > 0.5  # the stocks around it
    z = scores(fit)
    assert z.shape == fit.draws.shape and np.isfinite(z).all()


def test_a_synthetic_city_publishes_what_its_run_gives(city, scenario):
    fit = load_fit(city)
    seen = observed(city, AS_OF)
    history = History(city, scenario("history"), AS_OF, 60.0)
    made = synthetic(history, fit, seen, 0)
    assert [o.name for o in made] == [o.name for o in seen]
    assert all(o.bound == "none" and o.value >= 0 for o in made)
    assert made == synthetic(history, fit, seen, 0) != synthetic(history, fit, seen, 1)


def test_standing_for_the_same_number_shifts_nothing(city, scenario, monkeypatch):
    monkeypatch.setattr(module.History, "series", _thin(module.History.series))
    bias = weight_bias(city, scenario("history"), load_fit(city), weight=1.0, draws=2)
    assert isinstance(bias, pd.DataFrame) and (bias["shift"] == 0).all() and (bias["observation_error"] > 0).all()


def _thin(series):
    return lambda self, p, seed: series(replace(self, weight=60.0 * self.weight), p, seed)


def test_the_key_of_a_fit_names_everything_that_decides_it(city, scenario):
    h = History(city, scenario("history"), EARLY, 60.0)
    seen = tuple(observed(city, EARLY))
    keys = {
        module.FitTask(h, seen, 1, OUTLOOK).key(50),
        module.FitTask(h, seen, 2, OUTLOOK).key(50),
        module.FitTask(h, seen, 1, OUTLOOK).key(60),
        module.FitTask(h, seen[1:], 1, OUTLOOK).key(50),
        module.FitTask(replace(h, weight=30.0), seen, 1, OUTLOOK).key(50),
    }
    assert len(keys) == 5
    assert len(NAMES) == load_fit(city).draws.shape[1]
