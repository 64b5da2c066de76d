"""Goal arithmetic against answers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import AS_OF, END
from hypothesis import given
from hypothesis import strategies as st

from sim import quarter
from sim.ensemble import pool
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import forecast_goals, joint, least_error, path, standard_error
from sim.ensemble.pool import poisson_binomial
from sim.state.indicators import NAMES


@pytest.fixture
def weigh(monkeypatch):
    """Give the model a weight in the pool, whatever a reading rests on."""

    def weight(w):
        bases = dict.fromkeys(("data", "proxy", "record", "assumption"), w)
        monkeypatch.setattr(pool, "model_weights", lambda: bases)

    return weight


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


def test_probability_first_passage_and_what_is_needed(city, weigh):
    weigh(1.0)
    rows = np.zeros((10, 9))
    rows[:6, 3:] = 600  # six members jump in 2025Q3
    stock = forecast_goals(city, ensemble(city, future_hnte_stock=rows), AS_OF)
    g = next(g for g in stock if (g.goal, g.reading) == ("hnte", "valid_stock"))
    assert g.model_probability == g.probability == 0.6
    assert g.first_passage == g.first_passage_early == "2025Q3"
    assert g.still_needed == 500 / 8 and g.shortfall == pytest.approx(200)
    assert g.mc_error == pytest.approx(np.sqrt((7 / 12) * (5 / 12) / 10))
    assert (g.q05, g.median, g.q95, g.likelihood) == (0, 600, 600, "likely")


@pytest.mark.parametrize("hits", range(6))
def test_the_least_error_to_come_is_that_of_the_best_of_all_outcomes(city, weigh, hits):
    weigh(0.5)

    def stated(met, members):
        rows = np.zeros((members, 9))
        rows[:met, 1:] = 600
        goals = forecast_goals(city, ensemble(city, future_unicorns=rows, consortia=rows), AS_OF)
        return [g for g in goals if (g.goal, g.reading) == ("ecosystem_leader", "unicorn_size") or g.goal == "consortium"]

    outcomes = [[g.mc_error for g in stated(met, 12)] for met in range(hits, hits + 8)]
    assert [least_error(g, 5, 12) for g in stated(hits, 5)] == np.min(outcomes, axis=0).tolist()


def stated(city, goal, reading, as_of=AS_OF, **columns):
    rows = forecast_goals(city, ensemble(city, **columns), as_of)
    return next(g for g in rows if (g.goal, g.reading) == (goal, reading))


def test_what_no_data_identify_is_the_record_of_its_kind_and_says_so(city):
    """Nothing the model says moves it; 8 of 8 own lists were met, all goals pull that towards 51 of 75."""
    g, other = (stated(city, "consortium", "formed", consortia=np.full((4, 9), x)) for x in (0.0, 1.0))
    every = (51 + 1) / (75 + 2)
    assert (g.basis, g.evidence, g.record_n, g.record_own, g.model_weight) == ("record", "C", 8, True, 0.0)
    assert g.base_rate == pytest.approx((8 + 2 * every) / (8 + 2))
    assert g.probability == other.probability == g.record_rate == pytest.approx(g.base_rate, abs=0.005)
    assert g.median >= 10 and g.model_probability == 0.0


def test_weight_half_is_half_way_between_model_and_record(city, weigh):
    alone = stated(city, "hnte", "newly_recognised", future_hnte_new=np.full((4, 9), 99.0)).record_rate
    weigh(0.5)
    g = stated(city, "hnte", "newly_recognised", future_hnte_new=np.full((4, 9), 99.0))
    assert g.model_probability == 1.0 and g.record_rate == alone
    assert g.probability == pytest.approx(0.5 + 0.5 * alone)


def test_a_goal_of_a_kind_that_nobody_has_settled_takes_all_kinds(city):
    few = replace(city, settled=city.settled[city.settled.decided_by != "own_list"])
    g = stated(few, "consortium", "formed", consortia=np.zeros((4, 9)))
    assert not g.record_own and g.record_n == 67
    assert g.base_rate == pytest.approx((43 + 1) / (67 + 2))


def test_a_city_without_any_settled_goal_says_one_half(city):
    none = replace(city, settled=city.settled.iloc[:0])
    stated = forecast_goals(none, ensemble(none, consortia=np.zeros((4, 9))), AS_OF)
    rates = {g.base_rate for g in stated if g.reading != "built"}  # of which ladders speak
    assert rates == {0.5}


def test_what_is_named_cannot_become_fewer(city):
    g = stated(city, "municipal_zone", "designated", zones_designated=np.full((4, 9), 16.0))
    assert g.q05 == 16 and g.probability == 1.0 and g.shortfall == 0.0 and g.first_passage == "2024Q4"
    few = stated(city, "municipal_zone", "designated", zones_designated=np.full((4, 9), 9.0))
    assert few.q05 == 9 and few.probability < 1.0
    every = stated(city, "fund_system", "four_tiers", fund_tiers_operating=np.zeros((4, 9)))
    assert every.q95 == 4  # there are no more tiers


def test_what_the_model_made_up_is_not_on_record_and_silence_takes_nothing_away(city):
    """Half of the plan gone, nothing on record, some members with much: the record says what it said at the start."""
    scenes = np.zeros((4, 9))
    early = stated(city, "application_scene", "completed", scenes_completed=scenes)
    scenes[1:, 1:5] = 40.0
    zones = {"zones_designated": np.array([[16.0], [9.0], [12.0], [9.0]]) * np.ones(9)}
    late = stated(city, "application_scene", "completed", AS_OF + 4, scenes_completed=scenes)
    assert (late.probability, late.median, late.mc_error) == (early.probability, early.median, 0.0)
    assert stated(city, "municipal_zone", "designated", **zones).q05 == 9


def test_a_place_on_a_list_is_not_built(city):
    """2 of 37 were named in 26 months: of 16 zones listed at the origin of a two-year plan hardly any ten are."""
    rows = {"zones_designated": np.full((4, 9), 16.0)}
    g = stated(city, "municipal_zone", "built", **rows)
    assert g.base_rate == pytest.approx(24 / 26 * 2.5 / 38, rel=0.01) and g.record_n == 37
    assert g.probability < 0.05 and g.median == 0 and g.first_passage is None
    assert stated(city, "municipal_zone", "designated", **rows).probability == 1.0
    done = stated(city, "municipal_zone", "built", zones_built=np.full((4, 9), 11.0), **rows)
    assert done.probability == 1.0 and done.q05 == 11


def test_late_in_the_plan_only_the_time_left_adds_to_a_sum(city):
    """Half of the plan gone with nothing: half of a usual outcome comes; with all of it there, it is met."""
    half, flow = AS_OF + 4, np.zeros((4, 9))
    none = stated(city, "hnte", "newly_recognised", half, future_hnte_new=flow)
    early = stated(city, "hnte", "newly_recognised", future_hnte_new=flow)
    assert none.median == pytest.approx(early.median / 2, abs=1) and none.probability < 0.5 < early.probability
    flow[:, 1:5] = 125.0
    met = stated(city, "hnte", "newly_recognised", half, future_hnte_new=flow)
    assert met.probability == 1.0 and met.q05 > 500


def test_other_readings_stand_to_the_main_one_as_in_the_model(city):
    """Net increase is half of what is new in every member, so also in what the record says; a met stock goes on."""
    new = np.full((4, 9), 100.0)
    net = np.cumsum(np.full((4, 9), 50.0), axis=1)
    rows = forecast_goals(city, ensemble(city, future_hnte_new=new, future_hnte_stock=net), AS_OF)
    main, stock, change = (next(g for g in rows if g.reading == k) for k in ("newly_recognised", "valid_stock", "net_increase"))
    assert change.median == pytest.approx(main.median / 2, abs=1) and change.probability < main.probability
    assert stock.median == pytest.approx(change.median + 50, abs=1)


def test_an_answer_is_told_by_thirds_of_what_it_hangs_on(city):
    new = np.zeros((6, 9))
    new[4:, 1:] = 500.0
    rows = {"future_hnte_new": new, "future_enterprises": np.arange(6.0)[:, np.newaxis] * np.ones(9)}
    g = stated(city, "hnte", "newly_recognised", **rows)
    assert (g.hangs_low, g.hangs_high, g.model_probability) == (0.0, 1.0, pytest.approx(1 / 3))
    assert stated(city, "consortium", "formed", **rows).hangs_low is None


def some(city, seed=3, members=40):
    rng = np.random.default_rng(seed)
    return {
        r.indicator: rng.uniform(0, 1.6, (members, 1)) * r.value * np.ones(9) for g in city.goals for r in g.readings
    }


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_marginals_and_joint_come_from_the_same_outcomes(city, weigh, weight):
    """P(at least 1) + ... + P(at least G) is the expected number reached, the sum of the published marginals."""
    weigh(weight)
    x = ensemble(city, **some(city))
    published = [g.probability for g in forecast_goals(city, x, AS_OF) if g.primary]
    j = joint(city, x, AS_OF)
    assert sum(j.at_least.values()) == pytest.approx(sum(published))
    assert j.all <= min(published) + 1e-9 and j.at_least[len(city.goals)] == pytest.approx(j.all)
    assert all(j.at_least[k] >= j.at_least[k + 1] for k in range(1, len(city.goals)))


def test_goals_of_one_city_fall_and_rise_together(city):
    """With the record alone, all goals together are likelier than if each were on its own."""
    x = ensemble(city, consortia=np.zeros((2, 9)))
    alone = np.prod([g.probability for g in forecast_goals(city, x, AS_OF) if g.primary])
    assert joint(city, x, AS_OF).all > 1.1 * alone


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
