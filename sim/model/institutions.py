"""What happens to the few this quarter: zones, consortia, scenes, samples, platforms, key results.

Everything here is thinned from fixed queues with addressed draws, so policy changes what happens but
never which draw decides it.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from agents.enterprises import NEVER, Stage
from agents.institutions import DistrictAccount, FundTier, PilotZone, Status, VoucherProgramme
from agents.table import Bools, Floats, rows_where
from sim.levers.base import LEVERS
from sim.levers.context import CityTerms
from sim.levers.funding import TIER_ROUNDS
from sim.state.state import State

QUEUES = {"consortia": 40, "scenes": 400, "samples": 40, "platforms": 20}
"""Possible events of each kind in a quarter; rates are thinned from these."""
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
    """Let every institution act once; up to the origin, what is on record happens as it did."""
    # the record first, so that this quarter's own decisions find its zones named already
    _on_record(s)
    _zones(s, offer)
    _consortia(s, offer)
    _scenes(s, offer)
    p = s.parameters
    s.institutions.counts.samples += int(happens(s, "samples", p.samples_rate * offer.sample_push).sum())
    s.institutions.counts.platforms += int(happens(s, "platforms", p.platforms_rate * offer.platform_push).sum())


def _on_record(s: State) -> None:
    """Repeat the city's dated facts of this quarter that were known by the origin."""
    for kind, count, district, track in s.facts.get(s.quarter, []):
        if kind == "zone_provincial":
            for zone in _sites(s, district, track, count):
                zone.promote("provincial", s.quarter)
        elif kind == "zone_designated":
            for zone in _sites(s, district, track, count):
                _designate(s, zone)
        elif kind == "consortium_formed":
            for _ in range(count):
                s.institutions.form_consortium(s.quarter)


def _sites(s: State, district: object, track: object, count: int) -> list[PilotZone]:
    """Return the zones a fact names, or, where it names none, potential zones by lot."""
    if isinstance(district, str) and district and isinstance(track, str) and track:
        d, k = s.city.district_index(district), s.city.track_index(track)
        return [z for z in s.institutions.pilot_zones if (z.district, z.track) == (d, k)]
    free = [z for z in s.institutions.pilot_zones if z.status == Status.POTENTIAL]
    lottery = s.streams.uniform("zone_on_record", s.quarter, np.array([z.index for z in free]))
    return [free[i] for i in np.argsort(lottery, kind="stable")[:count]]


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
    p = s.parameters
    if s.quarter <= s.as_of:  # lists of zones are public: up to the origin, the record is all there is
        offer.zone_batch = offer.provincial_push = offer.national_push = 0.0
    for zone in _thinned(s, "zone_named", p.zone_candidates * offer.zone_batch):
        if zone.status == Status.POTENTIAL:
            _designate(s, zone)
    for zone in s.institutions.pilot_zones:
        if zone.designated != NEVER:
            zone.advance(s.quarter, offer.zone_evaluation)
    for zone in _thinned(s, "zone_province", p.provincial_zones * offer.provincial_push / 4.0):
        zone.promote("provincial", s.quarter)
    for zone in _thinned(s, "zone_nation", p.national_zones * offer.national_push / 4.0):
        zone.promote("national", s.quarter)


def _thinned(s: State, decision: str, expected: float) -> list[PilotZone]:
    """Thin the possible zones so that `expected` of them are struck this quarter."""
    if expected <= 0.0:
        return []
    u = s.streams.uniform(decision, s.quarter, np.arange(len(s.institutions.pilot_zones)))
    return [s.institutions.pilot_zones[i] for i in np.flatnonzero(u < expected / len(s.institutions.pilot_zones))]


def _consortia(s: State, offer: CityTerms) -> None:
    rate = s.parameters.consortia_rate * offer.consortia_push
    count = int(np.count_nonzero(happens(s, "consortia", rate)))
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
    released = int(happens(s, "scenes", p.scenes_rate * offer.scene_push).sum())
    u = s.streams.uniform("scene_match", s.quarter, np.arange(released))
    lags = delay(s, "scenes", released, median_years=p.scene_years, sigma=SCENE_SPREAD)
    odds = p.scene_match / (1.0 - p.scene_match) * np.exp(offer.completion_lift)
    matched = u < odds / (1.0 + odds)
    counts.scenes_matched = int(matched.sum())
    for lag in lags[matched]:
        due = s.quarter + int(lag)
        counts.scenes_due[due] = counts.scenes_due.get(due, 0) + 1
    counts.scenes_released += released
    done = counts.scenes_due.pop(s.quarter, 0)
    counts.scenes_completed += done
    s.flows["scenes_released"] += released
    s.flows["scenes_completed"] += done
