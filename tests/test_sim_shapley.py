"""Shapley shares against games whose answer is known, and mixtures of two scenarios."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import share_is
from hypothesis import given
from hypothesis import strategies as st

from peiyu.comparison import shapley
from sim.inputs.errors import InputError
from sim.scenario.coalitions import KINDS, by_kind, coalition, differing

numbers = st.floats(-1e3, 1e3)


def game(players, value):
    return np.array([value(set(shapley.members_of(k, players))) for k in range(2**players)], float)


def test_the_glove_game():
    """One left glove, two right ones; a pair is worth one: 2/3 for the left, 1/6 for each right (Shapley 1953)."""
    values = game(3, lambda who: 0 in who and bool(who & {1, 2}))
    np.testing.assert_allclose(shapley.exact(values), [2 / 3, 1 / 6, 1 / 6], rtol=1e-14)


def test_an_additive_game_gives_everyone_their_own_and_who_changes_nothing_gets_nothing():
    worth = [3.0, -1.5, 0.0, 7.0]
    np.testing.assert_allclose(shapley.exact(game(4, lambda who: sum(worth[i] for i in who))), worth, atol=1e-13)


@given(st.lists(numbers, min_size=8, max_size=8))
def test_shares_add_up_to_the_whole_and_are_the_mean_over_all_orders(values):
    values = np.array(values)
    shares = shapley.exact(values)
    assert shares.sum() == pytest.approx(values[-1] - values[0], abs=1e-9)
    joined = [[sum(1 << i for i in order[:k]) for k in range(4)] for order in permutations(range(3))]
    each = [shapley.along(order, values[sets]) for order, sets in zip(permutations(range(3)), joined, strict=True)]
    np.testing.assert_allclose(np.mean(each, axis=0), shares, atol=1e-9)


@given(st.permutations(range(5)), st.lists(numbers, min_size=6, max_size=6))
def test_along_one_order_the_parts_add_up_too(order, values):
    values = np.array(values)
    assert shapley.along(order, values).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


def test_several_outcomes_are_shared_at_once():
    values = np.random.default_rng(1).normal(size=(16, 3))
    for column in range(3):
        np.testing.assert_allclose(shapley.exact(values)[:, column], shapley.exact(values[:, column]))


def test_orders_are_permutations_all_as_likely_and_the_same_every_time():
    orders = [shapley.order_of_joining(3, 7, m) for m in range(1200)]
    assert orders == [shapley.order_of_joining(3, 7, m) for m in range(1200)]
    for order in permutations(range(3)):
        assert share_is(orders.count(list(order)), len(orders), 1 / 6)


def test_kinds_are_the_three_central_ones_and_the_rest(scenario):
    base, plan = scenario("baseline"), scenario("plan_as_written")
    groups = by_kind(base, plan)
    assert list(groups) == list(KINDS)
    assert {"zones_municipal", "zones_provincial", "zones_national"} <= set(groups["zones"])
    assert "service_voucher" in groups["vouchers"] and "fund_seedling" in groups["funding"]
    assert "open_challenge" in groups["other"]
    names = [name for levers in groups.values() for name in levers]
    assert sorted(names) == sorted(differing(base, plan)) and len(set(names)) == len(names)


def test_mixtures_run_from_the_base_to_the_scenario(scenario, with_levers):
    base = scenario("baseline")
    other = with_levers("plan_as_written", compute_voucher={"budget": 1.0})
    assert coalition(base, other, ()) is base
    assert coalition(base, other, differing(base, other)) is other
    mixed = coalition(base, other, ["compute_voucher"])
    assert [x.name for x in mixed.levers] == [x.name for x in base.levers]
    assert next(x for x in mixed.levers if x.name == "compute_voucher").budget == 1.0
    grown = coalition(base, other, ["service_voucher"])
    assert {x.name for x in grown.levers} - {x.name for x in base.levers} == {"service_voucher"}
    assert len({mixed.sha, grown.sha, base.sha, other.sha}) == 4


def test_a_lever_that_is_dropped_differs_and_words_alone_do_not(scenario):
    base = scenario("plan_as_written")
    less = replace(base, levers=base.levers[1:])
    assert differing(base, less) == [base.levers[0].name]
    assert base.levers[0].name in {x.name for x in coalition(base, replace(less, sha="x"), ["nobody"]).levers}
    words = replace(base, levers=tuple(replace(x, source="assumption: other words") for x in base.levers))
    assert differing(base, words) == []


def test_levers_that_change_by_rules_are_not_split(scenario):
    moving = SimpleNamespace(name="moving", levers=(), rules=("a rule",))
    with pytest.raises(InputError, match=r"moving.*fixed"):
        differing(scenario("baseline"), moving)
