"""Comparators, their spread, scores and tables of scores: known answers, worked by hand or in another way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from calibration.backtest import comparators, scores, spread, summary
from calibration.backtest.backtest import Pair
from calibration.panel.data import FLOW, STOCK, Course

AHEAD = np.array([1.0, 2.0, 3.0])


def course(logs, times=None):
    times = range(len(logs)) if times is None else times
    return Course(tuple(float(t) for t in times), tuple(float(x) for x in logs))


def ahead(name, one, panel=None, years=AHEAD):
    """Return what a comparator says years after the last point."""
    made = comparators.COMPARATORS[name]({"x": one} | (panel or {}))("x", one, one.times[-1] + years)
    assert made is not None
    return made


# --- comparators


def test_the_last_value_and_the_mean_growth_are_carried_forward():
    one = course([5.0, 5.4, 5.2, 6.2], [0, 1, 3, 4])
    assert ahead("naive", one) == pytest.approx([6.2] * 3)
    assert ahead("drift", one) == pytest.approx([6.5, 6.8, 7.1])  # 1.2 in four years
    assert ahead("drift", course([5.0])) == pytest.approx([5.0] * 3)


def test_a_damped_trend_loses_fifteen_percent_a_year():
    """Growth of 0.85^k in year k is what the method expects: it goes on at 0.85^n, whatever it smooths with."""
    growth = 0.4 * 0.85 ** np.arange(6)
    one = course(np.concatenate(([5.0], 5.0 + np.cumsum(growth))))
    assert ahead("damped_trend", one) == pytest.approx(one.logs[-1] + np.cumsum(0.4 * 0.85 ** np.arange(6, 9)))


def test_two_half_years_are_a_whole_one_with_the_second_damped():
    one = course(5.0 + np.cumsum(0.4 * 0.85 ** np.arange(6)))
    half, whole, more = ahead("damped_trend", one, years=np.array([0.5, 1.0, 1.5])) - one.logs[-1]
    assert half * (1.0 + np.sqrt(0.85)) == pytest.approx(whole)
    assert half + whole * np.sqrt(0.85) == pytest.approx(more)


def test_an_autoregression_is_found_where_growth_follows_one():
    """Growth goes half of the way back to 0.1 a year: 0.5, 0.3, 0.2, 0.15, 0.125, and on 0.1125, 0.10625."""
    growth = 0.1 + 0.4 * 0.5 ** np.arange(5)
    one = course(np.concatenate(([3.0], 3.0 + np.cumsum(growth))))
    assert ahead("arima", one) == pytest.approx(one.logs[-1] + np.cumsum([0.1125, 0.10625, 0.103125]))


def test_models_of_whole_years_use_the_last_unbroken_years():
    steady = [5.0 + 0.1 * t for t in range(6)]
    broken = course([9.0, *steady], [-3, *range(6)])
    for name in ("ets", "arima"):
        assert ahead(name, broken) == pytest.approx(ahead(name, course(steady)))
    assert comparators.arima({})("x", course(steady), np.array([5.5])) is None  # nothing between year-ends


RATE = 0.03 * 50.0 ** (12 / 23)
"""One of the 24 rates between 0.03 and 1.5 that are tried: about 0.23 a year."""


@pytest.mark.parametrize(
    ("name", "log"),
    [("gompertz", lambda t: 8.0 - 2.0 * np.exp(-RATE * t)), ("logistic", lambda t: 8.0 - np.log1p(np.exp(-RATE * (t - 3.0))))],
)
def test_a_growth_curve_is_found_again(name, log):
    t = np.arange(8.0)
    assert ahead(name, course(log(t))) == pytest.approx(log(7.0 + AHEAD), abs=1e-9)


def test_a_curve_never_turns_down():
    falling = course([6.0, 5.5, 5.0, 4.5, 4.0])
    assert ahead("gompertz", falling) == pytest.approx([5.0] * 3)  # the mean: growth has no part in it


def test_regions_that_grow_alike_share_their_growth():
    panel = {f"r{i}": course([4.0 + i, 4.2 + i, 4.4 + i]) for i in range(4)}
    short = course([7.0, 7.9])
    grown = ahead("pooled_growth", short, {k: v for k, v in panel.items() if k != "r0"})[0] - 7.9
    assert 0.2 < grown < 0.9  # one rate of its own and the others'
    unseen = comparators.pooled(panel)("new", short, np.array([2.0, 4.0]))
    assert unseen == pytest.approx([7.9 + 0.2, 7.9 + 0.6])
    damped = comparators.pooled_damped(panel)("new", short, np.array([2.0, 3.0]))
    assert damped == pytest.approx([7.9 + 0.85 * 0.2, 7.9 + (0.85 + 0.85**2) * 0.2])


def test_one_rate_a_region_leaves_only_the_mean():
    panel = {"a": course([1.0, 1.3]), "b": course([1.0, 1.1]), "c": course([1.0, 1.2])}
    made = comparators.pooled(panel)
    for region, one in panel.items():
        assert made(region, one, np.array([2.0]))[0] - one.logs[-1] == pytest.approx(0.2)
    assert comparators.pooled({})("x", course([3.0]), np.array([1.0])) == pytest.approx([3.0])


# --- how far off they were


def test_past_errors_are_those_made_at_every_earlier_date():
    """Last value: from 5.1 at 1 to 5.4 and 6.0, from 5.4 at 2 to 6.0; a first point alone says nothing."""
    panel = {"x": course([5.0, 5.1, 5.4, 6.0])}
    errors = spread.past_errors(comparators.naive, panel)
    assert errors.gap.tolist() == [1.0, 2.0, 1.0]
    assert errors.error == pytest.approx([0.3, 0.9, 0.6])
    trend = spread.past_errors(comparators.drift, panel)
    assert trend.error == pytest.approx([0.3 - 0.1, 0.9 - 0.2, 0.6 - 0.2])


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0])
def test_a_spread_is_found_again_with_its_growth_over_years(power):
    n = 3000
    gap = 1.0 + np.arange(n) % 4
    t = np.array([float(x) for x in spread.Spread(1.0, 0.0).draws(0.0, 1.0)])  # quantiles of the t it assumes
    error = 0.3 * gap**power * t[(7 * np.arange(n)) % len(t)]
    made = spread.spread(spread.Errors(gap, error), spread.Errors(np.zeros(0), np.zeros(0)))
    assert made.power == power and made.scale == pytest.approx(0.3, rel=0.05)


def test_a_handful_of_lucky_errors_does_not_make_sure():
    lucky = spread.Errors(np.ones(12), np.zeros(12))
    made = spread.spread(lucky, lucky)
    assert 0.02 < made.scale < 0.1
    few = spread.Errors(np.ones(3), np.zeros(3))
    wide = spread.Errors(np.ones(50), np.tile([-0.5, 0.5], 25))
    assert spread.spread(few, wide) == spread.spread(wide, few)  # too few of its own


def test_draws_are_symmetric_with_the_tails_of_a_student_t():
    made = spread.Spread(0.2, 0.5).draws(7.0, 4.0)
    assert np.mean(made) == pytest.approx(7.0)
    low, high = np.quantile(made, (0.25, 0.75))
    assert high - low == pytest.approx(2 * 0.7267 * 0.2 * 2.0, rel=0.01)  # the quartile of t with five degrees is 0.7267
    assert np.ptp(spread.Spread(0.2, 0.5).draws(7.0, 0.0)) > 0.0  # nobody is sure of the same day


# --- scores

DRAWS = st.lists(st.floats(-50, 50), min_size=1, max_size=12)


@settings(max_examples=40)
@given(DRAWS, st.floats(-50, 50))
def test_crps_is_its_definition_over_all_pairs(draws, observed):
    x = np.array(draws)
    pairs = np.abs(x[:, None] - x[None, :]).mean()
    assert scores.crps(x, observed) == pytest.approx(np.abs(x - observed).mean() - 0.5 * pairs, abs=1e-9)


@settings(max_examples=40)
@given(DRAWS, st.floats(-50, 50))
def test_crps_is_the_integral_of_squared_brier_scores(draws, observed):
    """Between its steps F is constant, so the integral of (F - 1{y <= z})^2 is a sum."""
    x = np.array(draws)
    ends = np.sort(np.append(x, observed))
    total = sum((np.mean(x <= a) - (observed <= a)) ** 2 * (b - a) for a, b in pairwise(ends))
    assert scores.crps(x, observed) == pytest.approx(total, abs=1e-9)


@settings(max_examples=40)
@given(DRAWS, st.floats(-50, 50), st.floats(0.1, 9), st.floats(-20, 20))
def test_scores_are_in_the_unit_of_what_is_forecast(draws, observed, unit, shift):
    x = np.array(draws)
    for score in (scores.crps, scores.wis):
        assert score(unit * x + shift, unit * observed + shift) == pytest.approx(unit * score(x, observed), abs=1e-6)


@settings(max_examples=40)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=12), st.floats(-50, 50))
def test_wis_is_twice_the_mean_pinball_loss_of_its_seven_quantiles(draws, observed):
    x = np.array(draws)
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    loss = [max(q * (observed - z), (q - 1.0) * (observed - z)) for q in levels for z in [np.quantile(x, q)]]
    assert scores.wis(x, observed) == pytest.approx(2.0 * np.mean(loss), abs=1e-9)


@pytest.mark.parametrize("score", [scores.crps, scores.wis])
def test_the_true_distribution_scores_best_on_average(score):
    """Proper: of normals of other means and widths none beats the one that the numbers come from."""
    z = ndtri((np.arange(61) + 0.5) / 61)
    mean = {(m, s): np.mean([score(m + s * z, y) for y in z]) for m in (-0.4, 0.0, 0.4) for s in (0.7, 1.0, 1.5)}
    assert min(mean, key=mean.get) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("low", "high", "observed", "alpha", "score"),
    [(1, 3, 1, 0.1, 2.0), (1, 3, 3, 0.1, 2.0), (1, 3, 0, 0.1, 22.0), (1, 3, 5, 0.2, 22.0), (2, 2, 3, 0.5, 4.0), (-1, 1, 1.5, 1.0, 3.0)],
)
def test_an_interval_pays_for_width_and_for_misses(low, high, observed, alpha, score):
    assert scores.interval_score(low, high, observed, alpha) == pytest.approx(score)


def test_crps_of_an_exponential_is_known():
    """CRPS of Exp(1) at y: y - 2 (1 - e^-y) + 1/2."""
    draws = -np.log1p(-(np.arange(20_000) + 0.5) / 20_000)
    for y in (0.0, 0.7, 3.0):
        assert scores.crps(draws, y) == pytest.approx(y - 2.0 * (1.0 - np.exp(-y)) + 0.5, abs=1e-3)


def test_errors_two_steps_ahead_count_their_neighbours():
    """Means 0.2; autocovariances 0.0816 and 0.0272 x 2; by hand with the factor of Harvey, Leybourne and Newbold."""
    d = np.array([0.5, 0.6, 0.1, -0.2, 0.0])
    c = d - 0.2
    variance = (np.sum(c**2) + 2.0 * (c[0] * c[1] + c[1] * c[2] + c[2] * c[3] + c[3] * c[4])) / 5.0
    statistic, p = scores.diebold_mariano(d, 2)
    assert statistic == pytest.approx(0.2 / np.sqrt(variance / 5.0) * np.sqrt((5 + 1 - 4 + 2 / 5) / 5))
    assert abs(statistic) < abs(scores.diebold_mariano(d, 1)[0]) and p > scores.diebold_mariano(d, 1)[1]
    assert scores.diebold_mariano(np.array([1.0, -1.0, 1.0, -1.0]), 2) == (0.0, 1.0)  # a variance that comes out negative
    assert scores.diebold_mariano(-d, 2) == (pytest.approx(-statistic), pytest.approx(p))


def test_every_goal_is_in_one_band_of_probability():
    rows = scores.reliability(np.array([0.0, 0.2, 0.4, 0.99, 1.0]), np.array([0, 1, 0, 1, 1], bool), (0.0, 0.2, 0.8, 1.0))
    assert [(r["from"], r["goals"], r["reached"]) for r in rows] == [(0.0, 1, 0.0), (0.2, 2, 0.5), (0.8, 2, 1.0)]


# --- tables of scores


def pair(model, region="a", crps=1.0, **other):
    usual = {
        "series": STOCK, "origin": "2019", "target_period": "2020", "observed": 100.0, "q05": 80.0, "q50": 100.0, "q95": 120.0,
        "horizon": 1, "own_age": 0.0, "wis": 2.0 * crps, "pit": 0.5, "coverage50": True, "coverage80": True, "coverage90": True,
    }  # fmt: skip
    return Pair(region=region, model=model, crps=crps, **(usual | other))


TABLE = summary.frame([
    pair("peiyu", "a", 1.0), pair("peiyu", "b", 3.0, coverage50=False, pit=0.05), pair("naive", "a", 2.0), pair("naive", "b", 6.0),
    pair("drift", "a", 5.0), pair("drift", "b", 5.0), pair("arima", "a", 0.1),
])  # fmt: skip


def test_the_best_rival_forecast_every_pair():
    assert summary.best_comparator(summary.wide(TABLE)) == "naive"  # not arima, which took the easy one


def test_scores_are_held_against_the_best_rival_on_shared_pairs():
    rows = {r["model"]: r for r in summary.summary(TABLE)}
    assert next(iter(rows)) == "peiyu"
    assert rows["peiyu"]["crps_mean"] == 2.0 and rows["peiyu"]["relative_crps"] == 0.5 and rows["peiyu"]["wis_mean"] == 4.0
    assert rows["drift"]["relative_crps"] == 1.25 and rows["drift"]["peiyu_relative"] == 0.4
    assert rows["arima"]["pairs"] == 1 and rows["arima"]["relative_crps"] == 0.05 and rows["arima"]["peiyu_relative"] == 10.0
    assert rows["peiyu"]["coverage50"] == 0.5 and rows["peiyu"]["coverage90"] == 1.0
    assert [r["crps_mean"] for r in list(rows.values())[1:]] == [0.1, 4.0, 5.0]


def test_regions_are_won_or_lost_against_the_one_best_rival():
    rows = summary.regions(summary.frame([pair("peiyu", "a", 1.0), pair("peiyu", "b", 8.0), pair("naive", "a", 2.0), pair("naive", "b", 4.0)]))
    assert [(r["region"], r["won"], r["relative"]) for r in rows] == [("a", 1, 0.5), ("b", 0, 2.0)]


def test_a_difference_is_ours_less_theirs_by_year():
    years = [("2020", 1.0, 2.0), ("2021", 1.0, 1.5), ("2022-06", 1.0, 3.0)]
    table = summary.frame([pair(m, "a", x, target_period=y) for y, us, them in years for m, x in (("peiyu", us), ("naive", them))])
    (row,) = summary.differences(table, 1)
    assert row["against"] == "naive" and row["pairs"] == 3 and row["years"] == 3
    assert row["difference"] == pytest.approx(-3.5 / 3, abs=1e-4)
    assert row["ci90"] == [row["difference"], row["difference"]]  # one region: nothing to draw from
    assert row["dm_statistic"] < 0


def test_slices_have_each_its_own_best_rival():
    table = summary.frame([
        pair(m, "a", x, series=s, horizon=h, own_age=age)
        for s, h, age, scores_ in ((STOCK, 1, 0.0, (1, 2, 3)), (FLOW, 2, 1.5, (1, 5, 4)), ("other", 1, 2.0, (1, 1, 9)))
        for m, x in zip(("peiyu", "naive", "drift"), map(float, scores_), strict=True)
    ])  # fmt: skip
    rows = summary.slices(table)
    best = {(r["kind"], r["horizon"]): r["best"] for r in rows}
    assert best["flows", "2"] == "drift" and best["high-tech stocks", "all"] == "naive" and ("flows", "1") not in best
    pairs = {r["kind"]: r["pairs"] for r in rows if r["horizon"] == "all" and r["model"] == "peiyu"}
    assert pairs == {"flows": 1, "high-tech stocks": 1, "other stocks": 1, "all, own point at the origin": 1,
                     "stocks, own point at the origin": 1, "stocks, own point older": 1}  # fmt: skip


def test_where_observations_fell_is_counted_in_tenths():
    assert summary.calibration(TABLE)["peiyu"] == [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0]
