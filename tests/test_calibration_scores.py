"""Every score against its closed form or a case worked by hand."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from calibration.backtest import scores

LEVELS = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize(("mean", "sd", "observed"), [(0, 1, 0.3), (2, 0.5, 4), (-1, 3, -1)])
def test_crps_of_draws_is_that_of_the_normal(mean, sd, observed):
    assert scores.crps(mean + sd * ndtri(LEVELS), observed) == pytest.approx(
        scores.crps_normal(mean, sd, observed), abs=2e-3 * sd
    )


def test_crps_of_a_standard_normal_at_its_median_is_known():
    assert scores.crps_normal(0, 1, 0) == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi))


def test_crps_of_one_draw_is_the_distance_and_of_uniform_draws_the_integral():
    assert scores.crps(np.array([3.0]), 5.0) == 2.0
    # U(0, 1) at y inside: y^2 - y + 1/3
    assert scores.crps(LEVELS, 0.2) == pytest.approx(0.2**2 - 0.2 + 1 / 3, abs=1e-4)
    assert scores.crps(np.array([0.0, 1.0]), 0.0) == pytest.approx(0.25)  # 1/2 - 1/4


def test_crps_does_not_mind_the_order_of_draws():
    draws = np.array([2.0, -1.0, 5.0, 0.0])
    assert scores.crps(draws, 1.0) == scores.crps(np.sort(draws), 1.0)


def test_interval_score_counts_width_and_misses():
    assert scores.interval_score(1, 3, 2, 0.1) == 2
    assert scores.interval_score(1, 3, 4, 0.1) == 2 + 20 * 1
    assert scores.interval_score(1, 3, 0.5, 0.5) == 2 + 4 * 0.5


def test_wis_is_the_absolute_error_for_a_point_and_the_formula_for_a_uniform():
    assert scores.wis(np.full(9, 2.0), 5.0) == pytest.approx(3.0)
    draws, observed = np.linspace(0, 1, 100001), 0.97
    total = 0.5 * abs(observed - 0.5)
    for level in (0.5, 0.8, 0.9):
        low, high, alpha = (1 - level) / 2, (1 + level) / 2, 1 - level
        total += alpha / 2 * (high - low + 2 / alpha * max(observed - high, 0))
    assert scores.wis(draws, observed) == pytest.approx(total / 3.5)


def test_coverage_and_pit():
    draws = np.linspace(0, 1, 1001)
    assert scores.covered(draws, 0.06, 0.9) and not scores.covered(draws, 0.04, 0.9)
    assert scores.pit(draws, 0.25) == pytest.approx(0.25, abs=1e-3)
    assert scores.pit(np.array([1.0, 1.0]), 1.0) == 0.5
    assert scores.uniformity(np.array([0.05, 0.95, 1.0, 0.0])) == pytest.approx([0.5, *[0] * 8, 0.5])


def test_brier_and_reliability():
    assert scores.brier(0.8, True) == pytest.approx(0.04) and scores.brier(0.8, False) == pytest.approx(0.64)
    rows = scores.reliability(np.array([0.1, 0.9, 1.0]), np.array([False, True, False]), (0.0, 0.5, 1.0))
    assert [r["goals"] for r in rows] == [1, 2]
    assert rows[1]["probability"] == pytest.approx(0.95) and rows[1]["reached"] == 0.5


def test_bootstrap_holds_the_mean_and_draws_whole_groups():
    gap = np.r_[np.full(50, -1.0), np.full(50, 1.0)]
    one_each = [str(i) for i in range(100)]
    narrow = scores.paired_bootstrap(gap, one_each, 1)
    wide = scores.paired_bootstrap(gap, ["a"] * 50 + ["b"] * 50, 1)
    assert narrow[0] < 0 < narrow[1] and wide == (-1.0, 1.0)
    assert narrow[1] - narrow[0] == pytest.approx(2 * 1.645 * 0.1, rel=0.1)
    assert scores.paired_bootstrap(gap, one_each, 1) == narrow


def test_diebold_mariano_at_one_step_is_a_t_test():
    d = np.array([0.1, -0.2, 0.4, 0.3, 0.2])
    statistic, p = scores.diebold_mariano(d, 1)
    assert statistic == pytest.approx(d.mean() / (d.std(ddof=1) / np.sqrt(5)))
    assert 0 < p < 1
    assert scores.diebold_mariano(np.ones(2), 1) == (0.0, 1.0)
    assert scores.diebold_mariano(np.ones(9), 1) == (0.0, 1.0)


def test_an_interval_holds_its_ends():
    draws = np.arange(101.0)
    held = [scores.covered(draws, x, 0.9) for x in (4.99, 5.0, 50.0, 95.0, 95.01)]
    assert held == [False, True, True, True, False]


def test_shares_of_pit_values_are_of_the_whole_unit_interval():
    assert scores.uniformity(np.array([0.51, 0.52, 0.58, 0.61])).tolist() == [0, 0, 0, 0, 0, 0.75, 0.25, 0, 0, 0]
    assert scores.uniformity(np.array([0.95]))[9] == 1.0
    assert scores.uniformity(np.zeros(0)).tolist() == [0.0] * 10


def test_a_probability_on_an_edge_is_of_the_band_above_and_one_of_the_last():
    said, came = np.array([0.0, 0.2, 0.2, 1.0]), np.array([False, True, False, True])
    assert scores.reliability(said, came, (0.0, 0.2, 0.6, 1.0)) == [
        {"from": 0.0, "to": 0.2, "goals": 1.0, "probability": 0.0, "reached": 0.0},
        {"from": 0.2, "to": 0.6, "goals": 2.0, "probability": 0.2, "reached": 0.5},
        {"from": 0.6, "to": 1.0, "goals": 1.0, "probability": 1.0, "reached": 1.0},
    ]


@pytest.mark.parametrize("horizon", [1, 2, 3])
def test_diebold_mariano_ahead_counts_autocovariances_with_the_small_sample_factor(horizon):
    x = np.array([2.0, 2.5, 3.0, 0.5, -1.0, 1.0, 3.0, 3.0])
    n, mean = 8, 1.75
    products = [sum((x[i] - mean) * (x[i - lag] - mean) for i in range(lag, n)) / n for lag in range(horizon)]
    plain = mean / math.sqrt((products[0] + 2.0 * sum(products[1:])) / n)
    factor = math.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)  # Harvey, Leybourne & Newbold
    statistic, p = scores.diebold_mariano(x, horizon)
    assert statistic == pytest.approx(plain * factor)
    assert p == pytest.approx(2.0 * stats.t.sf(plain * factor, n - 1))


def test_diebold_mariano_of_three_pairs_is_one_and_never_loses_all_of_its_factor():
    assert scores.diebold_mariano(np.array([1.0, 2.0, 4.0]), 1)[0] == pytest.approx(stats.ttest_1samp([1.0, 2.0, 4.0], 0.0)[0])
    # of mean 2, with autocovariances 18, 11, 0, -8 and -8 sixths; the factor would be (7 - 10 + 20 / 6) / 6, below a sixth
    x = np.array([0.0, 0.0, 1.0, 3.0, 4.0, 4.0])
    assert scores.diebold_mariano(x, 5)[0] == pytest.approx(2.0 / math.sqrt(8.0 / 36.0) * math.sqrt(1.0 / 6.0))
