"""Who is there at the opening, and who is founded or moves in each quarter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from agents import finance, founding, growth, innovation, recognition
from agents.enterprises import Enterprises, Origin, Recognition, Stage
from agents.table import EVERY_ROW, Bools, Floats, Ints, rows_where
from agents.terms import Terms

if TYPE_CHECKING:
    from sim.levers import CityTerms
    from sim.model.model import IndustryModel

FOREVER = 2**15 - 1
"""Quarter in which a recognition without an end ends."""
ATTRACTED_SHARE = 10
"""One slot of the queue in ten belongs to enterprises that move in from outside."""
ATTRACTED_SIZE, ATTRACTED_AGE_YEARS = 4.0, (3.0, 8.0)
"""Enterprises that move in are past their first years: size relative to a founder, youngest and oldest."""


OPENING_RUNWAYS = 2.0
"""Cash at founding, in runways: nobody looks for money at once; an assumption."""


def opening(m: IndustryModel) -> Enterprises:
    """Make the population at the city's opening quarter, 存量."""
    p, recipe = m.parameters, m.city.opening
    slot = np.arange(max(round(p.opening_pool / m.weight), 1))
    e = Enterprises.blank(len(slot))
    _people(m, e, slot, *_place(m, slot, np.array([t.share for t in m.city.tracks])))
    age = founding.age_at_opening(m.draw("age", slot), growth=recipe.age_growth, hazard=m.hazard_by_age)
    e.born[:] = m.quarter - age
    _size(
        m,
        e,
        founding.staff(m.draw("staff", slot), median=recipe.employees_median, sigma=recipe.employees_sigma),
    )
    for year in range(3):
        u = m.streams.uniform("growth", m.quarter - 4 * (year + 1), slot)
        wobble = growth.spread(e.employees, sd=p.shock_sd, exponent=p.size_variance) * growth.shock(u, m.shock_table)
        e.growth[:, year] = np.where(age >= 4 * (year + 1), p.drift + wobble, 0.0)
    total = growth.in_three_years(e.growth)
    high = growth.in_high_growth(total, e.employees, yearly_rate=growth.HIGH_GROWTH_RATE)
    e.stage[high] = Stage.HIGH_GROWTH
    e.ever_high[:] = high | (m.draw("ever_high", slot) < -np.expm1(-p.high_growth_hazard * age / 4.0))
    _hold(m, e, Recognition.TECH_SME, recipe.tech_sme)
    _hold(m, e, Recognition.HNTE, recipe.hnte)
    return e


def found(m: IndustryModel, terms: Terms, offer: CityTerms) -> None:
    """Thin the quarter's queue of potential entrants and append those who come, with blank terms."""
    p = m.parameters
    pull = founding.agglomeration(m.stock_by_cell(), m.opening_stock, elasticity=p.agglomeration)
    lifted = offer.entry_lift + _placed(m, offer, pull)
    slot, moves, expected = _who_may_come(m, offer, pull.max() * np.exp(max(lifted.max(), 0.0) + 1e-9))
    u = m.draw("entry", slot)
    spin_off = ~moves & (m.draw("spin_off", slot) < p.spin_off_share)
    district, track = _place(m, slot, np.array([t.entry_share for t in m.city.tracks]))
    lift = lifted[district, track] + offer.spin_off_lift * spin_off + offer.attraction_lift * moves
    comes = founding.enters(u, expected, pull[district * len(m.city.tracks) + track], lift)
    count = int(np.count_nonzero(comes))
    m.enterprises.add(count)
    terms.add(count)
    new = m.enterprises.last(count)
    _people(m, new, slot[comes], district[comes], track[comes])
    moved, spun = moves[comes], spin_off[comes]
    new.origin[:] = np.where(moved, Origin.ATTRACTED, np.where(spun, Origin.SPIN_OFF, Origin.FOUNDED))
    low, high = ATTRACTED_AGE_YEARS
    years_old = np.where(moved, low + (high - low) * m.draw("age", new.slot), 0.0)
    new.born[:] = m.quarter - np.rint(4.0 * years_old).astype(np.int64)
    people = founding.staff(m.draw("staff", new.slot), median=p.founding_staff, sigma=p.founding_sigma)
    _size(m, new, np.where(moved, ATTRACTED_SIZE, 1.0) * people)
    m.flows.update(entries=len(new), attracted=int(moved.sum()), spin_offs=int(spun.sum()))


def _who_may_come(m: IndustryModel, offer: CityTerms, highest: float) -> tuple[Ints, Bools, Floats]:
    """Return the slots of the queue that can come at all, whether each would move in, and the chance of its kind.

    `highest` bounds what a place can add to a chance.
    """
    p, years = m.parameters, (m.quarter - m.city.start) / 4.0
    inside = round(m.city.opening.potential_entrants / m.weight)
    outside = max(inside // ATTRACTED_SHARE, 1)
    slot = (np.int64(m.quarter - m.city.start) << 32) + np.arange(inside + outside)
    births = p.opening_pool * np.exp(p.entry_growth * years) / 4.0 / m.weight
    here, there = p.entry_rate * births / inside, p.attraction_rate * births / outside
    u = m.draw("entry", slot)
    from_here = u[:inside] < here * highest * np.exp(max(offer.spin_off_lift, 0.0))
    from_there = u[inside:] < there * highest * np.exp(max(offer.attraction_lift, 0.0))
    rows = rows_where(np.concatenate((from_here, from_there)))
    moves = rows >= inside
    return slot[rows], moves, np.where(moves, there, here)


def _placed(m: IndustryModel, offer: CityTerms, pull: Floats) -> Floats:
    """Return what places add to founding in each cell, less what they take from each other, (districts, tracks)."""
    p = m.parameters
    shares = np.array([d.share for d in m.city.districts]), np.array([t.entry_share for t in m.city.tracks])
    births = np.outer(*shares) * pull.reshape(offer.place_lift.shape)
    taken = np.where(m.city_codes.future, p.displacement_tradable, p.displacement_local)
    return founding.placed(offer.place_lift, births, taken)


def _place(m: IndustryModel, slot: Ints, track_shares: Floats) -> tuple[Ints, Ints]:
    shares = np.array([d.share for d in m.city.districts])
    return (
        founding.category(m.draw("district", slot), shares),
        founding.category(m.draw("track", slot), track_shares),
    )


def _people(m: IndustryModel, e: Enterprises, slot: Ints, district: Ints, track: Ints) -> None:
    """Give blank enterprises what is fixed for life: place, quality, R&D habit."""
    p = m.parameters
    e.slot[:], e.district[:], e.track[:] = slot, district, track
    e.closes[:] = growth.closes_in(slot)
    e.future[:] = m.city_codes.future[track]
    e.quality[:] = ndtri(m.draw("quality", slot))
    e.venture[:] = finance.venture_type(e.quality, share=p.venture_share)
    multiplier = m.city_codes.rd_multiplier[track]
    e.rd_intensity[:] = founding.rd_habit(m.draw("rd_habit", slot), multiplier, median=p.rd_median, sigma=p.rd_sigma)


def _size(m: IndustryModel, e: Enterprises, employees: Floats) -> None:
    """Give enterprises their staff and what follows from it: revenue, R&D, knowledge, cash."""
    p = m.parameters
    per_head = m.city.opening.revenue_per_employee * np.exp(p.productivity_sigma * ndtri(m.draw("per_head", e.slot)))
    e.employees[:] = employees
    e.revenue[:] = employees * per_head
    report_rd(m, e, EVERY_ROW)
    e.knowledge[:] = e.rd_spend / p.depreciation
    e.cash[:] = OPENING_RUNWAYS * p.runway * finance.burn(e.rd_spend, e.revenue, e.planned, margin=p.margin)


def report_rd(m: IndustryModel, e: Enterprises, rows: Ints | slice) -> None:
    """Set real and reported R&D of the rows from their revenue and habit."""
    revenue = e.revenue[rows]
    real = e.rd_intensity[rows] * revenue
    e.rd_spend[rows] = real
    version = m.city.rules[Recognition.HNTE].in_force(m.quarter)
    needed = recognition.needed_rd(revenue, version) if version else np.zeros(len(revenue))
    e.rd_reported[rows] = innovation.reported_rd(real, needed, relabelled_share=m.parameters.relabelled_share)


def _hold(m: IndustryModel, e: Enterprises, kind: Recognition, count: int) -> None:
    """Give `count` eligible enterprises a recognition whose ends are spread over its validity."""
    rule = m.city.rules[kind]
    version = rule.in_force(m.quarter)
    if version is None:
        return
    fit = recognition.eligible(m.quarter - e.born, e.revenue, e.employees, e.rd_reported, version)
    rows = rows_where(fit)
    lot = m.draw(f"opening:{rule.key}", e.slot[rows])
    rows = rows[np.argsort(lot, kind="stable")[: round(count / m.weight)]]
    next_round = m.quarter + ((rule.round_quarter - 1 - m.quarter) % 4 or 4)
    later = e.slot[rows] % max(rule.validity_quarters // 4, 1)
    e.until[rows, kind] = next_round + 4 * later if rule.validity_quarters else FOREVER
    e.first[rows, kind] = m.quarter
