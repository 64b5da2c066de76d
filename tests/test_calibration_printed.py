"""What is printed of a label, by hand: cohorts that renew, stocks of three years, mid-year counts, filings, bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.panel import observe
from calibration.panel.assumptions import assumptions
from calibration.panel.data import CERTIFIED, FLOW, STOCK, Point
from calibration.panel.latent import Hierarchy
from calibration.panel.panel import Panel
from sim.city.regions import nation, provinces
from sim.streams import Streams

FIRST = 2010


def point(series, region, year, value, month=12, bound="none", error=0.01):
    kind = "flow" if series in (FLOW, CERTIFIED) else "stock"
    return Point(series, region, kind, year, month, float(np.log(value)), error, bound)


def expected(points, counts, q):
    """Return what the observer says is printed, as counts, of one region whose first-timers (or levels) are given."""
    data, times, kinds = observe.seen_of(points, ["x"], FIRST)
    return np.exp(observe.observer(data, times, kinds, q)(np.log(np.array([counts], float)))[0])


def cohorts(counts, q):
    """Return certifications, adding up every cohort: before the data a year's was a fifth of the log smaller."""
    made = []
    for t, n in enumerate(counts):
        before = [q**k * n * np.exp(-0.6 * k) for k in range(1, 120)] if t < 3 else [q * made[t - 3]]
        made.append(n + sum(before))
    return made


def test_a_cohort_that_renews_comes_back_every_third_year():
    """100 first-timers a year, half renew: 137.8 at steady growth before, then 168.9, 184.5."""
    counts = [100.0] * 9
    made = observe.certified(np.log(np.array(counts)), 0.5)
    assert made == pytest.approx(cohorts(counts, 0.5))
    assert made[[0, 3, 6]] == pytest.approx([137.8181, 168.9090, 184.4545], abs=1e-3)
    assert observe.certified(np.log(np.array(counts)), 0.0) == pytest.approx(counts)


@settings(max_examples=40)
@given(st.lists(st.floats(1.0, 5000.0), min_size=4, max_size=12), st.floats(0.0, 0.9), st.integers(0, 11))
def test_one_first_timer_more_is_certified_in_its_year_and_renews_by_q(counts, q, at):
    """A change of one year's first-timers changes that year by it, three years on by q of it, and no other year."""
    at = 3 + at % max(len(counts) - 3, 1)
    more = [n + 100.0 * (t == at) for t, n in enumerate(counts)]
    change = np.diff([observe.certified(np.log(np.array(c)), q) for c in (counts, more)], axis=0)[0]
    years = np.arange(len(counts)) - at
    echo = np.where((years >= 0) & (years % 3 == 0), 100.0 * q ** np.maximum(years // 3, 0), 0.0)
    assert change == pytest.approx(echo, abs=1e-6)


def test_draws_have_each_its_own_renewal():
    levels = np.log(np.full((2, 5), 100.0))
    made = observe.certified(levels, np.array([[0.0], [0.8]]))
    assert made[0] == pytest.approx([100.0] * 5)
    assert made[1, 3] == pytest.approx(100.0 + 0.8 * made[1, 0]) and made[1, 0] > 170.0


# first-timers 100, 200, … 600 and nobody renews: three years to 2013 are 900, to 2012 600, to 2015 1,500
GROWING = [100.0, 200.0, 300.0, 400.0, 500.0, 600.0]


@pytest.mark.parametrize(
    ("printed", "count"),
    [
        (point(FLOW, "x", 2014, 1), 500.0),
        (point(CERTIFIED, "x", 2014, 1), 0.955 * 500.0),  # final filings fall short of the list
        (point(STOCK, "x", 2013, 1), 0.98 * 900.0),
        (point(STOCK, "x", 2015, 1), 0.98 * 1500.0),
        (point(STOCK, "x", 2013, 1, month=1), 0.98 * 600.0**0.97 * 900.0**0.03),
        (point(STOCK, "x", 2013, 1, month=6), 0.98 * 600.0**0.82 * 900.0**0.18),
        (point(STOCK, "x", 2013, 1, month=9), 0.98 * 600.0**0.73 * 900.0**0.27),
        (point(STOCK, "x", 2013, 1, month=10), 0.98 * 600.0**0.6 * 900.0**0.4),
        (point(STOCK, "x", 2013, 1, month=11), 0.98 * 600.0**0.4 * 900.0**0.6),
    ],
    ids=["flow", "filing", "stock", "later", "january", "june", "september", "october", "november"],
)
def test_every_kind_of_number_is_read_off_first_timers(printed, count):
    assert expected([printed], GROWING, 0.0) == pytest.approx([count])


def test_stocks_count_renewals_of_all_three_years():
    counts, q = [120.0, 80.0, 150.0, 200.0, 90.0, 310.0, 170.0], 0.6
    flows = cohorts(counts, q)
    points = [point(STOCK, "x", FIRST + t, 1) for t in (3, 5, 6)]
    assert expected(points, counts, q) == pytest.approx([0.98 * sum(flows[t - 2 : t + 1]) for t in (3, 5, 6)])


def test_a_label_without_rounds_moves_evenly_between_year_ends():
    points = [point("other", "x", 2012, 1, month=m) for m in (3, 6, 12)]
    made = expected(points, [1.0, 100.0, 400.0], None)
    assert made == pytest.approx([100.0 * 4.0**0.25, 200.0, 400.0])


@pytest.mark.parametrize("q", [0.0, 0.66])
def test_slopes_of_every_kind_of_number_are_derivatives(q):
    points = [
        point(CERTIFIED, "x", 2016, 400), point(STOCK, "x", 2017, 900, month=10),
        point(STOCK, "x", 2016, 900, month=2), point(FLOW, "x", 2012, 70), point(STOCK, "x", 2018, 800),
    ]  # fmt: skip
    read = observe.observer(*observe.seen_of(points, ["x"], FIRST), q)
    x = np.log(np.array([[*GROWING, 550.0, 700.0, 650.0]]))
    _, slope = read(x)
    step = 1e-5
    for t in range(9):
        up, down = x.copy(), x.copy()
        up[0, t] += step
        down[0, t] -= step
        assert (read(up)[0] - read(down)[0]) / (2 * step) == pytest.approx(slope[:, t], abs=1e-7)
    if q:
        # a log of what does not shrink when all shrink alike: slopes of a stock add up to one
        assert slope.sum(axis=1) == pytest.approx(np.ones(5))


def test_bounds_are_printed_a_little_inside_what_they_bound_and_less_sure():
    points = [point(STOCK, "x", 2013, 3000, bound=b, error=0.03) for b in ("none", "lower", "upper")]
    data, times, kinds = observe.seen_of(points, ["x"], FIRST)
    assert data.value - np.log(3000.0) == pytest.approx([0.0, 0.03, -0.03])
    assert data.bound.tolist() == [0, 1, -1] and times.tolist() == [3, 3, 3] and kinds.tolist() == [12, 12, 12]
    exact = np.sqrt(0.03**2 + 0.017**2)
    assert data.error == pytest.approx([exact, *[np.sqrt(exact**2 + 0.05**2)] * 2])


def test_errors_are_those_of_the_kind_of_number():
    points = [point(FLOW, "x", 2013, 9), point(CERTIFIED, "x", 2013, 9), point(STOCK, "x", 2013, 9), point(STOCK, "x", 2013, 9, month=5)]
    data, _, kinds = observe.seen_of(points, ["x"], FIRST)
    assert kinds.tolist() == [0, -1, 12, 5]
    own = np.sqrt(data.error**2 - 0.01**2)
    assert own == pytest.approx([0.005, 0.03, 0.017, 0.04])


def test_the_country_is_added_only_in_years_when_every_province_is_known():
    every = [point(FLOW, name, 2020, 10 + i) for i, name in enumerate(provinces())]
    some = [point(FLOW, name, 2021, 10) for name in provinces()[1:]]
    stocks = [point(STOCK, name, 2022, 10) for name in provinces()]
    added = observe.with_country([*every, *some, *stocks, point(FLOW, "somewhere", 2021, 10)])[-1:]
    total = sum(10 + i for i in range(31))
    assert [(p.region, p.year, p.series) for p in added] == [(nation(), 2020, FLOW)]
    assert np.exp(added[0].log) == pytest.approx(total)
    assert len(observe.with_country([*every, *some])) == 31 + 30 + 1


def test_prior_levels_lie_below_what_is_printed_and_grow_at_the_long_run():
    h = Hierarchy(["p", "c"], np.array([[1.0, 0.0], [1.0, 1.0]]), np.ones(2), 4)
    data, times, kinds = observe.seen_of([point(STOCK, "p", 2012, 1000)], ["p", "c"], FIRST)
    made = observe.prior_of(data, times, kinds, h, 0.1)
    assert made[0] == pytest.approx(np.log(1000.0) - 1.5 + 0.1 * np.array([-2.0, -1.0, 0.0, 1.0]))
    assert made[1] == pytest.approx(made[0] - 1.5)  # a city is a part of its province
    data, times, kinds = observe.seen_of([point(FLOW, "p", 2012, 1000)], ["p", "c"], FIRST)
    assert observe.prior_of(data, times, kinds, h, 0.1)[0, 2] == pytest.approx(np.log(1000.0) - 0.7)


# --- the same numbers, drawn


def panel_of(counts, q):
    """Return a panel of one region whose draws are these rows of first-timers."""
    levels = np.log(np.array(counts, float))[:, None, :]
    return Panel(["x"], FIRST, None if q is None else np.array(q), levels, (Streams(1), "test"))


ASKED = [(FLOW, 2015, 12), (CERTIFIED, 2015, 12), (STOCK, 2014, 12), (STOCK, 2015, 7), (STOCK, 2015, 11)]


@pytest.mark.parametrize(("series", "year", "month"), ASKED)
def test_draws_and_observations_are_of_the_same_model(series, year, month):
    """A print error is addressed by what is printed: in the difference of two panels it is gone."""
    one, other, q = GROWING, [n**1.1 for n in reversed(GROWING)], 0.66
    drawn = [panel_of([c, c], [q, q]).draws(series, "x", year, month) for c in (one, other)]
    read = [np.log(expected([point(series, "x", year, 1, month=month)], c, q)) for c in (one, other)]
    assert drawn[0] - drawn[1] == pytest.approx(np.tile(read[0] - read[1], 2), abs=1e-12)


def test_a_printed_number_has_the_error_of_its_kind_around_its_count():
    n = 4000
    made = panel_of([GROWING] * n, [0.0] * n)
    counts = {FLOW: 600.0, CERTIFIED: 0.955 * 600.0, STOCK: 0.98 * 1500.0}
    # the middle half of a Student t of four degrees spans 1.4814 of its scale
    for series, error in ((CERTIFIED, 0.03), (STOCK, 0.017)):
        drawn = made.draws(series, "x", 2015)
        low, middle, high = np.quantile(drawn, (0.25, 0.5, 0.75))
        assert middle == pytest.approx(np.log(counts[series]), abs=0.1 * error)
        assert high - low == pytest.approx(1.4814 * error, rel=0.06)
    assert made.draws(FLOW, "x", 2015) == pytest.approx(np.full(n, np.log(600.0)))  # a list is counted
    assert made.draws(STOCK, "x", 2014) != pytest.approx(made.draws(STOCK, "x", 2015) - np.log(1500.0 / 1200.0))


def test_first_timers_are_drawn_as_they_are():
    assert panel_of([GROWING, GROWING[::-1]], [0.5, 0.5]).first_timers("x", 2014) == pytest.approx([500.0, 200.0])


def test_a_label_without_rounds_is_drawn_between_its_year_ends():
    made = panel_of([[1.0, 100.0, 400.0]] * 2001, None).draws("other", "x", 2012, 3)
    assert np.exp(np.median(made)) == pytest.approx(100.0 * 4.0**0.25, rel=0.01)
    assert np.quantile(made, 0.75) - np.quantile(made, 0.25) == pytest.approx(1.4814 * 0.02, rel=0.08)


def test_what_is_assumed_is_what_is_used(monkeypatch):
    """Every formula reads the file: another valid share moves a stock and no flow."""
    rounds = assumptions().rounds.model_copy(update={"valid_share": 0.5, "filed_share": 0.8})
    other = assumptions().model_copy(update={"rounds": rounds})
    monkeypatch.setattr(observe, "assumptions", lambda: other)
    asked = [point(STOCK, "x", 2013, 1), point(CERTIFIED, "x", 2014, 1), point(FLOW, "x", 2014, 1)]
    assert expected(asked, GROWING, 0.0) == pytest.approx([450.0, 400.0, 500.0])
