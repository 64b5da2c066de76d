"""The model's own backtest: what is asked of it at an origin, how a number is read off its runs, who stands beside it.

The fit of an origin takes hours and stands in for itself here: what is fitted is tested elsewhere.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from calibration.backtest import abm
from calibration.backtest.backtest import ABM, PANEL
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import run_seed
from calibration.fit.fit import load_fit
from calibration.panel.data import PanelFiles, Point, read_rows, targets
from sim import quarter
from sim.ensemble.ensemble import series_of
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

START = quarter.parse("2020Q4")
BUDGET = abm.AbmBudget(FitBudget(particles=20, weight=150.0, seed=5), members=3)


def lists(error=0.0, roll_out=0.0):
    """Return a city of two lists, a flow and a stock, that are published with errors of their own."""
    told = {"certified": "hnte_certified", "stock": "hnte_stock"}
    errors = dict.fromkeys(told.values(), error), dict.fromkeys(told.values(), roll_out)
    series = SimpleNamespace(indicators=told, offsets=errors[0], roll_out_errors=errors[1])
    return SimpleNamespace(start=START, series=series)


def point(series, month=12, error=0.0):
    return Point(series, "here", "", 2022, month, 0.0, error, "none")


def runs():
    """Return two members over 2021 and 2022 whose numbers count the quarters: 1 to 8, and a hundred times as many."""
    series = np.zeros((2, 8, len(NAMES)))
    for name in ("hnte_certified", "hnte_stock"):
        series[0, :, NAMES.index(name)] = np.arange(1, 9)
        series[1, :, NAMES.index(name)] = 100 * np.arange(1, 9)
    return series


@pytest.mark.parametrize(
    ("series", "month", "counts"),
    [("certified", 12, (26, 2600)), ("stock", 12, (8, 800)), ("stock", 6, (6, 600)), ("certified", 1, (14, 1400))],
)
def test_a_flow_is_the_sum_of_its_year_and_a_stock_the_quarter_of_its_month(series, month, counts):
    assert abm._printed(lists(), point(series, month), runs(), 1) == pytest.approx(np.log(counts))


def test_a_count_of_none_still_has_a_log():
    assert abm._printed(lists(), point("stock"), 0.0 * runs(), 1) == pytest.approx(np.log([0.5, 0.5]))


def test_a_number_is_seen_with_all_errors_of_its_list_at_once():
    exact = abm._printed(lists(), point("stock"), runs(), 1)
    one, all_three = (abm._printed(c, point("stock", error=e), runs(), 1) - exact for c, e in ((lists(), 0.2), (lists(0.3, 0.6), 0.2)))
    assert (one != 0.0).all() and one[0] != one[1]
    assert all_three == pytest.approx(one * 0.7 / 0.2)  # 0.2, 0.3 and 0.6 at right angles
    assert (abm._printed(lists(), point("stock", error=0.2), runs(), 2) - exact != one).all()


@pytest.fixture
def asked(monkeypatch, city):
    """Answer every fit with the shipped one; keep what was asked."""
    kept = []

    def calibrate(of, in_force, as_of, *, effort, watch):
        kept.append((of.name, in_force.name, as_of, effort, watch.kept))
        return load_fit(city)

    monkeypatch.setattr(abm, "calibrate", calibrate)
    return kept


def test_every_later_number_of_the_city_is_asked_of_the_model_the_panel_and_the_comparators(city, asked, tmp_path):
    budget = abm.AbmBudget(BUDGET.fit, 3, tmp_path)
    heard = []
    pairs = abm.run(city, (2022, 2030), budget, lambda done, of: heard.append((done, of)))
    assert heard == [(1, 2), (2, 2)] and asked == [("hangzhou", "in_force", quarter.parse("2022Q4"), BUDGET.fit, tmp_path)]
    rows = read_rows(PanelFiles.of_city(city.folder, city.region))
    later = {
        (p.series, p.year) for p in targets(rows)
        if p.region == city.region and p.series in city.series.indicators and p.year > 2022
    }  # fmt: skip
    by_model = {name: {(p.series, int(p.target_period[:4])) for p in pairs if p.model == name} for name in (ABM, PANEL)}
    assert by_model[ABM] == by_model[PANEL] <= later and by_model[ABM]
    assert {"naive", "drift"} < {p.model for p in pairs}
    assert {p.origin for p in pairs} == {"2022Q4"} and {p.region for p in pairs} == {"hangzhou"}
    for p in pairs:
        twins = [x for x in pairs if (x.series, x.target_period) == (p.series, p.target_period)]
        assert len({x.observed for x in twins}) == len({x.own_age for x in twins}) == 1 and p.own_age >= 0.0
    order = [(p.series, p.region, p.origin, p.target_period, p.model) for p in pairs]
    assert order == sorted(order)


def test_a_member_is_a_run_of_its_draw_with_a_seed_of_its_own(city):
    fit, in_force, end = load_fit(city), load_scenario(city.in_force, city), quarter.parse("2023Q4")
    ahead = abm._Ahead(city, in_force, fit, quarter.parse("2022Q4"), end, 150.0)
    seed = run_seed(fit.provenance.seed, abm.FORECAST_GENERATION, 2)
    plain = IndustryModel(city, in_force, fit.parameters(2), seed=seed, as_of=quarter.parse("2022Q4"), weight=150.0)
    assert np.array_equal(ahead(2), series_of(plain.run_to(end)), equal_nan=True)
    assert not np.array_equal(ahead(2), ahead(1), equal_nan=True)
