"""The panel's arithmetic against dense Gaussians and recursions that are written out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from calibration.panel import latent
from sim.streams import Streams

YEARS = 5
V = latent.Volatility(0.06, 0.2, 0.05, 0.1, 0.15, 0.12, 0.08)
QUIET = latent.Volatility(0.0, 0.0, 0.0, 0.3, 0.0, 0.0, 0.0)
"""A region's own random walk and nothing else."""
FADE, LEVEL_SD = 0.8, 2.5
"""As `panel.toml` has them."""
WITHIN = np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
"""A province, a city in it, and another province."""
SCALE = np.array([0.5, 1.0, 2.0])


def hierarchy(years=YEARS):
    return latent.Hierarchy(["p", "c", "o"], WITHIN, SCALE, years)


def seen(region, value, error=0.1, bound=0):
    k = len(region)
    return latent.Seen(np.array(region), np.array(value, float), np.full(k, float(error)), np.full(k, bound))


def linear(slope, residual, variance, passing=None, counting=None, shape=(3, YEARS)):
    blank = np.zeros(shape)
    passing = np.ones(shape) if passing is None else passing
    return latent.Linear(blank, slope, np.array(residual, float), np.array(variance, float), passing,
                         blank if counting is None else counting)  # fmt: skip


def draws(at, h, data, v, slots, future=YEARS, name="x"):
    return latent.sample(at, h, data, v, (Streams(7), name, np.asarray(slots), future))


# --- covariances, from independent standard normals


def walked(years):
    """Return the matrix that turns unit shocks into a walk from zero: one column a shock."""
    made = np.zeros((years, years))
    for t in range(1, years):
        made[t] = made[t - 1]
        made[t, t] = 1.0
    return made


def drifted(years):
    """Return the matrix that turns shocks into levels whose growth is a stationary AR(1) of unit variance."""
    growth, level = np.zeros((years, years)), np.zeros((years, years))
    for t in range(1, years):
        growth[t] = FADE * growth[t - 1]
        growth[t, t] = 1.0 if t == 1 else np.sqrt(1.0 - FADE**2)
        level[t] = level[t - 1] + growth[t]
    return level


def test_a_walk_adds_unit_shocks_from_a_fixed_start():
    steps = walked(6)
    assert latent.walk(6)[1:, 1:] == pytest.approx((steps @ steps.T)[1:, 1:])
    assert (latent.walk(6)[0] == 0).all()


@pytest.mark.parametrize("years", [1, 2, 3, 9])
def test_a_faded_drift_is_the_sum_of_an_autoregression(years):
    levels = drifted(years)
    assert latent.faded(years) == pytest.approx(levels @ levels.T, abs=1e-12)


def test_a_drift_of_which_a_year_leaves_four_fifths_gives_growth_that_variance():
    """Var(level 2) = 2 + 2 phi and Var(level 3) = 3 + 4 phi + 2 phi^2, by hand at phi = 0.8."""
    assert np.diag(latent.faded(4)) == pytest.approx([0.0, 1.0, 3.6, 7.48])


def dense(v, passing, counting):
    """Return the covariance of all levels, (3 years, 3 years) flattened region by region, from independent shocks."""
    blocks = []
    steps, drift = walked(YEARS), drifted(YEARS)
    for size, matrix in ((v.nation_shock, steps), (v.nation_drift, drift), (v.nation_passing, np.eye(YEARS))):
        blocks.append(np.vstack([size * matrix] * 3))  # the nation's part is everybody's
    for p in range(3):
        own = [LEVEL_SD * np.ones((YEARS, 1)), SCALE[p] * v.shock * steps, SCALE[p] * v.drift * drift]
        own.append(np.diag(np.sqrt(passing[p] * (v.passing * SCALE[p]) ** 2 + counting[p])))
        for matrix in own:
            blocks.append(np.vstack([WITHIN[r, p] * matrix for r in range(3)]))
    loading = np.hstack(blocks)
    return loading @ loading.T


def measured():
    """Return a linear model of six observations: who, slopes, relative passing variances, scatter of counts."""
    rng = np.random.default_rng(3)
    region = [0, 1, 1, 2, 0, 2]
    slope = np.zeros((6, YEARS))
    for i, t in enumerate([1, 1, 3, 2, 4, 4]):
        slope[i, t] = 1.0
    slope[4] = [0.0, 0.0, 0.2, 0.3, 0.5]  # a stock is of three years
    at = linear(slope, rng.normal(size=6), rng.uniform(0.001, 0.02, 6), rng.uniform(0.5, 2.0, (3, YEARS)),
                rng.uniform(0.0, 0.02, (3, YEARS)))  # fmt: skip
    whole = np.zeros((6, 3 * YEARS))
    for i, r in enumerate(region):
        whole[i, r * YEARS : (r + 1) * YEARS] = slope[i]
    return region, at, whole


def test_the_covariance_of_observations_is_that_of_the_dense_model():
    region, at, whole = measured()
    expected = whole @ dense(V, at.passing, at.counting) @ whole.T + np.diag(at.variance)
    made = latent.parts(at, hierarchy(), np.array(region)).covariance(V)
    assert made == pytest.approx(expected, abs=1e-9)


def test_evidence_is_the_dense_log_density_up_to_the_same_constant_for_all():
    region, at, whole = measured()
    made = latent.parts(at, hierarchy(), np.array(region))

    def log_density(v):
        cov = whole @ dense(v, at.passing, at.counting) @ whole.T + np.diag(at.variance)
        sign, log_det = np.linalg.slogdet(2.0 * np.pi * cov)
        assert sign == 1.0
        return -0.5 * log_det - 0.5 * at.residual @ np.linalg.inv(cov) @ at.residual

    for v in (V, V.times((2.0, 0.5, 3.0), 1.3), V.times((0.4, 1.5, 0.3), 0.6)):
        assert latent.evidence(at, made, v) == pytest.approx(log_density(v) + 3.0 * np.log(2.0 * np.pi), abs=1e-8)


def test_a_posterior_draw_is_moved_by_the_dense_gain():
    """A draw is linear in the residual: two with the same numbers differ by gain times residual, exactly."""
    region, at, whole = measured()
    data = seen(region, np.zeros(6))
    moved = draws(at, hierarchy(), data, V, [0, 1]) - draws(replace(at, residual=np.zeros(6)), hierarchy(), data, V, [0, 1])
    cov = dense(V, at.passing, at.counting)
    gain = cov @ whole.T @ np.linalg.inv(whole @ cov @ whole.T + np.diag(at.variance))
    for one in moved:
        assert one[:, 1:] == pytest.approx((gain @ at.residual).reshape(3, YEARS)[:, 1:], abs=1e-9)


def test_posterior_draws_spread_as_the_dense_posterior_does():
    region, at, whole = measured()
    made = draws(at, hierarchy(), seen(region, np.zeros(6)), V, np.arange(6000)).reshape(6000, -1)
    cov = dense(V, at.passing, at.counting)
    gain = cov @ whole.T @ np.linalg.inv(whole @ cov @ whole.T + np.diag(at.variance))
    left = cov - gain @ whole @ cov
    assert made.mean(axis=0) == pytest.approx(gain @ at.residual, abs=5.0 * np.sqrt(np.diag(left).max() / 6000))
    spread = made.std(axis=0)
    assert spread == pytest.approx(np.sqrt(np.diag(left)), rel=0.05)
    # a city's level is known with its province's: what is left of the two is correlated as the dense one says
    a, b = 2, YEARS + 3
    expected = left[a, b] / np.sqrt(left[a, a] * left[b, b])
    assert np.corrcoef(made[:, a], made[:, b])[0, 1] == pytest.approx(expected, abs=0.05)


# --- one region's walk against a Kalman filter and a smoother


def smoothed(values, error, shock):
    """Return the smoothed levels of a random walk from N(0, level sd); NaN is a year without a number."""
    mean, variance, filtered = 0.0, LEVEL_SD**2, []
    for t, y in enumerate(values):
        variance += shock**2 if t else 0.0
        if not np.isnan(y):
            gain = variance / (variance + error**2)
            mean, variance = mean + gain * (y - mean), (1.0 - gain) * variance
        filtered.append((mean, variance))
    out = [filtered[-1]]
    for mean, variance in reversed(filtered[:-1]):
        back = variance / (variance + shock**2)
        later, its_variance = out[0]
        out.insert(0, (mean + back * (later - mean), variance + back**2 * (its_variance - variance - shock**2)))
    return np.array(out).T


@pytest.mark.parametrize(
    "values",
    [[1.0, 1.2, 1.1, 1.6, 2.0], [np.nan, 0.4, np.nan, np.nan, -0.3], [np.nan, np.nan, 1.0, np.nan, np.nan]],
    ids=["every year", "gaps", "one"],
)
def test_a_region_alone_is_smoothed_as_by_a_kalman_filter(values):
    values = np.array(values)
    when = np.flatnonzero(~np.isnan(values))
    slope = np.zeros((len(when), YEARS))
    slope[np.arange(len(when)), when] = 1.0
    h = latent.Hierarchy(["x"], np.eye(1), np.ones(1), YEARS)
    at = linear(slope, values[when], np.full(len(when), 0.04), shape=(1, YEARS))
    data = seen([0] * len(when), values[when])
    mean, variance = smoothed(values, 0.2, QUIET.shock)
    made = draws(at, h, data, QUIET, np.arange(4000))[:, 0]
    moved = made[0] - draws(replace(at, residual=np.zeros(len(when))), h, data, QUIET, [0])[0, 0]
    assert moved == pytest.approx(mean, abs=1e-9)
    assert made.std(axis=0) == pytest.approx(np.sqrt(variance), rel=0.05)


def test_a_draw_is_addressed_by_its_own_number():
    region, at, _ = measured()
    data = seen(region, np.zeros(6))
    whole = draws(at, hierarchy(), data, V, np.arange(8), future=3)
    parts = [draws(at, hierarchy(), data, V, slots, future=3) for slots in ([0, 1, 2], [3], [4, 5, 6, 7])]
    assert np.concatenate(parts) == pytest.approx(whole, abs=1e-12)
    assert not np.isclose(whole, draws(at, hierarchy(), data, V, np.arange(8), future=3, name="y")).any()


def test_years_to_come_have_heavier_tails_than_a_gaussian_and_the_past_has_not():
    v = replace(QUIET, shock=1e-6, passing=0.2)
    h = latent.Hierarchy(["x"], np.eye(1), np.ones(1), YEARS)
    slope = np.zeros((1, YEARS))
    slope[0, 1] = 1.0
    at = linear(slope, [0.0], [1e-4], shape=(1, YEARS))
    made = draws(at, h, seen([0], [0.0]), v, np.arange(20_000), future=4)[:, 0]
    ahead, past = (made[:, t] - made[:, 0] for t in (4, 2))
    far = [np.mean(np.abs(x - np.median(x)) > 4.0 * np.quantile(np.abs(x - np.median(x)), 0.5)) for x in (ahead, past)]
    assert far[0] > 1.5 * far[1]


# --- what is not linear or not Gaussian: outliers and bounds


def mode(values, error=0.05, bound=0):
    """Return levels and weighted error variances of one number a year of one region."""
    k = len(values)
    h = latent.Hierarchy(["x"], np.eye(1), np.ones(1), k)
    eye = np.eye(k)
    data = latent.Seen(np.zeros(k, int), np.array(values, float), np.full(k, error), np.broadcast_to(bound, k))
    at, x = latent.posterior_mode(np.full((1, k), 8.0), lambda levels: (levels[0] * 1.0, eye), data, h, V)
    return x[0], at.variance / error**2


def test_an_outlying_number_is_trusted_less_than_the_others():
    _, weights = mode([8.0, 8.1, 10.0, 8.3, 8.4])
    assert weights[2] > 20.0 and (np.delete(weights, 2) < 5.0).all()


def test_an_outlier_twice_as_far_pulls_no_harder():
    straight, _ = mode([8.0, 8.1, 8.2, 8.3, 8.4])
    near, far = (mode([8.0, 8.1, x, 8.3, 8.4])[0] for x in (9.7, 11.2))
    assert 0.0 < np.abs(near - straight).max() < 0.5
    assert np.abs(far - straight).max() < 1.1 * np.abs(near - straight).max()


@pytest.mark.parametrize(("sign", "value"), [(1, 6.0), (-1, 10.0)], ids=["lower", "upper"])
def test_a_bound_that_holds_by_far_says_nothing(sign, value):
    kept = np.array([0, 0, 0, 0, sign])
    free, _ = mode([8.0, 8.1, 8.2, 8.3, 8.4], bound=np.array([0, 0, 0, 0, 0]))
    held, weights = mode([8.0, 8.1, 8.2, 8.3, value], bound=kept)
    assert weights[4] > 500.0
    assert held[:4] == pytest.approx(free[:4], abs=0.05)
    broken, weights = mode([8.0, 8.1, 8.2, 8.3, 16.4 - value], bound=kept)
    assert weights[4] == pytest.approx(1.0, abs=0.01)  # a broken bound is as sure as a number
    assert (broken[4] - free[4]) * sign > 0.5


def test_volatilities_are_scaled_apart_and_the_long_run_is_not():
    v = latent.Volatility(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.08).times((10.0, 100.0, 1000.0), 7.0)
    assert v == latent.Volatility(7.0, 14.0, 21.0, 40.0, 500.0, 6000.0, 0.08)
