"""Cities in the same years: no city's numbers change, and what they share is shared as far as the panel says."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from agents.drive import step_name
from agents.parameters import NAMES
from calibration.fit.expected import points_elsewhere
from calibration.fit.fit import load_fit
from calibration.panel.together import correlation
from peiyu.cities.together import INDICATOR, beside, luck_ahead, together, told, yearly
from sim import quarter
from sim.city.city import load_city
from sim.ensemble.ensemble import Ensemble
from sim.state.indicators import NAMES as INDICATORS
from sim.streams import Streams

MEMBERS = 4000


@pytest.fixture(scope="module")
def luck():
    return np.random.default_rng(5).standard_normal((2, MEMBERS)) ** 3


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
def test_every_member_stands_once_and_luck_hangs_together_as_asked(luck, shared):
    slots = beside(luck, np.array([[1.0, shared], [shared, 1.0]]), Streams(1))
    assert np.array_equal(np.sort(slots, axis=1), np.tile(np.arange(MEMBERS), (2, 1)))
    ranks = np.take_along_axis(luck.argsort(axis=1).argsort(axis=1), slots, axis=1)
    # of a normal pair with correlation r, ranks have 6/pi arcsin(r/2)
    expected = 6.0 / np.pi * np.arcsin(shared / 2.0)
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(expected, abs=3.0 / np.sqrt(MEMBERS))


def test_what_is_shared_leaves_each_city_as_it_is_and_narrows_their_difference(luck):
    growth = 0.05 + 0.02 * luck
    spreads = []
    for shared in (0.0, 1.0):
        slots = beside(luck, np.array([[1.0, shared], [shared, 1.0]]), Streams(1))
        alone, (pair,) = told(["a", "b"], growth, slots)
        assert [x.median for x in alone] == pytest.approx(np.median(growth, axis=1))
        spreads.append(pair.q95 - pair.q05)
    assert spreads[1] < 0.2 * spreads[0]


def test_who_grows_more_in_every_member_is_ahead_in_all():
    growth = np.array([[0.01, 0.02, 0.03], [0.11, 0.12, 0.13]])
    _, (pair,) = told(["slow", "fast"], growth, np.array([[0, 1, 2], [0, 1, 2]]))
    assert (pair.city, pair.other, pair.ahead) == ("slow", "fast", 0.0)
    assert pair.median == pytest.approx(-0.10)


def test_growth_is_of_a_year():
    assert yearly(np.array([[100.0, 0.0, 121.0], [100.0, 0.0, 100.0]]), 0, 2) == pytest.approx([1.21**2 - 1.0, 0.0])


def test_luck_is_the_sum_of_the_steps_and_begins_again_after_the_draws():
    draws = np.zeros((2, len(NAMES)))
    draws[:, NAMES.index(step_name("hnte", 2026))] = 0.1, 0.2
    draws[:, NAMES.index(step_name("hnte", 2027))] = 1.0, 2.0
    draws[:, NAMES.index(step_name("hnte", 2028))] = 9.0
    assert luck_ahead(draws, 3, range(2026, 2028)) == pytest.approx([1.1, 2.2, 1.1])


def test_cities_of_one_province_share_more_than_cities_of_two(city):
    """Ningbo lies in Hangzhou's province and Shenzhen does not; with itself a city shares all."""
    points = points_elsewhere(replace(city, region="nowhere"), quarter.parse("2024Q4"))
    hang = correlation(points, ["hangzhou", "ningbo", "shenzhen"], (2025, 2028))
    assert np.diag(hang) == pytest.approx(np.ones(3))
    assert 0.1 < hang[0, 2] < hang[0, 1] < 0.95


def test_shipped_cities_share_the_nation_s_years_so_they_differ_by_less_than_independent_draws():
    """Stocks grow by what each member's drive does, so nothing but who stands beside whom can narrow the difference."""
    since, until = quarter.parse("2024Q4"), quarter.parse("2027Q4")
    cities = [load_city(name) for name in ("hangzhou", "shanghai")]
    asked = [SimpleNamespace(city=x, fit=load_fit(x), as_of=since, end=until, seed=1) for x in cities]
    ensembles = []
    for q in asked:
        values = np.ones((MEMBERS, until - since + 1, len(INDICATORS)))
        values[:, -1, INDICATORS.index(INDICATOR)] = np.exp(luck_ahead(q.fit.draws, MEMBERS, range(2025, 2028)))
        ensembles.append(Ensemble("plan", since, 1e4 * values))
    (pair,) = together(asked, ensembles).pairs
    growth = [yearly(x.of(INDICATOR), 0, until - since) for x in ensembles]
    by_chance = growth[0] - np.random.default_rng(1).permutation(growth[1])
    assert pair.q95 - pair.q05 < 0.95 * np.subtract(*np.quantile(by_chance, (0.95, 0.05)))
