"""Goal arithmetic against answers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import AS_OF, END
from hypothesis import given
from hypothesis import strategies as st

from sim import quarter
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import base_rates, forecast_goals, joint, least_error, path, poisson_binomial, standard_error
from sim.state.indicators import NAMES


def ensemble(city, **columns):
    """Members whose indicators are zero but for those given, as (members, 9 quarters from the origin)."""
    start = city.start + 1
    n = len(next(iter(columns.values())))
    values = np.zeros((n, END - start + 1, len(NAMES)))
    for name, x in columns.items():
        values[:, AS_OF - start :, NAMES.index(name)] = x
    return Ensemble("test", start, values)


def reading(city, goal, key):
    return next(r for g in city.goals if g.key == goal for r in g.readings if r.key == key)


def test_a_flow_is_summed_since_a_stock_is_last_a_change_is_net(city):
    flow = np.tile(np.arange(9.0), (3, 1))
    x = ensemble(city, future_hnte_new=flow, future_hnte_stock=100 + flow)
    assert path(reading(city, "hnte", "newly_recognised"), x)[0, -1] == sum(range(1, 9))  # from 2025Q1
    assert path(reading(city, "hnte", "valid_stock"), x)[0, -1] == 108
    assert path(reading(city, "hnte", "net_increase"), x)[0, -1] == 8


def test_probability_first_passage_and_what_is_needed(city):
    rows = np.zeros((10, 9))
    rows[:6, 3:] = 600  # six members jump in 2025Q3
    stock = forecast_goals(city, ensemble(city, future_hnte_stock=rows), AS_OF)
    g = next(g for g in stock if (g.goal, g.reading) == ("hnte", "valid_stock"))
    assert g.model_probability == g.probability == 0.6
    assert g.first_passage == g.first_passage_early == "2025Q3"
    assert g.still_needed == 500 / 8 and g.shortfall == pytest.approx(200)
    assert g.mc_error == pytest.approx(np.sqrt((7 / 12) * (5 / 12) / 10))


@pytest.mark.parametrize("hits", range(6))
def test_the_least_error_to_come_is_that_of_the_best_of_all_outcomes(city, hits):
    def stated(met, members):
        rows = np.zeros((members, 9))
        rows[:met] = 600
        goals = forecast_goals(city, ensemble(city, future_hnte_stock=rows, consortia=rows), AS_OF)
        return [g for g in goals if (g.goal, g.reading) == ("hnte", "valid_stock") or g.goal == "consortium"]

    outcomes = [[g.mc_error for g in stated(met, 12)] for met in range(hits, hits + 8)]
    assert [least_error(g, 5, 12) for g in stated(hits, 5)] == np.min(outcomes, axis=0).tolist()


def test_grade_c_is_shrunk_half_way_to_the_base_rate_of_its_kind(city):
    x = ensemble(city, consortia=np.full((4, 9), 99.0))
    g = next(g for g in forecast_goals(city, x, AS_OF) if g.goal == "consortium")
    kind = next(goal.kind for goal in city.goals if goal.key == "consortium")
    assert g.evidence == "C" and g.model_probability == 1.0
    assert g.probability == pytest.approx(0.5 + 0.5 * base_rates(city)[kind])


def test_base_rates_are_those_of_the_settled_pairs(city):
    assert len(city.base_rates) == 22 and city.base_rates.hit.sum() == 15
    assert base_rates(city)["department_count"] == pytest.approx((7 + 4 * 15 / 22) / (8 + 4))
    none = replace(city, base_rates=city.base_rates.iloc[:0])
    assert set(base_rates(none).values()) == {0.5}


def test_joint_of_independent_sure_things(city):
    sure = {r.indicator: np.full((5, 9), 1e6) for g in city.goals for r in g.readings}
    j = joint(city, ensemble(city, **sure))
    expected = np.prod(
        [
            0.5 + 0.5 * base_rates(city)[g.kind] if next(r for r in g.readings if r.primary).evidence == "C" else 1.0
            for g in city.goals
        ]
    )
    assert j.all == pytest.approx(expected)
    assert j.at_least[1] == pytest.approx(1.0)
    assert all(j.at_least[k] >= j.at_least[k + 1] for k in range(1, len(city.goals)))
    assert j.at_least[len(city.goals)] == pytest.approx(j.all)


def test_marginals_and_joint_come_from_the_same_members(city):
    """P(at least 1) + ... + P(at least G) is the expected number reached, the sum of the published marginals."""
    rng = np.random.default_rng(3)
    some = {
        r.indicator: rng.uniform(0, 1.6, (40, 1)) * r.value * np.ones(9)
        for g in city.goals
        for r in g.readings
        if r.primary
    }
    x = ensemble(city, **some)
    published = sum(g.probability for g in forecast_goals(city, x, AS_OF) if g.primary)
    assert sum(joint(city, x).at_least.values()) == pytest.approx(published)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_poisson_binomial_is_a_distribution_with_the_right_mean(p):
    d = poisson_binomial(np.array([p]))
    assert d.sum() == pytest.approx(1.0) and (d >= -1e-12).all()
    assert (d * np.arange(d.shape[1])).sum() == pytest.approx(sum(p))


def test_the_monte_carlo_error_never_vanishes_and_is_small_enough_at_400():
    assert standard_error(0, 50) > 0 and standard_error(50, 50) > 0
    assert max(standard_error(k, 400) for k in range(401)) <= 0.025


def test_every_goal_of_the_plan_is_there_with_its_words(city):
    assert len(city.goals) == 11
    assert all(g.quote and g.article for g in city.goals)
    assert all(sum(r.primary for r in g.readings) == 1 for g in city.goals)
    assert {g.deadline for g in city.goals} == {quarter.parse("2026Q4")}
