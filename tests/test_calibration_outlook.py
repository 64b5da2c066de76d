"""What a city's drive was expected to do: draws and scores turn into each other, and the spread left is of its prior."""

import numpy as np
import pytest

from agents.drive import WALKS, step_name
from agents.parameters import NAMES
from calibration.fit.outlook import Outlook, draws_of, scores_of

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
