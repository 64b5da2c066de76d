"""The panel model: its covariances, its structure, what it learns from each kind of number, and that it cannot break."""

import numpy as np
import pytest

from calibration.panel import latent, panel
from calibration.panel.assumptions import assumptions
from calibration.panel.data import FLOW, STOCK, Point
from calibration.panel.observe import certified, observer, prior_of, seen_of, year_share
from sim.city.regions import lineage, parent, provinces
from sim.streams import Streams

SOURCE = (Streams(1), "test")


def point(region, year, value, series=STOCK, month=12, bound="none", error=0.01):
    kind = "flow" if series == FLOW else "stock"
    return Point(series, region, kind, year, month, float(np.log(value)), error, bound)


def flows(region, first, values):
    return [point(region, first + i, v, FLOW) for i, v in enumerate(values)]


def test_every_city_has_a_province_and_districts_a_city():
    assert parent("hangzhou/yuhang") == "hangzhou" and parent("hangzhou") == "zhejiang"
    assert parent("zhejiang") is None and parent("nowhere") is None
    assert len(set(provinces())) == 31
    assert list(lineage({"hangzhou/xihu"})) == ["zhejiang", "hangzhou", "hangzhou/xihu"]


def test_certifications_are_first_timers_and_renewals():
    levels = np.log(np.array([100.0, 120.0, 150.0, 180.0, 200.0]))
    made = certified(levels, 0.5)
    assert made[3] == pytest.approx(180 + 0.5 * made[0]) and made[4] == pytest.approx(200 + 0.5 * made[1])


@pytest.mark.parametrize("q", [0.6, None])
def test_slopes_are_derivatives(q):
    points = [point("beijing", 2005, 900), *flows("beijing", 2006, [300, 400]), point("beijing", 2007, 1000, month=6)]
    if q is None:
        points = [p for p in points if p.kind == "stock"]
    seen, times, kinds = seen_of(points, ["beijing"], 2000)
    observe = observer(seen, times, kinds, q)
    x = np.linspace(5, 6, 9)[None, :]
    expected, slope = observe(x)
    for t in range(9):
        moved = x.copy()
        moved[0, t] += 1e-6
        assert (observe(moved)[0] - expected) / 1e-6 == pytest.approx(slope[:, t], abs=1e-4)


def test_the_posterior_is_the_gaussian_one_on_a_linear_model():
    """Against the textbook formula with the full covariance of all levels."""
    points = [point("beijing", 2010 + i, v, "label") for i, v in enumerate([100, 130, 150])]
    seen, times, kinds = seen_of(points, ["beijing", "shanghai"], 2008)
    h = latent.Hierarchy(["beijing", "shanghai"], np.eye(2), np.ones(2), 7)
    v = panel.centre(assumptions().movement.label)
    prior = prior_of(seen, times, kinds, h, v.long_run)
    at, _ = latent.posterior_mode(prior, observer(seen, times, kinds, None), seen, h, v)
    draws = latent.sample(at, h, seen, v, (*SOURCE, np.arange(20000), 5))
    nation = v.nation_shock**2 * latent.walk(7) + v.nation_drift**2 * latent.faded(7) + v.nation_passing**2 * np.eye(7)
    own = v.shock**2 * latent.walk(7) + v.drift**2 * latent.faded(7) + 2.5**2
    cov = np.kron(np.ones((2, 2)), nation) + np.kron(np.eye(2), own)
    cov += np.diag((at.passing * v.passing**2 + at.counting).ravel())
    slope = np.zeros((3, 14))
    slope[:, :7] = at.slope
    gain = cov @ slope.T @ np.linalg.inv(slope @ cov @ slope.T + np.diag(at.variance))
    mean = (prior.ravel() + gain @ at.residual).reshape(2, 7)
    sd = np.sqrt(np.diag(cov - gain @ slope @ cov)).reshape(2, 7)
    assert draws.mean(axis=0)[0] == pytest.approx(mean[0], abs=0.02)
    assert draws.std(axis=0)[:, :5] == pytest.approx(sd[:, :5], rel=0.04)


def test_next_years_stock_is_two_thirds_known_from_flows():
    data = flows("hubei", 2016, [1000, 1200, 1500, 1800, 2200, 2600])
    made = panel.fit(data, {"hubei"}, 2022, SOURCE)
    stock, flow = made.draws(STOCK, "hubei", 2022), made.draws(FLOW, "hubei", 2022)
    assert stock.std() < 0.6 * flow.std()
    assert made.draws(STOCK, "hubei", 2021).std() < 0.05
    assert np.median(np.exp(made.draws(STOCK, "hubei", 2021))) == pytest.approx(0.98 * 6600, rel=0.03)


def test_a_city_borrows_from_its_province():
    province = flows("zhejiang", 2016, [1000, 1500, 2200, 3300, 5000])
    alone = panel.fit([point("hangzhou", 2018, 900)], {"hangzhou"}, 2020, SOURCE)
    helped = panel.fit([point("hangzhou", 2018, 900), *province], {"hangzhou"}, 2020, SOURCE)
    assert np.median(helped.draws(STOCK, "hangzhou", 2020)) > np.median(alone.draws(STOCK, "hangzhou", 2020)) + 0.2


def test_a_bound_pulls_up_but_a_slack_one_does_not():
    base = [point("nanjing", 2016 + i, v) for i, v in enumerate([1000, 1100, 1200])]
    medians = [
        np.median(panel.fit([*base, *more], {"nanjing"}, 2019, SOURCE).draws(STOCK, "nanjing", 2019))
        for more in ([], [point("nanjing", 2019, 300, bound="lower")], [point("nanjing", 2019, 2500, bound="lower")])
    ]
    assert medians[1] == pytest.approx(medians[0], abs=0.12)
    assert medians[2] > medians[0] + 0.3


def test_the_country_is_the_sum_of_its_provinces():
    data = [p for i, name in enumerate(provinces()) for p in flows(name, 2018, [100 + i, 110 + i, 120 + i])]
    made = panel.fit(data, {"china"}, 2021, SOURCE)
    total = sum(120 + i for i in range(31))
    assert np.median(np.exp(made.draws(FLOW, "china", 2020))) == pytest.approx(total, rel=0.05)


def test_mid_year_counts_have_most_of_the_round_before_them():
    assert year_share(6) < 0.25 < year_share(10) < year_share(11) < year_share(12) == 1.0


def test_same_seed_same_bytes_other_seed_other_draws():
    data = flows("hubei", 2018, [500, 600, 800])
    one, two = (panel.fit(data, set(), 2022, (Streams(s), "x")).levels for s in (1, 1))
    assert one.tobytes() == two.tobytes()
    assert (one != panel.fit(data, set(), 2022, (Streams(2), "x")).levels).any()


@pytest.mark.parametrize(
    "values",
    [[1, 1, 1], [1, 100000, 1], [5, 4, 3, 2, 1, 1, 1], [1e7, 2e7, 4e7], [1000] * 8],
    ids=["ones", "spike", "dying", "huge", "flat"],
)
def test_odd_series_neither_crash_nor_blow_up(values):
    made = panel.fit(flows("somewhere", 2010, values), {"somewhere"}, 2010 + len(values) + 2, SOURCE)
    draws = made.draws(FLOW, "somewhere", 2010 + len(values) + 2)
    assert np.isfinite(draws).all()
    assert abs(np.median(draws) - np.log(values[-1])) < 6


def test_one_point_is_enough_and_uncertain():
    made = panel.fit([point("xian", 2020, 5000)], {"xian"}, 2023, SOURCE)
    assert 0.05 < made.draws(STOCK, "xian", 2023).std() < 1.0
