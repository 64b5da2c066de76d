"""Which number to publish first: what is offered, in which order, and how much more than luck it has to tell."""

from types import SimpleNamespace

import numpy as np
import pytest

from calibration.sensitivity import indices, variance_budget
from calibration.sensitivity import information as bins_of
from calibration.sensitivity.factors import row_at, seed_at, size_at
from calibration.sensitivity.runs import Datum
from peiyu.sensitivity import terminal
from peiyu.sensitivity.analysis import rounded
from peiyu.sensitivity.document import DatumRow
from peiyu.sensitivity.information import information
from peiyu.words.numbers import NOTHING
from sim import quarter

FIRST = quarter.parse("2025Q1")
GOAL = SimpleNamespace(deadline=FIRST + 7)
MEMBERS = 600


@pytest.fixture(scope="module")
def told():
    """One count is the outcome with noise in every quarter, more of it at first; another has nothing to do with it."""
    rng = np.random.default_rng(4)
    y = np.exp(4 + 0.2 * rng.normal(size=MEMBERS))
    data, columns = [], []
    for name in ("useful", "useless"):
        for at in range(9):
            data.append(Datum(name, FIRST + at, 0.001))
            noise = np.exp(rng.normal(size=MEMBERS) * 0.8 * 0.7**at)
            columns.append(y * noise if name == "useful" else 50 * noise)
    hit = (y > np.median(y)).astype(float)
    return information(GOAL, tuple(data), np.column_stack(columns), (y, hit), 1), y, hit


def test_of_each_indicator_the_quarter_that_tells_most_is_offered_before_the_deadline(told):
    found, _, _ = told
    assert [d["indicator"] for d in found["best"]] == ["useful", "useless"]
    assert found["best"][0]["datum"] == "useful@2026Q3"  # the least noise; at the deadline itself it is too late
    assert found["soon"][0]["datum"] == "useful@2025Q4"
    assert all(d["quarter"] <= "2025Q4" for d in found["soon"])


def test_what_a_number_explains_is_that_of_the_normal_formula_and_more_than_luck(told):
    """Noise of 0.8 * 0.7^6 = 0.094 on a spread of 0.2 leaves 0.04 / (0.04 + 0.0089) of the variance explained."""
    found, _, hit = told
    best = found["best"][0]
    assert best["variance_cut"] == pytest.approx(0.04 / (0.04 + 0.0089), abs=0.08)
    assert best["variance_cut"] > found["best_by_luck"] > 0 and best["variance_cut_half"] < 0.15
    assert found["best"][1]["variance_cut"] < 1.5 * found["best_by_luck"]
    assert 0 < best["brier_cut"] < 0.25 and hit.var() == pytest.approx(0.25)
    assert found["soon_by_luck"] < found["best_by_luck"]  # fewer numbers, less luck


def test_an_outcome_that_never_varies_needs_no_number(told):
    data, values = (Datum("a", FIRST, 0.1),), np.arange(30.0)[:, None]
    found = information(GOAL, data, values, (np.full(30, 5.0), np.ones(30)), 1)
    assert found == {"best": None, "soon": None, "best_by_luck": None, "soon_by_luck": None}


def test_a_number_that_never_varies_is_not_offered_and_a_goal_nearly_always_reached_has_no_brier():
    rng = np.random.default_rng(1)
    values = np.column_stack([np.full(200, 7.0), rng.random(200)])
    data = (Datum("fixed", FIRST, 0.1), Datum("late", FIRST + 6, 0.1))
    found = information(GOAL, data, values, (rng.random(200), np.r_[np.zeros(9), np.ones(191)]), 1)
    assert [d["indicator"] for d in found["best"]] == ["late"] and found["soon"] is None and found["soon_by_luck"] is None
    assert found["best"][0]["brier_cut"] is None and found["best"][0]["brier_cut_half"] is None


# ---- what is said of it


def row(cut, half=0.05, luck=0.1, narrow=0.2):
    made = DatumRow(
        datum="hnte_stock@2025Q4", indicator="hnte_stock", quarter="2025Q4", error=0.1, variance_cut=cut,
        variance_cut_half=half, interval_cut=narrow, brier_cut=None, brier_cut_half=None,
    )  # fmt: skip
    return SimpleNamespace(best_soon=made, information=SimpleNamespace(soon_by_luck=luck))


@pytest.mark.parametrize(
    ("given", "tells"),
    [
        (row(0.30), True),
        (row(0.10), False),  # no more than the best of so many by luck
        (row(0.101), True),
        (row(0.30, half=0.31), False),  # its interval reaches nothing
        (row(0.30, luck=None, half=None), True),
        (row(None), False),
        (row(0.30, narrow=None), False),
        (SimpleNamespace(best_soon=None), False),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_number_is_named_only_if_it_tells_more_than_luck_and_than_its_own_error(given, tells, lang):
    assert (terminal.tells(given) is not None) is tells
    said = terminal.publish_first(given, "GOAL", lang)
    assert "GOAL" in said and ("2025Q4" in said) is tells and ("30%" in said) is (tells and given.best_soon.variance_cut == 0.3)


@pytest.mark.parametrize(
    ("x", "half", "written"),
    [(0.25, None, "25%"), (0.25, 0.1, "25% ± 10%"), (0.25, 1.01, NOTHING), (None, 0.1, NOTHING), (0.001, None, "<1%")],
)
def test_a_share_with_an_interval_wider_than_all_there_is_says_nothing(x, half, written):
    assert terminal.share(x, half) == written


@pytest.mark.parametrize(
    ("key", "zh", "en"),
    [("chance", "随机", "chance"), ("lever fund_seed", "种子期投资基金", "seed fund"), ("hnte_apply", "高企", "pply")],
)
def test_a_factor_has_a_name_in_both_languages(key, zh, en):
    assert zh in terminal.factor_name(key, None, "zh") and en in terminal.factor_name(key, None, "en").replace("applic", "apply")


def test_numbers_are_kept_to_six_digits_and_what_is_none_is_null():
    given = {"a": [1 / 3, float("nan"), float("inf")], "b": {"c": 123456789.0, "d": 7, "e": "x"}}
    assert rounded(given) == {"a": [0.333333, None, None], "b": {"c": 123457000.0, "d": 7, "e": "x"}}


# ---- designs and indices with closed forms


def test_sizes_are_even_on_the_log_scale_and_seeds_apart_from_forecasts():
    assert size_at(np.array([0.0, 0.25, 0.5, 1.0])).tolist() == pytest.approx([0.5, 0.5**0.5, 1.0, 2.0])
    assert row_at(np.array([0.0, 0.2499, 0.25, 0.999, 1.0]), 4).tolist() == [0, 0, 1, 3, 3]
    seeds = seed_at(np.array([0.0, 0.999999]), 7)
    assert seeds.min() >= 7_500_000 and seeds.max() < 7_900_000


def test_sobol_of_a_linear_model_is_the_share_of_each_slope_squared():
    """y = 1 a + 2 b + 3 c of uniforms: 1, 4 and 9 of 14, alone and in all."""
    from SALib.sample import sobol

    problem = {"num_vars": 4, "names": ["a", "b", "c", "dead"], "groups": None, "bounds": [[0.0, 1.0]] * 4}
    x = sobol.sample(problem, 1024, calc_second_order=False, seed=2)
    found = indices.sobol_indices(problem, x @ np.array([1.0, 2.0, 3.0, 0.0]), 1)
    assert [i.factor for i in found] == ["a", "b", "c", "dead"]
    assert [i.first for i in found] == pytest.approx([1 / 14, 4 / 14, 9 / 14, 0.0], abs=0.02)
    assert [i.total for i in found] == pytest.approx([1 / 14, 4 / 14, 9 / 14, 0.0], abs=0.02)
    assert all(i.of_probability is None for i in found)


def test_morris_tells_a_bend_from_a_slope():
    """a works by its slope; b's square moves up and down by where it stands, so its changes spread."""
    from SALib.sample import morris

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    x = morris.sample(problem, 40, num_levels=4, seed=5)
    moves = {m.factor: m for m in indices.morris_moves(problem, x, 3 * x[:, 0] + 12 * (x[:, 1] - 0.5) ** 2, 1)}
    assert (moves["a"].change, moves["a"].size, moves["a"].spread) == pytest.approx((3.0, 3.0, 0.0), abs=1e-9)
    assert moves["b"].size == pytest.approx(4.0) and abs(moves["b"].change) < 2.0 < moves["b"].spread
    assert (moves["c"].size, moves["c"].spread) == (0.0, 0.0)


def test_single_parameters_explain_their_share_and_the_fixed_are_left_out():
    """y = 2 a + b of normals: four fifths and one fifth; its thirds differ by 2 * 1.091 twice."""
    rng = np.random.default_rng(3)
    draws = np.column_stack([rng.normal(size=(2000, 2)), np.full(2000, 5.0), rng.normal(size=2000)])
    y = 2 * draws[:, 0] + draws[:, 1]
    found = indices.singles(draws, y, 1, 3)
    assert [s.share for s in found] == pytest.approx([0.8, 0.2, 0.0], abs=0.05)
    assert found[0].high_third - found[0].low_third == pytest.approx(4 * 1.091, abs=0.3)
    assert len({s.factor for s in found}) == 3 and all(s.half > 0 for s in found)
    assert len(indices.singles(draws, y, 1, 2)) == 2


def test_distance_is_that_of_kolmogorov_and_smirnov():
    a, b = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0])
    assert indices.distance(a, b) == 0.5 and indices.distance(b, a) == 0.5
    assert indices.distance(a, a[::-1]) == 0.0 and indices.distance(a, a + 10) == 1.0


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_a_budget_adds_up_whatever_the_model(parts):
    """Shares of single parts and of parts together are one, with as few pairs as there may be."""
    rng = np.random.default_rng(parts)
    y = rng.normal(size=(6, 2**parts)) + 3.0
    names = (*(f"p{k}" for k in range(parts)), "together")
    found = variance_budget.budget(y, names, 1, resamples=20)
    assert [s.part for s in found] == list(names)
    assert sum(s.share for s in found) == pytest.approx(1.0)
    moved = variance_budget.budget(10.0 * y - 7.0, names, 1, resamples=20)  # units and level say nothing
    assert [s.share for s in moved] == pytest.approx([s.share for s in found])
    assert [s.low for s in moved] == pytest.approx([s.low for s in found])


def test_all_in_one_part_is_that_part():
    """Only the second part decides: columns that take it from the same draw are equal."""
    z = np.random.default_rng(1).normal(size=(500, 2))
    y = z[:, [c >> 1 & 1 for c in range(8)]]
    found = {s.part: s.share for s in variance_budget.budget(y, ("a", "b", "c", "together"), 1, resamples=20)}
    assert found == pytest.approx({"a": 0.0, "b": 1.0, "c": 0.0, "together": 0.0}, abs=1e-9)


def test_bins_hold_equal_numbers_and_equal_values_share_one():
    at = bins_of.bins(np.random.default_rng(0).permutation(300.0 + np.arange(300)))
    assert np.bincount(at).tolist() == [15] * 20
    counts = np.repeat([0.0, 1.0, 5.0], [100, 3, 97])
    tied = bins_of.bins(counts)
    assert all(len(set(tied[counts == v])) == 1 for v in (0.0, 1.0, 5.0)) and (np.bincount(tied) > 0).all()
    assert (np.diff(tied) >= 0).all()
