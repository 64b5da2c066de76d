"""What happens to the few this quarter: zones, consortia, scenes, samples, platforms, key results.

Everything here is thinned from fixed queues with addressed draws, so policy changes what happens but
never which draw decides it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import ndtri

from agents.enterprises import NEVER, Stage
from agents.institutions import DistrictAccount, FundTier, PilotZone, Status, VoucherProgramme, push_in_all
from agents.table import Bools, Floats, rows_where
from sim.city.events import FUND_INVESTED
from sim.city.facts import Fact
from sim.levers.base import LEVERS
from sim.levers.context import CityTerms
from sim.levers.funding import TIER_ROUNDS
from sim.state.state import State

QUEUES = {"consortia": 40, "scenes": 400, "samples": 40, "platforms": 20}
"""Possible events of each kind in a quarter; rates are thinned from these."""
RATE_OF = {
    "consortia": "consortia_rate",
    "scenes": "scenes_rate",
    "projects": "projects_rate",
    "samples": "samples_rate",
    "platforms": "platforms_rate",
    "zones_municipal": "zone_candidates",
    "zones_provincial": "provincial_zones",
    "zones_national": "national_zones",
}
"""The parameter that says how often the events of a count happen under a plan of usual size."""
ANYWAY_OF = {
    "consortia": "spontaneous_consortia",
    "scenes": "spontaneous_scenes",
    "samples": "spontaneous_samples",
    "platforms": "spontaneous_platforms",
    "zones_provincial": "spontaneous_provincial",
    "zones_national": "spontaneous_national",
}
"""The share of these that happens without a plan; the city's own projects and its list of zones are policy's alone."""
SCENE_SPREAD = 0.4
"""Spread of the log time to complete a scene; an assumption."""
BUILD_SPREAD = 0.4
"""Spread of the log building time between the zones of one city; an assumption."""


def happens(s: State, kind: str, yearly_rate: float) -> Bools:
    """Thin the quarter's queue of `kind` so that `yearly_rate` a year are expected, (queue,)."""
    n = QUEUES[kind]
    if yearly_rate <= 0.0:
        return np.zeros(n, bool)
    # addressed by the place in the queue: a higher rate adds events and keeps those of a lower one
    u = s.streams.uniform(kind, s.quarter, np.arange(n))
    return u < min(yearly_rate / 4.0 / n, 1.0)


def delay(s: State, kind: str, n: int, *, median_years: float, sigma: float) -> Floats:
    """Draw log-normal delays, (n,), in quarters, at least one."""
    u = s.streams.uniform(f"delay:{kind}", s.quarter, np.arange(n))
    return np.maximum(np.rint(4.0 * median_years * np.exp(sigma * ndtri(u))), 1.0)


def run(s: State, offer: CityTerms) -> None:
    """Let every institution act once; in quarters that are covered, what is on record happens as it did."""
    # the record first, so that this quarter's own decisions find its zones named already
    _on_record(s)
    _zones(s, offer)
    _consortia(s, offer)
    _scenes(s, offer)
    s.institutions.counts.samples += _arrivals(s, "samples", offer.sample_push)
    s.institutions.counts.platforms += _arrivals(s, "platforms", offer.platform_push)


def _arrivals(s: State, count: str, push: float) -> int:
    """Return how many events of a count there are this quarter: those on record, and those that happen beside it."""
    return s.record.number(count, s.quarter) + int(np.count_nonzero(happens(s, count, _beside(s, count, push))))


def _beside(s: State, count: str, push: float) -> float:
    """Return the yearly rate, or that by batch, of what is not on record: some anyway, the rest as policy pushes."""
    p = s.parameters
    anyway = getattr(p, ANYWAY_OF[count]) if count in ANYWAY_OF else 0.0
    unseen = s.record.unseen(count, s.quarter, p.record_seen)
    return float(unseen * getattr(p, RATE_OF[count]) * push_in_all(anyway, push))


def _on_record(s: State) -> None:
    """Repeat the city's dated facts of this quarter that name an institution and were known by the origin."""
    acts: dict[str, Callable[[PilotZone], None]] = {
        "zone_designated": partial(_designate, s),
        "zone_built": lambda zone: zone.build(s.quarter),
        "zone_provincial": lambda zone: zone.promote("provincial", s.quarter),
        "zone_national": lambda zone: zone.promote("national", s.quarter),
    }
    for fact in s.record.facts.get(s.quarter, []):
        if fact.kind in acts:
            for zone in _sites(s, fact):
                acts[fact.kind](zone)
        elif fact.kind == "consortium_formed":
            for _ in range(fact.number):
                s.institutions.form_consortium(s.quarter)
        elif fact.kind in FUND_INVESTED:
            s.institutions.funds[FUND_INVESTED[fact.kind]].on_record = True


def _sites(s: State, fact: Fact) -> list[PilotZone]:
    """Return the zones a fact names, or, where it names none, possible ones by lot: built are those on the list."""
    if isinstance(fact.district, str) and fact.district and isinstance(fact.track, str) and fact.track:
        d, k = s.city.district_index(fact.district), s.city.track_index(fact.track)
        return [z for z in s.institutions.pilot_zones if (z.district, z.track) == (d, k)]
    before = (Status.CANDIDATE, Status.BUILDING) if fact.kind == "zone_built" else (Status.POTENTIAL,)
    free = [z for z in s.institutions.pilot_zones if z.status in before]
    lottery = s.streams.uniform("zone_on_record", s.quarter, np.array([z.index for z in free], np.int64))
    return [free[i] for i in np.argsort(lottery, kind="stable")[: fact.number]]


def gather(s: State) -> None:
    """Set up the institutions that are there from the opening on."""
    few = s.institutions
    few.pilot_zones = _possible_zones(s)
    few.funds = {tier: FundTier(few.model, tier) for tier in TIER_ROUNDS}
    programmes = [cls.programme for cls in LEVERS.values() if cls.programme]
    few.programmes = {name: VoucherProgramme(few.model, name) for name in programmes}
    few.districts = [DistrictAccount(few.model, i, d.key) for i, d in enumerate(s.city.districts)]


def _possible_zones(s: State) -> list[PilotZone]:
    """Return a possible pilot zone for every future track of every district, with what is fixed for life."""
    future = [k for k, track in enumerate(s.city.tracks) if track.future]
    places = [(d, k) for d in range(len(s.city.districts)) for k in future]
    at = np.arange(len(places))
    # addressed by the zone alone, at quarter 0: it is so for life, whatever happens to the zone and when
    works = s.streams.uniform("zone_works", 0, at) < s.parameters.zone_works
    slow = ndtri(s.streams.uniform("zone_due", 0, at))
    model = s.institutions.model
    return [PilotZone(model, (i, *place), bool(works[i]), float(slow[i])) for i, place in enumerate(places)]


def _designate(s: State, zone: PilotZone) -> None:
    """Name a zone as a candidate; how long it takes to build is fixed for life."""
    years = s.parameters.zone_build_years * math.exp(BUILD_SPREAD * zone.slow)
    zone.designate(s.quarter, s.quarter + round(4.0 * years))


def _zones(s: State, offer: CityTerms) -> None:
    for zone in _thinned(s, "zone_named", _beside(s, "zones_municipal", offer.zone_batch)):
        if zone.status == Status.POTENTIAL:
            _designate(s, zone)
    evaluated = offer.zone_evaluation and not s.record.covers("zones_built", s.quarter)
    for zone in s.institutions.pilot_zones:
        if zone.designated != NEVER:
            zone.advance(s.quarter, evaluated)
    for zone in _thinned(s, "zone_province", _beside(s, "zones_provincial", offer.provincial_push) / 4.0):
        zone.promote("provincial", s.quarter)
    for zone in _thinned(s, "zone_nation", _beside(s, "zones_national", offer.national_push) / 4.0):
        zone.promote("national", s.quarter)


def _thinned(s: State, decision: str, expected: float) -> list[PilotZone]:
    """Thin the possible zones so that `expected` of them are struck this quarter."""
    if expected <= 0.0:
        return []
    u = s.streams.uniform(decision, s.quarter, np.arange(len(s.institutions.pilot_zones)))
    return [s.institutions.pilot_zones[i] for i in np.flatnonzero(u < expected / len(s.institutions.pilot_zones))]


def _consortia(s: State, offer: CityTerms) -> None:
    count = int(np.count_nonzero(happens(s, "consortia", _beside(s, "consortia", offer.consortia_push))))
    if not count:
        return
    e = s.enterprises
    leading = rows_where((e.stage == Stage.LEADER.value) & e.future)
    # in the order of slots, since that of rows means nothing (`agents.table`); around each leader in turn
    leading = leading[np.argsort(e.slot[leading])]
    for at in range(len(s.institutions.consortia), len(s.institutions.consortia) + count):
        if len(leading):
            row = leading[at % len(leading)]
            s.institutions.form_consortium(s.quarter, int(e.slot[row]), int(e.track[row]))
        else:
            s.institutions.form_consortium(s.quarter)


def _scenes(s: State, offer: CityTerms) -> None:
    p, counts = s.parameters, s.institutions.counts
    released = _arrivals(s, "scenes", offer.scene_push)
    u = s.streams.uniform("scene_match", s.quarter, np.arange(released))
    lags = delay(s, "scenes", released, median_years=p.scene_years, sigma=SCENE_SPREAD)
    odds = p.scene_match / (1.0 - p.scene_match) * np.exp(offer.completion_lift)
    matched = u < odds / (1.0 + odds)
    counts.scenes_matched = int(matched.sum())
    for lag in lags[matched]:
        due = s.quarter + int(lag)
        counts.scenes_due[due] = counts.scenes_due.get(due, 0) + 1
    counts.scenes_released += released
    done = _completed(s)
    counts.scenes_completed += done
    s.flows["scenes_released"] += released
    s.flows["scenes_completed"] += done


def _completed(s: State) -> int:
    """Complete the scenes that are due; where completions are on record, those are all, and the others go on."""
    due, done = s.institutions.counts.scenes_due, s.record.number("scenes_completed", s.quarter)
    waiting = due.pop(s.quarter, 0)
    if not s.record.covers("scenes_completed", s.quarter):
        return waiting + done
    if waiting > done:
        due[s.quarter + 1] = due.get(s.quarter + 1, 0) + waiting - done
    return done
