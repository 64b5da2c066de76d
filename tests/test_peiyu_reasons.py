"""Why nothing is seen: the sentence follows what was measured along a lever's path, and is silent where goals move."""

from dataclasses import replace

import numpy as np
import pytest

from peiyu.comparison.reasons import reasons, sentence
from peiyu.comparison.result import Comparison
from peiyu.forecasts.result import Forecast
from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.stated import Joint
from sim.levers import LEVERS
from sim.state.indicators import NAMES

START, AS_OF, END = quarter.parse("2012Q4"), quarter.parse("2024Q4"), quarter.parse("2026Q4")
NOISE = np.array([-1.0, 1.0, -2.0, 2.0])


@pytest.fixture
def said(city, scenario):
    """Return a forecast whose every number is said: nought, but for the indicators given, one a member."""

    def made(name, **columns):
        values = np.zeros((4, END - START, len(NAMES)))
        for indicator, x in columns.items():
            values[:, AS_OF + 1 - START - 1 :, NAMES.index(indicator)] = np.asarray(x)[:, None]
        ensemble = Ensemble(name, START + 1, values)
        return Forecast("r", city, scenario(name), AS_OF, 4, 1, [], Joint(0.0, {}), ensemble)

    return made


def test_every_lever_says_its_path_in_known_indicators():
    for kind, cls in LEVERS.items():
        assert cls.path and set(cls.path) <= set(NAMES), kind


def test_the_path_ends_where_the_difference_is_not_told_apart(said):
    base = said("plan_as_written")
    funds = said("fund_heavy", equity_raised=NOISE + 9.0, future_employees=NOISE + 5.0, future_revenue=NOISE)
    (x,) = reasons(base, funds)
    assert (x.type, set(x.levers)) == ("guidance_fund", {"fund_seed", "fund_angel", "fund_seedling"})
    raised, staff, revenue, rd = x.steps
    assert raised.net == 72.0 and raised.told_apart  # a flow, 9 a quarter for two years
    assert staff.net == 5.0 and staff.told_apart and not revenue.told_apart and not rd.told_apart
    assert x.stops_at == "future_revenue" and "hnte" in x.unmoved
    assert "自“未来产业营业收入”起已与零无法区分" in sentence(x, base, "zh")
    en = sentence(x, base, "en")
    assert "equity raised +72" in en and "from “revenue in future tracks" in en and en.count(".") >= 1


def test_the_document_holds_the_reasons_in_both_languages(said):
    funds = said("fund_heavy", equity_raised=NOISE + 9.0)
    (row,) = Comparison([said("plan_as_written"), funds], []).document().plain()["reasons"]
    assert [s["told_apart"] for s in row["steps"]] == [True, False, False, False] and row["stops_at"] == "future_employees"
    assert row["zh"].startswith("为什么看不出效应") and row["en"].startswith("Why nothing is seen")


def test_a_path_that_moves_to_its_end_is_said_to(said):
    moved = dict.fromkeys(LEVERS["guidance_fund"].path, NOISE + 9.0)
    (x,) = reasons(said("plan_as_written"), said("fund_heavy", **moved))
    assert x.stops_at is None and "end of the path" in sentence(x, said("plan_as_written"), "en")


def test_a_path_goes_on_where_a_later_step_moves(said):
    """Rounds closed are too noisy to tell, staff is not: the effect is lost after staff, not at the first noisy step."""
    (x,) = reasons(said("plan_as_written"), said("fund_heavy", equity_raised=NOISE, future_employees=NOISE + 9.0))
    assert [s.told_apart for s in x.steps] == [False, True, False, False] and x.stops_at == "future_revenue"


def test_nothing_is_said_of_a_goal_that_moves_nor_of_a_scenario_under_which_all_do(said, city):
    base = said("plan_as_written")
    (x,) = reasons(base, said("fund_heavy", future_hnte_new=NOISE + 9.0))
    assert "hnte" not in x.unmoved
    main = {r.indicator: NOISE + 9.0 for g in city.goals for r in g.readings if r.primary}
    assert reasons(base, said("fund_heavy", **main)) == []


def test_scenarios_with_the_same_levers_have_no_reason(said):
    assert reasons(said("plan_as_written"), replace(said("plan_as_written"), run_id="s")) == []
