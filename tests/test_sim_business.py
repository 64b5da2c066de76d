"""R&D, growth, take-off and equity rounds of a few enterprises, with answers worked out by hand."""

import numpy as np
import pytest

from agents.enterprises import NEVER, Recognition, Stage
from agents.parameters import Parameters
from agents.terms import Terms
from sim.levers.context import CityTerms
from sim.model import business


def blank(s):
    return Terms.blank(len(s.enterprises))


def city_terms(s):
    return CityTerms.blank(len(s.city.districts), len(s.city.tracks))


@pytest.fixture
def local(city):
    return next(k for k, t in enumerate(city.tracks) if not t.future)


@pytest.fixture
def future(city):
    return next(k for k, t in enumerate(city.tracks) if t.future)


# --- invest


def test_money_for_research_is_kept_for_the_year_and_counts_as_support(by_hand):
    s = by_hand(3)
    terms = blank(s)
    terms.offer(np.array([1]), rd_extra=30.0, grant=20.0)
    business.invest(s, terms)
    assert s.enterprises.rd_given.tolist() == [0.0, 30.0, 0.0]
    assert s.enterprises.support.tolist() == [0.0, 50.0, 0.0]
    assert s.enterprises.reached.tolist() == [False, True, False]


def test_a_project_is_reviewed_once_when_it_is_due(by_hand, local):
    s = by_hand(3, parameters=Parameters(project_years=2.0, project_success=0.6), track=local,
                draws={"project": [0.59, 0.61, 0.0]})  # fmt: skip
    s.enterprises.project_due[:] = s.quarter, s.quarter, NEVER
    terms = blank(s)
    terms.offer(np.array([2]), project=True)
    business.invest(s, terms)
    assert s.enterprises.results.tolist() == [1, 0, 0]
    assert s.enterprises.project_due.tolist() == [NEVER, NEVER, s.quarter + 8]
    assert s.flows["key_results"] == 1


@pytest.mark.parametrize(("formed", "accepted"), [(False, 0), (True, 1)])
def test_a_consortium_lifts_the_odds_of_its_track(by_hand, future, formed, accepted):
    """Odds of 1.5 doubled are 3: a chance of 0.75 instead of 0.6."""
    p = Parameters(project_success=0.6, consortium_lift=float(np.log(2.0)))
    s = by_hand(1, parameters=p, track=future, draws={"project": 0.7})
    s.enterprises.project_due[:] = s.quarter
    s.institutions.form_consortium(s.quarter)  # around a university: of no track
    if formed:
        s.institutions.form_consortium(s.quarter, 0, future)
    business.invest(s, blank(s))
    assert s.enterprises.results.tolist() == [accepted]


def test_key_results_of_its_own_come_to_active_enterprises_of_future_tracks(by_hand, local, future):
    """4 亿元 of knowledge at one result a year and 亿元: 1 - exp(-1) a quarter, 0.632."""
    s = by_hand(4, parameters=Parameters(result_rate=1.0), track=[future, future, future, local],
                knowledge=40_000.0, dormant=[False, False, True, False], draws={"result": [0.63, 0.64, 0.0, 0.0]})  # fmt: skip
    business.invest(s, blank(s))
    assert s.enterprises.results.tolist() == [1, 0, 0, 0]


def test_a_voucher_fades_but_for_the_part_that_stays(by_hand):
    s = by_hand(2, parameters=Parameters(voucher_half_life=0.25, voucher_permanent=0.25), boost=[0.2, 0.2])
    terms = blank(s)
    terms.offer(np.array([1]), boost=0.4)
    business.invest(s, terms)
    assert s.enterprises.boost == pytest.approx([0.1, 0.4])
    assert s.enterprises.boost_kept == pytest.approx([0.0, 0.1])


def test_a_scene_lasts_as_long_as_it_takes(by_hand):
    s = by_hand(2, parameters=Parameters(scene_years=1.5))
    terms = blank(s)
    terms.offer(np.array([0]), scene=True)
    business.invest(s, terms)
    assert s.enterprises.scene_until.tolist() == [s.quarter + 6, NEVER]


# --- grow

PLAIN = Parameters(drift=0.1, quality_growth=0.0, persistence_small=0.0, persistence_large=0.0, price_growth=0.02,
                   depreciation=0.25, knowledge_elasticity=0.5)  # fmt: skip


def test_a_year_closes_for_those_whose_quarter_it_is_and_who_are_active(by_hand):
    """Without a shock: staff by the drift, revenue by staff, prices and knowledge, R&D by habit."""
    s = by_hand(8, parameters=PLAIN, dormant=[False] * 4 + [True] * 4, rd_given=10.0)
    business.grow(s, blank(s))
    e = s.enterprises
    assert e.employees == pytest.approx([20.0 * np.exp(0.1), *[20.0] * 7])
    knowledge = 0.75 * 200.0 + 50.0 + 10.0
    assert e.knowledge == pytest.approx([knowledge, *[200.0] * 7])
    revenue = 1000.0 * np.exp(0.1 + 0.02) * np.sqrt(knowledge / 200.0)
    assert e.revenue == pytest.approx([revenue, *[1000.0] * 7])
    assert e.rd_spend[0] == pytest.approx(0.05 * revenue) and e.rd_spend[1] == 50.0
    assert e.rd_given.tolist() == [0.0, *[10.0] * 7]
    assert e.growth[0].tolist() == pytest.approx([0.1, 0.0, 0.0])


def test_what_a_year_added_counts_once(by_hand):
    s = by_hand(1, parameters=PLAIN, year_lift=0.3, year_gain=0.2)
    business.grow(s, blank(s))
    assert s.enterprises.employees == pytest.approx([20.0 * np.exp(0.4)])
    assert s.enterprises.year_lift.tolist() == s.enterprises.year_gain.tolist() == [0.0]


def test_the_young_and_the_labelled_grow_faster(by_hand):
    p = Parameters(**{**{n: getattr(PLAIN, n) for n in ("quality_growth", "persistence_small")}, "drift": 0.0,
                      "drift_young": 0.05, "label_effect": 0.3, "shock_sd": 0.4})  # fmt: skip
    s = by_hand(12, parameters=p)
    s.enterprises.born[[0, 4]] = s.quarter - 20, s.quarter - 19
    s.enterprises.until[8, Recognition.HNTE] = s.quarter + 1
    business.grow(s, blank(s))
    assert s.enterprises.growth[[0, 4, 8], 0] == pytest.approx([0.0, 0.05, 0.3 * 0.4 / np.sqrt(6.0)])


def test_rivals_of_a_market_lose_their_share_of_what_one_gains(by_hand):
    """One of two equal rivals is lifted by 0.4: the mean is 0.2, half of it goes, a quarter of a year counts."""
    s = by_hand(3, parameters=Parameters(displacement_tradable=0.5, displacement_local=0.5), closes=3,
                district=[0, 0, 1])  # fmt: skip
    terms = blank(s)
    terms.offer(np.array([0]), growth_lift=0.4)
    business.grow(s, terms)
    assert s.enterprises.year_lift == pytest.approx([0.075, -0.025, 0.0])


def test_high_growth_takes_three_years_and_ten_staff_at_their_start(by_hand):
    p = Parameters(drift=0.3, quality_growth=0.0, persistence_small=0.0, persistence_large=0.0)
    s = by_hand(12, parameters=p, employees=[30.0] * 8 + [14.0] * 4)
    s.enterprises.growth[[0, 8], :2] = 0.3
    s.enterprises.stage[4] = Stage.HIGH_GROWTH
    business.grow(s, blank(s))
    assert s.enterprises.stage[[0, 4, 8]].tolist() == [Stage.HIGH_GROWTH, Stage.STARTUP, Stage.STARTUP]
    assert np.flatnonzero(s.enterprises.ever_high).tolist() == [0]


def test_support_is_weaker_for_the_large_and_public_money_alone_for_the_financed(by_hand):
    p = Parameters(large_effect=0.5, financed_growth=0.1, government_only=0.25, scene_growth=0.04)
    s = by_hand(6, parameters=p, employees=[20.0, 300.0, 20.0, 20.0, 20.0, 20.0])
    e = s.enterprises
    e.round_at[:] = [NEVER, NEVER, s.quarter - 4, s.quarter - 5, s.quarter, NEVER]
    e.public_part[4] = 0.71
    e.scene_until[5] = s.quarter + 1
    terms = blank(s)
    terms.offer(np.array([0, 1]), growth_lift=0.2)
    assert business.supported_growth(s, terms) == pytest.approx([0.2, 0.1, 0.1, 0.0, 0.025, 0.04])


# --- take off


def test_a_candidate_takes_off_at_the_rate_of_its_age(by_hand, local, city):
    """At the usual age the yearly rate is -ln(1 - 0.5) / 10, so a quarter's chance is 1 - 0.5^(1/40)."""
    p = Parameters(take_off=0.5, take_off_scale=1.0, take_off_age=10.0)
    chance = 1.0 - 0.5 ** (1 / 40)
    s = by_hand(5, parameters=p, track=local, ever_high=[True, True, False, False, True], rounds=[0, 0, 4, 3, 0],
                dormant=[False] * 4 + [True], draws={"take_off": [chance - 1e-6, chance + 1e-6, 0, 0, 0], "premium": np.exp(-1)})  # fmt: skip
    business.take_off(s, city_terms(s))
    assert (s.enterprises.stage == Stage.LEADER).tolist() == [True, False, True, False, False]
    worth = city.leader.unicorn_valuation * np.e
    assert s.enterprises.valuation == pytest.approx([worth, 0.0, worth, 0.0, 0.0])
    assert s.flows["leaders_new"] == 2 and s.flows["leaders_lost"] == 0


def test_a_leader_falls_by_lot_or_asleep_and_does_not_rise_at_once(by_hand):
    p = Parameters(leader_exit=1.0 - 0.9**4)  # a tenth a quarter
    s = by_hand(3, parameters=p, stage=Stage.LEADER, ever_high=True, dormant=[False, False, True],
                draws={"leader_exit": [0.09, 0.11, 0.11], "take_off": 0.0})  # fmt: skip
    business.take_off(s, city_terms(s))
    assert s.enterprises.stage.tolist() == [Stage.STARTUP, Stage.LEADER, Stage.STARTUP]
    assert s.flows["leaders_lost"] == 2 and s.flows["leaders_new"] == 0


def test_leaders_and_the_well_financed_list_once(by_hand):
    p = Parameters(listing_rate=1.0 - 0.9**4)
    s = by_hand(5, parameters=p, stage=[2, 0, 0, 2, 2], rounds=[0, 3, 2, 0, 0],
                draws={"listing": [0.19, 0.19, 0.0, 0.21, 0.0], "leader_exit": 1.0})  # fmt: skip
    s.enterprises.listed[4] = s.quarter - 9
    offer = city_terms(s)
    offer.listing_lift = float(np.log(2.0))
    business.take_off(s, offer)
    assert s.enterprises.listed.tolist() == [s.quarter, s.quarter, NEVER, NEVER, s.quarter - 9]
    assert s.flows["listed_new"] == 2


# --- raise money

MONEY = Parameters(margin=0.01, runway=4.0, first_round=100.0, round_step=2.0, crowd_in=0.5, round_lasts=5.0, dilution=0.2)


def test_a_round_is_the_usual_deal_and_what_public_money_brings(by_hand):
    """R&D of 50 over a margin of 10 burns 10 a quarter. The second round is 200; 40 of public money crowd in 20."""
    s = by_hand(2, parameters=MONEY, venture=[True, False], cash=[15.0, 0.0], rounds=1, draws={"round": 0.0})
    terms = blank(s)
    terms.offer(np.array([0, 1]), equity_offer=40.0)
    public = business.raise_money(s, terms)
    e = s.enterprises
    assert public.tolist() == [40.0, 0.0]
    assert e.cash == pytest.approx([15.0 - 10.0 + 260.0, 0.0])
    assert e.equity == pytest.approx([260.0, 0.0]) and e.planned == pytest.approx([52.0, 0.0])
    assert e.valuation == pytest.approx([1300.0, 0.0]) and e.public_part[0] == pytest.approx(40 / 260)
    assert e.rounds.tolist() == [2, 1] and e.round_at.tolist() == [s.quarter, NEVER]
    assert e.support.tolist() == [40.0, 0.0]
    assert (s.flows["rounds"], s.flows["equity"]) == (1, 260)


def test_who_has_cash_for_the_runway_does_not_look(by_hand):
    s = by_hand(2, parameters=MONEY, venture=True, cash=[50.0, 49.9], draws={"round": 0.0})
    business.raise_money(s, blank(s))
    assert s.enterprises.rounds.tolist() == [0, 1]  # 40 are left, four quarters of ten; a little less is too little


def test_a_plan_that_is_used_up_is_dropped_and_a_grant_is_cash(by_hand):
    s = by_hand(2, parameters=MONEY, venture=True, cash=20.0, planned=20.0, draws={"round": 1.0})
    terms = blank(s)
    terms.offer(np.array([1]), grant=5.0)
    business.raise_money(s, terms)
    assert s.enterprises.cash.tolist() == [0.0, 5.0]
    assert s.enterprises.planned.tolist() == [0.0, 20.0]


def test_a_small_round_does_not_take_a_leaders_valuation_away(by_hand):
    s = by_hand(2, parameters=MONEY, venture=True, stage=[Stage.LEADER, Stage.STARTUP], valuation=9e5, draws={"round": 0.0})
    business.raise_money(s, blank(s))
    assert s.enterprises.valuation == pytest.approx([9e5, 500.0])


def test_the_dormant_neither_burn_nor_raise(by_hand):
    s = by_hand(1, parameters=MONEY, venture=True, dormant=True, cash=1.0, draws={"round": 0.0})
    business.raise_money(s, blank(s))
    assert s.enterprises.cash.tolist() == [1.0] and s.flows["rounds"] == 0
