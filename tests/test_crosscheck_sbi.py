"""The comparison with the neural network, without the network: what is kept, how it is counted, how it is said."""

import numpy as np
import pandas as pd
import pytest

from calibration.proof import reduced
from calibration.sampler import smc
from peiyu.document.markdown import fragment
from peiyu.document.tree import Table, plain
from peiyu.fit.neural import Neural, neural_section
from tests.crosscheck_sbi import KEY, compared, known, lessons, moments, ranked


def test_means_differ_in_the_networks_deviations_and_widths_by_their_squares():
    our = np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[1.0, 1.0], [1.0, 7.0]])
    their = np.array([[0.0, 5.0], [0.0, 5.0]]), np.array([[2.0, 1.0], [2.0, 1.0]])
    a, b = compared(our, their, ("a", "b")).to_dict("records")
    # 1/2 and 3/2 of a deviation: mean 1, standard error sqrt(1/2) / sqrt(2) = 1/2, root mean square sqrt(5/4)
    assert (a["difference"], a["error"], a["width"]) == pytest.approx((1.0, 0.5, 0.5)) and a["apart"] == pytest.approx(1.25**0.5)
    assert (b["difference"], b["apart"]) == (0.0, 0.0) and b["width"] == pytest.approx(5.0)


def test_a_truth_is_ranked_among_the_draws_of_its_own_city():
    draws = np.array([[[0.0], [1.0], [2.0]], [[5.0], [6.0], [7.0]]])  # two cities, three draws, one parameter
    found = ranked(np.array([[1.5], [4.0]]), draws, ("a",))
    assert found.ranks.tolist() == [[2], [0]] and found.draws == 4


def test_a_right_posterior_has_uniform_ranks_and_a_narrow_one_has_not():
    rng = np.random.default_rng(1)
    truths, draws = rng.standard_normal((2000, 1)), rng.standard_normal((2000, 99, 1))
    assert ranked(truths, draws, ("a",)).p_values()[0] > 1e-4
    assert ranked(truths, 0.7 * draws, ("a",)).p_values()[0] < 1e-6
    mean, sd = moments(draws)
    assert mean.shape == (2000, 1) and sd.mean() == pytest.approx(1.0, abs=0.02)


def test_the_network_learns_from_the_model_that_we_fit():
    """Histories of the lessons are as far from the model's own as the error of observation, and cities are not among them."""
    z, x = lessons(20_000)
    error = x - reduced.simulate(z, KEY - 1, 20_000)
    assert np.cov(error.T) == pytest.approx(reduced.ERROR**2 * np.eye(8), abs=0.1 * reduced.ERROR**2)
    assert z.mean(axis=0) == pytest.approx(0.0, abs=0.1) and z.std(axis=0) == pytest.approx(1.0, abs=0.1)
    truth, target = known(0)
    assert (np.abs(z - truth).max(axis=1) > 1e-6).all() and len(target.value) == x.shape[1]


@pytest.fixture
def neural():
    rows = pd.DataFrame(
        [("drift", 0.05, 0.02, 0.1, 1.05, 0.4, 0.91), ("renewal", -0.5, 0.05, 0.6, 0.95, 0.03, 0.88)],
        columns=["name", "difference", "error", "apart", "width", "p", "coverage"],
    )
    return Neural("python -m x", {"sbi": "1.2"}, 700, 40_000, 50, smc.SAMPLER_VERSION, 297, 40, 400, rows)


def test_the_parameter_that_is_furthest_off_is_named_first(neural):
    blocks = neural_section(neural)
    text = fragment(blocks)
    assert "-0.50 of its standard deviations from the network's for `renewal` and at most 0.05 for every other" in text
    assert "(0 of 1 by more than three standard errors); ours are 0.95 to 1.05 as wide." in text
    assert "hold 88% to 91% by parameter, and the least uniform ranks have p = 0.03." in text
    assert "`python -m x` took 700 seconds, 50 epochs of training." in text and "version" not in text
    (made,) = [b for b in blocks if isinstance(b, Table)]
    assert ["".join(map(plain, row[0])) for row in made.rows] == ["renewal", "drift"]


def test_a_comparison_with_an_earlier_sampler_says_so(neural):
    older = Neural(**{name: getattr(neural, name) for name in Neural.__slots__} | {"sampler_version": 1})
    assert f"version 1 of our sampler, which is now {smc.SAMPLER_VERSION}." in fragment(neural_section(older))


def test_what_is_kept_speaks_of_every_parameter():
    kept = Neural.kept()
    assert tuple(kept.rows.name) == reduced.NAMES and kept.training >= 10_000 and kept.cities >= 20
    assert kept.command == "python -m tests.crosscheck_sbi" and set(kept.versions) == {"sbi", "torch"}
