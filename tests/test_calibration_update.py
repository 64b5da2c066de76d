"""A fit is brought forward by weighing, identified parameters are told apart, and an interrupted fit goes on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers import AS_OF

from agents.parameters import NAMES
from calibration.data.summaries import observed
from calibration.fit import calibrate as module
from calibration.fit import smc
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import FitProgress, calibrate
from calibration.fit.fit import load_fit
from calibration.fit.history import History
from calibration.fit.update import _log_weights, brought_forward, new_observations
from calibration.proof.identify import contraction, scores
from calibration.proof.recovery import synthetic, weight_bias
from sim import quarter
from sim.inputs.errors import InputError
from sim.workers import Workers

EARLY = quarter.parse("2017Q4")
SMALL = FitBudget(50, 60.0, Workers(1), seed=4)


def test_what_is_new_is_later_or_was_published_later(city):
    new = new_observations(city, AS_OF, quarter.parse("2026Q3"))
    assert {o.name for o in new} >= {"little_giant_stock@2025Q4", "tech_sme_stock@2025Q4", "unicorns@2025Q2"}
    assert not [o for o in new if o.share]
    assert new_observations(city, AS_OF, AS_OF) == []


def test_weights_are_the_likelihood_of_a_normal(city):
    (o,) = [o for o in observed(city, AS_OF) if o.name == "tech_sme_stock@2024Q4"]
    o = replace(o, error=0.1, half_unit=0.0, offset=0.0)
    simulated = np.log1p(o.value) + np.array([[0.0], [0.1], [-0.2]])
    w = _log_weights(simulated, simulated[:1], [o])
    assert w - w[0] == pytest.approx([0.0, -0.5, -2.0])


def test_a_fit_brought_forward_keeps_its_draws_and_says_what_it_saw(city, scenario, monkeypatch):
    monkeypatch.setattr("calibration.fit.update.WEIGHT", 60.0)
    monkeypatch.setattr("calibration.fit.update.MIN_EFFECTIVE", 1.0)
    fit = load_fit(city)
    fit = replace(fit, draws=fit.draws[:30])
    new = brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q3"))
    assert new.provenance.as_of == "2026Q3" and "unicorns@2025Q2" in new.provenance.observations
    assert {row.tobytes() for row in new.draws} <= {row.tobytes() for row in fit.draws}
    again = brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q3"), workers=Workers(2))
    assert new.draws.tobytes() == again.draws.tobytes()


def test_too_few_draws_left_asks_for_a_new_fit(city, scenario, monkeypatch):
    monkeypatch.setattr("calibration.fit.update.WEIGHT", 60.0)
    fit = load_fit(city)
    fit = replace(fit, draws=fit.draws[:12])
    with pytest.raises(InputError, match="peiyu calibrate"):
        brought_forward(city, fit, scenario("in_force"), quarter.parse("2026Q3"))


@pytest.mark.slow
def test_an_interrupted_fit_goes_on_where_it_was(city, scenario, tmp_path, monkeypatch):
    """Stopped in the third generation; the second run simulates only what is missing and gives the same bytes."""
    whole = calibrate(city, scenario("history"), EARLY, effort=SMALL)
    done: list[int] = []

    def stop(number, _total):
        done.append(number)
        if len(done) > 130:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(city, scenario("history"), EARLY, effort=SMALL, watch=FitProgress(simulated=stop, kept=tmp_path))
    kept = len(list(tmp_path.rglob("*.npy")))
    assert kept >= 2 and not list(tmp_path.rglob("*.part"))
    ran: list[int] = []
    fit = calibrate(
        city, scenario("history"), EARLY, effort=SMALL, watch=FitProgress(lambda n, _t: ran.append(n), smc.quiet, tmp_path)
    )
    assert fit.draws.tobytes() == whole.draws.tobytes()
    assert len(ran) <= len(whole.provenance.steps) * 55 - 50 - 5


def test_a_prior_that_excludes_the_data_is_named(city, scenario):
    seen = [o for o in observed(city, EARLY) if o.name == "hnte_stock@2015Q4"]
    seen = [replace(seen[0], value=5e6, error=0.01)]
    with pytest.raises(InputError, match=r"the priors exclude hnte_stock@2015Q4 = 5e\+06.*the prior of \w+"):
        calibrate(city, scenario("history"), EARLY, effort=SMALL, seen=seen)


def test_what_the_data_identify_is_told_from_what_they_do_not(city):
    fit = load_fit(city)
    table = contraction(fit).set_index("name")
    assert list(table.contraction) == sorted(table.contraction, reverse=True)
    assert set(table.index[table.informed]) == set(fit.provenance.informed)
    assert (table.contraction[~table.informed] == 0).all()
    assert table.contraction["drive_2018"] > 0.5  # four certified stocks and flows around it
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
        module.FitTask(h, seen, 1).key(50),
        module.FitTask(h, seen, 2).key(50),
        module.FitTask(h, seen, 1).key(60),
        module.FitTask(h, seen[1:], 1).key(50),
        module.FitTask(replace(h, weight=30.0), seen, 1).key(50),
    }
    assert len(keys) == 5
    assert len(NAMES) == load_fit(city).draws.shape[1]
