"""What every enterprise does for its business in a quarter: R&D, growth, take-off, equity rounds."""

from __future__ import annotations

import numpy as np

from agents import finance, growth, innovation, survival
from agents.enterprises import NEVER, Recognition, Stage
from agents.table import Bools, Floats, Ints, rows_where, those
from agents.terms import Terms
from sim.levers.context import CityTerms
from sim.model.founding import keep_to_record, report_rd
from sim.state.state import State

LARGE_EMPLOYEES = 300.0
"""From this size on, support works at the large-enterprise ratio (P22): the official line for medium-sized."""
PUBLIC_ALONE = 0.7
"""Above this public share a round counts as government-only (P15, B25: the dose has an inverted U)."""
TAKE_OFF_ROUNDS = 4
"""Rounds after which an enterprise may take off without a high-growth episode [A79]."""
LISTING_ROUNDS = 3
YOUNG_QUARTERS, FINANCED_QUARTERS = 20, 4
"""Young is the first five years [A57]; a round works in the year after it."""


def invest(s: State, terms: Terms) -> None:
    """Add R&D that policy made possible, start supported key projects, review those that are due."""
    e, p = s.enterprises, s.parameters
    given = terms.offered("rd_extra", "grant")
    e.rd_given[given] += terms.rd_extra[given]
    e.support[given] += terms.grant[given] + terms.rd_extra[given]
    # a quarter at least, so that what is awarded now is not reviewed now
    quarters = max(round(4.0 * p.project_years), 1)
    e.project_due[terms.project] = s.quarter + quarters
    due = innovation.under_review(e.project_due, s.quarter)
    # drawn for those under review only: draws are addressed by slot, so who else is asked changes nobody's
    u = s.draw("project", e.slot[due])
    lift = terms.result_lift[due] + p.consortium_lift * _tracks_with_consortium(s).take(e.track[due])
    accepted = innovation.project_accepted(u, lift, success=p.project_success)
    e.results[due] += accepted
    e.project_due[due] = NEVER
    future = rows_where(e.future & ~e.dormant)
    discovered = innovation.discovers(s.draw("result", e.slot[future]), e.knowledge[future], rate=p.result_rate)
    found = those(future, discovered)
    e.results[found] += 1
    s.flows["key_results"] += int(accepted.sum()) + len(found)
    e.scene_until[terms.scene] = s.quarter + max(round(4.0 * p.scene_years), 1)
    # what is left of past vouchers first: those of this quarter begin undiminished
    e.boost *= growth.decay_factor(half_life_years=p.voucher_half_life)
    served = terms.offered("boost")
    e.boost[served] += terms.boost[served] * (1.0 - p.voucher_permanent)
    e.boost_kept[served] += terms.boost[served] * p.voucher_permanent
    e.reached |= terms.reached


def _tracks_with_consortium(s: State) -> Floats:
    """Tell in which tracks an innovation consortium works, (tracks,), as 0/1."""
    there = np.zeros(len(s.city.tracks))
    there[[c.track for c in s.institutions.consortia if c.track >= 0]] = 1.0
    return there


def supported_growth(s: State, terms: Terms) -> Floats:
    """Return what support and finance add to an enterprise's own yearly growth of staff, (n,).

    Finance takes from rivals as support does: an enterprise gains 9 % from access to finance and loses 7 % when all
    its rivals have it [B32-B34].
    """
    e, p = s.enterprises, s.parameters
    lift = terms.growth_lift.copy()
    lift[rows_where(e.scene_until > s.quarter)] += p.scene_growth
    served = rows_where((e.boost != 0.0) | (e.boost_kept != 0.0))
    lift[served] += growth.growth_for_hazard(e.boost[served] + e.boost_kept[served], p.shock_sd)
    # before finance is added: the ratio of P22 is one of support, not of equity rounds
    lift[rows_where(e.employees >= LARGE_EMPLOYEES)] *= p.large_effect
    financed = rows_where(e.round_at >= s.quarter - FINANCED_QUARTERS)
    alone = e.public_part[financed] > PUBLIC_ALONE
    lift[financed] += p.financed_growth * np.where(alone, p.government_only, 1.0)
    return lift


def grow(s: State, terms: Terms) -> None:
    """Add up what support does in the quarter, and close the year of the enterprises whose quarter it is."""
    e, p = s.enterprises, s.parameters
    # future tracks sell beyond the city, the other tracks mostly in it: P20 has a share for each
    share = np.where(s.constants.future, p.displacement_tradable, p.displacement_local)
    shares = np.tile(share, (len(s.city.districts), 1))
    years, lifts = (e.year_lift, e.year_gain), (supported_growth(s, terms), terms.productivity_lift)
    # before books are closed, so that a year that closes now holds the lifts of all of its four quarters
    growth.add_up(years, lifts, e.revenue, e.district, e.track, shares)
    rows = growth.closes_now(e.closes, s.quarter)
    rows = those(rows, ~e.dormant[rows])
    told = rows_where(s.on_record(rows))
    books = s.known.books(e.slot[rows[told]], s.quarter // 4)
    factor = _grow_staff(s, rows, told, books.staff)
    spent = e.rd_spend[rows] + e.rd_given[rows]
    before = e.knowledge[rows]
    after = innovation.knowledge_next(before, spent, depreciation=p.depreciation)
    gain = innovation.productivity_gain(before, after, elasticity=p.knowledge_elasticity)
    e.knowledge[rows] = after
    e.revenue[rows] *= factor * np.exp(p.price_growth + gain + e.year_gain[rows])
    e.rd_given[rows] = e.year_lift[rows] = e.year_gain[rows] = 0.0
    keep_to_record(e, rows[told], books)
    # last, from the revenue just booked: the next recognition round sees this year's R&D
    report_rd(s, e, rows)


def _grow_staff(s: State, rows: Ints, told: Ints, staff_told: Floats) -> Floats:
    """Let staff grow by a year, tell who is in a high-growth episode, and return the factor of growth, (rows,).

    Those of the rows at the places `told` have the staff that their record says.
    """
    e, p, staff = s.enterprises, s.parameters, s.enterprises.employees[rows]
    newest, second, third = e.growth.T
    last, last_but_one = newest[rows], second[rows]
    rate = p.drift + p.quality_growth * e.quality[rows] + e.year_lift[rows]
    rate += p.drift_young * (e.born[rows] > s.quarter - YOUNG_QUARTERS)
    labelled = e.until[:, Recognition.HNTE][rows] > s.quarter
    rate += growth.growth_for_hazard(p.label_effect, p.shock_sd) * labelled
    rate += growth.persistence(staff, small=p.persistence_small, large=p.persistence_large) * last
    shock = growth.shock(s.draw("growth", e.slot[rows]), s.constants.shock_table)
    rate += growth.spread(staff, sd=p.shock_sd, exponent=p.size_variance) * shock
    # nobody shrinks below one person, so growth is read off staff: the rate may lie below the floor
    after = np.maximum(staff * np.exp(rate), 1.0)
    after[told] = staff_told
    e.employees[rows] = after
    factor = after / staff
    grown = np.log(factor)
    newest[rows], second[rows], third[rows] = grown, last, last_but_one
    high = growth.in_high_growth(grown + last + last_but_one, after, yearly_rate=growth.HIGH_GROWTH_RATE)
    e.ever_high[those(rows, high)] = True
    leads = e.stage[rows] == Stage.LEADER.value
    # leaders keep their rung here: only `take_off` takes it away
    e.stage[those(rows, ~leads & ~high)] = Stage.STARTUP
    e.stage[those(rows, ~leads & high)] = Stage.HIGH_GROWTH
    return factor


def take_off(s: State, offer: CityTerms) -> None:
    """Let candidates become leaders, leaders fall back, and both list on an exchange."""
    e, p = s.enterprises, s.parameters
    leads = e.stage == Stage.LEADER.value
    leading = rows_where(leads)
    may_rise = (e.ever_high | (e.rounds >= TAKE_OFF_ROUNDS)) & ~leads & ~e.dormant
    lost = s.draw("leader_exit", e.slot[leading]) < survival.quarterly(p.leader_exit)
    falls = leading[lost | e.dormant[leading]]
    e.stage[falls] = Stage.STARTUP
    rows = rows_where(may_rise)  # who falls cannot rise in the same quarter
    rows = rows[e.on_record[rows] == NEVER]  # lists of unicorns leave out listed giants
    age = (s.quarter - e.born[rows]) / 4.0
    # P10 is the share of a seed cohort in ten years; as a yearly rate, scaled to the city
    rate = -np.log1p(-p.take_off) / 10.0 * p.take_off_scale
    rate = rate * growth.age_factor(age, median=p.take_off_age, s=p.take_off_age_s)
    rate[e.future[rows]] *= np.exp(p.future_take_off)
    rises = rows[growth.takes_off(s.draw("take_off", e.slot[rows]), rate, np.ones(len(rows), bool))]
    e.stage[rises] = Stage.LEADER
    premium = -np.log(s.draw("premium", e.slot[rises]))  # exponential: a Pareto tail of exponent one
    e.valuation[rises] = np.maximum(e.valuation[rises], s.city.leader.unicorn_valuation * np.exp(premium))
    s.flows.update(leaders_new=len(rises), leaders_lost=len(falls))
    leads = e.stage == Stage.LEADER.value
    open_to_list = rows_where((leads | (e.rounds >= LISTING_ROUNDS)) & (e.listed == NEVER))
    chance = survival.quarterly(p.listing_rate) * np.exp(offer.listing_lift)
    lists = open_to_list[s.draw("listing", e.slot[open_to_list]) < chance]
    e.listed[lists] = s.quarter
    s.flows["listed_new"] += len(lists)


def raise_money(s: State, terms: Terms) -> Floats:
    """Burn cash, pay in grants, close equity rounds; return the public equity taken up, (n,), 万元."""
    e, p = s.enterprises, s.parameters
    public = np.zeros(len(e))
    rows = rows_where(e.venture & ~e.dormant)
    planned = e.planned[rows]
    used = finance.burn(e.rd_spend[rows], e.revenue[rows], planned, margin=p.margin)
    # grants count before it is asked who runs short: they pay for runway too
    cash = e.cash[rows] + (terms.grant[rows] - used)
    e.cash[rows] = cash
    looking = finance.looks_for_round(cash, used, runway=p.runway)
    # a spent round leaves no debt behind: its plan ends, and cash begins at nothing
    used_up = those(rows, (planned > 0) & (cash <= 0))
    e.planned[used_up] = e.cash[used_up] = 0.0
    rows = those(rows, looking)
    rows = those(rows, _close_rounds(s, terms, rows))
    size = finance.deal_size(e.rounds[rows], first=p.first_round, step=p.round_step)
    private = finance.private_part(size, terms.equity_offer[rows], crowd_in=p.crowd_in)
    raised = private + terms.equity_offer[rows]
    public[rows] = terms.equity_offer[rows]
    e.cash[rows] += raised
    e.planned[rows] = raised / p.round_lasts
    e.equity[rows] += raised
    e.support[rows] += public[rows]
    # the column has one byte, and the last tier of funds ends at 99 rounds
    e.rounds[rows] = np.minimum(e.rounds[rows] + 1, 99)
    e.round_at[rows] = s.quarter
    e.public_part[rows] = public[rows] / raised
    worth = finance.post_money(raised, dilution=p.dilution)
    leading = e.stage[rows] == Stage.LEADER.value  # a small round does not take a leader's valuation away
    e.valuation[rows] = np.where(leading, np.maximum(e.valuation[rows], worth), worth)
    s.flows.update(rounds=len(rows), equity=int(raised.sum()))
    return public


def _close_rounds(s: State, terms: Terms, rows: Ints) -> Bools:
    """Tell who of those who look for a round closes one."""
    e, p = s.enterprises, s.parameters
    better = e.quality[rows] - finance.typical_quality(p.venture_share)
    u, lift = s.draw("round", e.slot[rows]), terms.finance_lift[rows]
    return finance.closes_round(u, better, lift, base=p.round_base, quality_effect=p.round_quality)
