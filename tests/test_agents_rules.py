"""Known answers of the behaviour functions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from agents import finance, founding, growth, innovation, recognition, survival
from agents.enterprises import Enterprises
from agents.parameters import NAMES, PRIORS, Parameters
from agents.recognition import RdBand, RuleVersion
from agents.table import AgentTable
from agents.terms import Terms


@pytest.mark.parametrize("name", NAMES)
def test_every_prior_maps_uniforms_to_values_and_back(name):
    u = np.array([0.001, 0.05, 0.5, 0.95, 0.999])
    assert np.allclose(PRIORS[name].rank(PRIORS[name].value(u)), u, atol=1e-7)
    assert getattr(Parameters(), name) == pytest.approx(float(PRIORS[name].value(np.array(0.5))))


def test_priors_are_those_of_the_evidence():
    low, mid, high = PRIORS["hazard_2_3"].value(np.array([0.05, 0.5, 0.95]))
    assert (round(low, 3), round(high, 3)) == (0.052, 0.147)
    assert PRIORS["shock_sd"].value(np.array([0.05, 0.95])).round(3).tolist() == [0.125, 0.205]
    assert mid == pytest.approx(0.092, abs=0.002)


def test_hazard_by_age_peaks_in_the_third_year_and_compounds_to_the_yearly_rate():
    h = survival.hazard_by_age(np.array([0.016, 0.063, 0.095, 0.085, 0.055]), 60)
    assert h.argmax() // 4 == 2
    assert 1 - (1 - h[8:12]).prod() == pytest.approx(0.095)
    survivors = (1 - h[:20]).prod()
    assert survivors == pytest.approx(0.70, abs=0.03)  # M1: S(5)


@pytest.mark.parametrize("shape", [0.7, 0.9, 1.0, 1.3, 2.0])
def test_the_shock_is_a_unit_variance_subbotin(shape):
    u = (np.arange(400_000) + 0.5) / 400_000
    x = growth.shock(u, growth.shock_table(shape))
    assert x.var() == pytest.approx(1.0, rel=5e-3)
    assert abs(x.mean()) < 1e-12
    known = stats.gennorm(shape)
    exact = known.ppf(u[::4001]) / known.std()
    assert np.abs(x[::4001] - exact).max() < 2e-3


def test_a_laplace_tail_turns_a_hazard_ratio_into_growth():
    sd, hr = 0.16, 1.1
    d = float(growth.growth_for_hazard(np.log(hr), sd))
    scale = np.sqrt(3) * sd / np.sqrt(2)
    assert np.exp(3 * d / scale) == pytest.approx(hr)


def test_treating_everyone_nets_to_one_less_displacement():
    lift, revenue = np.full(6, 0.09), np.array([1.0, 5, 2, 8, 1, 3])
    district, share = np.array([0, 0, 0, 1, 1, 1], np.int8), np.full((2, 1), 0.7)
    track, alone = np.zeros(6, np.int8), np.array([0.09, 0, 0, 0, 0, 0])
    for lifts in ((lift, alone), (alone, lift)):  # of staff and of revenue per head, each for itself
        years = np.zeros(6), np.zeros(6)
        growth.add_up(years, lifts, revenue, district, track, share)
        of_all, of_one = years if lifts[0] is lift else years[::-1]
        assert np.allclose(4.0 * of_all, 0.09 * 0.3)
        taken = alone - 4.0 * of_one
        assert (taken[3:] == 0).all() and (taken * revenue).sum() == pytest.approx(0.7 * (alone * revenue).sum())


def test_a_stock_is_counted_by_place():
    district, track = np.array([0, 1, 1, 1], np.int8), np.array([2, 0, 2, 2], np.int8)
    assert founding.count(district, track, np.zeros((2, 3))).tolist() == [[0, 0, 1], [1, 0, 2]]


def test_high_growth_needs_ten_staff_at_the_start_and_the_rate():
    g = np.log(np.array([[1.21, 1.21, 1.21], [1.21, 1.21, 1.21], [1.19, 1.19, 1.19]]))
    now = np.array([10.1, 9.0, 10.1]) * np.exp(g.sum(axis=1))
    assert growth.in_high_growth(growth.in_three_years(g), now, yearly_rate=0.2).tolist() == [True, False, False]


def test_reported_rd_bunches_at_the_notch_and_never_above():
    real, needed = np.array([3.0, 4.0, 6.0]), np.full(3, 5.0)
    assert innovation.reported_rd(real, needed, relabelled_share=0.25).tolist() == [4.0, 5.0, 6.0]


def test_the_rd_band_follows_revenue():
    bands = (RdBand(5000, 0.05), RdBand(20000, 0.04), RdBand(float("inf"), 0.03))
    rule = RuleVersion(0, 4, bands, 0, float("inf"), float("inf"), "test")
    revenue = np.array([5000.0, 5001.0, 20001.0])
    assert np.allclose(recognition.needed_rd(revenue, rule), revenue * [0.05, 0.04, 0.03])


def test_odds_lift_of_a_round_and_of_a_project():
    u = (np.arange(100_000) + 0.5) / 100_000
    zero = np.zeros_like(u)
    plain = finance.closes_round(u, zero, zero, base=-1.0, quality_effect=0.5).mean()
    lifted = finance.closes_round(u, zero, zero + 0.3, base=-1.0, quality_effect=0.5).mean()
    assert special.logit(lifted) - special.logit(plain) == pytest.approx(0.3, abs=1e-3)
    assert innovation.project_accepted(u, zero, success=0.7).mean() == pytest.approx(0.7, abs=1e-4)


@given(st.integers(0, 200), st.data())
def test_a_table_keeps_and_appends_whole_rows(n, data):
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    e = Enterprises.blank(n)
    e.slot[:] = np.arange(n)
    e.growth[:, 1] = np.arange(n) * 2.0
    e.drop(np.flatnonzero(~rows))
    e.add(3)
    e.last(2).slot[:] = 7
    assert len(e) == rows.sum() + 3
    assert e.slot[-3:].tolist() == [0, 7, 7]
    assert (e.growth[: rows.sum(), 1] == 2.0 * e.slot[: rows.sum()]).all()


def test_every_column_says_its_unit_and_meaning():
    for table in (Enterprises, Terms):
        assert issubclass(table, AgentTable)
        assert all(unit and meaning for _, unit, meaning in table.describe())


def test_opening_ages_follow_survival_and_growth():
    hazard = np.full(41, 0.02)
    u = (np.arange(100_000) + 0.5) / 100_000
    age = founding.age_at_opening(u, growth=0.08, hazard=hazard)
    ratio = (age == 9).sum() / (age == 5).sum()
    assert ratio == pytest.approx(0.98**4 * np.exp(-0.08), rel=0.02)


def test_what_places_gain_is_partly_lost_elsewhere():
    births = np.array([[2.0, 1.0], [3.0, 1.0]])
    lift = np.array([[np.log(2.0), 0.0], [0.0, 0.0]])  # the first district's first track doubles: 2 more of 5
    after = births * np.exp(founding.placed(lift, births, np.array([0.25, 0.7])))
    assert after[:, 0].sum() == pytest.approx(5.0 + 0.75 * 2.0)
    assert after[0, 0] > births[0, 0] and after[1, 0] < births[1, 0]
    assert (after[:, 1] == births[:, 1]).all()  # a track without places is left alone, to the bit
    everywhere = founding.placed(np.full((2, 2), 0.3), births, np.zeros(2))
    assert np.allclose(everywhere, 0.3)


def test_a_category_by_row_follows_that_rows_weights():
    u = (np.arange(10_000) + 0.5) / 10_000
    weights = np.where((np.arange(10_000) % 2 == 0)[:, None], [1.0, 3.0, 0.0], [0.0, 0.0, 5.0])
    got = founding.category_by_row(u, weights)
    assert np.bincount(got[::2], minlength=3) == pytest.approx([1250, 3750, 0], abs=2)
    assert (got[1::2] == 2).all()


def test_key_results_come_at_their_rate():
    u = (np.arange(1_000_000) + 0.5) / 1_000_000
    found = innovation.discovers(u, np.full(1_000_000, 20_000.0), rate=0.04)  # 2 亿元 of knowledge
    assert found.mean() == pytest.approx(1 - np.exp(-0.04 * 2 / 4), abs=1e-5)
