"""One distribution of a reading's outcome: the record's quantiles, and that no two numbers about it contradict."""

from dataclasses import astuple
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ensemble import pool, track_record
from sim.ensemble.pool import DRAWS, NODES, Pooled, fortunes, likelihood
from sim.ensemble.track_record import Ratios, RecordPrior, Settled
from sim.scenario.rule import OPERATORS

PRIOR = RecordPrior(kind_goals=2.0, overall_goals=2.0, size=0.2, common=0.2, ladder_places=4.0)
counts = st.floats(0, 40).map(round).map(float)


@st.composite
def pooled(draw):
    """Members, a record and a reading of any kind, in whole numbers so that ties occur."""
    shape = (draw(st.sampled_from([1, 5])), 2, 3)
    n = 5 + 6 * shape[0]
    numbers = draw(st.lists(counts, min_size=n, max_size=n))
    weight = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    recorded = np.reshape(numbers[5:], shape)
    return Pooled(draw(st.sampled_from(list(OPERATORS))), draw(counts), weight, np.array(numbers[:5]), recorded)


@settings(max_examples=300, deadline=None)
@given(pooled())
def test_no_line_contradicts_itself(x):
    low, median, high = x.interval()
    meets = OPERATORS[x.operator]
    assert low <= median <= high
    assert (x.probability >= 0.5) == meets(median, x.value)
    assert 0.0 <= x.probability <= 1.0
    if x.probability == 1.0:
        assert all(meets(y, x.value) for y in (low, median, high)) and x.shortfall == 0.0
    if x.probability == 0.0:
        assert not any(meets(y, x.value) for y in (low, median, high))
    if x.shortfall == 0.0 and x.operator in (">=", "<="):
        assert x.probability == 1.0
    assert x.chances().mean() == pytest.approx(x.probability)


def test_the_interval_by_hand():
    x = Pooled(">=", 3.0, 0.5, np.array([1.0, 3.0]), np.array([[[2.0, 4.0]]]))
    assert (x.interval(), x.probability, x.shortfall) == ((1.0, 3.0, 4.0), 0.5, pytest.approx(0.75))
    assert Pooled("<=", 2.0, 0.5, np.array([1.0, 3.0]), np.array([[[2.0, 4.0]]])).interval()[1] == 2.0


def test_a_record_by_hand():
    """Three labels, two met at e^0.1 and e^0.3, one missed at e^-0.4; one market goal missed at e^-1."""
    goals = [Settled("label", x, x > 0) for x in (0.1, 0.3, -0.4)] + [Settled("market", -1.0, hit=False)]
    found = track_record.track_record(goals, PRIOR)
    every = found[None]
    assert (every.goals, every.hits) == (4, 2)
    assert every.rate == pytest.approx((2 + 2 * 0.5) / (4 + 2))
    assert every.above == pytest.approx((0.4 + 2 * 0.2) / (2 + 2)) and every.below == pytest.approx((1.4 + 0.4) / 4)
    assert found["label"].rate == pytest.approx((2 + 2 * 0.5) / 5)
    assert found["market"].below == pytest.approx((1.0 + 2 * 0.45) / 3)
    assert found["own_list"] == every and not every.own and found["label"].own


def test_a_bound_counts_by_its_size_only():
    seen, bound = (
        track_record.track_record([Settled("a", 0.5, hit=True, bound=b)], PRIOR)["a"].above for b in (False, True)
    )
    assert seen == pytest.approx((0.5 + 2 * 0.3) / 3) and bound == pytest.approx((0.5 + 2 * 0.45) / 2)


def test_a_citys_record_knows_bounds_growth_and_that_nothing_was_reached():
    """An exact outcome, a bound, a growth of 3 % where 5 % were asked, and one that came to nothing."""
    columns = ("decided_by", "target_value", "outcome_value", "outcome_is", "scale", "hit")
    rows = [
        ("market", 10.0, 12.0, "exact", "level", 1), ("market", 10.0, 11.0, "lower_bound", "level", 1),
        ("market", 5.0, 3.0, "exact", "growth_pct", 0), ("own_list", 4.0, 0.0, "upper_bound", "level", 0),
    ]  # fmt: skip
    found = track_record.of_city(SimpleNamespace(settled=pd.DataFrame(rows, columns=columns)))
    by_hand = [
        Settled("market", np.log(1.2), hit=True), Settled("market", np.log(1.1), hit=True, bound=True),
        Settled("market", np.log(103 / 105), hit=False), Settled("own_list", np.log(1e-3), hit=False, bound=True),
    ]  # fmt: skip
    wanted = track_record.track_record(by_hand)
    assert {k: astuple(x) for k, x in found.items()} == {k: pytest.approx(astuple(x)) for k, x in wanted.items()}


def test_a_goal_is_missed_by_however_little_and_met_from_its_rate_on():
    x = Ratios(goals=2, hits=1, rate=0.5, above=0.2, below=0.2, own=True)
    missed, met = x.quantile(np.array([np.nextafter(0.5, 0.0), 0.5]))
    assert missed < 1.0 <= met


def test_a_kind_of_a_single_goal_has_a_record_of_its_own():
    assert track_record.track_record([Settled("a", 0.5, hit=True)], PRIOR)["a"].own


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_quantiles_of_a_record_meet_its_rate_and_rise(hits, misses):
    goals = [Settled("a", 0.2, hit=True)] * hits + [Settled("a", -0.3, hit=False)] * misses
    x = track_record.track_record(goals, PRIOR).get("a", track_record.track_record((), PRIOR)[None])
    u = np.linspace(0.0005, 0.9995, 1000)
    ratio = x.quantile(u)
    assert (np.diff(ratio) >= 0).all() and (ratio > 0).all()
    assert (ratio >= 1.0).mean() == pytest.approx(x.rate, abs=0.002)


def test_fortunes_are_uniform_and_share_what_goals_have_in_common():
    u = fortunes()
    assert u.shape == (NODES, DRAWS)
    assert np.quantile(u, [0.1, 0.5, 0.9]) == pytest.approx([0.1, 0.5, 0.9], abs=0.02)
    assert (np.diff(u.mean(axis=1)) > 0).all()


@pytest.mark.parametrize(
    ("p", "word"), [(1.0, "almost_certain"), (0.949, "almost_certain"), (0.94, "very_likely"), (0.55, "likely"), (0.5, "even"),
                    (0.449, "even"), (0.44, "unlikely"), (0.2, "unlikely"), (0.19, "very_unlikely"), (0.0, "very_unlikely")],
)  # fmt: skip
def test_the_word_is_that_of_the_printed_per_cent(p, word):
    assert likelihood(p) == word


def test_a_lever_moves_the_models_part_or_all_of_it_where_the_model_has_none(monkeypatch):
    monkeypatch.setattr(pool, "model_weights", lambda: {"data": 0.3})
    assert (pool.effect_weight("data"), pool.effect_weight("record")) == (0.3, 1.0)


def test_the_record_s_outcomes_fall_below_the_target_where_goals_were_missed_and_lie_above_it_where_they_were_met():
    made = Ratios(10, 8, rate=0.8, above=0.2, below=0.5, own=True)
    u = np.array([0.05, 0.1, 0.2 - 1e-15, 0.2 + 1e-15, 0.6, 0.9])
    wanted = [0.25**0.5, 0.5**0.5, 1.0, 1.0, 2.0**0.2, 8.0**0.2]
    found = made.quantile(u)
    assert found == pytest.approx(wanted)
    assert found[2] < 1.0 <= found[3]  # however little it was missed by
    assert 0.0 < made.quantile(np.array([0.0]))[0] < 1e-5 and np.isfinite(made.quantile(np.array([1.0]))[0])


def test_a_kind_is_pulled_to_all_goals_and_these_to_one_half_each_by_a_prior_of_its_own():
    settled = [
        *[Settled("market", 0.1, True)] * 3, Settled("own_list", -0.4, False),
        Settled("market", 0.5, True, bound=True), Settled("own_list", -0.2, False, bound=True),
    ]  # fmt: skip
    prior = PRIOR.model_copy(update={"kind_goals": 5.0, "overall_goals": 3.0})
    found = track_record.track_record(settled, prior)
    every, market, lists, ration = (found[k] for k in (None, "market", "own_list", "higher_authority"))
    assert every.rate == pytest.approx((4 + 3 * 0.5) / (6 + 3))
    assert market.rate == pytest.approx((4 + 5 * every.rate) / (4 + 5))
    assert lists.rate == pytest.approx((0 + 5 * every.rate) / (2 + 5))
    # a bound adds its size and is not counted: 0.1 * 3 + 0.5 over three
    assert every.above == pytest.approx((0.8 + 3 * 0.2) / (3 + 3))
    assert market.above == pytest.approx((0.8 + 5 * every.above) / (3 + 5))
    assert lists.below == pytest.approx((0.6 + 5 * every.below) / (1 + 5))
    assert ration == every and (every.goals, every.hits) == (6, 4)
    assert market.own and lists.own and track_record.track_record([], prior)["market"].rate == 0.5
    assert not track_record.track_record([], prior)["market"].own
