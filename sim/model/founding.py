"""Who is there at the opening, and who is founded or moves in each quarter."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from agents import finance, founding, growth, innovation, recognition
from agents.enterprises import Enterprises, Origin, Recognition, Stage
from agents.table import EVERY_ROW, Bools, Floats, Ints, rows_where
from agents.terms import Terms
from sim.city.known import last_closed_year
from sim.levers.context import CityTerms
from sim.state.census import Census
from sim.state.known import Books, ends
from sim.state.state import State

FOREVER = 2**15 - 1
"""Quarter in which a recognition without an end ends."""
ATTRACTED_SHARE = 10
"""One slot of the queue in ten belongs to enterprises that move in from outside."""
ATTRACTED_SIZE, ATTRACTED_AGE_YEARS = 4.0, (3.0, 8.0)
"""Enterprises that move in are past their first years: size relative to a founder, youngest and oldest."""


QUEUE = 1.5
"""Potential entrants for each expected one, at least: what places and levers add must have room."""
OPENING_RUNWAYS = 2.0
"""Cash at founding, in runways: nobody looks for money at once; an assumption."""


def people(s: State) -> None:
    """Make the population at the city's opening quarter, 存量."""
    p, recipe = s.parameters, s.city.opening
    slot = np.arange(max(round(p.opening_pool / s.weight), 1))
    s.enterprises = e = Enterprises.blank(len(slot))
    _set_traits(s, e, slot, *_place(s, slot, s.constants.track_shares))
    age = founding.age_at_opening(s.draw("age", slot), growth=recipe.age_growth, hazard=s.constants.hazard_by_age)
    e.born[:] = s.quarter - age
    _set_size(
        s,
        e,
        founding.staff(s.draw("staff", slot), median=recipe.employees_median, sigma=recipe.employees_sigma),
    )
    for year in range(3):
        # addressed by the quarters in which these years closed, so that no later year has the same draws
        u = s.streams.uniform("growth", s.quarter - 4 * (year + 1), slot)
        shock = growth.shock(u, s.constants.shock_table)
        shock = growth.spread(e.employees, sd=p.shock_sd, exponent=p.size_variance) * shock
        e.growth[:, year] = np.where(age >= 4 * (year + 1), p.drift + shock, 0.0)
    total = growth.in_three_years(e.growth)
    high = growth.in_high_growth(total, e.employees, yearly_rate=growth.HIGH_GROWTH_RATE)
    e.stage[high] = Stage.HIGH_GROWTH
    # an episode may be over by now: P8's hazard over the whole age
    e.ever_high[:] = high | (s.draw("ever_high", slot) < -np.expm1(-p.high_growth_hazard * age / 4.0))
    _hold(s, e, Recognition.TECH_SME, recipe.tech_sme)
    _hold(s, e, Recognition.HNTE, recipe.hnte)
    # last, so that the labels are spread over the pool as if nobody were known
    _add_known(s)
    s.opening_stock = s.stock_by_cell()
    s.census = Census.of(e, s.quarter)


def _add_known(s: State) -> None:
    """Add the known enterprises with what their books said at the opening.

    Where a row stands for several enterprises, each is there by the chance that keeps its count unbiased.
    """
    slot = s.known.slot[s.draw("known", s.known.slot) < 1.0 / s.weight]
    s.enterprises.add(len(slot))
    new, who = s.enterprises.last(len(slot)), s.known.at(slot)
    _set_traits(s, new, slot, np.array([x.district for x in who], int), np.array([x.track for x in who], int))
    new.venture[:] = False  # assumption: investors in equity rounds come before a giant's time
    new.born[:] = [4 * x.founded for x in who]
    new.on_record[:] = [ends(x) for x in who]
    year = last_closed_year(s.quarter)
    books = [s.known.books(slot, year - back) for back in range(4)]
    new.employees[:] = books[0].staff
    keep_to_record(new, EVERY_ROW, books[0])
    _open_accounts(s, new)
    for back in range(3):
        new.growth[:, back] = np.log(books[back].staff / books[back + 1].staff)
    high = growth.in_high_growth(growth.in_three_years(new.growth), new.employees, yearly_rate=growth.HIGH_GROWTH_RATE)
    new.stage[high] = Stage.HIGH_GROWTH
    new.ever_high[:] = high


def keep_to_record(e: Enterprises, rows: Ints | slice, books: Books) -> None:
    """Write what its books say into a known enterprise: revenue, R&D share where it was published, listing."""
    e.revenue[rows] = books.revenue
    e.rd_intensity[rows] = np.where(np.isnan(books.rd_share), e.rd_intensity[rows], books.rd_share)
    e.listed[rows] = books.listed


def found(s: State, terms: Terms, offer: CityTerms) -> None:
    """Thin the quarter's queue of potential entrants and append those who come, with blank terms."""
    p = s.parameters
    pull = founding.agglomeration(s.stock_by_cell(), s.opening_stock, elasticity=p.agglomeration)
    lifted = offer.entry_lift + _placed(s, offer, pull)
    # the queue is many times longer than those who come: who cannot come anywhere is left out before the rest is drawn
    slot, moves, expected = _who_may_come(s, offer, pull.max() * np.exp(max(lifted.max(), 0.0) + 1e-9))
    # drawn a second time by its address, which gives the numbers that `_who_may_come` has seen
    u = s.draw("entry", slot)
    spin_off = ~moves & (s.draw("spin_off", slot) < p.spin_off_share)
    district, track = _place(s, slot, s.constants.entry_shares)
    lift = lifted[district, track] + offer.spin_off_lift * spin_off + offer.attraction_lift * moves
    comes = founding.enters(u, expected, pull[district * len(s.city.tracks) + track], lift)
    count = int(np.count_nonzero(comes))
    s.enterprises.add(count)
    terms.add(count)
    new = s.enterprises.last(count)
    _set_traits(s, new, slot[comes], district[comes], track[comes])
    moved, spun = moves[comes], spin_off[comes]
    new.origin[:] = np.where(moved, Origin.ATTRACTED, np.where(spun, Origin.SPIN_OFF, Origin.FOUNDED))
    low, high = ATTRACTED_AGE_YEARS
    years_old = np.where(moved, low + (high - low) * s.draw("age", new.slot), 0.0)
    new.born[:] = s.quarter - np.rint(4.0 * years_old).astype(np.int64)
    people = founding.staff(s.draw("staff", new.slot), median=p.founding_staff, sigma=p.founding_sigma)
    _set_size(s, new, np.where(moved, ATTRACTED_SIZE, 1.0) * people)
    s.flows.update(entries=len(new), attracted=int(moved.sum()), spin_offs=int(spun.sum()))


def _who_may_come(s: State, offer: CityTerms, highest: float) -> tuple[Ints, Bools, Floats]:
    """Return the slots of the queue that can come at all, whether each would move in, and the chance of its kind.

    `highest` bounds what a place can add to a chance.
    """
    p, years = s.parameters, (s.quarter - s.city.start) / 4.0
    # births follow the opening pool, not the present stock: they are exogenous (docs/model.md, Limits)
    births = p.opening_pool * np.exp(p.entry_growth * years) / 4.0 / s.weight
    # longer where growth has outrun the city's queue, which would otherwise cap those who come
    inside = max(round(s.city.opening.potential_entrants / s.weight), math.ceil(QUEUE * p.entry_rate * births))
    outside = max(inside // ATTRACTED_SHARE, 1)
    # the quarter in the upper bits: no slot is used twice, and slots of later queues are larger
    slot = (np.int64(s.quarter - s.city.start) << 32) + np.arange(inside + outside)
    here, there = p.entry_rate * births / inside, p.attraction_rate * births / outside
    u = s.draw("entry", slot)
    from_here = u[:inside] < here * highest * np.exp(max(offer.spin_off_lift, 0.0))
    from_there = u[inside:] < there * highest * np.exp(max(offer.attraction_lift, 0.0))
    rows = rows_where(np.concatenate((from_here, from_there)))
    moves = rows >= inside
    return slot[rows], moves, np.where(moves, there, here)


def _placed(s: State, offer: CityTerms, pull: Floats) -> Floats:
    """Return what places add to founding in each cell, less what they take from each other, (districts, tracks)."""
    p = s.parameters
    shares = np.array([d.share for d in s.city.districts]), s.constants.entry_shares
    births = np.outer(*shares) * pull.reshape(offer.place_lift.shape)
    taken = np.where(s.constants.future, p.displacement_tradable, p.displacement_local)
    return founding.placed(offer.place_lift, births, taken)


def _place(s: State, slot: Ints, track_shares: Floats) -> tuple[Ints, Ints]:
    shares = np.array([d.share for d in s.city.districts])
    return (
        founding.category(s.draw("district", slot), shares),
        founding.category(s.draw("track", slot), track_shares),
    )


def _set_traits(s: State, e: Enterprises, slot: Ints, district: Ints, track: Ints) -> None:
    """Give blank enterprises what is fixed for life: place, quality, R&D habit."""
    p = s.parameters
    e.slot[:], e.district[:], e.track[:] = slot, district, track
    e.closes[:] = growth.closes_in(slot)
    e.future[:] = s.constants.future[track]
    e.quality[:] = ndtri(s.draw("quality", slot))
    e.venture[:] = finance.venture_type(e.quality, share=p.venture_share)
    multiplier = s.constants.rd_multiplier[track]
    e.rd_intensity[:] = founding.rd_habit(s.draw("rd_habit", slot), multiplier, median=p.rd_median, sigma=p.rd_sigma)


def _set_size(s: State, e: Enterprises, employees: Floats) -> None:
    """Give enterprises their staff and what follows from it."""
    p = s.parameters
    per_head = s.city.opening.revenue_per_employee * np.exp(p.productivity_sigma * ndtri(s.draw("per_head", e.slot)))
    e.employees[:] = employees
    e.revenue[:] = employees * per_head
    _open_accounts(s, e)


def _open_accounts(s: State, e: Enterprises) -> None:
    """Give enterprises what follows from revenue: R&D, knowledge, cash."""
    p = s.parameters
    report_rd(s, e, EVERY_ROW)
    # the steady state of the stock when R&D stays as it is
    e.knowledge[:] = e.rd_spend / p.depreciation
    e.cash[:] = OPENING_RUNWAYS * p.runway * finance.burn(e.rd_spend, e.revenue, e.planned, margin=p.margin)


def report_rd(s: State, e: Enterprises, rows: Ints | slice) -> None:
    """Set real and reported R&D of the rows from their revenue and habit."""
    revenue = e.revenue[rows]
    real = e.rd_intensity[rows] * revenue
    e.rd_spend[rows] = real
    # relabelling aims at the high-tech label, whose notch the evidence of P13 is about
    version = s.city.rules[Recognition.HNTE].in_force(s.quarter)
    needed = recognition.needed_rd(revenue, version) if version else np.zeros(len(revenue))
    e.rd_reported[rows] = innovation.reported_rd(real, needed, relabelled_share=s.parameters.relabelled_share)


def _hold(s: State, e: Enterprises, kind: Recognition, count: int) -> None:
    """Give `count` eligible enterprises a recognition whose ends are spread over its validity."""
    rule = s.city.rules[kind]
    version = rule.in_force(s.quarter)
    if version is None:
        return
    meets = recognition.eligible(s.quarter - e.born, e.revenue, e.employees, e.rd_reported, version)
    rows = rows_where(meets)
    lottery = s.draw(f"opening:{rule.key}", e.slot[rows])
    rows = rows[np.argsort(lottery, kind="stable")[: round(count / s.weight)]]
    # a round of this very quarter is over, so the next is a year away (`or 4`)
    next_round = s.quarter + ((rule.round_quarter - 1 - s.quarter) % 4 or 4)
    # by slot, which spreads the ends evenly over the years of validity without a draw
    later = e.slot[rows] % max(rule.validity_quarters // 4, 1)
    e.until[rows, kind] = next_round + 4 * later if rule.validity_quarters else FOREVER
    e.first[rows, kind] = s.quarter
