"""What every enterprise does in a quarter: the model's draws meet the rules of `agents`, and are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents import finance, founding, growth, innovation, places, survival
from agents.enterprises import NEVER, Enterprises, Origin, Recognition, Stage
from agents.table import Bools, Floats, Ints, rows_where
from agents.terms import Terms
from sim.model.founding import report_rd

if TYPE_CHECKING:
    from sim.levers import CityTerms
    from sim.model.model import IndustryModel

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
    given = terms.offered("rd_extra", "grant")
    e.rd_given[given] += terms.rd_extra[given]
    e.support[given] += terms.grant[given] + terms.rd_extra[given]
    quarters = max(round(4.0 * p.project_years), 1)
    e.project_due[terms.project] = m.quarter + quarters
    due = innovation.under_review(e.project_due, m.quarter)
    u = m.draw("project", e.slot[due])
    lift = terms.result_lift[due] + p.consortium_lift * _tracks_with_consortium(m).take(e.track[due])
    accepted = innovation.project_accepted(u, lift, success=p.project_success)
    e.results[due] += accepted
    e.project_due[due] = NEVER
    future = rows_where(e.future & ~e.dormant)
    lucky = innovation.discovers(m.draw("result", e.slot[future]), e.knowledge[future], rate=p.result_rate)
    found = future[rows_where(lucky)]
    e.results[found] += 1
    m.flows["key_results"] += int(accepted.sum()) + len(found)
    e.scene_until[terms.scene] = m.quarter + max(round(4.0 * p.scene_years), 1)
    e.boost *= growth.what_is_left(half_life_years=p.voucher_half_life)
    served = terms.offered("boost")
    e.boost[served] += terms.boost[served] * (1.0 - p.voucher_permanent)
    e.boost_kept[served] += terms.boost[served] * p.voucher_permanent
    e.reached |= terms.reached


def _tracks_with_consortium(m: IndustryModel) -> Floats:
    """Tell in which tracks an innovation consortium works, (tracks,), as 0/1."""
    there = np.zeros(len(m.city.tracks))
    there[[c.track for c in m.consortia if c.track >= 0]] = 1.0
    return there


def supported_growth(m: IndustryModel, terms: Terms) -> Floats:
    """Return what support and finance add to an enterprise's own yearly growth of staff, (n,).

    Finance takes from rivals as support does: an enterprise gains 9 % from access to finance and loses 7 % when all
    its rivals have it [B32-B34].
    """
    e, p = m.enterprises, m.parameters
    lift = terms.growth_lift.copy()
    lift[rows_where(e.scene_until > m.quarter)] += p.scene_growth
    served = rows_where((e.boost != 0.0) | (e.boost_kept != 0.0))
    lift[served] += growth.growth_for_hazard(e.boost[served] + e.boost_kept[served], p.shock_sd)
    lift[rows_where(e.employees >= LARGE_EMPLOYEES)] *= p.large_effect
    financed = rows_where(e.round_at >= m.quarter - FINANCED_QUARTERS)
    alone = e.public_part[financed] > PUBLIC_ALONE
    lift[financed] += p.financed_growth * np.where(alone, p.government_only, 1.0)
    return lift


def grow(m: IndustryModel, terms: Terms) -> None:
    """Add up what support does in the quarter, and close the year of the enterprises whose quarter it is."""
    e, p = m.enterprises, m.parameters
    share = np.where(m.city_codes.future, p.displacement_tradable, p.displacement_local)
    shares = np.tile(share, (len(m.city.districts), 1))
    years, lifts = (e.year_lift, e.year_gain), (supported_growth(m, terms), terms.productivity_lift)
    places.add_up(years, lifts, e.revenue, e.district, e.track, shares)
    rows = growth.closes_now(e.closes, m.quarter)
    rows = rows[rows_where(~e.dormant[rows])]
    factor = _grow_staff(m, rows)
    spent = e.rd_spend[rows] + e.rd_given[rows]
    before = e.knowledge[rows]
    after = innovation.knowledge_next(before, spent, depreciation=p.depreciation)
    gain = innovation.productivity_gain(before, after, elasticity=p.knowledge_elasticity)
    e.knowledge[rows] = after
    e.revenue[rows] *= factor * np.exp(p.price_growth + gain + e.year_gain[rows])
    e.rd_given[rows] = e.year_lift[rows] = e.year_gain[rows] = 0.0
    report_rd(m, e, rows)


def _grow_staff(m: IndustryModel, rows: Ints) -> Floats:
    """Let staff grow by a year, tell who is in a high-growth episode, and return the factor of growth, (rows,)."""
    e, p, staff = m.enterprises, m.parameters, m.enterprises.employees[rows]
    newest, second, third = e.growth.T
    last, last_but_one = newest[rows], second[rows]
    rate = p.drift + p.quality_growth * e.quality[rows] + e.year_lift[rows]
    rate += p.drift_young * (e.born[rows] > m.quarter - YOUNG_QUARTERS)
    labelled = e.until[:, Recognition.HNTE][rows] > m.quarter
    rate += growth.growth_for_hazard(p.label_effect, p.shock_sd) * labelled
    rate += growth.persistence(staff, small=p.persistence_small, large=p.persistence_large) * last
    wobble = growth.shock(m.draw("growth", e.slot[rows]), m.shock_table)
    rate += growth.spread(staff, sd=p.shock_sd, exponent=p.size_variance) * wobble
    after = np.maximum(staff * np.exp(rate), 1.0)
    e.employees[rows] = after
    factor = after / staff
    grown = np.log(factor)
    newest[rows], second[rows], third[rows] = grown, last, last_but_one
    high = growth.in_high_growth(grown + last + last_but_one, after, yearly_rate=growth.HIGH_GROWTH_RATE)
    e.ever_high[rows[rows_where(high)]] = True
    leads = e.stage[rows] == Stage.LEADER.value
    e.stage[rows[rows_where(~leads & ~high)]] = Stage.STARTUP
    e.stage[rows[rows_where(~leads & high)]] = Stage.HIGH_GROWTH
    return factor


def take_off(m: IndustryModel, offer: CityTerms) -> None:
    """Let candidates become leaders, leaders fall back, and both list on an exchange."""
    e, p = m.enterprises, m.parameters
    leads = e.stage == Stage.LEADER.value
    leading = rows_where(leads)
    may_rise = (e.ever_high | (e.rounds >= TAKE_OFF_ROUNDS)) & ~leads & ~e.dormant
    lost = m.draw("leader_exit", e.slot[leading]) < survival.quarterly(p.leader_exit)
    falls = leading[lost | e.dormant[leading]]
    e.stage[falls] = Stage.STARTUP
    rows = rows_where(may_rise)  # who falls cannot rise in the same quarter
    age = (m.quarter - e.born[rows]) / 4.0
    rate = -np.log1p(-p.take_off) / 10.0 * p.take_off_scale
    rate = rate * growth.age_factor(age, median=p.take_off_age, s=p.take_off_age_s)
    rate[e.future[rows]] *= np.exp(p.future_take_off)
    rises = rows[growth.takes_off(m.draw("take_off", e.slot[rows]), rate, np.ones(len(rows), bool))]
    e.stage[rises] = Stage.LEADER
    premium = -np.log(m.draw("premium", e.slot[rises]))  # exponential: a Pareto tail of exponent one
    e.valuation[rises] = np.maximum(e.valuation[rises], m.city.leader.unicorn_valuation * np.exp(premium))
    m.flows.update(leaders_new=len(rises), leaders_lost=len(falls))
    leads = e.stage == Stage.LEADER.value
    open_to_list = rows_where((leads | (e.rounds >= LISTING_ROUNDS)) & (e.listed == NEVER))
    chance = survival.quarterly(p.listing_rate) * np.exp(offer.listing_lift)
    lists = open_to_list[m.draw("listing", e.slot[open_to_list]) < chance]
    e.listed[lists] = m.quarter
    m.flows["listed_new"] += len(lists)


def raise_money(m: IndustryModel, terms: Terms) -> Floats:
    """Burn cash, pay in grants, close equity rounds; return the public equity taken up, (n,), 万元."""
    e, p = m.enterprises, m.parameters
    public = np.zeros(len(e))
    rows = rows_where(e.venture & ~e.dormant)
    planned = e.planned[rows]
    used = finance.burn(e.rd_spend[rows], e.revenue[rows], planned, margin=p.margin)
    cash = e.cash[rows] + (terms.grant[rows] - used)
    e.cash[rows] = cash
    looking = finance.looks_for_round(cash, used, runway=p.runway)
    used_up = rows[rows_where((planned > 0) & (cash <= 0))]
    e.planned[used_up] = e.cash[used_up] = 0.0
    rows = rows[rows_where(looking)]
    rows = rows[rows_where(_close_rounds(m, terms, rows))]
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
    leading = e.stage[rows] == Stage.LEADER.value  # a small round does not take a leader's valuation away
    e.valuation[rows] = np.where(leading, np.maximum(e.valuation[rows], worth), worth)
    m.flows.update(rounds=len(rows), equity=int(raised.sum()))
    return public


def _close_rounds(m: IndustryModel, terms: Terms, rows: Ints) -> Bools:
    """Tell who of those who look for a round closes one."""
    e, p = m.enterprises, m.parameters
    better = e.quality[rows] - finance.typical_quality(p.venture_share)
    u, lift = m.draw("round", e.slot[rows]), terms.finance_lift[rows]
    return finance.closes_round(u, better, lift, base=p.round_base, quality_effect=p.round_quality)


def relocate(m: IndustryModel, offer: CityTerms) -> None:
    """Let enterprises move between districts and into the zone of their district and track.

    A district draws movers in proportion to its share times exp(place_lift): zones and parks move enterprises that
    were in the city already, which is counted apart from founding.
    """
    e, p = m.enterprises, m.parameters
    shares = np.array([d.share for d in m.city.districts])
    pull = shares[:, None] / shares.sum() * np.exp(offer.place_lift)  # (districts, tracks)
    rate, u = p.relocation_rate / 4.0 * pull.sum(axis=0), m.draw("relocation")
    moves = rows_where(u < rate.max())  # nobody else can
    moves = moves[u[moves] < rate[e.track[moves]]]
    there = founding.category_by_row(m.draw("new_district", e.slot[moves]), pull.T[e.track[moves]])
    changed = there != e.district[moves]
    moved, there = moves[changed], there[changed]
    for district, out, into in zip(m.districts, *(_by_district(m, x) for x in (e.district[moved], there)), strict=True):
        district.moved_out += out
        district.moved_in += into
    e.district[moved] = there
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
    rows = rows_where((e.zone == 0) & e.future)
    at = cell[e.district[rows], e.track[rows]]
    inside = rows_where(at > 0)
    rows, at = rows[inside], at[inside]
    joins = m.streams.uniform("tenant", 0, e.slot[rows]) < m.parameters.zone_tenants
    rows, at = rows[joins], at[joins]
    e.zone[rows], e.zone_since[rows] = at, m.quarter
    arrived = np.zeros(len(e), bool)
    arrived[moved] = True
    came = arrived[rows]
    founded = ~came & (e.born[rows] >= np.array([z.since for z in m.pilot_zones]).take(at - 1))
    m.flows.update(
        zone_tenants_moved=int(came.sum()),
        zone_tenants_founded=int(founded.sum()),
        zone_tenants_standing=int((~came & ~founded).sum()),
    )


def _by_district(m: IndustryModel, districts: Ints) -> list[int]:
    """Count codes of districts, one number for each."""
    return [int(x) for x in np.bincount(districts, minlength=len(m.districts))]


def leave(m: IndustryModel, terms: Terms) -> None:
    """Strike closed enterprises off the register; let others fall dormant."""
    e, p = m.enterprises, m.parameters
    highest, extra = _highest_hazard(m, terms), max(p.activity_multiplier - 1.0, 0.0)
    broke, u = e.venture & (e.cash < 0.0), m.draw("exit")
    at_risk = rows_where(broke | (u < highest))  # nobody else can close
    exits = at_risk[rows_where(u[at_risk] < _hazard(m, terms, at_risk))]
    asleep = np.zeros(0, np.int64)
    if extra > 0.0:  # activity ends more often than registration
        u = m.draw("dormancy")
        at_risk = rows_where((broke | (u < extra * highest)) & ~e.dormant)
        asleep = at_risk[survival.falls_dormant(u[at_risk], _hazard(m, terms, at_risk), p.activity_multiplier)]
    m.flows["exits"] += len(exits)
    m.flows["exits_young"] += int(np.count_nonzero(m.quarter - e.born[exits] <= YOUNG_QUARTERS))
    before = e.dormant[exits]
    e.dormant[asleep] = True
    closed_asleep = np.count_nonzero(e.dormant[exits] & ~before)  # both at once count once
    m.flows["activity_exits"] += int(np.count_nonzero(~before) + len(asleep) - closed_asleep)
    for district, closed in zip(m.districts, _by_district(m, e.district[exits]), strict=True):
        district.closed += closed
    e.drop(exits)


def _hazard(m: IndustryModel, terms: Terms, rows: Ints) -> Floats:
    """Return the chance to be struck off this quarter, (rows,)."""
    e, p = m.enterprises, m.parameters
    age = survival.age_in_quarters(m.quarter, e.born[rows], len(m.hazard_by_age) - 1)
    lift = terms.exit_lift[rows] + p.distress_exit * (e.venture[rows] & (e.cash[rows] < 0))
    lift += p.spin_off_exit * (e.origin[rows] == Origin.SPIN_OFF.value)
    base, typical = m.hazard_by_age.take(age.astype(np.int64)), m.city.opening.employees_median
    return survival.exit_hazard(base, e.employees[rows], lift, size_slope=p.exit_size_slope, typical=typical)


def _highest_hazard(m: IndustryModel, terms: Terms) -> float:
    """Return an upper bound of the hazard of all who are not broke."""
    e, p = m.enterprises, m.parameters
    lift = terms.largest("exit_lift") + max(p.spin_off_exit, 0.0)
    most_exposed = np.ones(1) if p.exit_size_slope < 0.0 else e.employees.max(initial=1.0, keepdims=True)
    base, typical = m.hazard_by_age.max(), m.city.opening.employees_median
    bound = survival.exit_hazard(base, most_exposed, lift, size_slope=p.exit_size_slope, typical=typical)
    return float(bound[0]) * (1.0 + 1e-9)
