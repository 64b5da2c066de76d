"""Cities in the same years: no city's numbers change, and what they share is shared as far as the panel says."""

from dataclasses import replace

import numpy as np
import pytest

from agents.drive import step_name
from agents.parameters import NAMES
from calibration.fit.expected import points_elsewhere
from calibration.panel.together import correlation
from peiyu.cities.together import beside, luck_ahead, told, yearly
from sim import quarter
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
