"""What a city's drive was expected to do: draws and scores turn into each other, and the spread left is of its prior."""

from dataclasses import replace

import numpy as np
import pytest

from agents.drive import WALKS, step_name
from agents.parameters import NAMES
from calibration.fit.budget import weight_for
from calibration.fit.expected import expected_of
from calibration.fit.outlook import Outlook, draws_of, scores_of
from sim.quarter import parse

KIND = next(iter(WALKS))
YEARS = WALKS[KIND].years()
STEPS = [NAMES.index(step_name(KIND, year)) for year in YEARS]


def volatile():
    """An outlook of steps three times as wide as those of any city, each hanging on the one before."""
    covariance = 0.36 * 0.5 ** np.abs(np.subtract.outer(np.arange(len(YEARS)), np.arange(len(YEARS))))
    return Outlook.of({KIND: (np.linspace(-0.2, 0.2, len(YEARS)), covariance)})


def test_draws_and_scores_turn_into_each_other_under_any_outlook():
    z = np.random.default_rng(1).normal(size=(50, len(NAMES)))
    assert scores_of(draws_of(z, volatile()), volatile()) == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize("narrowed", [1.0, 0.5])
def test_the_spread_left_of_a_step_is_measured_against_the_citys_own_prior(narrowed):
    outlook = volatile()
    drawn = draws_of(np.random.default_rng(2).normal(size=(4000, len(NAMES))) * narrowed, outlook)
    left = [outlook.spread_left(NAMES[j], drawn) for j in STEPS]
    assert left == pytest.approx([narrowed] * len(YEARS), rel=0.05)
    assert np.std(drawn[:, STEPS[-1]]) == pytest.approx(0.6 * narrowed, rel=0.05)


def test_the_size_of_a_city_is_that_of_its_profile_and_nothing_else_moves():
    """Three times the enterprises in the profile: three times the pool, and every other number as before."""
    z = np.random.default_rng(5).normal(size=(300, len(NAMES)))
    usual, large = Outlook.of({}), Outlook.of({}, 30_000.0)
    a, b, pool = draws_of(z, usual), draws_of(z, large), NAMES.index("opening_pool")
    np.testing.assert_allclose(b[:, pool], 3.0 * a[:, pool], rtol=1e-12)
    np.testing.assert_array_equal(np.delete(b, pool, axis=1), np.delete(a, pool, axis=1))
    np.testing.assert_allclose(scores_of(b, large), z, atol=1e-6)
    assert float(large.prior("opening_pool").value(np.array(0.5))) == 30_000.0


@pytest.mark.parametrize(("asked", "weight"), [(3_000, 2.0), (10_000, 2.0), (25_000, 5.0), (500_000, 100.0)])
def test_the_rows_of_a_fit_do_not_grow_with_the_city(asked, weight):
    assert weight_for(asked) == weight and asked / weight <= 5_000


@pytest.mark.parametrize("enterprises", [8_000, 30_000, 100_000])
def test_a_city_opens_with_as_many_enterprises_as_its_profile_says(city, enterprises):
    """The profile's count is the middle of what a fit begins with; no other city's size is in it."""
    place = replace(city, opening=replace(city.opening, enterprises=enterprises))
    draws = draws_of(np.random.default_rng(2).normal(size=(4000, len(NAMES))), expected_of(place, parse("2024Q4")))
    middle = np.median(draws[:, NAMES.index("opening_pool")])
    assert abs(np.log(middle / enterprises)) < 0.03
