"""The plain-Mesa twin of `sim.model.model.IndustryModel`: one `mesa.Agent` per enterprise, every rule on scalars.

It reads the same addressed uniforms as the columns and must agree with them on every column of every
enterprise in every quarter. Draws are made for all enterprises at once and then looked up one by one.
The table of exits by age and the table of shocks are shared with the columns: they are not about enterprises.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from copy import deepcopy

import mesa
import numpy as np
from scipy.special import expit, ndtri
from scipy.stats import norm

from agents import growth, survival
from agents.enterprises import N_RECOGNITIONS, NEVER, Enterprises, Origin, Recognition, Stage
from sim.city.facts import published
from sim.levers import CityTerms
from sim.model.business import (
    FINANCED_QUARTERS,
    LARGE_EMPLOYEES,
    LISTING_ROUNDS,
    PUBLIC_ALONE,
    TAKE_OFF_ROUNDS,
    YOUNG_QUARTERS,
)
from sim.model.founding import ATTRACTED_AGE_YEARS, ATTRACTED_SHARE, ATTRACTED_SIZE, FOREVER
from sim.state.known import slot_of
from sim.state.state import OLDEST
from sim.streams import Streams
from tests import twin_institutions as institutions
from tests import twin_levers as levers

COLUMNS = [name for name, _, _ in Enterprises.describe()]


class Offer:
    """What policy offers one enterprise this quarter."""

    def __init__(self):
        self.growth_lift = self.productivity_lift = self.boost = self.finance_lift = self.equity_offer = 0.0
        self.rd_extra = self.grant = self.exit_lift = self.result_lift = 0.0
        self.recognition_lift = [0.0] * N_RECOGNITIONS
        self.project = self.scene = self.reached = False


class TwinEnterprise(mesa.Agent):
    """One enterprise; its attributes are the columns of `Enterprises`."""

    def __init__(self, model, slot, district, track):
        super().__init__(model)
        self.slot, self.district, self.track = slot, district, track
        self.closes, self.future, self.venture = slot % 4, model.city.tracks[track].future, False
        self.born = model.quarter
        self.origin, self.stage, self.zone = Origin.OPENING, Stage.STARTUP, 0
        self.dormant = self.ever_high = self.reached = False
        self.quality = self.employees = self.revenue = 0.0
        self.rd_intensity = self.rd_spend = self.rd_reported = self.knowledge = self.rd_given = 0.0
        self.cash = self.planned = self.equity = self.public_part = self.valuation = self.support = 0.0
        self.boost = self.boost_kept = self.year_lift = self.year_gain = 0.0
        self.rounds = self.results = 0
        self.on_record, self.known = NEVER, None
        self.round_at = self.listed = self.project_due = self.zone_since = self.scene_until = NEVER
        self.growth = [0.0, 0.0, 0.0]
        self.until, self.first = [NEVER] * N_RECOGNITIONS, [NEVER] * N_RECOGNITIONS
        self.blank_quarter()

    def blank_quarter(self):
        """Forget the last quarter's offers and results."""
        self.terms = Offer()
        self.public_taken = 0.0
        self.recognised_first, self.recognised_again = set(), set()

    # --- founding

    def settle_in(self, employees, u_quality, u_habit, u_per_head):
        """Fix what is fixed for life; staff, and what follows from it."""
        p, opening = self.model.parameters, self.model.city.opening
        self.quality = ndtri(u_quality)
        self.venture = levers.is_venture(self, p)
        level = p.rd_median * self.model.city.tracks[self.track].rd_multiplier
        self.rd_intensity = min(level * np.exp(p.rd_sigma * ndtri(u_habit)), 0.6)
        self.employees = employees
        per_head = opening.revenue_per_employee * np.exp(p.productivity_sigma * ndtri(u_per_head))
        self.revenue = employees * per_head
        self.report_rd()
        self.knowledge = self.rd_spend / p.depreciation
        self.cash = 2.0 * p.runway * levers.burn(self, p)

    def settle_in_known(self, known, u_quality, u_habit):
        """Make it a known enterprise, as large as its books said when the last calendar year was over."""
        m, p = self.model, self.model.parameters
        self.known, self.born, self.on_record = known, 4 * known.founded, 4 * known.figures[-1].year + 3
        self.quality = ndtri(u_quality)
        level = p.rd_median * m.city.tracks[self.track].rd_multiplier
        self.rd_intensity = min(level * np.exp(p.rd_sigma * ndtri(u_habit)), 0.6)
        year = (m.quarter - 3) // 4
        self.employees = self.staff_on_record(year)
        self.keep_to_record(year)
        self.report_rd()
        self.knowledge = self.rd_spend / p.depreciation
        self.cash = 2.0 * p.runway * levers.burn(self, p)
        self.growth = [np.log(self.staff_on_record(year - y) / self.staff_on_record(year - y - 1)) for y in range(3)]
        self.ever_high = self.is_high()
        self.stage = Stage.HIGH_GROWTH if self.ever_high else Stage.STARTUP

    def told(self):
        """Tell whether this quarter's figures are published."""
        return self.known is not None and self.on_record >= self.model.quarter

    def revenue_on_record(self, year):
        return np.exp(between({f.year: np.log(f.revenue) for f in self.known.figures}, year))

    def staff_on_record(self, year):
        heads = {f.year: np.log(f.revenue / f.employees) for f in self.known.figures if f.employees is not None}
        per_head = np.exp(between(heads, year)) if heads else self.model.city.opening.revenue_per_employee
        return self.revenue_on_record(year) / per_head

    def keep_to_record(self, year):
        """Take over revenue, R&D share and listing from the books of a year."""
        self.revenue = self.revenue_on_record(year)
        shares = {f.year: f.rd_share for f in self.known.figures if f.rd_share is not None}
        if shares:
            self.rd_intensity = between(shares, year)
        if self.known.listed is not None and self.known.listed <= year:
            self.listed = 4 * self.known.listed + 3

    def report_rd(self):
        """Spend by habit; report up to what the HNTE rule asks, as far as relabelling goes."""
        m = self.model
        self.rd_spend = self.rd_reported = self.rd_intensity * self.revenue
        version = m.city.rules[Recognition.HNTE].in_force(m.quarter)
        if version is None:
            return
        needed = levers.needed_rd(version, self.revenue)
        if needed > self.rd_spend:
            self.rd_reported = min(needed, self.rd_spend / (1.0 - m.parameters.relabelled_share))
            self.rd_reported = max(self.rd_reported, self.rd_spend)

    # --- the quarter

    def invest(self, u_project, u_result, helped):
        """Take up R&D, grants and a scene; start a key project or have one reviewed; find out. Return key results.

        `helped` tells whether an innovation consortium works in the track.
        """
        m, p, t = self.model, self.model.parameters, self.terms
        found = 0
        self.rd_given += t.rd_extra
        if t.project:
            self.project_due = m.quarter + max(round(4.0 * p.project_years), 1)
        elif self.project_due == m.quarter:
            lift = t.result_lift + (p.consortium_lift if helped else 0.0)
            odds = p.project_success / (1.0 - p.project_success) * np.exp(lift)
            found += u_project < odds / (1.0 + odds)
            self.project_due = NEVER
        if m.city.tracks[self.track].future and not self.dormant:
            yi = self.knowledge / 10_000.0
            found += u_result < 1.0 - np.exp(-p.result_rate * yi / 4.0)
        self.results += int(found)
        if t.scene:
            self.scene_until = m.quarter + max(round(4.0 * p.scene_years), 1)
        faded = self.boost * 0.5 ** (0.25 / p.voucher_half_life)
        self.boost = faded + t.boost * (1.0 - p.voucher_permanent)
        self.boost_kept += t.boost * p.voucher_permanent
        self.support += t.grant + t.rd_extra
        self.reached = self.reached or t.reached
        return int(found)

    def own_lift(self):
        """Return what support and finance add to this enterprise's own yearly growth of staff."""
        p = self.model.parameters
        supported = self.terms.growth_lift + for_hazard(self.boost + self.boost_kept, p)
        if self.scene_until > self.model.quarter:
            supported += p.scene_growth
        if self.employees >= LARGE_EMPLOYEES:
            supported *= p.large_effect
        return supported + p.financed_growth * self.financed()

    def financed(self):
        """Return what the last round does to growth: one, less when almost all public, nothing after a year."""
        if self.model.quarter - self.round_at > FINANCED_QUARTERS:
            return 0.0
        return self.model.parameters.government_only if self.public_part > PUBLIC_ALONE else 1.0

    def close_year(self, u):
        """Grow staff, knowledge and revenue by a year; enter or leave a high-growth episode."""
        m, p, staff = self.model, self.model.parameters, self.employees
        rate = p.drift + p.quality_growth * self.quality + self.year_lift
        if m.quarter - self.born < YOUNG_QUARTERS:
            rate += p.drift_young
        if self.until[Recognition.HNTE] > m.quarter:
            rate += for_hazard(p.label_effect, p)
        persistence = p.persistence_small if staff < growth.REFERENCE_EMPLOYEES else p.persistence_large
        rate += persistence * self.growth[0]
        rate += spread(staff, p) * shock(u, m.shock_table)
        told, year = self.told(), m.quarter // 4
        after = self.staff_on_record(year) if told else max(staff * np.exp(rate), 1.0)
        self.growth = [np.log(after / staff), *self.growth[:2]]
        self.employees = after
        stock = (1.0 - p.depreciation) * self.knowledge + self.rd_spend + self.rd_given
        self.rd_given = 0.0
        gain = p.knowledge_elasticity * np.log(stock / self.knowledge)
        self.knowledge = stock
        self.revenue *= after / staff * np.exp(p.price_growth + gain + self.year_gain)
        self.year_lift = self.year_gain = 0.0
        if told:
            self.keep_to_record(year)
        self.report_rd()
        high = self.is_high()
        self.ever_high = self.ever_high or high
        if self.stage != Stage.LEADER:
            self.stage = Stage.HIGH_GROWTH if high else Stage.STARTUP

    def is_high(self):
        """Tell whether three years' growth makes a high-growth episode."""
        total = self.growth[0] + self.growth[1] + self.growth[2]
        if total <= growth.HIGH_GROWTH_YEARS * np.log1p(growth.HIGH_GROWTH_RATE):
            return False
        return bool(self.employees * np.exp(-total) >= growth.HIGH_GROWTH_MIN_EMPLOYEES)

    def fall_back(self, u):
        """Let a leader fall back, at once when it is dormant; return whether it did."""
        if self.stage != Stage.LEADER:
            return False
        if not self.dormant and u >= quarterly(self.model.parameters.leader_exit):
            return False
        self.stage = Stage.STARTUP
        return True

    def take_off(self, u, u_premium):
        """Let a candidate become a leader; return whether it did."""
        m, p = self.model, self.model.parameters
        if self.stage == Stage.LEADER or self.dormant or self.known is not None:
            return False
        if not self.ever_high and self.rounds < TAKE_OFF_ROUNDS:
            return False
        age = max((m.quarter - self.born) / 4.0, 0.25)
        away = np.log(age / p.take_off_age) / p.take_off_age_s
        rate = -np.log1p(-p.take_off) / 10.0 * p.take_off_scale * np.exp(-0.5 * away * away)
        if m.city.tracks[self.track].future:
            rate *= np.exp(p.future_take_off)
        if u >= -np.expm1(-rate / 4.0):
            return False
        self.stage = Stage.LEADER
        worth = m.city.leader.unicorn_valuation * np.exp(-np.log(u_premium))
        self.valuation = max(self.valuation, worth)
        return True

    def list_shares(self, u):
        """Let a leader or a well-financed enterprise list; return whether it did."""
        if self.listed != NEVER or (self.stage != Stage.LEADER and self.rounds < LISTING_ROUNDS):
            return False
        if u >= quarterly(self.model.parameters.listing_rate) * np.exp(self.model.offer.listing_lift):
            return False
        self.listed = self.model.quarter
        return True

    def raise_money(self, u):
        """Burn cash and take grants; close a round if one is needed and found. Return the money raised."""
        p, t = self.model.parameters, self.terms
        if self.dormant or not levers.is_venture(self, p):
            return None
        used = levers.burn(self, p)
        self.cash += t.grant - used
        looking = self.cash < p.runway * used
        if self.planned > 0 and self.cash <= 0:
            self.planned = self.cash = 0.0
        if not looking:
            return None
        typical = norm.pdf(norm.ppf(1.0 - p.venture_share)) / p.venture_share
        if u >= expit(p.round_base + p.round_quality * (self.quality - typical) + t.finance_lift):
            return None
        private = max(levers.usual_deal(self, p) + p.crowd_in * t.equity_offer, 0.0)
        raised = private + t.equity_offer
        self.public_taken = t.equity_offer
        self.cash += raised
        self.planned = raised / p.round_lasts
        self.equity += raised
        self.support += self.public_taken
        self.rounds = min(self.rounds + 1, 99)
        self.round_at = self.model.quarter
        self.public_part = self.public_taken / raised
        worth = raised / p.dilution
        self.valuation = max(self.valuation, worth) if self.stage == Stage.LEADER else worth
        return raised

    def meets(self, version):
        """Tell whether the enterprise meets the thresholds of a recognition."""
        if self.model.quarter - self.born < version.min_age_quarters:
            return False
        if not version.min_revenue <= self.revenue <= version.max_revenue:
            return False
        if self.employees > version.max_employees:
            return False
        return self.rd_reported >= levers.needed_rd(version, self.revenue) * (1.0 - 1e-12)

    def seek(self, kind, rule, version, rate, u_apply, u_verdict):
        """Go through a round of one recognition: renew, apply, or stay away."""
        m, p = self.model, self.model.parameters
        if self.dormant or self.until[kind] > m.quarter or not self.meets(version):
            return
        if rule.requires and self.until[Recognition[rule.requires.upper()]] <= m.quarter:
            return
        if self.first[kind] != NEVER and self.until[kind] == m.quarter:
            if u_verdict >= p.renewal:
                return
        else:
            lift = self.terms.recognition_lift[kind]
            if m.city.tracks[self.track].future:
                lift += p.future_apply
            if u_apply >= -np.expm1(-rate * np.exp(lift)) or u_verdict >= institutions.passes(m, kind):
                return
        if self.first[kind] == NEVER:
            self.first[kind] = m.quarter
            self.recognised_first.add(kind)
        else:
            self.recognised_again.add(kind)
        self.until[kind] = m.quarter + rule.validity_quarters if rule.validity_quarters else FOREVER

    def hazard(self):
        """Return the chance to be struck off the register this quarter."""
        m, p = self.model, self.model.parameters
        lift = self.terms.exit_lift
        if levers.is_venture(self, p) and self.cash < 0:
            lift += p.distress_exit
        if self.origin == Origin.SPIN_OFF:
            lift += p.spin_off_exit
        base = m.hazard_by_age[min(m.quarter - self.born, OLDEST)]
        size = p.exit_size_slope * np.log(self.employees / m.city.opening.employees_median)
        return min(base * np.exp(size + lift), 1.0)


def for_hazard(ln_ratio, p):
    return ln_ratio * p.shock_sd / np.sqrt(6.0)


def quarterly(yearly):
    return -np.expm1(np.log1p(-yearly) / 4.0)


def spread(staff, p):
    return p.shock_sd * np.exp(-p.size_variance * np.log(staff / growth.REFERENCE_EMPLOYEES))


def shock(u, table):
    """Look one shock up in the table of sizes by tail score."""
    centred = 2.0 * u - 1.0
    score = min(-np.log1p(-abs(centred)) * 64.0, len(table) - 1 - 1e-6)
    below = int(score)
    size = table[below] + (score - below) * (table[below + 1] - table[below])
    return size if centred > 0 else -size


def first_status(zone):
    """Return the quarter in which a zone first had a status at any level."""
    return min([q for q in (zone.designated, zone.provincial, zone.national) if q != NEVER], default=NEVER)


def between(points, year):
    """Return the value of a year on straight lines between the points, {year: value}; flat outside."""
    before, after = [y for y in points if y <= year], [y for y in points if y > year]
    if not before or not after:
        return points[min(after) if after else max(before)]
    low, high = max(before), min(after)
    return points[low] + (points[high] - points[low]) * (year - low) / (high - low)


def pick(u, cumulative):
    """Return the first category whose cumulative share exceeds `u`."""
    return min(bisect_right(cumulative, u), len(cumulative) - 1)


def cumulated(shares):
    shares = np.asarray(shares, float)
    return list(np.cumsum(shares) / shares.sum())


class TwinModel(mesa.Model):
    """The same city as `IndustryModel`, enterprise by enterprise."""

    def __init__(self, city, scenario, parameters, *, seed=1, as_of, weight=1.0):
        super().__init__(rng=seed)
        self.city, self.policy, self.parameters = city, scenario, parameters
        self.as_of, self.weight, self.quarter = as_of, weight, city.start
        self.streams = Streams(seed)
        p = parameters
        bands = np.array([p.hazard_0_1, p.hazard_1_2, p.hazard_2_3, p.hazard_3_7, p.hazard_7_up])
        self.hazard_by_age = survival.hazard_by_age(bands, OLDEST)
        self.shock_table = growth.shock_table(p.shock_shape)
        self.ledger, self.flows, self.institutions = levers.Book(weight), Counter(), institutions.Few(self)
        self.promises, self.eligible_now, self.offer = {}, {}, None
        self.open_city()
        self.opening_stock = self.stock_by_cell()

    # --- what others read

    @property
    def firms(self):
        """The enterprises on the register, in order of slot: entrants come last, slots only grow."""
        return list(self.agents_by_type.get(TwinEnterprise, ()))

    def table(self):
        """Return every column, name -> array ordered by slot."""
        firms, blank = self.firms, Enterprises.blank(0)
        made = {}
        for name in COLUMNS:
            column = getattr(blank, name)
            values = [getattr(f, name) for f in firms]
            made[name] = np.array(values, column.dtype).reshape(len(firms), *column.shape[1:])
        return made

    def draws(self, decision, firms):
        """Return this quarter's U(0,1) of a decision, in the order of the enterprises given."""
        return self.draws_at(decision, self.quarter, firms)

    def draws_at(self, decision, quarter, firms):
        return self.streams.uniform(decision, quarter, np.array([f.slot for f in firms], np.int64)).tolist()

    def draw_at(self, decision, slot):
        return float(self.streams.uniform(decision, self.quarter, np.array([slot]))[0])

    def draws_of(self, decision, slots):
        return self.streams.uniform(decision, self.quarter, np.array(slots, np.int64)).tolist()

    def stock_by_cell(self):
        return Counter((f.district, f.track) for f in self.firms)

    # --- opening

    def open_city(self):
        p, recipe = self.parameters, self.city.opening
        slots = list(range(max(round(p.opening_pool / self.weight), 1)))
        places = self.places(slots, self.track_shares("share"))
        firms = [TwinEnterprise(self, s, d, k) for s, (d, k) in zip(slots, places, strict=True)]
        alive, weights = 1.0, []
        for age, hazard in enumerate(self.hazard_by_age):
            weights.append(alive * np.exp(-recipe.age_growth * age / 4.0))
            alive *= 1.0 - hazard
        ages = cumulated(weights)
        for f, u in zip(firms, self.draws("age", firms), strict=True):
            f.born = self.quarter - (1 + pick(u, ages))
        self.size(firms, recipe.employees_median, recipe.employees_sigma)
        for year in range(3):
            past = self.draws_at("growth", self.quarter - 4 * (year + 1), firms)
            for f, u in zip(firms, past, strict=True):
                if self.quarter - f.born >= 4 * (year + 1):
                    f.growth[year] = p.drift + spread(f.employees, p) * shock(u, self.shock_table)
        for f, u in zip(firms, self.draws("ever_high", firms), strict=True):
            years = (self.quarter - f.born) / 4.0
            if f.is_high():
                f.stage, f.ever_high = Stage.HIGH_GROWTH, True
            elif u < -np.expm1(-p.high_growth_hazard * years):
                f.ever_high = True
        self.hold(firms, Recognition.TECH_SME, recipe.tech_sme)
        self.hold(firms, Recognition.HNTE, recipe.hnte)
        self.add_known()

    def add_known(self):
        """Add the known enterprises whose lot is among one in `weight`, with what was published by the origin."""
        known = {slot_of(x.key): x for x in published(self.city, self.as_of)}
        firms = []
        for slot in sorted(known):
            if self.draw_at("known", slot) < 1.0 / self.weight:
                firms.append(TwinEnterprise(self, slot, known[slot].district, known[slot].track))
        for f, *draws in zip(firms, *(self.draws(d, firms) for d in ("quality", "rd_habit")), strict=True):
            f.settle_in_known(known[f.slot], *draws)

    def track_shares(self, which):
        """Return each track's part of the city: future ones times a factor, up to nine tenths, the others what is left."""
        shares = [getattr(t, which) for t in self.city.tracks]
        ahead = sum(x for x, t in zip(shares, self.city.tracks, strict=True) if t.future)
        if ahead in (0.0, 1.0):
            return shares
        wanted = min(ahead * self.parameters.future_share, 0.9)
        return [
            x * wanted / ahead if t.future else x * (1 - wanted) / (1 - ahead)
            for x, t in zip(shares, self.city.tracks, strict=True)
        ]

    def places(self, slots, track_shares):
        districts, tracks = cumulated([d.share for d in self.city.districts]), cumulated(track_shares)
        us = zip(self.draws_of("district", slots), self.draws_of("track", slots), strict=True)
        return [(pick(u, districts), pick(v, tracks)) for u, v in us]

    def size(self, firms, median, sigma):
        decisions = ("staff", "quality", "rd_habit", "per_head")
        for f, u, *others in zip(firms, *(self.draws(d, firms) for d in decisions), strict=True):
            people = max(median * np.exp(sigma * ndtri(u)), 1.0)
            f.settle_in(people * ATTRACTED_SIZE if f.origin == Origin.ATTRACTED else people, *others)

    def hold(self, firms, kind, count):
        """Give the label to the first `count` of the eligible by lot."""
        rule = self.city.rules[kind]
        version = rule.in_force(self.quarter)
        if version is None:
            return
        fit = [f for f in firms if f.meets(version)]
        lots = dict(zip((f.slot for f in fit), self.draws(f"opening:{rule.key}", fit), strict=True))
        fit.sort(key=lambda f: lots[f.slot])
        for f in fit[: round(count / self.weight)]:
            f.first[kind] = self.quarter
            f.until[kind] = FOREVER
            if rule.validity_quarters:
                wait = (rule.round_quarter - 1 - self.quarter) % 4 or 4
                f.until[kind] = self.quarter + wait + 4 * (f.slot % max(rule.validity_quarters // 4, 1))

    # --- the quarter

    def step(self):
        """Advance one quarter, in the order of the columns."""
        self.quarter += 1
        self.ledger.lines, self.flows = {}, Counter()
        self.offer_terms()
        self.found()
        firms = self.firms
        self.invest(firms)
        self.grow(firms)
        self.take_off(firms)
        self.raise_money(firms)
        self.recognise(firms)
        self.settle()
        self.relocate(firms)
        self.leave(firms)
        self.institutions.step(self.offer)
        self.ledger.close(self.quarter)

    def levers(self):
        return [lever for lever in self.policy.levers if levers.in_force(lever, self.quarter)]

    def offer_terms(self):
        firms = self.firms
        self.promises, self.eligible_now = {}, {}
        self.offer = CityTerms.blank(len(self.city.districts), len(self.city.tracks))
        for f in firms:
            f.blank_quarter()
        for lever in self.levers():
            self.ledger.lines[lever.name] = {"amount": 0.0, "payments": 0, "budget": levers.pool(lever, self.quarter)}
            levers.OFFERS[type(lever).__name__](lever, self, firms)

    def settle(self):
        for lever in self.levers():
            kind = type(lever).__name__
            if kind in levers.SETTLEMENTS:
                levers.SETTLEMENTS[kind](lever, self)
            line = self.ledger.lines[lever.name]
            if kind == "GuidanceFund":
                self.institutions.funds[lever.tier].record(line)
            elif kind in self.institutions.programmes:
                self.institutions.programmes[kind].record(line)

    def found(self):
        """Look at every potential entrant of the quarter and found those who come."""
        p, offer = self.parameters, self.offer
        quarters = self.quarter - self.city.start
        births = p.opening_pool * np.exp(p.entry_growth * quarters / 4.0) / 4.0 / self.weight
        inside = max(round(self.city.opening.potential_entrants / self.weight), int(np.ceil(1.5 * p.entry_rate * births)))
        outside = max(inside // ATTRACTED_SHARE, 1)
        slots = [(quarters << 32) + i for i in range(inside + outside)]
        places = self.places(slots, self.track_shares("entry_share"))
        stock = self.stock_by_cell()
        pulls, gains = self.pulls(stock), self.gained_by_places(self.pulls(stock))
        spins, comes = self.draws_of("spin_off", slots), self.draws_of("entry", slots)
        new = []
        for i, (slot, (d, k)) in enumerate(zip(slots, places, strict=True)):
            lift = offer.entry_lift[d, k] + gains[d, k]
            if i >= inside:
                origin, expected = Origin.ATTRACTED, p.attraction_rate * births / outside
                lift += offer.attraction_lift
            else:
                spin_off = spins[i] < p.spin_off_share
                origin, expected = Origin.SPIN_OFF if spin_off else Origin.FOUNDED, p.entry_rate * births / inside
                lift += offer.spin_off_lift if spin_off else 0.0
            if comes[i] < expected * pulls[d, k] * np.exp(lift):
                f = TwinEnterprise(self, slot, d, k)
                f.origin = origin
                new.append(f)
        youngest, oldest = ATTRACTED_AGE_YEARS
        for f, u in zip(new, self.draws("age", new), strict=True):
            if f.origin == Origin.ATTRACTED:
                f.born = self.quarter - int(np.rint(4.0 * (youngest + (oldest - youngest) * u)))
                self.flows["attracted"] += 1
            elif f.origin == Origin.SPIN_OFF:
                self.flows["spin_offs"] += 1
        self.size(new, p.founding_staff, p.founding_sigma)
        self.flows["entries"] += len(new)

    def pulls(self, stock):
        """Return how much each district's track attracts founders by how much it has grown."""
        growth_of_city = max(sum(stock.values()), 1) / max(sum(self.opening_stock.values()), 1)
        found = {}
        for d in range(len(self.city.districts)):
            for k in range(len(self.city.tracks)):
                known = stock[d, k] and self.opening_stock[d, k]
                relative = stock[d, k] / self.opening_stock[d, k] / growth_of_city if known else 1.0
                found[d, k] = np.power(relative, self.parameters.agglomeration)
        return found

    def gained_by_places(self, pulls):
        """Return the log lift of founding in each cell by zones and parks, less what they take from each other.

        Of the founders that all places of a track add, a share would have founded elsewhere in the city: every
        district of the track has that many fewer, in proportion.
        """
        p, net = self.parameters, {}
        for k, track in enumerate(self.city.tracks):
            share = p.displacement_tradable if track.future else p.displacement_local
            before = after = 0.0
            for d, district in enumerate(self.city.districts):
                usual = district.share * self.track_shares("entry_share")[k] * pulls[d, k]
                before += usual
                after += usual * np.exp(self.offer.place_lift[d, k])
            left = 1.0 - share * (after - before) / after if after > 0 else 1.0
            for d in range(len(self.city.districts)):
                net[d, k] = self.offer.place_lift[d, k] + np.log(left)
        return net

    def invest(self, firms):
        with_consortium = {c.track for c in self.institutions.consortia}
        draws = zip(firms, self.draws("project", firms), self.draws("result", firms), strict=True)
        for f, u_project, u_result in draws:
            self.flows["key_results"] += f.invest(u_project, u_result, f.track in with_consortium)

    def grow(self, firms):
        """Add a quarter of a year's support, rivals' weighed against it, and close the year of those that are due."""
        lifts = [f.own_lift() for f in firms]
        gains = [f.terms.productivity_lift for f in firms]
        for f, lift, gain in zip(firms, self.less_rivals(firms, lifts), self.less_rivals(firms, gains), strict=True):
            f.year_lift += lift / 4.0
            f.year_gain += gain / 4.0
        for f, u in zip(firms, self.draws("growth", firms), strict=True):
            if f.slot % 4 == self.quarter % 4 and not f.dormant:
                f.close_year(u)

    def less_rivals(self, firms, lifts):
        """Return each lift less the share of its market's mean, by revenue, that rivals take."""
        p, lifted, size = self.parameters, Counter(), Counter()
        for f, lift in zip(firms, lifts, strict=True):
            lifted[f.district, f.track] += lift * f.revenue
            size[f.district, f.track] += f.revenue
        left = []
        for f, lift in zip(firms, lifts, strict=True):
            market = f.district, f.track
            share = p.displacement_tradable if self.city.tracks[f.track].future else p.displacement_local
            left.append(lift - share * (lifted[market] / size[market] if size[market] > 0 else 0.0))
        return left

    def take_off(self, firms):
        decisions = ("leader_exit", "take_off", "premium", "listing")
        draws = zip(firms, *(self.draws(d, firms) for d in decisions), strict=True)
        for f, u_exit, u_rise, u_premium, u_list in draws:
            falls = f.fall_back(u_exit)
            self.flows["leaders_lost"] += falls
            self.flows["leaders_new"] += not falls and f.take_off(u_rise, u_premium)
            self.flows["listed_new"] += f.list_shares(u_list)

    def raise_money(self, firms):
        total = 0.0
        for f, u in zip(firms, self.draws("round", firms), strict=True):
            raised = f.raise_money(u)
            if raised is not None:
                self.flows["rounds"] += 1
                total += raised
        self.flows["equity"] += int(total)

    def recognise(self, firms):
        for kind in Recognition:
            rule = self.city.rules[kind]
            version = rule.in_force(self.quarter)
            if version is not None and self.quarter % 4 + 1 == rule.round_quarter:
                lost = self.withdraw(firms, kind, rule)
                self.hold_round([f for f in firms if f.slot not in lost], kind, rule, version)
            for f in firms:
                new, again = kind in f.recognised_first, kind in f.recognised_again
                self.flows[f"{kind.name.lower()}_first"] += new
                self.flows[f"{kind.name.lower()}_certified"] += new or again
                self.flows[f"future_{kind.name.lower()}_first"] += new and self.city.tracks[f.track].future

    def withdraw(self, firms, kind, rule):
        """Take the label from the dormant and the revoked; return who lost it and has to wait."""
        lost = set()
        rate = self.parameters.revocation if rule.validity_quarters else self.parameters.tech_sme_withdrawal
        for f, u in zip(firms, self.draws(f"revoked:{rule.key}", firms), strict=True):
            if f.until[kind] > self.quarter and (u < rate or f.dormant):
                f.until[kind] = self.quarter - 1
                lost.add(f.slot)
        return lost

    def hold_round(self, firms, kind, rule, version):
        rate = institutions.applies_a_year(self, kind)
        applies = self.draws(f"apply:{rule.key}", firms)
        verdicts = self.draws(f"verdict:{rule.key}", firms)
        for f, u_apply, u_verdict in zip(firms, applies, verdicts, strict=True):
            f.seek(kind, rule, version, rate, u_apply, u_verdict)

    def relocate(self, firms):
        """Let enterprises move, towards zones and parks rather than elsewhere, and join the zone where they stand."""
        p, everybody = self.parameters, sum(d.share for d in self.city.districts)
        pull = {}
        for k in range(len(self.city.tracks)):
            lifts = [self.offer.place_lift[d, k] for d in range(len(self.city.districts))]
            pull[k] = [d.share / everybody * np.exp(x) for d, x in zip(self.city.districts, lifts, strict=True)]
        zones = {(z.district, z.track): z for z in self.institutions.pilot_zones if first_status(z) != NEVER}
        draws = zip(
            firms, self.draws("relocation", firms), self.draws("new_district", firms),
            self.draws_at("tenant", 0, firms), strict=True,
        )  # fmt: skip
        for f, u_moves, u_where, u_joins in draws:
            moved = False
            if not f.told() and u_moves < p.relocation_rate / 4.0 * sum(pull[f.track]):
                there = pick(u_where, cumulated(pull[f.track]))
                moved = there != f.district
            if moved:
                self.institutions.districts[f.district].moved_out += 1
                self.institutions.districts[there].moved_in += 1
                f.district, f.zone, f.zone_since = there, 0, NEVER
                self.flows["relocated"] += 1
            zone = zones.get((f.district, f.track))
            if f.zone == 0 and zone is not None and u_joins < p.zone_tenants:
                f.zone, f.zone_since = zone.index + 1, self.quarter
                how = "moved" if moved else "founded" if f.born >= first_status(zone) else "standing"
                self.flows[f"zone_tenants_{how}"] += 1

    def leave(self, firms):
        more = max(self.parameters.activity_multiplier - 1.0, 0.0)
        draws = zip(firms, self.draws("exit", firms), self.draws("dormancy", firms), strict=True)
        for f, u_exit, u_sleep in draws:
            hazard = 0.0 if f.told() else f.hazard()
            if u_exit < hazard:
                self.flows["exits"] += 1
                self.flows["exits_young"] += self.quarter - f.born <= YOUNG_QUARTERS
                self.flows["activity_exits"] += not f.dormant
                self.institutions.districts[f.district].closed += 1
                f.remove()
            elif not f.dormant and u_sleep < more * hazard:
                self.flows["activity_exits"] += 1
                f.dormant = True

    def run_to(self, quarter):
        while self.quarter < quarter:
            self.step()
        return self

    def fork(self, scenario):
        """Copy the whole city and go on under another scenario."""
        shared = (
            self.city, self.parameters, self.policy, self.hazard_by_age, self.shock_table
        )  # fmt: skip
        other = deepcopy(self, {id(x): x for x in shared})
        other.policy = scenario
        for f in other.firms:
            f.reached = False
        return other
