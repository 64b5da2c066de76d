"""What the record of settled goals says of one reading, in numbers small enough to be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from sim.city.city import load_city
from sim.city.readings import every_reading
from sim.ensemble.recorded import Known, beside, most, recorded_outcomes, time_left
from sim.quarter import parse

CITY = load_city("hangzhou")
STOCK = next(r for _, r in every_reading(CITY) if r.indicator == "future_hnte_stock")
SUM = next(r for _, r in every_reading(CITY) if r.count == "sum" and r.indicator == "future_hnte_new")
NAMED = next(r for _, r in every_reading(CITY) if r.indicator == "consortia")


class Always:
    """A record in which every goal has come to the same share of its target."""

    def __init__(self, ratio):
        self.ratio = ratio

    def quantile(self, u):
        return np.full(u.shape, self.ratio)


def known(at_origin, at_end, left=1.0, ceiling=np.inf):
    return Known(np.array(at_origin, float), np.array(at_end, float), left, ceiling)


def only(outcomes):
    """Return the one number that all outcomes of each member are, (members or 1,)."""
    first = outcomes[:, 0, 0]
    assert (outcomes == first[:, None, None]).all()
    return first.tolist()


@pytest.mark.parametrize(
    ("operator", "value", "ratio", "wanted"),
    [
        (">=", 500.0, 1.0, 500.0),
        (">=", 500.0, 0.901, 450.0),  # 450.5 enterprises are 450
        (">", 500.0, 1.0, 501.0),  # the least number that meets it
        (">=", 499.5, 1.0, 500.0),
        (">", 499.5, 1.0, 500.0),
        ("<=", 500.0, 1.0, 500.0),
        ("<=", 500.0, 0.8, 625.0),  # worse than asked is more
        ("<=", 499.5, 1.0, 499.0),
        ("<", 500.0, 1.0, 499.0),
        ("<", 499.5, 1.0, 499.0),
        ("<", 0.0, 0.5, 0.0),
    ],
)
def test_at_the_start_of_a_plan_an_outcome_is_the_target_times_a_ratio_in_whole_units(operator, value, ratio, wanted):
    reading = replace(STOCK, operator=operator, value=value)
    met = known([1e6 if operator in ("<", "<=") else -1.0], [1.0])  # not met yet
    assert only(recorded_outcomes(reading, Always(ratio), met)) == [wanted]


@pytest.mark.parametrize(("operator", "wanted"), [(">=", 75.0), ("<=", 300.0)])
def test_what_is_no_count_of_things_keeps_its_fractions(operator, wanted):
    reading = replace(STOCK, indicator="future_revenue", operator=operator, value=150.0)
    far = known([1e6 if operator == "<=" else 0.0], [1.0])
    assert only(recorded_outcomes(reading, Always(0.5), far)) == [wanted]


def test_a_stock_moves_from_where_it_is_by_the_share_of_time_that_is_left():
    # half of the way from 100 to 0.9 * 500 = 450, and from 200
    ahead = recorded_outcomes(replace(STOCK, value=500.0), Always(0.9), known([100, 200], [0, 0], left=0.5))
    assert only(ahead) == [275.0, 325.0]
    # 100 + 0.3 * 350 = 205; a third of a unit is none
    assert only(recorded_outcomes(replace(STOCK, value=500.0), Always(0.9), known([101], [0], left=0.3))) == [206.0]


def test_a_stock_that_meets_its_reading_already_goes_on_as_in_the_model():
    ahead = recorded_outcomes(replace(STOCK, value=300.0), Always(0.5), known([400, 100], [390, 999], left=0.5))
    assert only(ahead) == [390.0, 125.0]


def test_members_that_count_alike_are_told_once():
    assert len(recorded_outcomes(STOCK, Always(0.9), known([100, 100, 100], [1, 2, 3], left=0.5))) == 1
    assert len(recorded_outcomes(STOCK, Always(0.9), known([100, 100, 101], [1, 2, 3], left=0.5))) == 3


def test_a_fitted_sum_adds_the_record_s_for_the_time_left_to_what_is_there():
    reading = replace(SUM, basis="data", value=500.0)
    assert only(recorded_outcomes(reading, Always(0.9), known([120], [0], left=0.5))) == [345.0]
    assert only(recorded_outcomes(reading, Always(0.9), known([0], [0]))) == [450.0]


def test_what_has_been_named_stays_and_silence_of_the_record_is_no_evidence():
    told = known([16, 12], [20, 20], left=0.2)
    assert only(recorded_outcomes(replace(NAMED, value=10.0), Always(0.5), told)) == [12.0]
    assert only(recorded_outcomes(replace(NAMED, value=40.0), Always(0.5), told)) == [20.0]
    assert only(recorded_outcomes(replace(NAMED, value=40.0), Always(0.5), replace(told, most=13.0))) == [13.0]


def test_another_reading_adds_as_many_times_what_the_model_says_as_the_main_one():
    ours, recorded = known([100, 0], [140, 0]), np.array([120.0, 5.0])[:, None, None]
    other = known([1000, 7], [1080, 10])
    # half of the model's 40 came, so half of 80; where the model adds nothing, one stands for it
    assert beside((ours, recorded), STOCK, other)[:, 0, 0].tolist() == [1040.0, 22.0]


def test_money_on_the_way_keeps_its_fractions():
    reading = replace(STOCK, indicator="future_revenue", value=10.0)
    assert only(recorded_outcomes(reading, Always(0.5), known([0.5], [0], left=0.25))) == [1.625]


def test_no_more_can_be_counted_than_there_is():
    assert most(CITY, replace(NAMED, indicator="zone_districts")) == len(CITY.districts) == 13
    assert most(CITY, replace(NAMED, indicator="fund_tiers_operating")) == 4
    assert most(CITY, NAMED) == np.inf


def test_the_time_left_is_a_share_of_the_plan_s_from_where_its_flows_begin_to_count():
    goal = next(g for g in CITY.goals if g.key == "hnte")
    left = [time_left(CITY, goal, parse(q)) for q in ("2023Q4", "2024Q4", "2025Q1", "2025Q4", "2026Q3", "2026Q4")]
    assert left == [1.0, 1.0, 0.875, 0.5, 0.125, 0.0]
    # changes are counted from the quarter that they are compared with
    changes = replace(CITY, goals=[replace(goal, readings=[replace(SUM, count="change", since=parse("2024Q4"))])])
    assert time_left(changes, goal, parse("2025Q4")) == 0.5


def test_a_plan_of_stocks_alone_begins_at_the_origin():
    goal = next(g for g in CITY.goals if g.key == "hnte")
    stocks = replace(CITY, goals=[replace(goal, readings=[STOCK])])
    assert time_left(stocks, goal, parse("2025Q4")) == 1.0
    assert time_left(stocks, goal, parse("2026Q3")) == 1.0


def test_a_sum_counts_from_the_end_of_the_quarter_before_its_first():
    goal = next(g for g in CITY.goals if g.key == "hnte")
    sums = replace(CITY, goals=[replace(goal, readings=[replace(SUM, since=parse("2025Q1"))])])
    assert [time_left(sums, goal, parse(q)) for q in ("2024Q4", "2025Q4")] == [1.0, 0.5]
