"""What a unit costs: a ratio with Fieller's interval, by programme, and no number where it would say nothing."""

from dataclasses import replace

import numpy as np
import pytest

from peiyu.comparison.paired import interval, told_apart
from peiyu.comparison.unit_cost import fieller, pays, unit_cost, whole_scenario

GAIN = np.array([8.0, 12.0, 10.0, 9.0, 11.0])


def test_a_sure_cost_over_a_doubtful_gain_spans_cost_over_the_ends_of_the_gain():
    low, high = interval(GAIN)
    assert fieller(np.full(5, 600.0), GAIN) == (pytest.approx(600.0 / high), pytest.approx(600.0 / low))


def test_a_cost_that_follows_the_gain_has_one_price():
    """Paid per head, the price of a head is known however many came: pairing sees it, the ratio of intervals does not."""
    told = unit_cost(20.0 * GAIN, GAIN)
    assert (
        told.value == pytest.approx(20.0) and told.ci90 == (pytest.approx(20.0), pytest.approx(20.0)) and not told.note
    )


def test_the_interval_holds_the_true_price_nine_times_in_ten():
    draw = np.random.default_rng(11)
    inside = 0
    for _ in range(1000):
        units = draw.normal(5.0, 4.0, 60)
        low, high = fieller(30.0 * units + draw.normal(0.0, 80.0, 60), units)
        inside += low <= 30.0 <= high
    assert 865 <= inside <= 935  # four standard errors of a share of 0.9 of 1000 are 38


@pytest.mark.parametrize(
    ("cost", "units", "note"),
    [
        (np.zeros(5), GAIN, "no_cost"),
        (np.array([5.0, -5.0, 4.0, -4.0, 0.1]), GAIN, "no_cost"),
        (np.full(5, 600.0), GAIN - 10.0, "not_told_apart"),
        (np.full(5, 600.0), 0.0 * GAIN, "not_told_apart"),
        (np.full(1, 600.0), GAIN[:1], "not_told_apart"),  # one member cannot tell
        (np.full(5, 600.0), -GAIN, "lowers"),
        (np.full(5, -600.0), GAIN, "saves"),
    ],
)
def test_no_price_where_it_would_say_nothing(cost, units, note):
    told = unit_cost(cost, units)
    assert (told.value, told.ci90, told.note) == (None, None, note)


def test_a_gain_that_is_the_same_in_every_member_is_told_apart():
    assert told_apart(np.full(4, 2.0)) and not told_apart(np.zeros(4))


def test_the_money_of_a_scenario_is_one_programmes_only_where_one_differs(scenario, with_levers):
    plan = scenario("plan_as_written")
    assert whole_scenario(plan, plan) == "no_cost"
    assert whole_scenario(plan, scenario("zones_late")) == "no_cost"  # a year later, and no money of their own
    assert whole_scenario(plan, scenario("zones_heavy")) is None  # here they have some
    assert whole_scenario(plan, scenario("fund_heavy")) is None  # three tiers of one programme
    assert whole_scenario(plan, scenario("voucher_heavy")) == "several_levers"
    assert whole_scenario(scenario("baseline"), plan) == "several_levers"
    assert whole_scenario(plan, with_levers("plan_as_written", service_voucher={"budget": 6000.0})) is None


def test_levers_pay_as_far_as_their_budget_goes(scenario):
    levers = {x.name: x for x in scenario("plan_as_written").levers}
    assert pays([levers["service_voucher"], levers["exchange_platforms"]]) and not pays([levers["exchange_platforms"]])
    assert not pays([replace(levers["service_voucher"], budget=0.0)])
    assert pays([replace(levers["exchange_platforms"], size=3.0)])  # its office takes money for more than the usual number
