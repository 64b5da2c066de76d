"""PRIM by what must hold of it whatever the data: it sees ranks only, never loses density, and a box is an interval."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peiyu.fails_when import analysis, terminal
from peiyu.fails_when.analysis import How
from peiyu.fails_when.document import LimitRow
from peiyu.fails_when.prim import (
    ALPHA,
    LEAST_COVERAGE,
    MAX_LIMITED,
    MIN_INSIDE,
    Box,
    chosen,
    find,
    merit,
    pasted,
    peeled,
    quasi_p,
    share,
)
from sim.inputs.errors import InputError

SEEDS = st.integers(0, 2**16)


def planted(seed, n=150, inputs=4):
    """Return members, and hits that are common where the first input is low and the second is high."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, inputs))
    inside = (x[:, 0] < rng.uniform(0.3, 0.7)) & (x[:, 1] > rng.uniform(0.2, 0.5))
    return x, rng.random(n) < np.where(inside, 0.9, 0.15)


@settings(max_examples=12)
@given(SEEDS)
def test_only_the_order_of_values_counts(seed):
    """In other units the same members are found."""
    x, hit = planted(seed)
    inside = find(x, hit).inside(x)
    warped = np.column_stack([np.exp(5 * x[:, 0]), x[:, 1] ** 3, np.log(x[:, 2] + 1e-9), 1e6 * x[:, 3] - 7])
    assert np.array_equal(find(warped, hit).inside(warped), inside)


@settings(max_examples=12)
@given(SEEDS)
def test_a_found_box_is_dense_holds_enough_and_every_limit_earns_its_place(seed):
    x, hit = planted(seed)
    box = find(x, hit)
    if not len(box.limited):
        return
    s = share(box.inside(x), hit)
    assert s.density > hit.mean() and s.coverage >= LEAST_COVERAGE
    assert len(box.limited) <= MAX_LIMITED
    assert all(quasi_p(box, int(j), x, hit) <= ALPHA for j in box.limited)
    for j in box.limited:  # limits are values that occur
        assert {float(e) for e in (box.low[j], box.high[j]) if np.isfinite(e)} <= set(x[:, j].tolist())


@settings(max_examples=12)
@given(SEEDS)
def test_each_peel_lies_in_the_one_before_and_none_is_too_small(seed):
    x, hit = planted(seed)
    way = peeled(x, hit)
    insides = [box.inside(x) for box in way]
    assert insides[0].all()
    for before, after in pairwise(insides):
        assert (before | after == before).all() and after.sum() < before.sum()
        assert after.sum() >= MIN_INSIDE
        assert before.sum() - after.sum() <= max(1, int(0.05 * before.sum()))
    best = chosen(way, x, hit)
    assert merit(best.inside(x), hit) == max(merit(inside, hit) for inside in insides)
    wider = pasted(best, x, hit)
    assert merit(wider.inside(x), hit) >= merit(best.inside(x), hit)
    assert (wider.inside(x) | best.inside(x) == wider.inside(x)).all()  # pasting only ever moves out


def test_a_peel_that_would_leave_too_few_is_not_made():
    """Equal values go together: half of thirty members are fewer than a box may have, half of forty are enough."""
    for half, boxes in ((15, 1), (20, 2)):
        x = np.repeat([[0.0], [1.0]], half, axis=0)
        assert len(peeled(x, x[:, 0] == 1)) == boxes


@given(SEEDS, st.integers(1, 4))
def test_boxes_are_intervals_that_can_be_freed_one_by_one(seed, inputs):
    rng = np.random.default_rng(seed)
    x = rng.random((30, inputs))
    box = Box.whole(inputs)
    assert box.inside(x).all() and not len(box.limited)
    for j in range(inputs):
        low, high = sorted(rng.random(2))
        before, box = box, box.with_limits(j, low, high)
        assert np.array_equal(box.inside(x), before.inside(x) & (x[:, j] >= low) & (x[:, j] <= high))
        assert np.array_equal(box.without(j).inside(x), before.inside(x))
    assert box.limited.tolist() == list(range(inputs))
    wide = np.column_stack([rng.random(30), x])
    assert np.array_equal(box.among(np.arange(1, inputs + 1), inputs + 1).inside(wide), box.inside(x))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_shares_of_a_box_and_of_the_rest_add_up(members):
    inside, hit = np.array(members, bool).T
    s, rest = share(inside, hit), share(~inside, hit)
    assert s.mass + rest.mass == pytest.approx(1.0) and s.members + rest.members == len(hit)
    assert s.hits + rest.hits == hit.sum()
    if hit.any():
        assert s.coverage + rest.coverage == pytest.approx(1.0)
    assert merit(inside, hit) == 0.0 or np.sign(merit(inside, hit)) == np.sign(s.density - hit.mean())


# ---- what is asked, and how a limit is said


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (How(boxes=0), "--boxes 0: write a number from 1 to 100"),
        (How(levers=39), "--levers 39: write how many members"),
        (How(levers=-1), "--levers -1"),
    ],
)
def test_what_nothing_can_be_found_with_is_refused(how, said):
    with pytest.raises(InputError) as error:
        how.checked()
    assert said in str(error.value)
    assert How(levers=40).checked().levers == 40 and How(levers=0).checked().boxes == 2


@pytest.mark.parametrize(
    ("hits", "members", "asked"),
    [(20, 400, True), (19, 400, False), (20, 401, False), (380, 400, True), (381, 400, False), (20, 39, False), (20, 40, True)],
)
def test_a_box_is_asked_for_where_neither_hits_nor_misses_are_rare(hits, members, asked):
    """A twentieth of the members and twenty of each kind."""
    assert analysis.answerable(np.arange(members) < hits) is asked


def limit(name, low, high, kind="parameter"):
    return LimitRow(input=name, kind=kind, unit="", rests_on="choice", low=low, high=high, alone=0.5, quasi_p=0.001, reproduced=1.0)


@pytest.mark.parametrize(
    ("low", "high", "en", "zh"),
    [(0.5, 1.25, ("0.5", "1.25"), ("0.5", "1.25")), (None, 1.25, ("1.25",), ("1.25",)), (0.504, None, ("0.5",), ("0.5",))],
)
def test_a_limit_says_the_ends_it_has_and_no_other(low, high, en, zh, scenario):
    plan = scenario("plan_as_written")
    for lang, ends in (("en", en), ("zh", zh)):
        said = terminal.limit_text(limit("fund_seed", low, high, "lever"), plan, lang)
        assert all(end in said for end in ends) and "None" not in said and "inf" not in said
        assert ("fund seed" if lang == "en" else "fund_seed") in said
        of_parameter = terminal.limit_text(limit("shock_sd", low, high), plan, lang)
        assert "None" not in of_parameter and "inf" not in of_parameter
    sides = {terminal.limit_text(limit("fund_seed", a, b, "lever"), plan, "en").replace("1.25", "x").replace("0.5", "x") for a, b in ((0.5, None), (None, 0.5), (0.5, 1.25))}
    assert len(sides) == 3


def test_a_goal_says_what_it_asks(city):
    goal = next(g for g in city.goals if g.key == "hnte")
    said = terminal.goal_text(goal, goal.readings[0], "en")
    assert "≥ 500" in said and ">=" not in said
    below = replace(goal.readings[0], operator="<", value=12345.0)
    assert "< 12,345" in terminal.goal_text(goal, below, "zh")
