"""The levers again, one enterprise at a time; `m` is the twin model, `firms` its enterprises in order of slot.

Each lever has a function that offers, and two have one that pays on results. Dates and numbers are read
from the lever objects; who is eligible, who is served and what it does is written out here once more.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left

import numpy as np
from scipy.special import ndtri

import scenarios
from agents.enterprises import NEVER, Recognition
from sim.levers.funding import TIER_ROUNDS
from sim.levers.zones import MIN_RD_INTENSITY

OFFICES = {
    x["lever"]: (x["limit"], x["running_cost"], x["cost_power"])
    for x in tomllib.loads((scenarios.FOLDER / "common" / "capacity.toml").read_text("utf8"))["capacity"]
}


class Book:
    """What the levers may spend and have paid this quarter, and the lines of earlier quarters."""

    def __init__(self, weight):
        self.weight, self.lines, self.closed = weight, {}, []

    def left(self, name):
        line = self.lines[name]
        return max(line["budget"] - line["amount"], 0.0) / self.weight

    def pay(self, name, amounts):
        line = self.lines[name]
        line["amount"] += float(sum(amounts)) * self.weight
        line["payments"] += round(sum(1 for x in amounts if x > 0) * self.weight)

    def pay_city(self, name, amount, payments=1):
        line = self.lines[name]
        paid = min(amount, max(line["budget"] - line["amount"], 0.0))
        line["amount"] += paid
        line["payments"] += payments if paid > 0 else 0

    def close(self, quarter):
        for name, line in self.lines.items():
            self.closed.append((quarter, name, line["amount"], line["payments"], line["budget"]))
        self.lines = {}


def in_force(lever, quarter):
    return lever.start <= quarter <= lever.end


def strength(lever, quarter):
    quarters_in_force = quarter - lever.start + 1
    if quarters_in_force >= lever.ramp_quarters:
        return 1.0
    return quarters_in_force / lever.ramp_quarters


def pool(lever, quarter):
    return lever.size * lever.budget / 4.0 * strength(lever, quarter) + of_the_office(lever, quarter)


def limits(lever):
    """Return (limit, running cost, cost power) of the office behind a lever, or nothing."""
    name = "".join("_" + c.lower() if c.isupper() else c for c in type(lever).__name__).lstrip("_")
    key = f"{name}_{lever.level}" if name == "pilot_zones" else name
    return OFFICES.get(key)


def of_the_office(lever, quarter):
    """Return what an office of more than the usual size takes of its own in a quarter."""
    if not limits(lever):
        return 0.0
    _, running, power = limits(lever)
    usual, asked = running / 4.0, running * lever.size**power / 4.0
    return strength(lever, quarter) * max(asked - usual, 0.0)


def reached(lever):
    """Return how many times the usual number comes of a size: 1 / (a + b / size), with 1 at one and the limit at the end."""
    limit = limits(lever)[0]
    return 0.0 if lever.size == 0 else 1.0 / (1.0 / limit + (1.0 - 1.0 / limit) / lever.size)


def pay_the_office(lever, m):
    m.ledger.pay_city(lever.name, of_the_office(lever, m.quarter))


def dose(lever, m):
    """Return what multiplies a city-wide effect: twice the size gives less than twice of it."""
    return strength(lever, m.quarter) * lever.size**m.parameters.dose_elasticity


def is_eligible(rule, f, m):
    """Tell whether one enterprise meets a rule of eligibility."""
    track = m.city.tracks[f.track]
    if f.dormant:
        return False
    if rule.tracks == "future":
        if not track.future:
            return False
    elif rule.tracks == "compute_heavy":
        if not track.compute_heavy:
            return False
    elif rule.tracks != "all" and f.track not in rule.tracks:
        return False
    age = m.quarter - f.born
    if age > 4 * rule.max_age_years or age < 4 * rule.min_age_years:
        return False
    if f.employees > rule.max_employees or f.revenue > rule.max_revenue:
        return False
    if f.rd_intensity < rule.min_rd_intensity:
        return False
    if rule.districts and f.district not in rule.districts:
        return False
    if rule.recognised and f.until[Recognition[rule.recognised.upper()]] <= m.quarter:
        return False
    return not (rule.in_zone and f.zone == 0)


def eligible(lever, m, firms):
    """Return the eligible as they were when the quarter's offers were made, in order of slot."""
    if lever.name not in m.eligible_now:
        m.eligible_now[lever.name] = [f for f in firms if is_eligible(lever.eligible, f, m)]
    return m.eligible_now[lever.name]


def rank_of(lever, f, lot):
    """Return how early one claimant is served; more is earlier."""
    if lever.allocation == "lottery":
        return lot
    if lever.allocation == "first_come":
        return lot + 1.0 if f.reached else lot
    return f.quality + 2.0 * lot


def grant(lever, m, claimants, claims):
    """Serve claims in order of rank until the pool is empty; return what each gets."""
    purse = m.ledger.left(lever.name)
    if sum(claims) <= purse:
        return list(claims)
    lots = m.draws(f"priority:{lever.name}", claimants)
    ranks = [rank_of(lever, f, lot) for f, lot in zip(claimants, lots, strict=True)]
    granted = [0.0] * len(claims)
    for i in sorted(range(len(claims)), key=lambda i: (-ranks[i], claimants[i].slot)):
        granted[i] = min(claims[i], purse)
        purse -= granted[i]
    return granted


def pay_the_rest(lever, m):
    m.ledger.pay_city(lever.name, pool(lever, m.quarter))


def uses(lever, m, holders):
    """Return (used, additional) for each voucher holder."""
    p = m.parameters
    lapse = (1.0 - p.voucher_additional) * p.voucher_unused
    return [(u < 1.0 - lapse, u < p.voucher_additional) for u in m.draws(f"use:{lever.name}", holders)]


def burn(f, p):
    excess = f.rd_spend - p.margin * f.revenue
    return max(excess / 4.0 if excess > 0 else 0.0, f.planned)


def is_venture(f, p):
    return f.known is None and f.quality > ndtri(1.0 - p.venture_share)


def usual_deal(f, p):
    return p.first_round * np.power(p.round_step, float(min(f.rounds, 6)))


# --- capability


def growth_coaching(lever, m, firms):
    chosen = eligible(lever, m, firms)
    paid = grant(lever, m, chosen, [lever.cost / 4.0] * len(chosen))
    for f, money in zip(chosen, paid, strict=True):
        if money > 0:
            f.terms.growth_lift += m.parameters.coaching_growth * strength(lever, m.quarter)
            f.terms.reached = True
    m.ledger.pay(lever.name, paid)


def compute_supply(lever, m, firms):
    saved = m.parameters.compute_saving * dose(lever, m)
    for f in eligible(lever, m, firms):
        f.terms.rd_extra += saved * lever.compute_share * f.rd_spend / 4.0
        f.terms.reached = f.terms.reached or saved > 0
    pay_the_rest(lever, m)


def talent_programme(lever, m, firms):
    s = dose(lever, m)
    for d in range(len(m.city.districts)):
        for k, track in enumerate(m.city.tracks):
            if track.future:
                m.offer.entry_lift[d, k] += m.parameters.talent_entry * s
    for f in eligible(lever, m, firms):
        f.terms.growth_lift += m.parameters.talent_growth * s
        f.terms.reached = f.terms.reached or s > 0
    pay_the_rest(lever, m)


def leader_attraction(lever, m, firms):
    m.offer.attraction_lift += m.parameters.leader_attraction * dose(lever, m)
    m.offer.listing_lift += m.parameters.listing_pool * dose(lever, m)
    pay_the_rest(lever, m)


# --- funding


def guidance_fund(lever, m, firms):
    p = m.parameters
    low, high = TIER_ROUNDS[lever.tier]
    looking = []
    for f in eligible(lever, m, firms):
        if low <= f.rounds <= high and is_venture(f, p) and f.cash < p.runway * burn(f, p):
            looking.append(f)
    claims = []
    for f in looking:
        deal = usual_deal(f, p)
        open_part = max(deal - f.terms.equity_offer, 0.0)
        claims.append(min(deal * lever.public_share, lever.ticket, open_part))
    offers = grant(lever, m, looking, claims)
    m.promises[lever.name] = list(zip(looking, offers, strict=True))
    for f, money in m.promises[lever.name]:
        f.terms.equity_offer += money
        if money > 0:
            f.terms.finance_lift += p.public_odds
            f.terms.reached = True


def guidance_fund_settles(lever, m):
    m.ledger.pay(lever.name, [x if f.public_taken > 0 else 0.0 for f, x in m.promises[lever.name]])


def recognition_award(lever, m, firms):
    kind = Recognition[lever.recognition.upper()]
    lift = m.parameters.award_response * lever.first_award / 10.0 * dose(lever, m)
    for f in eligible(lever, m, firms):
        f.terms.recognition_lift[kind] += lift
        if lift != 0.0:
            f.terms.reached = True


def recognition_award_settles(lever, m):
    kind = Recognition[lever.recognition.upper()]
    claimants, claims = m.eligible_now[lever.name], []
    for f in claimants:
        if kind in f.recognised_first:
            claims.append(lever.first_award)
        elif kind in f.recognised_again:
            claims.append(lever.renewal_award)
        else:
            claims.append(0.0)
    m.ledger.pay(lever.name, grant(lever, m, claimants, claims))


def seedling_grant(lever, m, firms):
    chosen = [f for f in eligible(lever, m, firms) if f.support < lever.amount]
    paid = grant(lever, m, chosen, [lever.amount] * len(chosen))
    for f, money in zip(chosen, paid, strict=True):
        f.terms.grant += money
        if money > 0:
            f.terms.exit_lift += m.parameters.incubation_exit
            f.terms.reached = True
    m.ledger.pay(lever.name, paid)


# --- innovation


def basic_research(lever, m, firms):
    m.offer.spin_off_lift += m.parameters.basic_research * dose(lever, m)
    around = eligible(lever, m, firms)
    own = sum(f.rd_spend for f in around)
    spilled = m.parameters.spillover * pool(lever, m.quarter) / m.weight
    for f in around:
        f.terms.rd_extra += spilled * f.rd_spend / own
        f.terms.reached = f.terms.reached or spilled > 0
    pay_the_rest(lever, m)


def open_challenge(lever, m, firms):
    p = m.parameters
    pay_the_office(lever, m)
    on_record, part = m.institutions.seen("projects")
    usual = p.projects_rate / 4.0 * reached(lever) * strength(lever, m.quarter)
    wanted = (on_record + (1.0 - part) * usual) / m.weight
    count = int(np.floor(wanted + m.draw_at(f"round:{lever.name}", 0)))
    free = [f for f in eligible(lever, m, firms) if f.project_due == NEVER]
    lots = m.draws(f"priority:{lever.name}", free)
    score = {f.slot: rank_of(lever, f, lot) + np.log(f.knowledge) for f, lot in zip(free, lots, strict=True)}
    winners = sorted(free, key=lambda f: (-score[f.slot], f.slot))[:count]
    winners.sort(key=lambda f: f.slot)
    paid = grant(lever, m, winners, [min(lever.share * p.project_cost, lever.cap)] * len(winners))
    for f, money in zip(winners, paid, strict=True):
        if money > 0:
            f.terms.project = f.terms.reached = True
        f.terms.rd_extra += money
    m.ledger.pay(lever.name, paid)


def pilot_plants(lever, m, firms):
    lift = m.parameters.pilot_plant_lift * dose(lever, m)
    for f in eligible(lever, m, firms):
        f.terms.result_lift += lift
        f.terms.recognition_lift[Recognition.TECH_CENTRE] += lift
        f.terms.reached = f.terms.reached or lift != 0
    m.ledger.pay_city(lever.name, lever.size * lever.platforms * lever.platform_grant / 4.0)


def consortium_support(lever, m, firms):
    m.offer.consortia_push += reached(lever) * strength(lever, m.quarter)
    pay_the_office(lever, m)
    m.ledger.pay_city(lever.name, lever.size * lever.support / 4.0)


# --- market


def application_scenes(lever, m, firms):
    m.offer.scene_push += reached(lever) * strength(lever, m.quarter)
    free = [f for f in eligible(lever, m, firms) if f.scene_until <= m.quarter]
    asked = (1.0 - m.parameters.spontaneous_scenes) * reached(lever) * strength(lever, m.quarter)
    unasked = m.parameters.spontaneous_scenes
    waiting = m.institutions.counts.scenes_matched / m.weight * asked / (asked + unasked)
    count = int(np.floor(waiting + m.draw_at(f"round:{lever.name}", 0)))
    lots = m.draws(f"priority:{lever.name}", free)
    ranks = {f.slot: rank_of(lever, f, lot) for f, lot in zip(free, lots, strict=True)}
    for f in sorted(free, key=lambda f: (-ranks[f.slot], f.slot))[:count]:
        f.terms.scene = f.terms.reached = True
    pay_the_rest(lever, m)


def demonstrations(lever, m, firms):
    m.offer.sample_push += reached(lever) * strength(lever, m.quarter)
    lift = m.parameters.demonstration_lift * dose(lever, m)
    m.offer.completion_lift += lift
    for f in eligible(lever, m, firms):
        f.terms.result_lift += lift
        f.terms.reached = f.terms.reached or lift != 0
    pay_the_rest(lever, m)


def exchange_platforms(lever, m, firms):
    m.offer.platform_push += reached(lever) * strength(lever, m.quarter)
    m.offer.attraction_lift += m.parameters.contest_attraction * dose(lever, m)
    pay_the_rest(lever, m)


# --- vouchers


def service_voucher(lever, m, firms):
    chosen = eligible(lever, m, firms)
    asks = m.draws(f"ask:{lever.name}", chosen)
    asking = [f for f, u in zip(chosen, asks, strict=True) if u < lever.reach / 4.0]
    how = uses(lever, m, asking)
    paid = grant(lever, m, asking, [lever.face_value if used else 0.0 for used, _ in how])
    for f, (_, additional), money in zip(asking, how, paid, strict=True):
        if additional:
            f.terms.boost += m.parameters.voucher_effect * (money / lever.face_value)
        if money > 0:
            f.terms.reached = True
    m.ledger.pay(lever.name, paid)


def compute_voucher(lever, m, firms):
    chosen = eligible(lever, m, firms)
    how, claims = uses(lever, m, chosen), []
    for f, (used, _) in zip(chosen, how, strict=True):
        bill = lever.compute_share * f.rd_spend / 4.0
        claims.append(min(lever.rate * bill, lever.cap / 4.0) if used else 0.0)
    paid = grant(lever, m, chosen, claims)
    for f, (_, additional), money in zip(chosen, how, paid, strict=True):
        if additional:
            f.terms.rd_extra += money
        else:
            f.terms.grant += money
        if money > 0:
            f.terms.reached = True
    m.ledger.pay(lever.name, paid)


# --- zones


def status_of(zone, level):
    return {"municipal": zone.designated, "provincial": zone.provincial, "national": zone.national}[level]


def pilot_zones(lever, m, firms):
    p, season = m.parameters, m.quarter % 4 + 1
    if lever.level == "municipal":
        if season in lever.batch_quarters:
            m.offer.zone_batch += reached(lever)
        if season in lever.evaluation_quarters:
            m.offer.zone_evaluation = True
    elif lever.level == "provincial":
        m.offer.provincial_push += reached(lever)
    else:
        m.offer.national_push += reached(lever)
    lower = {"municipal": (), "provincial": ("municipal",), "national": ("municipal", "provincial")}[lever.level]
    named, worth = 0, {}
    for zone in m.institutions.pilot_zones:
        if status_of(zone, lever.level) == NEVER:
            continue
        named += 1
        if zone.works:
            second = any(status_of(zone, level) != NEVER for level in lower)
            worth[zone.index + 1] = p.zone_top_tier * (p.zone_upgrade if second else 1.0)
            m.offer.place_lift[zone.district, zone.track] += p.zone_entry * worth[zone.index + 1]
    years = max(p.zone_ramp, 0.25)
    for f in firms:
        if f.zone in worth and f.rd_intensity >= MIN_RD_INTENSITY:
            joined = max(f.zone_since, status_of(m.institutions.pilot_zones[f.zone - 1], lever.level))
            quarters_left = years * 4.0 - (m.quarter - joined - 1)
            part = min(max(quarters_left, 0.0), 1.0) if worth[f.zone] > 0 else 0.0
            f.terms.productivity_lift += part * p.zone_growth * worth[f.zone] / years
            f.terms.reached = f.terms.reached or part > 0
    pay_the_office(lever, m)
    m.ledger.pay_city(lever.name, named * lever.zone_grant / 4.0, named)


def science_park(lever, m, firms):
    lift = m.parameters.park_entry * dose(lever, m)
    for d in lever.eligible.districts or range(len(m.city.districts)):
        for k, track in enumerate(m.city.tracks):
            if track.future:
                m.offer.place_lift[d, k] += lift
    chosen = eligible(lever, m, firms)
    paid = grant(lever, m, chosen, [lever.rent_relief / 4.0] * len(chosen))
    for f, money in zip(chosen, paid, strict=True):
        f.terms.grant += money
        if money > 0:
            f.terms.exit_lift += m.parameters.incubation_exit
            f.terms.reached = True
    m.ledger.pay(lever.name, paid)


OFFERS = {
    "GrowthCoaching": growth_coaching,
    "ComputeSupply": compute_supply,
    "TalentProgramme": talent_programme,
    "LeaderAttraction": leader_attraction,
    "GuidanceFund": guidance_fund,
    "RecognitionAward": recognition_award,
    "SeedlingGrant": seedling_grant,
    "BasicResearch": basic_research,
    "OpenChallenge": open_challenge,
    "PilotPlants": pilot_plants,
    "ConsortiumSupport": consortium_support,
    "ApplicationScenes": application_scenes,
    "Demonstrations": demonstrations,
    "ExchangePlatforms": exchange_platforms,
    "ServiceVoucher": service_voucher,
    "ComputeVoucher": compute_voucher,
    "PilotZones": pilot_zones,
    "SciencePark": science_park,
}
SETTLEMENTS = {"GuidanceFund": guidance_fund_settles, "RecognitionAward": recognition_award_settles}


def band_share(version, revenue):
    """Return the R&D share a rule asks at one revenue: of the first band that reaches it."""
    tops = [band.revenue_up_to for band in version.rd_bands]
    return version.rd_bands[bisect_left(tops, revenue)].at_least


def needed_rd(version, revenue):
    return max(band_share(version, revenue) * revenue, version.min_rd_spend)
