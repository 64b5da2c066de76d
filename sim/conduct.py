"""What every enterprise does in a quarter: the model's draws meet the rules of `agents`, and are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import finance, founding, growth, innovation, survival
from agents.enterprises import NEVER, Enterprises, Origin, Recognition, Stage, Terms
from agents.table import Bools, Floats, Ints
from sim.founding import report_rd

if TYPE_CHECKING:
    from sim.levers import CityTerms
    from sim.model import IndustryModel

LARGE_EMPLOYEES = 300.0
"""From this size on, support works at the large-enterprise ratio (P22): the official line for medium-sized."""
PUBLIC_ALONE = 0.7
"""Above this public share a round counts as government-only (P15, B25: the dose has an inverted U)."""
TAKE_OFF_ROUNDS = 4
"""Rounds after which an enterprise may take off without a high-growth episode [A79]."""
LISTING_ROUNDS = 3
YOUNG_QUARTERS, FINANCED_QUARTERS = 20, 4
"""Young is the first five years [A57]; a round works in the year after it."""


def invest(m: IndustryModel, terms: Terms) -> None:
    """Add R&D that policy made possible, start supported key projects, review those that are due."""
    e, p = m.enterprises, m.parameters
    e.rd_given += terms.rd_extra
    quarters = max(round(4.0 * p.project_years), 1)
    e.project_due[terms.project] = m.quarter + quarters
    due = innovation.under_review(e.project_due, m.quarter)
    u = m.draw("project", e.slot[due])
    lift = terms.result_lift[due] + p.consortium_lift * _tracks_with_consortium(m).take(e.track[due])
    accepted = innovation.project_accepted(u, lift, success=p.project_success)
    e.results[due] += accepted
    e.project_due[due] = NEVER
    future = np.flatnonzero(m.city_codes.future.take(e.track) & ~e.dormant)
    found = innovation.discovers(m.draw("result", e.slot[future]), e.knowledge[future], rate=p.result_rate)
    e.results[future] += found
    m.flows["key_results"] += int(accepted.sum()) + int(found.sum())
    e.scene_until[terms.scene] = m.quarter + max(round(4.0 * p.scene_years), 1)
    e.boost[:] = growth.fade(e.boost, half_life_years=p.voucher_half_life)
    e.boost += terms.boost * (1.0 - p.voucher_permanent)
    e.boost_kept += terms.boost * p.voucher_permanent
    e.support += terms.grant + terms.rd_extra
    e.reached |= terms.reached


def _tracks_with_consortium(m: IndustryModel) -> Floats:
    """Tell in which tracks an innovation consortium works, (tracks,), as 0/1."""
    there = np.zeros(len(m.city.tracks))
    there[[c.track for c in m.consortia if c.track >= 0]] = 1.0
    return there


def supported_growth(m: IndustryModel, terms: Terms) -> Floats:
    """Return what support and finance add to the yearly growth of staff, own less displacement by rivals', (n,).

    Finance takes from rivals as support does: an enterprise gains 9 % from access to finance and loses 7 % when all
    its rivals have it [B32-B34].
    """
    e, p = m.enterprises, m.parameters
    lift = terms.growth_lift + p.scene_growth * (e.scene_until > m.quarter)
    lift += growth.growth_for_hazard(e.boost + e.boost_kept, p.shock_sd)
    lift *= np.where(e.employees >= LARGE_EMPLOYEES, p.large_effect, 1.0)
    financed = np.flatnonzero(e.round_at >= m.quarter - FINANCED_QUARTERS)
    alone = e.public_part[financed] > PUBLIC_ALONE
    lift[financed] += p.financed_growth * np.where(alone, p.government_only, 1.0)
    return lift - taken_by_rivals(m, lift)


def taken_by_rivals(m: IndustryModel, lift: Floats) -> Floats:
    """Return what rivals' lift takes from every enterprise of their market, a district's track, (n,)."""
    e, p = m.enterprises, m.parameters
    if not lift.any():
        return lift
    tracks = len(m.city.tracks)
    market = e.district.astype(np.int64) * tracks + e.track
    by_track = np.where(m.city_codes.future, p.displacement_tradable, p.displacement_local)
    share = np.tile(by_track, len(m.city.districts)).take(market)
    return growth.displaced(lift, market, e.revenue, share)


def grow(m: IndustryModel, terms: Terms) -> None:
    """Add up what support does in the quarter, and close the year of the enterprises whose quarter it is."""
    e, p = m.enterprises, m.parameters
    e.year_lift += supported_growth(m, terms) / 4.0
    e.year_gain += (terms.productivity_lift - taken_by_rivals(m, terms.productivity_lift)) / 4.0
    rows = growth.closes_now(e.slot, m.quarter)
    rows = rows[~e.dormant[rows]]
    staff = e.employees[rows]
    rate = p.drift + p.quality_growth * e.quality[rows] + e.year_lift[rows]
    rate += np.where(m.quarter - e.born[rows] < YOUNG_QUARTERS, p.drift_young, 0.0)
    labelled = e.until[rows, Recognition.HNTE] > m.quarter
    rate += np.where(labelled, growth.growth_for_hazard(p.label_effect, p.shock_sd), 0.0)
    rate += growth.persistence(staff, small=p.persistence_small, large=p.persistence_large) * e.growth[rows, 0]
    wobble = growth.shock(m.draw("growth", e.slot[rows]), m.shock_table)
    rate += growth.spread(staff, sd=p.shock_sd, exponent=p.size_variance) * wobble
    after = np.maximum(staff * np.exp(rate), 1.0)
    e.growth[rows, 2] = e.growth[rows, 1]
    e.growth[rows, 1] = e.growth[rows, 0]
    e.growth[rows, 0] = np.log(after / staff)
    e.employees[rows] = after
    spent = e.rd_spend[rows] + e.rd_given[rows]
    e.rd_given[rows] = 0.0
    knowledge = innovation.knowledge_next(e.knowledge[rows], spent, depreciation=p.depreciation)
    gain = innovation.productivity_gain(e.knowledge[rows], knowledge, elasticity=p.knowledge_elasticity)
    e.knowledge[rows] = knowledge
    e.revenue[rows] *= after / staff * np.exp(p.price_growth + gain + e.year_gain[rows])
    e.year_lift[rows] = e.year_gain[rows] = 0.0
    report_rd(m, e, rows)
    high = growth.in_high_growth(e.growth[rows], after, yearly_rate=growth.HIGH_GROWTH_RATE)
    e.ever_high[rows] |= high
    e.stage[rows] = np.where(e.stage[rows] == Stage.LEADER, Stage.LEADER, np.where(high, Stage.HIGH_GROWTH, 0))


def take_off(m: IndustryModel, offer: CityTerms) -> None:
    """Let candidates become leaders, leaders fall back, and both list on an exchange."""
    e, p = m.enterprises, m.parameters
    leading = np.flatnonzero(e.stage == Stage.LEADER)
    may_rise = (e.ever_high | (e.rounds >= TAKE_OFF_ROUNDS)) & (e.stage != Stage.LEADER) & ~e.dormant
    lost = m.draw("leader_exit", e.slot[leading]) < survival.quarterly(p.leader_exit)
    falls = leading[lost | e.dormant[leading]]
    e.stage[falls] = Stage.STARTUP
    rows = np.flatnonzero(may_rise)  # who falls cannot rise in the same quarter
    age = (m.quarter - e.born[rows]) / 4.0
    rate = -np.log1p(-p.take_off) / 10.0 * p.take_off_scale
    rate = rate * growth.age_factor(age, median=p.take_off_age, s=p.take_off_age_s)
    rate = rate * np.where(m.city_codes.future[e.track[rows]], np.exp(p.future_take_off), 1.0)
    rises = rows[growth.takes_off(m.draw("take_off", e.slot[rows]), rate, np.ones(len(rows), bool))]
    e.stage[rises] = Stage.LEADER
    premium = -np.log(m.draw("premium", e.slot[rises]))  # exponential: a Pareto tail of exponent one
    e.valuation[rises] = np.maximum(e.valuation[rises], m.city.leader.unicorn_valuation * np.exp(premium))
    m.flows.update(leaders_new=len(rises), leaders_lost=len(falls))
    open_to_list = np.flatnonzero(((e.stage == Stage.LEADER) | (e.rounds >= LISTING_ROUNDS)) & (e.listed == NEVER))
    chance = survival.quarterly(p.listing_rate) * np.exp(offer.listing_lift)
    lists = open_to_list[m.draw("listing", e.slot[open_to_list]) < chance]
    e.listed[lists] = m.quarter
    m.flows["listed_new"] += len(lists)


def raise_money(m: IndustryModel, terms: Terms) -> Floats:
    """Burn cash, pay in grants, close equity rounds; return the public equity taken up, (n,), 万元."""
    e, p = m.enterprises, m.parameters
    public = np.zeros(len(e))
    rows = np.flatnonzero(finance.venture_type(e.quality, share=p.venture_share) & ~e.dormant)
    used = finance.burn(e.rd_spend[rows], e.revenue[rows], e.planned[rows], margin=p.margin)
    e.cash[rows] += terms.grant[rows] - used
    looking = finance.looks_for_round(e.cash[rows], used, runway=p.runway)
    used_up = rows[(e.planned[rows] > 0) & (e.cash[rows] <= 0)]
    e.planned[used_up] = e.cash[used_up] = 0.0
    rows = rows[looking]
    u = m.draw("round", e.slot[rows])
    better = e.quality[rows] - finance.typical_quality(p.venture_share)
    closed = finance.closes_round(
        u, better, terms.finance_lift[rows], base=p.round_base, quality_effect=p.round_quality
    )
    rows = rows[closed]
    size = finance.deal_size(e.rounds[rows], first=p.first_round, step=p.round_step)
    private = finance.private_part(size, terms.equity_offer[rows], crowd_in=p.crowd_in)
    raised = private + terms.equity_offer[rows]
    public[rows] = terms.equity_offer[rows]
    e.cash[rows] += raised
    e.planned[rows] = raised / p.round_lasts
    e.equity[rows] += raised
    e.support[rows] += public[rows]
    e.rounds[rows] = np.minimum(e.rounds[rows] + 1, 99)
    e.round_at[rows] = m.quarter
    e.public_part[rows] = public[rows] / raised
    worth = finance.post_money(raised, dilution=p.dilution)
    leading = e.stage[rows] == Stage.LEADER  # a small round does not take a leader's valuation away
    e.valuation[rows] = np.where(leading, np.maximum(e.valuation[rows], worth), worth)
    m.flows.update(rounds=len(rows), equity=int(raised.sum()))
    return public


def relocate(m: IndustryModel, offer: CityTerms) -> None:
    """Let enterprises move between districts and into the zone of their district and track.

    A district draws movers in proportion to its share times exp(place_lift): zones and parks move enterprises that
    were in the city already, which is counted apart from founding.
    """
    e, p = m.enterprises, m.parameters
    shares = np.array([d.share for d in m.city.districts])
    pull = shares[:, None] / shares.sum() * np.exp(offer.place_lift)  # (districts, tracks)
    moves = np.flatnonzero(m.draw("relocation") < p.relocation_rate / 4.0 * pull.sum(axis=0).take(e.track))
    there = founding.category_by_row(m.draw("new_district", e.slot[moves]), pull.T[e.track[moves]])
    changed = there != e.district[moves]
    for district in m.districts:
        district.moved_out += int((changed & (e.district[moves] == district.index)).sum())
        district.moved_in += int((changed & (there == district.index)).sum())
    e.district[moves] = there
    moved = moves[changed]
    e.zone[moved] = 0
    e.zone_since[moved] = NEVER
    m.flows["relocated"] += len(moved)
    _enter_zones(m, e, moved)


def _enter_zones(m: IndustryModel, e: Enterprises, moved: Ints) -> None:
    """Make tenants of the enterprises that stand in a zone and are of the joining kind; count how they came."""
    cell = np.zeros((len(m.city.districts), len(m.city.tracks)), np.int64)
    for zone in m.pilot_zones:
        if zone.since != NEVER:
            cell[zone.district, zone.track] = zone.index + 1
    if not cell.any():
        return
    rows = np.flatnonzero((e.zone == 0) & m.city_codes.future.take(e.track))
    at = cell[e.district[rows], e.track[rows]]
    rows, at = rows[at > 0], at[at > 0]
    joins = m.streams.uniform("tenant", 0, e.slot[rows]) < m.parameters.zone_tenants
    rows, at = rows[joins], at[joins]
    e.zone[rows], e.zone_since[rows] = at, m.quarter
    came = np.isin(rows, moved)
    founded = ~came & (e.born[rows] >= np.array([z.since for z in m.pilot_zones]).take(at - 1))
    m.flows.update(
        zone_tenants_moved=int(came.sum()),
        zone_tenants_founded=int(founded.sum()),
        zone_tenants_standing=int((~came & ~founded).sum()),
    )


def leave(m: IndustryModel, terms: Terms) -> None:
    """Strike closed enterprises off the register; let others fall dormant."""
    e, p = m.enterprises, m.parameters
    hazard = _hazard(m, terms)
    exits: Bools = m.draw("exit") < hazard
    asleep = np.zeros(len(e), bool)
    if p.activity_multiplier > 1.0:
        asleep = survival.falls_dormant(
            m.draw("dormancy"), hazard, e.dormant, activity_multiplier=p.activity_multiplier
        )
    m.flows["exits"] += int(np.count_nonzero(exits))
    m.flows["exits_young"] += int(np.count_nonzero(m.quarter - e.born[exits] <= YOUNG_QUARTERS))
    m.flows["activity_exits"] += int(np.count_nonzero((exits & ~e.dormant) | (asleep & ~exits)))
    e.dormant |= asleep
    closed = np.bincount(e.district[exits], minlength=len(m.districts))
    for district in m.districts:
        district.closed += int(closed[district.index])
    e.keep(~exits)


def _hazard(m: IndustryModel, terms: Terms) -> Floats:
    e, p = m.enterprises, m.parameters
    age = survival.age_in_quarters(m.quarter, e.born, len(m.hazard_by_age) - 1)
    broke = finance.venture_type(e.quality, share=p.venture_share) & (e.cash < 0)
    lift = terms.exit_lift + p.distress_exit * broke
    lift += p.spin_off_exit * (e.origin == Origin.SPIN_OFF)
    return survival.exit_hazard(
        m.hazard_by_age.take(age),
        e.employees,
        lift,
        size_slope=p.exit_size_slope,
        typical=m.city.opening.employees_median,
    )
