"""Decisions and rules: before a scenario parts nothing differs, a rule acts when it should, wrong rules are refused."""

import pickle
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from helpers import AS_OF

from sim import quarter
from sim.ensemble import forecast
from sim.ensemble.ensemble import Ensemble, series_of
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario, refuse_late_dates, refuse_past_dates

DROP = 'drop = ["seedling_grant", "service_voucher"]'
CHANGE = "seedling_grant = { budget = 20000 }"
PLAN = 'title = "试"\nextends = "plan_as_written"\n'


def q(text):
    return quarter.parse(text)


@pytest.fixture
def mine(city, tmp_path):
    """Write a scenario and load it."""

    def load(text, name="mine", base=PLAN):
        path = tmp_path / f"{name}.toml"
        path.write_text(base + text, "utf8")
        return load_scenario(path, city)

    return load


@pytest.fixture(scope="module")
def plan(root, scenario):
    """The plan to the first quarter of 2026; only read."""
    return root.fork(scenario("plan_as_written")).run_to(q("2026Q1"))


def lever(scenario, name, now, fired=()):
    return next((x for x in scenario.levers_in(q(now), fired) if x.name == name), None)


def reported(model, first, last):
    """Every indicator and every page of the ledger in these quarters."""
    start = model.state.city.start + 1
    pages = [row for row in model.state.ledger.closed if q(first) <= row[0] <= q(last)]
    return series_of(model)[q(first) - start : q(last) - start + 1], pages


def same(a, b, first, last):
    (x, paid), (y, paid_too) = reported(a, first, last), reported(b, first, last)
    return np.array_equal(x, y) and paid == paid_too


def test_waiting_is_one_line(scenario):
    heavy, late = scenario("fund_heavy"), scenario("wait_until_2025q4")
    assert late.levers == heavy.levers
    assert late.levers_in(q("2025Q3")) == scenario("plan_as_written").levers
    assert late.levers_in(q("2025Q4")) == heavy.levers


def test_before_the_decision_every_number_is_the_parents(mine, root, plan):
    made = root.fork(mine(f'decide = "2025Q3"\n{DROP}\n')).run_to(q("2026Q1"))
    assert same(made, plan, "2013Q1", "2025Q2")
    assert not same(made, plan, "2025Q3", "2025Q3")


def test_what_a_decision_starts_does_not_start_before_it(mine):
    text = 'decide = "2025Q4"\n[change]\nzones_municipal = { start = "2024Q1" }\n' + (
        '[[lever]]\ntype = "growth_coaching"\nname = "more"\nstart = "2025Q1"\nend = "2026Q4"\nbudget = 9\ncost = 25\n'
        'source = "assumption: test"\n'
    )
    made = mine(text)
    assert lever(made, "more", "2025Q3") is None
    assert lever(made, "more", "2025Q4").start == q("2025Q4")
    assert lever(made, "zones_municipal", "2025Q3").start == q("2025Q1")
    assert lever(made, "zones_municipal", "2025Q4").start == q("2025Q4")


def test_decisions_follow_each_other(mine, scenario):
    mine(f'decide = "2025Q2"\n[change]\n{CHANGE}\n', "first")
    again = mine(
        'decide = "2025Q4"\n[change]\nseedling_grant = { budget = 30000 }\n', "again", 'title="x"\nextends="first"\n'
    )
    budgets = [lever(again, "seedling_grant", now).budget for now in ("2025Q1", "2025Q2", "2025Q3", "2025Q4")]
    assert budgets == [10000, 20000, 20000, 30000]
    at_once = mine('decide = "2025Q2"\ndrop = ["talent_programme"]\n', "at_once", 'title="x"\nextends="first"\n')
    assert at_once.levers_in(q("2025Q1")) == scenario("plan_as_written").levers
    assert lever(at_once, "talent_programme", "2025Q2") is None
    assert lever(at_once, "seedling_grant", "2025Q2").budget == 20000


def test_without_a_parent_the_policy_in_force_holds_until_the_decision(mine, scenario, city):
    made = mine('title = "停"\ndecide = "2025Q4"\n', base="")
    assert made.levers_in(q("2025Q3")) == scenario(city.in_force).levers
    assert made.levers_in(q("2025Q4")) == ()
    assert made.sha != mine('title = "停"\ndecide = "2025Q3"\n', base="").sha


def test_a_rule_that_acts_is_a_decision_in_the_next_quarter(mine, root, plan):
    rule = f'[[rule]]\nwhen = "enterprises > 0 by 2025Q2"\nthen = {{ {DROP}, growth_coaching = {{ budget = 5000 }} }}\n'
    by_rule = root.fork(mine(rule)).run_to(q("2026Q1"))
    decided = mine(f'decide = "2025Q3"\n{DROP}\n[change]\ngrowth_coaching = {{ budget = 5000 }}\n', "decided")
    assert same(by_rule, root.fork(decided).run_to(q("2026Q1")), "2013Q1", "2026Q1")
    assert [(x.quarter, x.branch) for x in by_rule.fired] == [(q("2025Q2"), "then")]
    assert not same(by_rule, plan, "2025Q3", "2025Q3")


def test_a_rule_that_does_not_act_changes_nothing_and_otherwise_does(mine, root, plan):
    idle = f'[[rule]]\nwhen = "enterprises < 0 by 2025Q2"\nthen = {{ {DROP} }}\n'
    never = root.fork(mine(idle)).run_to(q("2026Q1"))
    assert same(never, plan, "2013Q1", "2026Q1") and never.fired == []
    other = root.fork(mine(f"{idle}otherwise = {{ {CHANGE} }}\n")).run_to(q("2025Q3"))
    assert [x.branch for x in other.fired] == ["otherwise"]
    held = {x.name: x.budget for x in other.levers()}
    assert held["seedling_grant"] == 20000 and "service_voucher" in held


def counted(plan, indicator, first, last):
    start = plan.state.city.start + 1
    return sum(plan.datacollector.model_vars[indicator][q(first) - start : q(last) - start + 1])


@pytest.mark.parametrize(
    ("dates", "first"),
    [("by 2025Q3", "2025Q1"), ("since 2025Q2 by 2025Q3", "2025Q2"), ("by 2025Q3 since 2024Q1", "2024Q1")],
)
def test_a_flow_is_summed_since_the_scenarios_part_or_since_a_date(mine, root, plan, dates, first):
    total = counted(plan, "entries", first, "2025Q3")
    assert total > 0
    for sign, acts in (("<=", True), ("<", False), (">=", True), (">", False)):
        made = mine(f'[[rule]]\nwhen = "entries {sign} {total!r} {dates}"\nthen = {{ {DROP} }}\n')
        assert bool(root.fork(made).run_to(q("2025Q3")).fired) is acts, sign


def test_a_flow_is_summed_since_the_decision_of_its_file(mine, root, plan):
    total = counted(plan, "entries", "2025Q2", "2025Q3")
    for sign, acts in (("<=", True), ("<", False)):
        made = mine(f'decide = "2025Q2"\n[[rule]]\nwhen = "entries {sign} {total!r} by 2025Q3"\nthen = {{ {DROP} }}\n')
        assert bool(root.fork(made).run_to(q("2025Q3")).fired) is acts, sign


def test_a_reading_is_counted_as_the_forecast_counts_it(mine, plan, city):
    paths = Ensemble("plan", city.start + 1, series_of(plan)[None])
    seen = set()
    for goal in city.goals:
        for reading in goal.readings:
            rule = f'[[rule]]\nwhen = "{goal.key}.{reading.key} < 1 by 2026Q1"\nthen = {{ {DROP} }}\n'
            value = mine(rule).rules[0].subject.value(plan.reported())
            assert value == forecast.path(reading, paths)[0, -1], (goal.key, reading.key)
            seen.add(reading.count)
    assert seen == {"last", "sum", "change"}


def test_without_a_date_a_rule_acts_once_in_the_first_quarter_in_which_it_is_so(mine, root, plan):
    series = np.cumsum([counted(plan, "entries", x, x) for x in ("2025Q1", "2025Q2", "2025Q3", "2025Q4")])
    made = mine(f'[[rule]]\nwhen = "entries >= {float(series[1])!r}"\nthen = {{ {DROP} }}\n')
    assert [x.quarter for x in root.fork(made).run_to(q("2025Q4")).fired] == [q("2025Q2")]


def test_a_rule_adds_a_lever_that_starts_in_the_next_quarter(mine, root):
    new = (
        '{ type = "growth_coaching", name = "more", end = "2026Q4", budget = 900, cost = 25, source = "assumption: x" }'
    )
    made = mine(f'[[rule]]\nwhen = "enterprises > 0"\nthen = {{ lever = [{new}] }}\n')
    model = root.fork(made).run_to(q("2025Q2"))
    added = next(x for x in model.levers() if x.name == "more")
    assert added.start == q("2025Q2") and model.fired[0].quarter == q("2025Q1")
    assert [row for row in model.state.ledger.closed if row[1] == "more" and row[0] == q("2025Q2")]


def test_equal_outcomes_are_equal_scenarios(mine, root):
    def run(threshold, name):
        rule = f'[[rule]]\nwhen = "enterprises > {threshold} by 2025Q1"\nthen = {{ {DROP} }}\n'
        return root.fork(mine(rule, name)).run_to(q("2025Q4"))

    assert same(run(0, "one"), run(1, "two"), "2013Q1", "2025Q4")


def test_a_run_can_be_copied_after_a_rule_has_acted(mine, root):
    made = mine(f'[[rule]]\nwhen = "enterprises > 0 by 2025Q1"\nthen = {{ {DROP} }}\n')
    assert pickle.loads(pickle.dumps(made)) == made == deepcopy(made)
    model = root.fork(made).run_to(q("2025Q2"))
    twin, copied = model.fork(made), deepcopy(model)
    straight = root.fork(made).run_to(q("2025Q3"))
    for other in (twin, copied):
        assert other.fired == model.fired and same(other.run_to(q("2025Q3")), straight, "2025Q3", "2025Q3")


def test_rules_are_inherited_and_can_be_dropped(mine):
    mine(f'[[rule]]\nname = "once"\nwhen = "enterprises > 0"\nthen = {{ {CHANGE} }}\n', "ruled")
    child = 'title = "x"\nextends = "ruled"\n'
    assert [x.name for x in mine("", "child", child).rules] == ["once"]
    assert mine('drop = ["once"]\n', "child", child).rules == ()
    with pytest.raises(InputError, match="cannot be dropped at a decision"):
        mine('decide = "2025Q4"\ndrop = ["once"]\n', "child", child)
    with pytest.raises(InputError, match=r'ruled.toml: line \d+: rule 1: then: changes "seedling_grant", and so does'):
        mine('decide = "2025Q4"\n[change]\nseedling_grant = { budget = 1 }\n', "child", child)


def test_what_has_passed_is_refused_before_anything_runs(mine, root):
    rule = mine(f'[[rule]]\nwhen = "enterprises > 0 by 2024Q4"\nthen = {{ {DROP} }}\n')
    for refuse in (lambda: refuse_past_dates(rule, AS_OF), lambda: root.fork(rule)):
        with pytest.raises(InputError, match="looks at 2024Q4, but it begins after 2024Q4"):
            refuse()
    decided = mine('decide = "2024Q4"\n', "decided")
    with pytest.raises(InputError, match='"decided": decide = 2024Q4, but it begins after 2024Q4'):
        refuse_past_dates(decided, AS_OF)
    refuse_past_dates(replace(decided, before=()), AS_OF)
    refuse_past_dates(decided, AS_OF - 1)


def test_what_comes_too_late_to_change_anything_is_refused(mine):
    rule = mine(f'[[rule]]\nname = "late"\nwhen = "enterprises > 0 by 2026Q4"\nthen = {{ {DROP} }}\n')
    with pytest.raises(InputError, match='rule "late": by 2026Q4 changes nothing in a run that ends with 2026Q4'):
        refuse_late_dates(rule, q("2026Q4"))
    refuse_late_dates(rule, q("2027Q1"))
    decided = mine('decide = "2027Q1"\n', "decided")
    with pytest.raises(InputError, match='"decided": decide 2027Q1 changes nothing'):
        refuse_late_dates(decided, q("2026Q4"))
    refuse_late_dates(decided, q("2027Q1"))


WRONG = {
    "no comparison": ("hnte_first by 2025Q4", "compares nothing"),
    "an equals sign": ("hnte_first = 200", '"=" is no comparison; allowed: >=, >, <=, <'),
    "a misspelt indicator": ("hnte_frist < 200 by 2025Q4", 'Did you mean "hnte_first"'),
    "a misspelt goal": ("hnt.newly_recognised < 200 by 2025Q4", 'Did you mean "hnte.newly_recognised"'),
    "a misspelt reading": ("hnte.newly_recognized < 200 by 2025Q4", 'Did you mean "newly_recognised"'),
    "a goal alone": ("hnte < 200 by 2025Q4", "hnte.newly_recognised, hnte.valid_stock"),
    "no number": ("hnte_first < many by 2025Q4", '"many" is not a number'),
    "a percentage": ("high_growth_share < 5% by 2025Q4", "Write 5% as a share"),
    "a misspelt word": ("hnte_first < 200 bye 2025Q4", 'Did you mean "by"'),
    "a wrong date": ("hnte_first < 200 by 2025-Q4", 'Did you mean "2025Q4"'),
    "no date": ("hnte_first < 200 by", "is not a quarter"),
    "the same word twice": ("hnte_first < 200 by 2025Q4 by 2026Q1", "there twice"),
    "a date before the run": ("hnte_first < 200 by 2010Q4", "by 2010Q4 is before"),
    "counted from before the run": ("hnte_first < 200 since 2010Q1 by 2025Q4", "the run's first quarter is"),
    "judged before it is counted": ("hnte_first < 200 since 2025Q2 by 2025Q1", "by 2025Q1 is before 2025Q2"),
    "a stock since": ("enterprises < 200 since 2025Q1", '"since" is for flows only'),
    "a reading since": ("hnte.newly_recognised < 9 since 2025Q1 by 2025Q4", 'leave "since" out'),
    "a sum below, undated": ("hnte_first < 200", "say by when it is judged"),
}
"""Wrong lines: what is written after when, and part of the answer."""

WRONG_THEN = {
    "an unknown lever": ("then = { seedling_grnt = { budget = 1 } }", 'Did you mean "seedling_grant"'),
    "an unknown field": ("then = { seedling_grant = { buget = 1 } }", 'Did you mean "budget"'),
    "a negative number": ("then = { seedling_grant = { budget = -1 } }", "budget = -1: write a number from 0"),
    "a wrong type": ("then = { seedling_grant = { budget = 'much' } }", "budget"),
    "a lever dropped that is not there": ("then = { drop = ['seedling_grnt'] }", 'Did you mean "seedling_grant"'),
    "dropped and changed": ("then = { drop = ['seedling_grant'], seedling_grant = { budget = 1 } }", "one of the two"),
    "no table": ("then = 'more money'", "must be a table"),
    "no change": ("then = {}", "must be a table"),
    "a number for a lever": ("then = { seedling_grant = 5 }", "must be a table of what changes"),
    "a lever that is there": ("then = { lever = [{ type = 'seedling_grant' }] }", "is there already"),
    "one thing by two names": ("then = { open_challenge = { projects = 2, size = 2 } }", '"projects" and "size"'),
    "a misspelt key": ("then = { drop = ['seedling_grant'] }\notherwize = {}", 'Did you mean "otherwise"'),
    "no then": ("", "then: is missing"),
    "an empty name": ("name = ' '\nthen = { drop = ['seedling_grant'] }", "1 to 40 letters"),
    "the name of a lever": ("name = 'seedling_grant'\nthen = { drop = ['seedling_grant'] }", "is there already"),
}
"""Wrong changes: what is written instead of then, and part of the answer."""


def refusal(mine, text):
    """The answer to a file whose second rule is wrong."""
    good = f'[[rule]]\nwhen = "enterprises > 0"\nthen = {{ {CHANGE} }}\n'
    with pytest.raises(InputError) as error:
        mine(good + text)
    return str(error.value)


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_line_is_answered_with_its_place(mine, case):
    when, answer = WRONG[case]
    message = refusal(mine, f'[[rule]]\nwhen = "{when}"\nthen = {{ {CHANGE} }}\n')
    assert message.startswith("mine.toml: line 7: rule 2: when: ") and answer in message


@pytest.mark.parametrize("case", WRONG_THEN)
def test_a_wrong_change_is_answered_with_its_place(mine, case):
    then, answer = WRONG_THEN[case]
    message = refusal(mine, f'[[rule]]\nwhen = "hnte_first < 200 by 2025Q4"\n{then}\n')
    assert message.startswith("mine.toml: line ") and "rule 2: " in message and answer in message


def test_otherwise_needs_a_date(mine):
    message = refusal(mine, f'[[rule]]\nwhen = "enterprises > 9"\nthen = {{ {CHANGE} }}\notherwise = {{ {DROP} }}\n')
    assert 'rule 2: otherwise: needs a date at which "when" is judged' in message


def test_two_rules_have_two_names_and_add_two_levers(mine):
    new = '{ type = "growth_coaching", name = "more", end = "2026Q4", budget = 9, cost = 2, source = "assumption: x" }'
    one, two = (f'[[rule]]\nname = "{x}"\nwhen = "enterprises > 0"\nthen = {{ lever = [{new}] }}\n' for x in "ab")
    with pytest.raises(InputError, match='rule 2: name: a lever or rule named "a" is there already'):
        mine(one + one)
    with pytest.raises(InputError, match='another rule adds a lever named "more"'):
        mine(one + two)
    with pytest.raises(InputError, match="adds two levers of one name"):
        mine(one.replace("[{", f"[{new}, {{"))


DECIDE = {
    "a wrong date": ('decide = "2025-Q4"\n', 'mine.toml: decide: "2025-Q4" is not a quarter'),
    "before the run": ('decide = "2010Q1"\n', "mine.toml: decide = 2010Q1 is before"),
    "misspelt": ('decid = "2025Q4"\n', 'Did you mean "decide"'),
    "below a table": ('[change]\ndecide = "2025Q4"\n', "decide belongs above the first line in brackets"),
    "a rule judged before it": (
        f'decide = "2025Q4"\n[[rule]]\nwhen = "enterprises < 9 by 2025Q3"\nthen = {{ {CHANGE} }}\n',
        "by 2025Q3 is before 2025Q4",
    ),
}


@pytest.mark.parametrize("case", DECIDE)
def test_a_wrong_decision_is_refused(mine, case):
    text, answer = DECIDE[case]
    with pytest.raises(InputError) as error:
        mine(text)
    assert answer in str(error.value)


def test_a_decision_before_that_of_the_parent_is_refused(mine):
    mine('decide = "2025Q4"\n', "parent")
    with pytest.raises(InputError, match=r"decide = 2025Q2 is before 2025Q4, when the run begins or the scenario it"):
        mine('decide = "2025Q2"\n', "child", 'title = "x"\nextends = "parent"\n')


def test_the_shipped_rule_changes_what_it_says(scenario):
    made = scenario("fund_if_behind")
    heavy = {x.name: x for x in scenario("fund_heavy").levers}
    assert set(made.rules[0].then.change) == {"fund_seed", "fund_angel", "fund_seedling"}
    assert {x.name: x for x in made.rules[0].then.on(made.levers, q("2026Q1"))} == heavy
