"""Every lever by itself: what it offers to whom, and what it pays, worked out by hand from a scenario's numbers."""

from collections import defaultdict

import numpy as np
import pytest

from agents.enterprises import NEVER, Recognition
from agents.parameters import Parameters
from agents.terms import Terms
from sim.levers import LEVERS, CityTerms, QuarterContext, capacity
from sim.levers.base import Eligible, Outcome
from sim.levers.context import Zones
from sim.levers.ledger import Line

NOW = 8080  # 2020Q1, where `by_hand` stands
ALL = Eligible(tracks="all")
HALF = {"start": NOW - 1, "ramp_quarters": 4}
"""The second of four quarters of the ramp: half the strength."""


@pytest.fixture(autouse=True)
def office(monkeypatch):
    """Let every office go to three times the usual, so that twice the size is one and a half times, and take nothing."""
    three = capacity.Capacity(lever="any", limit=3.0, running_cost=0.0, cost_power=2.0, why="test")
    monkeypatch.setattr(capacity, "capacities", lambda: defaultdict(lambda: three))


def lever(kind, **fields):
    """Return a lever of full strength, open to everybody."""
    given = {"name": kind, "start": NOW, "end": NOW + 7, "budget": 400.0, "source": "test", "ramp_quarters": 1, "eligible": ALL}
    return LEVERS[kind](**given | fields)


def shown_to(s, x, *, zones=None, scenes=0, terms=None):
    """Let one lever offer; returns the terms, the context and its line in the ledger."""
    offer = CityTerms.blank(len(s.city.districts), len(s.city.tracks))
    papers = zones or Zones.blank(len(s.institutions.pilot_zones))
    columns = (s.constants.future, s.constants.compute_heavy)
    context = QuarterContext(s.quarter, s.parameters, s.ledger, offer, *columns, papers, scenes, s.draw)
    terms = terms or Terms.blank(len(s.enterprises))
    s.ledger.open_line(x.name, x.pool(s.quarter))
    x.apply(terms, s.enterprises, context)
    return terms, context, s.ledger.lines[x.name]


def outcome(n, *, first=(), again=(), equity=()):
    """Return what happened to rows: labels of the HNTE for the first time or again, public equity taken up."""
    made = Outcome(np.zeros((n, len(Recognition)), bool), np.zeros((n, len(Recognition)), bool), np.zeros(n))
    made.recognised_first[list(first), Recognition.HNTE] = True
    made.recognised_again[list(again), Recognition.HNTE] = True
    made.public_equity[list(equity)] = 1.0
    return made


# ---- money, dates and dose that all levers share


@pytest.mark.parametrize(
    ("since_start", "ramp", "strength"),
    [(0, 4, 0.25), (1, 4, 0.5), (3, 4, 1.0), (9, 4, 1.0), (0, 1, 1.0), (0, 0, 1.0), (1, 3, 2 / 3)],
)
def test_a_ramp_reaches_one_and_stays_there(since_start, ramp, strength):
    x = lever("talent_programme", start=NOW - since_start, ramp_quarters=ramp, budget=800.0, size=1.5)
    assert x.strength(NOW) == pytest.approx(strength)
    assert x.pool(NOW) == pytest.approx(300.0 * strength)  # a quarter of one and a half times 800


def test_a_lever_is_in_force_from_its_first_to_its_last_quarter():
    x = lever("talent_programme", end=NOW + 2)
    assert [x.in_force(NOW + i) for i in (-1, 0, 2, 3)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("allocation", "won"),
    [("quality", [1, 2]), ("first_come", [0, 2]), ("lottery", [2, 3])],
)
def test_money_for_two_goes_by_the_office_s_way_to_choose(by_hand, allocation, won):
    """Quality counts with an error of two; who has been reached before comes first; a lottery looks at neither."""
    s = by_hand(
        4, quality=[2.0, 3.0, 1.1, 0.0], reached=[True, False, False, False],
        draws={"priority:growth_coaching": [0.3, 0.1, 0.9, 0.8]},
    )  # fmt: skip
    x = lever("growth_coaching", cost=40.0, budget=80.0, allocation=allocation)
    terms, _, line = shown_to(s, x)
    assert set(np.flatnonzero(terms.growth_lift)) == set(won)
    assert line == Line(amount=20.0, payments=2, budget=20.0)


def test_where_there_is_enough_for_all_nobody_is_ranked(by_hand):
    s = by_hand(3)
    asked = []
    s.streams.uniform = lambda decision, _quarter, slot: asked.append(decision) or np.full(len(slot), 0.5)
    shown_to(s, lever("growth_coaching", cost=40.0, budget=120.0))
    assert asked == []
    shown_to(s, lever("growth_coaching", cost=40.0, budget=119.0))
    assert asked == ["priority:growth_coaching"]


def test_a_row_of_several_enterprises_costs_as_much_as_they_do(by_hand):
    s = by_hand(3, quality=[3.0, 2.0, 1.0])
    s.ledger.weight = 10.0
    _, _, line = shown_to(s, lever("growth_coaching", cost=4.0, budget=100.0))
    assert line == Line(amount=25.0, payments=30, budget=25.0)  # 10 + 10 + half of the last ten


# ---- enterprises and people


def test_coaching_lifts_growth_of_those_it_is_paid_for(by_hand):
    s = by_hand(3, quality=[3.0, 2.0, 1.0], parameters=Parameters(coaching_growth=0.02))
    terms, _, line = shown_to(s, lever("growth_coaching", cost=40.0, budget=120.0, **HALF))
    assert terms.growth_lift.tolist() == [0.01, 0.01, 0.0]  # the pool of 15 ends within the second
    assert line == Line(amount=15.0, payments=2, budget=15.0)
    assert terms.reached.tolist() == [True, True, False]


def test_cheaper_computing_buys_research_where_it_is_needed(by_hand, city):
    heavy = next(k for k, t in enumerate(city.tracks) if t.compute_heavy)
    light = next(k for k, t in enumerate(city.tracks) if not t.compute_heavy)
    s = by_hand(
        3, track=[heavy, light, heavy], rd_spend=[400.0, 400.0, 0.0],
        parameters=Parameters(compute_saving=0.2, dose_elasticity=0.5),
    )  # fmt: skip
    x = lever("compute_supply", compute_share=0.3, size=4.0, eligible=Eligible(tracks="compute_heavy"))
    terms, _, line = shown_to(s, x)
    assert terms.rd_extra.tolist() == pytest.approx([12.0, 0.0, 0.0])  # 0.2 * sqrt 4 of 30 % of 100
    assert line == Line(amount=400.0, payments=1, budget=400.0)


def test_talent_founds_in_future_tracks_and_grows(by_hand):
    s = by_hand(2, parameters=Parameters(talent_entry=0.04, talent_growth=0.01, dose_elasticity=0.5))
    terms, context, line = shown_to(s, lever("talent_programme", **HALF))
    assert (context.city.entry_lift == 0.02 * s.constants.future).all() and not context.city.place_lift.any()
    assert terms.growth_lift.tolist() == [0.005, 0.005]
    assert line == Line(amount=50.0, payments=1, budget=50.0)


def test_leaders_are_attracted_and_candidates_helped_to_list(by_hand):
    s = by_hand(2, parameters=Parameters(leader_attraction=0.2, listing_pool=0.1, dose_elasticity=1.0))
    terms, context, line = shown_to(s, lever("leader_attraction", size=3.0))
    assert (context.city.attraction_lift, context.city.listing_lift) == pytest.approx((0.6, 0.3))
    assert not terms.reached.any() and line.amount == 300.0


# ---- funding

FUNDED = {"venture": True, "cash": 0.0, "planned": 50.0, "rounds": [0, 1, 2, 3]}
P = Parameters(first_round=500.0, round_step=3.0, runway=4.0, public_odds=0.3)


@pytest.mark.parametrize(
    ("tier", "offers"),
    [
        ("seed", [100.0, 0.0, 0.0, 0.0]),  # 20 % of 500
        ("angel", [0.0, 300.0, 0.0, 0.0]),  # 20 % of 1,500
        ("venture", [0.0, 0.0, 800.0, 800.0]),  # 20 % of 4,500 is 900, of 13,500 is 2,700: the ticket holds
        ("merger", [0.0, 0.0, 0.0, 0.0]),
    ],
)
def test_a_fund_offers_its_share_up_to_its_ticket_to_its_tier(by_hand, tier, offers):
    s = by_hand(4, **FUNDED, parameters=P)
    x = lever("guidance_fund", tier=tier, ticket=800.0, public_share=0.2, budget=8000.0)
    terms, _, line = shown_to(s, x)
    assert terms.equity_offer.tolist() == pytest.approx(offers)
    assert terms.finance_lift.tolist() == [0.3 * (offer > 0) for offer in offers]
    assert line == Line(amount=0.0, payments=0, budget=2000.0)  # an offer costs nothing yet


def test_a_fund_pays_where_the_round_has_closed_and_enters_it_in_its_account(by_hand):
    s = by_hand(4, **FUNDED | {"rounds": 0}, parameters=P)
    x = lever("guidance_fund", tier="seed", ticket=800.0, public_share=0.2, budget=8000.0)
    _, context, line = shown_to(s, x)
    x.settle(s.enterprises, outcome(4, equity=(1, 3)), context)
    assert line == Line(amount=200.0, payments=2, budget=2000.0)
    x.account(s.institutions, line)
    account = s.institutions.funds["seed"]
    assert (account.invested, account.deals) == (200.0, 2)
    assert all(fund.deals == 0 for name, fund in s.institutions.funds.items() if name != "seed")


def test_a_fund_looks_at_those_whom_investors_back_and_who_look_for_money(by_hand):
    """Four quarters of 50 planned are 200; without a plan the burn is a quarter of R&D above the margin."""
    s = by_hand(
        5, venture=[True, True, False, True, True], cash=[199.0, 200.0, 0.0, 39.0, 41.0],
        planned=[50.0, 50.0, 50.0, 0.0, 0.0], rd_spend=140.0, revenue=1000.0,
        parameters=Parameters(first_round=500.0, runway=4.0, margin=0.1),
    )  # fmt: skip
    x = lever("guidance_fund", tier="seed", ticket=800.0, public_share=0.2, budget=8000.0)
    terms, _, _ = shown_to(s, x)
    assert np.flatnonzero(terms.equity_offer).tolist() == [0, 3]


def test_two_funds_in_one_deal_never_offer_more_than_the_deal(by_hand):
    s = by_hand(2, **FUNDED | {"rounds": 0}, parameters=P)
    one = lever("guidance_fund", name="one", tier="seed", ticket=800.0, public_share=0.7, budget=8000.0)
    two = lever("guidance_fund", name="two", tier="seed", ticket=800.0, public_share=0.7, budget=8000.0)
    terms, _, _ = shown_to(s, one)
    assert terms.equity_offer.tolist() == pytest.approx([350.0, 350.0])
    terms, context, _ = shown_to(s, two, terms=terms)
    assert terms.equity_offer.tolist() == pytest.approx([500.0, 500.0])
    assert context.commitments["two"][1].tolist() == pytest.approx([150.0, 150.0])


def test_an_award_invites_and_pays_by_the_kind_of_recognition(by_hand):
    s = by_hand(5, parameters=Parameters(award_response=0.05, dose_elasticity=0.5))
    x = lever("recognition_award", recognition="hnte", first_award=20.0, renewal_award=5.0, size=4.0, budget=160.0)
    terms, context, line = shown_to(s, x)
    assert terms.application_lift(Recognition.HNTE, np.arange(5)).tolist() == pytest.approx([0.2] * 5)  # .05 * 2 * 2
    assert not terms.application_lift(Recognition.SRDI, np.arange(5)).any()
    assert line.amount == 0.0
    x.settle(s.enterprises, outcome(5, first=(0, 2), again=(3,)), context)
    assert line == Line(amount=45.0, payments=3, budget=160.0)


def test_an_award_pays_nobody_who_was_not_asked_or_came_too_late(by_hand):
    s = by_hand(3, employees=[10.0, 500.0, 10.0])
    x = lever("recognition_award", recognition="hnte", first_award=20.0, eligible=Eligible(tracks="all", max_employees=100))
    _, context, line = shown_to(s, x)
    s.enterprises.add(1)  # settled here within the quarter
    x.settle(s.enterprises, outcome(4, first=(0, 1, 3)), context)
    assert line == Line(amount=20.0, payments=1, budget=100.0)


def test_a_seedling_is_supported_once(by_hand):
    s = by_hand(4, support=[0.0, 29.9, 30.0, 500.0], parameters=Parameters(incubation_exit=-0.1))
    terms, _, line = shown_to(s, lever("seedling_grant", amount=30.0))
    assert terms.grant.tolist() == [30.0, 30.0, 0.0, 0.0]
    assert terms.exit_lift.tolist() == [-0.1, -0.1, 0.0, 0.0]
    assert line == Line(amount=60.0, payments=2, budget=100.0)


# ---- knowledge


@pytest.mark.parametrize("weight", [1.0, 10.0])
def test_research_spills_over_by_own_research_and_none_is_lost(by_hand, weight):
    s = by_hand(3, rd_spend=[100.0, 300.0, 0.0], parameters=Parameters(basic_research=0.2, spillover=0.6))
    s.ledger.weight = weight
    terms, context, line = shown_to(s, lever("basic_research"))
    assert (terms.rd_extra * weight).tolist() == pytest.approx([15.0, 45.0, 0.0])  # 0.6 of the 100 spent
    assert context.city.spin_off_lift == pytest.approx(0.2)
    assert line == Line(amount=100.0, payments=1, budget=100.0)


def test_research_among_those_who_do_none_is_spent_and_spills_nowhere(by_hand):
    terms, _, line = shown_to(by_hand(2, rd_spend=0.0), lever("basic_research"))
    assert not terms.rd_extra.any() and line.amount == 100.0


@pytest.mark.parametrize(("lot", "count"), [(0.74, 2), (0.76, 3)])
def test_projects_go_to_those_who_know_most_and_a_broken_number_by_lot(by_hand, lot, count):
    """Nine a year are 2.25 a quarter; who has a project gets no second one."""
    s = by_hand(
        5, knowledge=[100.0, 1e6, 1e5, 1e4, 1e3], project_due=[NEVER, NOW + 4, NEVER, NEVER, NEVER],
        parameters=Parameters(projects_rate=9.0, project_cost=1000.0), draws={"round:open_challenge": lot},
    )  # fmt: skip
    terms, _, line = shown_to(s, lever("open_challenge", share=0.2, cap=300.0, budget=40_000.0))
    assert np.flatnonzero(terms.project).tolist() == [2, 3, 4][:count]
    assert terms.rd_extra.tolist() == [200.0 * p for p in terms.project]
    assert line == Line(amount=200.0 * count, payments=count, budget=10_000.0)


def test_a_project_s_cap_holds_and_its_pool(by_hand):
    s = by_hand(3, knowledge=[1e4, 1e3, 1e2], parameters=Parameters(projects_rate=400.0, project_cost=5000.0))
    terms, _, line = shown_to(s, lever("open_challenge", share=0.2, cap=300.0, budget=2000.0))
    assert sorted(terms.rd_extra, reverse=True) == [300.0, 200.0, 0.0]  # 500 are 300 and what is left
    assert line == Line(amount=500.0, payments=2, budget=500.0)


def test_pilot_plants_lift_projects_and_invite_technology_centres(by_hand):
    s = by_hand(2, rd_intensity=[0.06, 0.04], parameters=Parameters(pilot_plant_lift=0.15))
    x = lever("pilot_plants", platforms=10.0, platform_grant=30.0, eligible=Eligible(tracks="all", min_rd_intensity=0.05))
    terms, _, line = shown_to(s, x)
    assert terms.result_lift.tolist() == [0.15, 0.0]
    assert terms.application_lift(Recognition.TECH_CENTRE, np.arange(2)).tolist() == [0.15, 0.0]
    assert line == Line(amount=75.0, payments=1, budget=100.0)
    _, _, line = shown_to(s, lever("pilot_plants", platforms=10.0, platform_grant=300.0))
    assert line.amount == 100.0  # never beyond the budget


def test_consortia_are_pushed_by_the_ramp_and_paid_a_share(by_hand):
    terms, context, line = shown_to(by_hand(1), lever("consortium_support", support=80.0, size=2.0, **HALF))
    assert context.city.consortia_push == 0.75 and not terms.reached.any()
    assert line == Line(amount=40.0, payments=1, budget=100.0)
    _, context, line = shown_to(by_hand(1), lever("consortium_support"))
    assert context.city.consortia_push == 1.0 and line.payments == 0  # nothing asked, nothing paid


# ---- demand and exchange


@pytest.mark.parametrize(("weight", "lot", "count"), [(1.0, 0.5, 3), (2.0, 0.49, 1), (2.0, 0.51, 2)])
def test_scenes_go_to_the_best_who_have_none_now(by_hand, weight, lot, count):
    s = by_hand(5, quality=[9.0, 6.0, 5.0, 4.0, 3.0], scene_until=[NOW + 1, NOW, 0, 0, 0], draws={"round:application_scenes": lot}, parameters=Parameters(spontaneous_scenes=0.0))
    s.ledger.weight = weight
    terms, context, line = shown_to(s, lever("application_scenes", size=2.0), scenes=3)
    assert np.flatnonzero(terms.scene).tolist() == [1, 2, 3][:count]
    assert context.city.scene_push == 1.5
    assert line == Line(amount=200.0, payments=1, budget=200.0)


def test_demonstrations_complete_more_scenes_and_projects(by_hand):
    s = by_hand(2, parameters=Parameters(demonstration_lift=0.2, dose_elasticity=0.5))
    terms, context, line = shown_to(s, lever("demonstrations", size=4.0, **HALF))
    assert terms.result_lift.tolist() == pytest.approx([0.2, 0.2])  # half the ramp, twice the dose
    assert (context.city.completion_lift, context.city.sample_push) == pytest.approx((0.2, 1.0))
    assert line.amount == 200.0


def test_platforms_attract(by_hand):
    s = by_hand(2, parameters=Parameters(contest_attraction=0.3, dose_elasticity=1.0))
    terms, context, _ = shown_to(s, lever("exchange_platforms", size=2.0))
    assert (context.city.platform_push, context.city.attraction_lift) == pytest.approx((1.5, 0.6))
    assert not terms.reached.any()


# ---- vouchers

USE = Parameters(voucher_additional=0.6, voucher_unused=0.5, voucher_effect=0.1)
"""Of a hundred holders 60 buy more, 20 let it lapse, and 20 replace their own money."""


def test_a_service_voucher_works_where_it_is_additional_and_costs_where_it_is_used(by_hand):
    s = by_hand(4, parameters=USE, draws={"ask:service_voucher": 0.0, "use:service_voucher": [0.59, 0.61, 0.79, 0.81]})
    x = lever("service_voucher", face_value=2.0)
    terms, context, line = shown_to(s, x)
    assert terms.boost.tolist() == [0.1, 0.0, 0.0, 0.0]
    assert terms.reached.tolist() == [True, True, True, False]
    assert line == Line(amount=6.0, payments=3, budget=100.0)
    used, additional = context.uses["service_voucher"]
    assert used.tolist() == [1.0, 1.0, 1.0, 0.0] and additional.tolist() == [1.0, 0.0, 0.0, 0.0]
    x.account(s.institutions, line)
    assert (s.institutions.programmes["ServiceVoucher"].paid, s.institutions.programmes["ServiceVoucher"].uses) == (6.0, 3)


def test_a_share_asks_for_service_vouchers_and_half_a_voucher_works_half(by_hand):
    """A reach of 0.8 a year is a fifth a quarter; the pool of three pays one voucher and a half."""
    s = by_hand(
        4, quality=[5.0, 9.0, 1.0, 9.0], parameters=USE,
        draws={"ask:service_voucher": [0.19, 0.21, 0.0, 0.99], "use:service_voucher": 0.0},
    )  # fmt: skip
    terms, _, line = shown_to(s, lever("service_voucher", face_value=2.0, reach=0.8, budget=12.0))
    assert terms.boost.tolist() == pytest.approx([0.1, 0.0, 0.05, 0.0])
    assert line == Line(amount=3.0, payments=2, budget=3.0)


def test_a_compute_voucher_pays_a_share_of_the_bill_up_to_a_cap(by_hand):
    """Half of R&D is computing: bills of 50, 50, 500 and 50 a quarter; 30 % of them, 40 a year at most 10 a quarter."""
    s = by_hand(4, rd_spend=[400.0, 400.0, 4000.0, 160.0], parameters=USE, draws={"use:compute_voucher": [0.0, 0.7, 0.0, 0.9]})
    x = lever("compute_voucher", rate=0.3, cap=80.0, compute_share=0.5)
    terms, _, line = shown_to(s, x)
    assert terms.rd_extra.tolist() == pytest.approx([15.0, 0.0, 20.0, 0.0])
    assert terms.grant.tolist() == pytest.approx([0.0, 15.0, 0.0, 0.0])  # its own money is free for something else
    assert line == Line(amount=50.0, payments=3, budget=100.0)
    x.account(s.institutions, line)
    assert (s.institutions.programmes["ComputeVoucher"].paid, s.institutions.programmes["ServiceVoucher"].paid) == (50.0, 0.0)


# ---- places


def zones_of(s, **status):
    """Return papers with zones that work; {position: (municipal, provincial, national)}, as z0, z1."""
    papers = Zones.blank(len(s.institutions.pilot_zones))
    for name, quarters in status.items():
        papers.status[int(name[1:])], papers.works[int(name[1:])] = quarters, True
    return papers


@pytest.mark.parametrize(
    ("level", "season", "named"),
    [
        ("municipal", 2, {"zone_batch": 1.8, "zone_evaluation": False}),
        ("municipal", 4, {"zone_batch": 0.0, "zone_evaluation": True}),
        ("provincial", 2, {"provincial_push": 1.8, "zone_batch": 0.0}),
        ("national", 4, {"national_push": 1.8, "zone_evaluation": False}),
    ],
)
def test_zones_are_named_at_their_level_in_the_quarters_for_it(by_hand, level, season, named):
    s = by_hand(1, now=f"2020Q{season}")
    _, context, line = shown_to(s, lever("pilot_zones", level=level, size=3.0, zone_grant=20.0))
    assert {name: getattr(context.city, name) for name in named} == named
    assert line.payments == 0  # no zone yet


def test_every_zone_of_the_level_gets_its_grant(by_hand):
    s = by_hand(1)
    papers = zones_of(s, z0=(NOW - 8, 0, 0), z3=(NOW - 4, NOW - 2, 0))
    _, _, line = shown_to(s, lever("pilot_zones", zone_grant=20.0), zones=papers)
    assert line == Line(amount=10.0, payments=2, budget=100.0)
    _, _, line = shown_to(s, lever("pilot_zones", level="provincial", zone_grant=20.0), zones=papers)
    assert line == Line(amount=5.0, payments=1, budget=100.0)


ZONES = Parameters(zone_growth=0.06, zone_top_tier=0.5, zone_upgrade=0.25, zone_ramp=2.0, zone_entry=0.2)


def test_tenants_gain_once_over_the_ramp(by_hand):
    """Two years are eight quarters; three hundredths in all, so one and a half a year while it comes."""
    joined = [NOW, NOW - 8, NOW - 9, NOW - 4, NOW]
    s = by_hand(5, zone=[1, 1, 1, 1, 0], zone_since=joined, rd_intensity=[0.03, 0.03, 0.03, 0.029, 0.5], parameters=ZONES)
    terms, _, _ = shown_to(s, lever("pilot_zones"), zones=zones_of(s, z0=(NOW - 30, 0, 0)))
    assert terms.productivity_lift.tolist() == pytest.approx([0.015, 0.015, 0.0, 0.0, 0.0])


def test_who_was_there_before_the_zone_gains_from_its_naming_on(by_hand):
    s = by_hand(2, zone=[1, 2], zone_since=NOW - 20, rd_intensity=0.1, parameters=ZONES)
    papers = zones_of(s, z0=(NOW - 3, 0, 0), z1=(NOW - 9, 0, 0))
    assert shown_to(s, lever("pilot_zones"), zones=papers)[0].productivity_lift.tolist() == pytest.approx([0.015, 0.0])


def test_a_second_level_adds_a_part_and_a_zone_that_does_not_work_nothing(by_hand):
    s = by_hand(3, zone=[1, 2, 3], zone_since=NOW, rd_intensity=0.1, parameters=ZONES)
    papers = zones_of(s, z0=(NOW - 8, NOW, 0), z1=(0, NOW, 0), z2=(NOW - 8, NOW, 0))
    papers.works[2] = False
    terms, context, _ = shown_to(s, lever("pilot_zones", level="provincial"), zones=papers)
    assert terms.productivity_lift.tolist() == pytest.approx([0.015 / 4, 0.015, 0.0])
    cells = [(z.district, z.track) for z in s.institutions.pilot_zones[:3]]
    assert [context.city.place_lift[cell] for cell in cells] == pytest.approx([0.025, 0.1, 0.0])
    assert np.count_nonzero(context.city.place_lift) == 2


def test_a_park_draws_founders_to_its_districts_and_houses_the_young(by_hand):
    s = by_hand(3, district=[0, 1, 1], born=[NOW - 4, NOW - 4, NOW - 40], parameters=Parameters(park_entry=0.08, incubation_exit=0.1))
    x = lever("science_park", rent_relief=12.0, eligible=Eligible(tracks="all", districts=(1,), max_age_years=5))
    terms, context, line = shown_to(s, x)
    future = s.constants.future
    assert (context.city.place_lift[1] == 0.08 * future).all() and not np.delete(context.city.place_lift, 1, axis=0).any()
    assert not context.city.entry_lift.any()
    assert terms.grant.tolist() == [0.0, 3.0, 0.0] and terms.exit_lift.tolist() == [0.0, 0.1, 0.0]
    assert line == Line(amount=3.0, payments=1, budget=100.0)


def test_a_park_without_districts_is_everywhere(by_hand):
    s = by_hand(1, parameters=Parameters(park_entry=0.08))
    _, context, line = shown_to(s, lever("science_park"))
    assert (context.city.place_lift == 0.08 * s.constants.future).all()
    assert line.payments == 0
