"""What a city borrows from others: against sums over many made-up cities, and who borrows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from agents.parameters import NAMES
from agents.priors import Beta, MovedPrior, Normal
from calibration.fit.calibrate import evidence_of
from calibration.fit.outlook import POOL, Outlook, draws_of, scores_of
from calibration.fit.pooled import BY_MOMENTS, COMMON_PARTS, CityScores, pooled, shipped_fits, with_pooled
from calibration.proof.held_out import HeldOut, within
from peiyu.fit.borrowing import worlds_of
from sim.quarter import parse


def seen(*told):
    """Return what fits of one parameter have left, (mean, variance) each; the others are told nothing of."""
    blank = np.full(len(NAMES), np.nan)
    return [
        CityScores(np.where(np.arange(len(NAMES)) == 0, m, blank), np.where(np.arange(len(NAMES)) == 0, v, blank))
        for m, v in told
    ]  # fmt: skip


@pytest.mark.parametrize("told", [[(1.2, 0.25)], [(1.0, 0.3), (1.4, 0.2), (0.9, 0.4)], [(-1.0, 0.3), (1.0, 0.3)]])
def test_a_further_city_is_what_many_made_up_cities_say(told):
    rng, n = np.random.default_rng(1), 600_000
    r = rng.choice(COMMON_PARTS, n)
    mu = np.sqrt(r) * rng.normal(size=n)
    cities = mu[:, None] + np.sqrt(1 - r)[:, None] * rng.normal(size=(n, len(told) + 1))
    # a fit that began at N(0, 1) and ended at N(m, v) has weighed each theta by N(m, v) / N(0, 1)
    log = sum(-0.5 * (cities[:, i] - m) ** 2 / v + 0.5 * cities[:, i] ** 2 for i, (m, v) in enumerate(told))
    weight = np.exp(log - log.max())
    new = cities[:, -1]
    mean = np.average(new, weights=weight)
    sd = np.sqrt(np.average((new - mean) ** 2, weights=weight))
    error = sd / np.sqrt(weight.sum() ** 2 / (weight**2).sum())  # of the sum, with what weighing has left of it
    assert error < 0.02
    got_mean, got_sd = (x[0] for x in pooled(seen(*told)))
    assert got_mean == pytest.approx(mean, abs=4 * error)
    assert got_sd == pytest.approx(sd, abs=4 * error)


def test_what_no_fit_has_learned_keeps_its_prior():
    mean, sd = pooled(seen((0.0, 1.0), (0.1, 1.05)))
    assert np.all(mean == 0.0) and sd == pytest.approx(np.ones(len(NAMES)))


def test_cities_that_agree_say_more_than_cities_that_do_not():
    agree, apart = (pooled(seen(*((m, 0.1) for m in means))) for means in ((1.0, 1.1, 0.9, 1.0), (-1.6, 1.6, -0.4, 0.4)))
    assert agree[1][0] < 0.75 < apart[1][0]
    assert agree[0][0] > 0.6 and abs(apart[0][0]) < 0.1


def test_a_moved_normal_is_a_normal_and_a_moved_prior_reads_back():
    u = np.array([0.01, 0.3, 0.5, 0.99])
    assert MovedPrior(Normal(2.0, 3.0), 0.5, 0.2).value(u) == pytest.approx(Normal(3.5, 0.6).value(u))
    other = MovedPrior(Beta(4, 7), -0.7, 0.8)
    assert other.rank(other.value(u)) == pytest.approx(u)
    assert other.value(np.array(0.5)) == pytest.approx(float(Beta(4, 7).value(np.array(0.24196365))))


def test_draws_of_a_borrowed_prior_read_back_and_lie_where_it_says():
    outlook = replace(Outlook.of({}), pooled={"renewal": [0.8, 0.5], "drive_srdi_2023": [-1.0, 0.6]}, cities=["a"])
    z = np.random.default_rng(3).normal(size=(4000, len(NAMES)))
    draws = draws_of(z, outlook)
    assert scores_of(draws, outlook) == pytest.approx(z, abs=1e-6)
    for name in ("renewal", "drive_srdi_2023"):
        rank = outlook.prior(name).rank(draws[:, NAMES.index(name)])
        assert np.quantile(rank, [0.05, 0.5, 0.95]) == pytest.approx([0.05, 0.5, 0.95], abs=0.025)
    plain = scores_of(draws, Outlook.of({}))[:, NAMES.index("renewal")]
    assert (plain.mean(), plain.std()) == (pytest.approx(0.8, abs=0.03), pytest.approx(0.5, abs=0.03))


def test_a_shipped_city_borrows_from_nobody_and_a_new_one_from_all(city):
    as_of = parse("2024Q4")
    assert evidence_of(city, as_of).outlook.cities == []
    new = evidence_of(replace(city, region="elsewhere"), as_of).outlook
    assert new.cities == sorted(shipped_fits()) and len(new.cities) >= 4
    assert not {*BY_MOMENTS, POOL} & set(new.pooled) and "srdi_apply" in new.pooled
    held_out = evidence_of(city, as_of, borrow=True).outlook
    assert held_out.cities == [x for x in new.cities if x != city.region]
    assert evidence_of(replace(city, region="elsewhere"), as_of, borrow=False).outlook.pooled == {}


def test_nobody_to_borrow_from_changes_nothing():
    assert with_pooled(Outlook.of({}), {}) == Outlook.of({})


def test_in_worlds_of_draws_intervals_hold_nine_in_ten_and_dependence_widens_the_shares():
    rng = np.random.default_rng(2)
    apart, alike = rng.normal(size=(4000, 10)), np.repeat(rng.normal(size=(4000, 1)), 10, axis=1)
    shares = [within(x).mean(axis=1) for x in (apart, alike)]
    assert [s.mean() for s in shares] == pytest.approx([0.9, 0.9], abs=0.002)
    # ten numbers that are one number: all inside or none
    assert shares[1].std() == pytest.approx(0.3, abs=0.01)
    assert shares[0].std() == pytest.approx(0.3 / np.sqrt(10), abs=0.01)


def test_a_share_as_seen_or_more_is_counted_over_worlds():
    rows = pd.DataFrame({"name": ["hnte_stock@2020Q4", "unicorns@2020Q4"], "flat_inside": [True, False], "pooled_inside": [True, True]})
    worlds = {side: np.array([[1, 1], [1, 0], [0, 0], [0, 1]], bool) for side in ("flat", "pooled")}
    said = worlds_of(HeldOut(rows, worlds))
    assert [said[side]["all"][2] for side in ("flat", "pooled")] == [0.75, 0.25]
    assert said["pooled"]["stocks"][2] == 0.5
