"""Simulation-based calibration of the sampler on the reduced model: ranks are uniform, intervals hold what they say."""

import numpy as np
import pytest

from calibration.proof import reduced, sbc
from calibration.proof.recovery import expected_inside
from calibration.sampler import smc
from sim.streams import Streams
from sim.workers import Workers


@pytest.fixture(scope="module")
def ranks():
    return sbc.ranks(replicates=200, particles=297, workers=Workers(1))


def test_ranks_are_uniform(ranks):
    """Sixteen chi-square tests at a false-alarm rate of 1e-4 each."""
    p = dict(zip(ranks.names, ranks.p_values(), strict=True))
    assert min(p.values()) > 1e-4, p


def test_intervals_hold_about_what_they_say(ranks):
    """1,800 intervals at 90 %: at least 84 and at most 96 % hold the truth. The regression is a little too sure."""
    assert 0.84 < ranks.coverage(0.9).mean() < 0.96
    assert 0.42 < ranks.coverage(0.5).mean() < 0.58


def test_a_posterior_half_as_wide_is_caught(ranks):
    """The test can fail: ranks against draws squeezed to half their spread pile up at the ends."""
    at = (ranks.ranks + 0.5) / (ranks.draws + 1)
    squeezed = np.clip(np.rint((0.5 + 2.0 * (at - 0.5)) * ranks.draws), 0, ranks.draws).astype(int)
    assert sbc.Ranks(squeezed, ranks.draws, ranks.names).p_values().max() < 1e-6


def test_the_band_is_that_of_a_binomial():
    even = sbc.Ranks(np.tile(np.arange(100), (1, 1)).T, 99, ("x",))
    low, high = even.band(0.99)
    assert (low, high) == (3, 18)  # 10 of 100 in a bin, 0.5 % in each tail
    assert even.counts().tolist() == [[10] * 10] and even.p_values()[0] == pytest.approx(1.0)
    assert even.coverage(0.9)[0] == pytest.approx(0.9)


def test_the_reduced_model_is_addressed_and_has_the_right_scale():
    z = smc.prior_scores(Streams(1), 0, 400, len(reduced.NAMES))
    a, b = reduced.simulate(z, 5, 0), reduced.simulate(z[:50], 5, 0)
    assert a[:50].tobytes() == b.tobytes()
    assert (a != reduced.simulate(z, 6, 0)).any()
    stocks = np.exp(np.median(a[:, :5], axis=0))
    assert (np.diff(stocks) > 0).all() and 1000 < stocks[0] < 4000


def test_an_exact_posterior_holds_a_truth_as_often_as_the_formula_says():
    """One Gaussian parameter, prior N(0, 1), seen with error: its exact posterior is known, and is made 40,000 times."""
    rng, error = np.random.default_rng(1), 1.5
    share = 1.0 / (1.0 + error**2)  # of what is seen that the posterior's mean is
    sd = np.sqrt(1.0 - share)
    for truth in (0.0, 1.0, -3.0):
        mean = share * (truth + error * rng.standard_normal(40_000))
        inside = (np.abs(mean - truth) < 1.645 * sd).mean()
        assert expected_inside(np.array([truth]), np.array([sd]))[0] == pytest.approx(inside, abs=0.01)


def test_over_the_prior_an_exact_posterior_holds_what_it_says():
    truths = np.random.default_rng(2).standard_normal(100_000)
    for sd in (0.2, 0.6, 0.95):
        assert expected_inside(truths, np.full(len(truths), sd)).mean() == pytest.approx(0.9, abs=0.005)
    assert expected_inside(truths, np.full(len(truths), 0.6), 0.5).mean() == pytest.approx(0.5, abs=0.005)
