"""Mixes: sizes multiply money and dose, zero leaves out, decisions and rules keep their say, ranges are read strictly."""

import numpy as np
import pytest
from helpers import AS_OF

from sim import quarter
from sim.ensemble.ensemble import series_of
from sim.inputs.errors import InputError
from sim.scenario.mixes import by_rules, mixed, range_of, step_of, usual_ranges

NEXT = AS_OF + 5


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [(0, 3, 0.25), (0, 1, 0.1), (0.5, 1, 0.05), (1, 100, 99 / 12), (0, 10, 1.0), (0, 0.01, 0.01 / 12), (0, 30, 2.5)],
)
def test_a_range_has_round_steps_and_at_most_thirteen_sizes(low, high, step):
    assert step_of(low, high) == pytest.approx(step)


def test_sizes_run_from_one_end_to_the_other(scenario):
    grid = range_of(" fund_seedling = 0.5 .. 2", scenario("plan_as_written")).grid()
    assert grid == [0.5 + 0.25 * i for i in range(7)]


def test_only_levers_with_a_budget_are_varied_unless_named(scenario):
    plan = scenario("plan_as_written")
    assert {r.lever for r in usual_ranges(plan)} == {x.name for x in plan.levers if x.budget > 0}
    assert all((r.low, r.high, r.costed) == (0, 3, True) for r in usual_ranges(plan))
    assert not range_of("talent_programme=0..2", plan).costed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fund_seedlin=0..3", 'Did you mean "fund_seedling"?'),
        ("fund_seed", "write a range of sizes, such as fund_seed=0..3"),
        ("fund_seed=2", "write a range"),
        ("fund_seed=a..b", "write a range"),
        ("fund_seed=0..inf", "write a range"),
        ("fund_seed=3..1", "an empty range"),
        ("fund_seed=2..2", "an empty range"),
        ("fund_seed=-1..2", "an empty range"),
    ],
)
def test_what_is_no_range_is_refused(scenario, text, said):
    with pytest.raises(InputError, match="--lever") as error:
        range_of(text, scenario("plan_as_written"))
    assert said in str(error.value)


def paid(model):
    """Return {lever: (amount, budget)} over the quarters since the fork."""
    out = {}
    for at, name, amount, _, budget in model.state.ledger.closed:
        if at > AS_OF:
            out[name] = np.add(out.get(name, (0.0, 0.0)), (amount, budget))
    return out


def test_a_size_multiplies_every_budget_and_no_lever_spends_beyond_it(root, scenario):
    plan = scenario("plan_as_written")
    whole = paid(root.fork(plan).run_to(NEXT))
    half = paid(root.fork(mixed(plan, {x.name: 0.5 for x in plan.levers})).run_to(NEXT))
    assert whole.keys() == half.keys()
    for name, (amount, budget) in half.items():
        assert budget == pytest.approx(whole[name][1] / 2)
        assert amount <= budget * (1 + 1e-9) + 1e-6
    assert sum(x for x, _ in half.values()) < 0.8 * sum(x for x, _ in whole.values())


def test_size_one_is_the_scenario_and_zero_is_without(root, scenario, with_levers):
    plan = scenario("plan_as_written")
    same = root.fork(mixed(plan, {x.name: 1.0 for x in plan.levers})).run_to(NEXT)
    assert np.array_equal(series_of(same), series_of(root.fork(plan).run_to(NEXT)), equal_nan=True)
    without = mixed(plan, {"growth_coaching": 0.0})
    assert [x.name for x in without.levers] == [x.name for x in plan.levers if x.name != "growth_coaching"]
    twice = with_levers("plan_as_written", basic_research={"size": 1.5})
    assert next(x.size for x in mixed(twice, {"basic_research": 2.0}).levers if x.name == "basic_research") == 3.0


def test_mixes_are_told_apart_by_their_sizes_only(scenario):
    plan = scenario("plan_as_written")
    a, b = mixed(plan, {"fund_seed": 2.0, "fund_angel": 1.0}), mixed(plan, {"fund_angel": 1.0, "fund_seed": 2.0})
    assert a == b
    assert len({x.sha for x in (plan, a, mixed(plan, {"fund_seed": 2.5, "fund_angel": 1.0}))}) == 3


def test_a_mix_of_a_later_decision_differs_from_the_decision_on(scenario):
    late = scenario("wait_until_2025q4")
    mix = mixed(late, {"fund_seed": 2.0, "fund_angel": 0.0})
    before, after = quarter.parse("2025Q3"), quarter.parse("2025Q4")
    assert mix.levers_in(before) == late.levers_in(before)
    sizes = {x.name: x.size for x in mix.levers_in(after)}
    assert sizes["fund_seed"] == 2.0 and "fund_angel" not in sizes


def test_a_lever_that_a_rule_changes_is_left_to_the_rule(root, scenario, city):
    base = scenario("fund_if_behind")
    assert by_rules(base) == dict.fromkeys(("fund_seed", "fund_angel", "fund_seedling"), "behind_at_half_time")
    assert not by_rules(base).keys() & {r.lever for r in usual_ranges(base)}
    with pytest.raises(InputError, match='rule "behind_at_half_time" of fund_if_behind changes fund_seed'):
        range_of("fund_seed=0..3", base)
    mix = mixed(base, {r.lever: 0.0 for r in usual_ranges(base)})
    model = root.fork(mix).run_to(quarter.parse("2026Q1"))
    acted = bool(model.fired)
    held = {x.name: x.budget for x in model.levers()}
    assert held["fund_seed"] == (90000 if acted else 30000) and "award_hnte" not in held
