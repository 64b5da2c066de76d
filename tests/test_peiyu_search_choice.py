"""What a search keeps of the mixes it tried: fronts, finalists, budgets, exchanges, regret; toys with known answers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peiyu.search import document, select, surrogate
from peiyu.search.effort import Effort
from peiyu.search.objective import Objective, Scored, cost
from peiyu.search.propose import WAYS, _can_spare, _joined, _near, corners, explore, plain
from peiyu.search.question import asked, ranges_of
from peiyu.search.search import Finalist
from sim.inputs.errors import InputError
from sim.scenario.mixes import Range

ONE = Objective(np.ones(1))
TWO = Objective(np.ones(2))


def scored(name, price, hits, members=20):
    """Return a mix that costs so much in one year and reaches its goals in so many of the members; one count a goal."""
    counts = np.atleast_1d(hits)
    met = np.arange(members)[:, None] < counts
    return Scored((float(name),), met, np.full((members, 1), float(price)), unrecorded(met))


def unrecorded(met):
    """Return a record that gives no chance to anything, (members, states, goals)."""
    return np.zeros((len(met), 1, met.shape[1]))


POINTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), max_size=25)


def made_of(points):
    return [scored(i, price, hits) for i, (price, hits) in enumerate(points)]


# ---- fronts


@given(POINTS)
def test_a_front_is_all_that_nothing_beats(points):
    """By its definition, pair by pair: no mix of the front is beaten, and every other one is, or equals one before it."""
    every = made_of(points)
    best = select.front(every, ONE.every)

    def beaten(s):
        return any(cost(o) <= cost(s) and ONE.every(o) >= ONE.every(s) and (cost(o), ONE.every(o)) != (cost(s), ONE.every(s)) for o in every)

    kept = {s.mix for s in best}
    undominated = [s for s in every if not beaten(s)]
    assert kept <= {s.mix for s in undominated}
    assert {(cost(s), ONE.every(s)) for s in best} == {(cost(s), ONE.every(s)) for s in undominated}
    assert len(kept) == len({(cost(s), ONE.every(s)) for s in best})
    costs, gains = [cost(s) for s in best], [ONE.every(s) for s in best]
    assert costs == sorted(set(costs)) and gains == sorted(set(gains))


@given(POINTS, st.integers(1, 12), st.sampled_from([None, 0.3, 0.9]), st.sampled_from([3.0, 6.0, np.inf]))
def test_finalists_keep_budgets_are_different_and_as_many_as_there_are(points, count, probability, limit):
    judge, every = replace(ONE, probability=probability, in_all=limit), made_of(points)
    ends = select.finalists(judge, every, count)
    inside = [s for s in every if cost(s) <= limit]
    assert len({s.mix for s in ends}) == len(ends) == min(count, len(inside))
    assert all(cost(s) <= limit for s in ends)
    if inside:
        assert max(ONE.every(s) for s in ends) == max(ONE.every(s) for s in inside) or (probability and count == 1)
        sure = [s for s in inside if probability and ONE.every(s) >= probability]
        assert not sure or min(map(cost, sure)) >= min(map(cost, ends))  # nothing cheaper and sure was left behind


def test_half_of_the_finalists_are_the_cheapest_that_may_be_good_enough():
    """Of twenty members: 0.5 is 0.9 error of 0.1 short of 0.66; 0.45 is too far below for the doubt of 1.645 errors."""
    judge = replace(ONE, probability=0.66)
    every = [scored(0, 1.0, 9), scored(1, 2.0, 10), scored(2, 3.0, 12), scored(3, 4.0, 14), scored(4, 9.0, 20)]
    ends = [s.mix[0] for s in select.finalists(judge, every, 4)]
    assert ends[:2] == [1.0, 2.0] and 4.0 in ends
    assert not select.good_enough(judge, every[1]) and select.good_enough(judge, every[1], select.DOUBT)
    assert not select.good_enough(judge, every[0], select.DOUBT)


def test_where_to_look_further_is_the_cheapest_that_does_or_both_fronts_best_first():
    both = [Scored((float(i),), np.array([[a, b]], bool), np.array([[c]]), np.zeros((1, 1, 2))) for i, (a, b, c) in enumerate([(1, 0, 1.0), (1, 1, 5.0), (0, 0, 0.5)])]
    assert [s.mix for s in select.best_so_far(TWO, both)] == [(1.0,), (2.0,), (0.0,)]
    sure = [scored(0, 3.0, 20), scored(1, 2.0, 19), scored(2, 1.0, 4)]
    assert [s.mix for s in select.best_so_far(replace(ONE, probability=0.9), sure)] == [(1.0,)]
    assert [s.mix for s in select.best_so_far(replace(ONE, probability=0.9, in_all=1.5), sure)] == [(2.0,)]


# ---- budgets and chances


def test_budgets_are_of_the_mean_of_members_and_of_the_dearest_year():
    s = Scored((1.0,), np.ones((2, 1), bool), np.array([[10.0, 30.0], [20.0, 10.0]]), np.zeros((2, 1, 1)))  # years of 15 and 20, 35 in all
    assert cost(s) == 35.0
    assert replace(ONE, a_year=20.0, in_all=35.0).keeps(s)
    assert not replace(ONE, a_year=19.9).keeps(s) and not replace(ONE, in_all=34.9).keeps(s)
    assert replace(ONE, a_year=16.0, in_all=28.0).over(s) == pytest.approx(0.25)  # both by a quarter
    assert not ONE.has_budget and replace(ONE, a_year=1.0).has_budget and replace(ONE, in_all=1.0).has_budget


def test_the_error_of_a_chance_of_one_is_not_zero_and_falls_with_the_members():
    """Of n hits with one hit and one miss added: sqrt((n + 1) / (n + 2)^3)."""
    for n in (20, 200):
        assert ONE.error(scored(0, 1.0, n, n)) == pytest.approx(((n + 1) / (n + 2) ** 3) ** 0.5)


@given(st.integers(0, 2**16), st.integers(1, 5))
def test_levels_fall_and_their_sum_is_how_many_are_expected(seed, goals):
    rng = np.random.default_rng(seed)
    judge = Objective(rng.choice([0.5, 1.0], goals))
    s = Scored((1.0,), rng.random((9, goals)) < 0.6, np.ones((9, 1)), rng.random((9, 3, goals)))
    levels = list(judge.levels(s).values())
    assert levels == sorted(levels, reverse=True) and len(levels) == goals
    assert sum(levels) == pytest.approx(judge.expected(s))
    assert levels[-1] == pytest.approx(judge.every(s))
    for k in range(1, goals + 1):
        assert replace(judge, at_least=k).every(s) == pytest.approx(levels[k - 1])


def test_members_of_both_stages_count_alike():
    both = scored(0, 10.0, 5, 10).and_more(Scored((0.0,), np.ones((30, 1), bool), np.full((30, 1), 20.0), np.zeros((30, 1, 1))))
    assert ONE.every(both) == pytest.approx(35 / 40) and cost(both) == pytest.approx(17.5)


def test_optimism_is_what_an_earlier_stage_promised_beyond_fresh_members():
    f = Finalist(scored(0, 1.0, 18), scored(0, 1.0, 15), scored(0, 1.0, 12))
    assert f.optimism(ONE, lambda x: x.screened) == pytest.approx(0.3)
    assert f.optimism(ONE, lambda x: x.raced) == pytest.approx(0.15)
    assert Finalist(*[scored(0, 1.0, 4)] * 3).optimism(ONE, lambda x: x.screened) == 0.0


@given(st.integers(0, 2**16))
def test_somebody_is_best_in_every_group_and_nobody_regrets_less_than_nothing(seed):
    rng = np.random.default_rng(seed)
    ends = [Scored((float(i),), rng.random((30, 2)) < rng.random(), np.ones((30, 1)), np.zeros((30, 1, 2))) for i in range(5)]
    groups = {"all": np.ones(30, bool), "some": rng.random(30) < 0.5}
    groups["some"][0] = True
    table = select.regret(TWO, ends, groups)
    for x in (table.regret, table.expected_regret):
        assert (x >= 0).all() and (x.min(axis=0) == 0).all()
    assert table.chance[:, 0] == pytest.approx([TWO.every(s) for s in ends])
    chosen = table.robust([1.0] * 5)
    assert table.regret[chosen].max() == pytest.approx(table.regret.max(axis=1).min())


# ---- steps and exchanges

GRIDS = [Range(f"l{i}", 0.0, 3.0, 0.25, True) for i in range(3)]


def test_corners_are_the_scenario_nothing_everything_and_each_lever_alone():
    assert corners(GRIDS) == [(1, 1, 1), (0, 0, 0), (3, 3, 3), (3, 0, 0), (0, 3, 0), (0, 0, 3)]
    away = [Range("a", 2.0, 3.0, 0.5, True), Range("b", 0.0, 0.5, 0.25, True)]
    assert plain(away) == (2.0, 0.5)


@pytest.mark.parametrize(("way", "near"), [(0, 0.0), (1, 0.5), (2, 1.5), (3, 0.75)])
def test_a_step_changes_one_lever_at_a_time(way, near):
    assert _near(GRIDS, (1.0, 1.0, 1.0), WAYS[way]) == {0: (near, 1, 1), 1: (1, near, 1), 2: (1, 1, near)}


def test_a_step_past_the_end_of_a_range_is_none():
    assert _near(GRIDS, (0.0, 3.0, 1.0), WAYS[0]).keys() == {1, 2}
    assert _near(GRIDS, (0.0, 3.0, 2.75), WAYS[2]) == {0: (0.5, 3, 2.75), 2: (0, 3, 3.0)}
    near = _near(GRIDS, (1.0, 1.0, 1.0), WAYS[0])
    assert _joined((1.0, 1.0, 1.0), near, [0, 2]) == (0.0, 1.0, 0.0)


def test_a_lever_can_be_spared_where_it_is_cheaper_and_nothing_asked_for_is_lost():
    start = scored(0, 10.0, 15)
    for price, hits, plainly, asking in ((9.0, 15, True, True), (9.0, 14, False, True), (9.0, 9, False, False), (10.0, 20, False, False)):
        assert _can_spare(ONE, scored(1, price, hits), start) is plainly
        assert _can_spare(replace(ONE, probability=0.5), scored(1, price, hits), start) is asking
    assert not _can_spare(replace(ONE, probability=0.9), scored(1, 9.0, 14), start)  # not reached yet: no less than it had


def toy(mix):
    """Only the first lever does anything, and the second is dear."""
    met = np.linspace(0.0, 1.9, 40)[:, None] < np.sqrt(mix[0])
    return Scored(tuple(mix), met, np.full((40, 1), 10.0 * mix[0] + 100.0 * mix[1] + mix[2]), unrecorded(met))


def test_exchanges_are_new_and_near_and_give_up_the_useless_dear_lever():
    tried = [toy(mix) for mix in [*corners(GRIDS), (2.0, 1.0, 0.0), (0.0, 1.0, 2.0), (1.0, 2.0, 1.0), (2.0, 0.5, 3.0)]]
    start = tried[0]
    found = surrogate.exchanges(GRIDS, ONE, tried, start, 8)
    assert len(set(found)) == len(found) == 8 and not {s.mix for s in tried} & set(found)
    for mix in found:
        assert 1 <= sum(a != b for a, b in zip(mix, start.mix, strict=True)) <= 2
    assert found[0][0] > 1.0  # most for no more money: more of what works
    assert found[0][1] < 1.0 and found[1][1] < 1.0  # and less of what does not
    assert surrogate.exchanges(GRIDS, ONE, tried, start, 3) == found[:3]


def test_where_every_neighbour_was_tried_there_is_no_exchange():
    two = [Range("a", 0.0, 1.0, 1.0, True)]
    tried = [Scored((x,), np.ones((4, 1), bool), np.ones((4, 1)), np.zeros((4, 1, 1))) for x in (0.0, 1.0)]
    assert surrogate.exchanges(two, ONE, tried, tried[1], 8) == []


@settings(max_examples=8)
@given(seed=st.integers(0, 99), candidates=st.sampled_from([8, 21, 60]), limit=st.sampled_from([40.0, 1e9]), probability=st.sampled_from([None, 0.6]))
def test_however_a_search_goes_it_tries_so_many_different_mixes_on_the_grid(seed, candidates, limit, probability):
    judge = replace(ONE, in_all=limit, probability=probability)
    names = []

    def score(name, mixes):
        names.append(name)
        assert len(set(mixes)) == len(mixes)
        return [toy(mix) for mix in mixes]

    tried = explore(GRIDS, judge, candidates, seed, score)
    assert len({s.mix for s in tried}) == len(tried) == candidates
    assert {x for s in tried for x in s.mix} <= set(GRIDS[0].grid())
    assert len(set(names)) == len(names)  # each generation is kept under a name of its own
    assert [s.mix for s in explore(GRIDS, judge, candidates, seed, lambda _n, mixes: [toy(m) for m in mixes])] == [s.mix for s in tried]


# ---- what is asked


@pytest.mark.parametrize(
    ("at_least", "probability", "budgets", "said"),
    [
        (0, None, (None, None), "--at-least 0: 2 goals are chosen; write a number from 1 to 2"),
        (3, None, (None, None), "--at-least 3"),
        (None, 0.0, (None, None), "--probability 0: write a number between 0 and 1"),
        (None, 1.0, (None, None), "--probability 1"),
        (None, float("nan"), (None, None), "--probability nan"),
        (None, None, (0.0, None), "--budget-year 0: write a number between 0 and 10,000,000,000 万元"),
        (None, None, (None, float("inf")), "--budget inf"),
        (None, None, (5.0, -1.0), "--budget -1"),
    ],
)
def test_what_cannot_be_asked_is_refused(at_least, probability, budgets, said):
    with pytest.raises(InputError) as error:
        asked(TWO, at_least, probability, budgets)
    assert said in str(error.value)


def test_what_is_asked_reaches_the_judge():
    judge = asked(TWO, 1, 0.8, (50.0, None))
    assert judge.asked == (50.0, np.inf, 0.8, 1)
    assert asked(TWO, None, None, (None, None)).asked == (np.inf, np.inf, None, None)


@pytest.mark.parametrize(
    ("effort", "said"),
    [
        (Effort(7, 2, 10, 10), "--candidates 7: write a number from 8 to 100,000"),
        (Effort(8, 1, 10, 10), "--screen 1: write a number from 2 to 100,000"),
        (Effort(8, 11, 10, 10), "more members than the finalists have (--members 10)"),
    ],
)
def test_an_effort_that_compares_nothing_is_refused(effort, said):
    with pytest.raises(InputError) as error:
        effort.checked()
    assert said in str(error.value)
    assert Effort(8, 2, 2, 2).checked() == Effort(8, 2, 2, 2)


def test_ranges_are_the_user_s_in_their_order_or_the_usual_ones(scenario):
    plan = scenario("plan_as_written")
    assert [r.lever for r in ranges_of(["fund_seed=0..2", "fund_angel=1..3"], plan)] == ["fund_seed", "fund_angel"]
    assert {r.lever for r in ranges_of([], plan)} == {x.name for x in plan.levers if x.budget}
    with pytest.raises(InputError, match="no lever with a budget"):
        ranges_of([], scenario("no_policy"))


# ---- the winner's file


def test_the_winner_drops_what_is_nothing_and_says_whose_size_it_is(scenario):
    plan = scenario("plan_as_written")
    ranges = ranges_of(["fund_seed=0..3", "fund_angel=0..3", "award_hnte=0..3"], plan)
    found = SimpleNamespace(search=SimpleNamespace(q=SimpleNamespace(scenarios=(plan,)), ranges=ranges))
    lines = document.scenario_file(found, (0.0, 2.5, 1.0)).splitlines()
    assert 'drop = ["fund_seed"]' in lines and 'extends = "plan_as_written"' in lines
    changed = lines[lines.index("[change]") + 1 :]
    assert len(changed) == 1 and changed[0].startswith('fund_angel = { size = 2.5, source = "assumption: 2.5 times the size')
    assert plan.levers[[x.name for x in plan.levers].index("fund_angel")].source.replace('"', '\\"') in changed[0]


def test_what_a_scenario_extends_comes_along_and_another_file_of_its_name_is_not_overwritten(tmp_path, city):
    own, out = tmp_path / "own", tmp_path / "out"
    own.mkdir()
    out.mkdir()
    (own / "child.toml").write_text('title = "c"\nextends = "parent"\n', "utf8")
    (own / "parent.toml").write_text('title = "p"\nextends = "plan_as_written"\n', "utf8")
    assert document.parents(str(own / "child.toml"), city, out).keys() == {"child.toml", "parent.toml"}
    assert document.parents("plan_as_written", city, out) == {}
    (out / "parent.toml").write_text('title = "another"\n', "utf8")
    with pytest.raises(InputError, match="is another scenario than"):
        document.refuse_clash(str(own / "child.toml"), city, out)
    (own / "search_winner.toml").write_text('title = "w"\n', "utf8")
    with pytest.raises(InputError, match="rename the scenario first"):
        document.refuse_clash(str(own / "search_winner.toml"), city, out)
