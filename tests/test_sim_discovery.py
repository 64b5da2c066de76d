"""PRIM and scenario discovery against answers known beforehand: planted boxes, thresholds, and no signal at all."""

import numpy as np
import pytest
from scipy import stats

from peiyu.fails_when import discovery, prim
from peiyu.fails_when.discovery import chance_of, discover, left_out, reproduced, screened_box, spread_evenly, telling
from peiyu.fails_when.prim import Box, find, merit, pasted, peeled, quasi_p, share

MEMBERS, INPUTS = 400, 30


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(7).random((MEMBERS, INPUTS))


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(discovery, "RESAMPLES", 8)


def alone(n=MEMBERS):
    return np.arange(n)


def test_a_planted_box_is_recovered(x):
    hit = (x[:, 3] < 0.4) & (x[:, 7] > 0.5)
    found = discover(x, hit, alone(), 2, 1)
    (region,) = found.regions
    assert [limit.column for limit in region.limits] == [3, 7]
    assert region.box.high[3] == pytest.approx(0.4, abs=0.02) and np.isinf(region.box.low[3])
    assert region.box.low[7] == pytest.approx(0.5, abs=0.02) and np.isinf(region.box.high[7])
    assert region.found.density > 0.97 and region.found.coverage > 0.97
    assert region.elsewhere.density > 0.9 and region.elsewhere.coverage > 0.9
    assert all(limit.quasi_p < 1e-6 and limit.reproduced == 1 for limit in region.limits)
    assert region.limits[0].alone == pytest.approx((x[:, 3] <= region.box.high[3]).mean())


def test_a_threshold_of_one_input(x):
    box = find(x[:, :5], x[:, 2] > 0.7)
    assert list(box.limited) == [2]
    inside = np.sort(x[x[:, 2] > 0.7, 2])
    assert box.low[2] == pytest.approx(inside[0], abs=0.01) and np.isinf(box.high[2])


def test_a_band_in_the_middle_is_found(x):
    """Neither end of the input tells anything, so that a test of means would miss it."""
    region = discover(x, np.abs(x[:, 4] - 0.5) < 0.15, alone(), 1, 1).regions[0]
    assert [limit.column for limit in region.limits] == [4]
    assert (region.box.low[4], region.box.high[4]) == pytest.approx((0.35, 0.65), abs=0.02)


def test_the_second_box_is_found_among_the_other_members(x):
    first, second = x[:, 3] < 0.3, (x[:, 3] >= 0.3) & (x[:, 8] > 0.8)
    found = discover(x, first | second, alone(), 3, 1)
    one, two = found.regions[:2]
    assert list(one.box.limited) == [3] and list(two.box.limited) == [8]
    assert two.base == pytest.approx(second.sum() / (~one.box.inside(x)).sum(), abs=0.02)
    assert not one.box.inside(x[two.members]).any()
    assert one.found.coverage + two.found.coverage == pytest.approx(1, abs=0.03)
    assert one.found.members + two.found.members <= MEMBERS


def test_no_signal_gives_no_box():
    """Permuted outcomes: twenty tests at a level of 1 % give a box more than twice in one case of 1,000."""
    given = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = rng.random((120, INPUTS))
        given += bool(discover(x, rng.permutation(np.arange(120) < 48), alone(120), 1, seed).regions)
    assert given <= 2


def test_a_further_box_must_beat_all_members_together(x):
    """What is left around a box found before is denser than the rest, but tells nothing new."""
    chance = np.where(x[:, 3] < 0.5, 0.95, np.where(x[:, 3] < 0.65, 0.45, 0.02))
    found = discover(x, np.random.default_rng(6).random(MEMBERS) < chance, alone(), 3, 1)
    assert len(found.regions) == 1 and found.base > 0.5
    assert found.refused.elsewhere.density > found.refused.base


def test_a_box_that_holds_for_no_one_else_is_refused(x, monkeypatch):
    """Without screening PRIM finds a box in anything; the members left out give it away."""
    monkeypatch.setattr(discovery, "SCREEN", 1.1)
    monkeypatch.setattr(prim, "ALPHA", 1.0)
    hit = np.random.default_rng(5).random(MEMBERS) < 0.4
    found = discover(x[:, :8], hit, alone(), 2, 1)
    assert not found.regions
    assert found.refused.found.density > found.base + 0.1
    assert found.refused.elsewhere.density < found.base + 0.1 and found.refused.chance > discovery.HOLDS


def test_an_input_that_tells_only_inside_a_box_is_offered_then():
    rng = np.random.default_rng(11)
    x = rng.random((MEMBERS, INPUTS))
    hit = np.where(x[:, 0] < 0.5, x[:, 1] < 0.75, x[:, 1] > 0.75)  # input 1 says nothing about all members together
    hit &= rng.random(MEMBERS) < 0.95
    assert 1 in telling(x[x[:, 0] < 0.5], hit[x[:, 0] < 0.5], discovery.SCREEN_INSIDE)
    assert set(screened_box(x, hit).limited) == {0, 1}


def test_shares_and_merit_by_hand():
    inside, hit = np.array([1, 1, 1, 0, 0], bool), np.array([1, 1, 0, 1, 0], bool)
    s = share(inside, hit)
    assert (s.mass, s.density, s.coverage, s.members, s.hits) == (0.6, 2 / 3, 2 / 3, 3, 2)
    assert merit(inside, hit) == pytest.approx((2 / 3 - 3 / 5) * 0.6**0.5)
    assert merit(np.array([1, 0, 0, 0, 0], bool), hit) == 0  # dense, but a third of the hits only
    assert merit(inside & ~inside, hit) == 0 and merit(inside | ~inside, hit) == 0
    assert np.isnan(share(~inside & inside, hit).density)


def test_quasi_p_is_the_binomial_test():
    """Ten members, four of them hits; the limit keeps three members, all hits."""
    x = np.arange(10.0)[:, None]
    hit = np.isin(x[:, 0], [0, 1, 2, 9])
    box = Box.whole(1).with_limits(0, -np.inf, 2.0)
    assert quasi_p(box, 0, x, hit) == pytest.approx(0.4**3)
    assert quasi_p(Box.whole(1).with_limits(0, 3.0, 8.0), 0, x, hit) == 1
    assert chance_of(share(box.inside(x), hit), 0.4) == pytest.approx(stats.binom.sf(2, 3, 0.4))


def test_peeling_takes_a_twentieth_and_the_best(x):
    hit = x[:, 0] > 0.5
    first, second = peeled(x[:, :2], hit)[:2]
    assert not len(first.limited) and list(second.limited) == [0]
    assert second.inside(x[:, :2]).sum() == MEMBERS - 20
    assert second.low[0] == np.sort(x[:, 0])[20]
    assert pasted(Box.whole(2).with_limits(0, 0.6, np.inf), x[:, :2], hit).low[0] == x[hit, 0].min()


def test_ties_and_constants_do_no_harm():
    x = np.column_stack([np.repeat([0.0, 1.0], 100), np.zeros(200)])
    hit = x[:, 0] == 1
    box = find(x, hit)
    assert list(box.limited) == [0] and share(box.inside(x), hit).density == 1
    assert not len(find(x[:, 1:], hit).limited)
    assert not len(telling(x[:, 1:], hit, 0.5))
    for same in (np.ones(200, bool), np.zeros(200, bool)):
        assert not len(find(x, same).limited) and not discover(x, same, alone(200), 1, 1).regions


def test_the_screen_is_the_test_of_kolmogorov_and_smirnov(x):
    hit = np.random.default_rng(2).random(MEMBERS) < x[:, 6]
    p = [stats.ks_2samp(x[hit, j], x[~hit, j], method="asymp").pvalue for j in range(INPUTS)]
    assert list(telling(x, hit, 0.2)) == [j for j in np.argsort(p)[: discovery.MAX_OFFERED] if p[j] < 0.2]


def test_members_of_a_group_are_left_out_together():
    """Twins with the same inputs and outcomes would betray each other; every group falls in one part, all are used."""
    groups = np.repeat(np.arange(50), 4)
    part = discovery._parts(groups, 3)
    assert all(len(set(part[groups == g])) == 1 for g in range(50))
    assert np.bincount(part).tolist() == [20] * discovery.FOLDS
    x = np.repeat(np.random.default_rng(1).random((50, 3)), 4, axis=0)
    hit = np.repeat(np.random.default_rng(2).random(50) < 0.5, 4)
    assert not discover(x, hit, groups, 1, 1).regions


def test_results_follow_from_the_seed(x):
    hit = (x[:, 3] < 0.5) & (np.random.default_rng(4).random(MEMBERS) < 0.8)
    for f in (left_out, reproduced):
        assert np.array_equal(f(x, hit, alone(), 1), f(x, hit, alone(), 1))
    assert not np.array_equal(left_out(x, hit, alone(), 1), left_out(x, hit, alone(), 2))


def test_a_latin_hypercube_has_one_in_every_part():
    u = spread_evenly(50, ("a", "b"), 1)
    assert u.shape == (50, 2) and not np.array_equal(u[:, 0], u[:, 1])
    for j in range(2):
        assert sorted(np.floor(u[:, j] * 50)) == list(range(50))
    assert spread_evenly(5, (), 1).shape == (5, 0)
