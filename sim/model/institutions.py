"""What happens to the few this quarter: zones, consortia, scenes, samples, platforms, key results.

Everything here is thinned from fixed queues with addressed draws, so policy changes what happens but
never which draw decides it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from agents.enterprises import NEVER, Stage
from agents.institutions import Consortium, PilotZone, Status
from agents.table import Bools, Floats, rows_where

if TYPE_CHECKING:
    from sim.city.city import City
    from sim.levers.context import CityTerms
    from sim.model.model import IndustryModel

QUEUES = {"consortia": 40, "scenes": 400, "samples": 40, "platforms": 20}
"""Possible events of each kind in a quarter; rates are thinned from these."""
SCENE_SPREAD = 0.4
"""Spread of the log time to complete a scene; an assumption."""
BUILD_SPREAD = 0.4
"""Spread of the log building time between the zones of one city; an assumption."""


@dataclass(slots=True)
class Counts:
    """Running totals of institutional results, and scenes under way."""

    scenes_matched: int = 0  # of this quarter's release; they get their enterprise in the next
    scenes_released: int = 0
    scenes_completed: int = 0
    samples: int = 0
    platforms: int = 0
    scenes_due: dict[int, int] = field(default_factory=dict)  # quarter -> scenes to complete


def happens(m: IndustryModel, kind: str, yearly_rate: float) -> Bools:
    """Thin the quarter's queue of `kind` so that `yearly_rate` a year are expected, (queue,)."""
    n = QUEUES[kind]
    if yearly_rate <= 0.0:
        return np.zeros(n, bool)
    u = m.streams.uniform(kind, m.quarter, np.arange(n))
    return u < min(yearly_rate / 4.0 / n, 1.0)


def delay(m: IndustryModel, kind: str, n: int, *, median_years: float, s: float) -> Floats:
    """Draw log-normal delays, (n,), in quarters, at least one."""
    u = m.streams.uniform(f"delay:{kind}", m.quarter, np.arange(n))
    return np.maximum(np.rint(4.0 * median_years * np.exp(s * ndtri(u))), 1.0)


def run(m: IndustryModel, offer: CityTerms) -> None:
    """Let every institution act once; up to the origin, what is on record happens as it did."""
    _on_record(m)
    _zones(m, offer)
    _consortia(m, offer)
    _scenes(m, offer)
    p = m.parameters
    m.counts.samples += int(happens(m, "samples", p.samples_rate * offer.sample_push).sum())
    m.counts.platforms += int(happens(m, "platforms", p.platforms_rate * offer.platform_push).sum())


Fact = tuple[str, int, object, object]
"""Kind, count, district, track of something on record."""


def facts_by_quarter(city: City, as_of: int) -> dict[int, list[Fact]]:
    """Return the city's dated facts up to the origin, by quarter."""
    out: dict[int, list[Fact]] = {}
    columns = (city.events[name].tolist() for name in ("quarter", "kind", "count", "district", "track"))
    for when, kind, count, district, track in zip(*columns, strict=True):
        if when <= as_of:
            out.setdefault(int(when), []).append((str(kind), int(count), district, track))
    return out


def _on_record(m: IndustryModel) -> None:
    """Repeat the city's dated facts of this quarter that were known by the origin."""
    for kind, count, district, track in m.facts.get(m.quarter, []):
        if kind == "zone_provincial":
            for zone in _sites(m, district, track, count):
                zone.promote("provincial", m.quarter)
        elif kind == "zone_designated":
            for zone in _sites(m, district, track, count):
                _designate(m, zone)
        elif kind == "consortium_formed":
            m.consortia += [Consortium(m, m.quarter, -1, -1) for _ in range(count)]


def _sites(m: IndustryModel, district: object, track: object, count: int) -> list[PilotZone]:
    """Return the zones a fact names, or, where it names none, potential zones by lot."""
    if isinstance(district, str) and district and isinstance(track, str) and track:
        d, k = m.city.district_index(district), m.city.track_index(track)
        return [z for z in m.pilot_zones if (z.district, z.track) == (d, k)]
    free = [z for z in m.pilot_zones if z.status == Status.POTENTIAL]
    lot = m.streams.uniform("zone_on_record", m.quarter, np.array([z.index for z in free]))
    return [free[i] for i in np.argsort(lot, kind="stable")[:count]]


def possible_zones(m: IndustryModel) -> list[PilotZone]:
    """Return a possible pilot zone for every future track of every district, with what is fixed for life."""
    future = [k for k, track in enumerate(m.city.tracks) if track.future]
    places = [(d, k) for d in range(len(m.city.districts)) for k in future]
    at = np.arange(len(places))
    works = m.streams.uniform("zone_works", 0, at) < m.parameters.zone_works
    slow = ndtri(m.streams.uniform("zone_due", 0, at))
    return [PilotZone(m, (i, *place), bool(works[i]), float(slow[i])) for i, place in enumerate(places)]


def _designate(m: IndustryModel, zone: PilotZone) -> None:
    """Name a zone as a candidate; how long it takes to build is fixed for life."""
    years = m.parameters.zone_build_years * math.exp(BUILD_SPREAD * zone.slow)
    zone.designate(m.quarter, m.quarter + round(4.0 * years))


def _zones(m: IndustryModel, offer: CityTerms) -> None:
    p = m.parameters
    if m.quarter <= m.as_of:  # lists of zones are public: up to the origin, the record is all there is
        offer.zone_batch = offer.provincial_push = offer.national_push = 0.0
    for zone in _struck(m, "zone_named", p.zone_candidates * offer.zone_batch):
        if zone.status == Status.POTENTIAL:
            _designate(m, zone)
    for zone in m.pilot_zones:
        if zone.designated != NEVER:
            zone.advance(m.quarter, offer.zone_evaluation)
    for zone in _struck(m, "zone_province", p.provincial_zones * offer.provincial_push / 4.0):
        zone.promote("provincial", m.quarter)
    for zone in _struck(m, "zone_nation", p.national_zones * offer.national_push / 4.0):
        zone.promote("national", m.quarter)


def _struck(m: IndustryModel, decision: str, expected: float) -> list[PilotZone]:
    """Thin the possible zones so that `expected` of them are struck this quarter."""
    if expected <= 0.0:
        return []
    u = m.streams.uniform(decision, m.quarter, np.arange(len(m.pilot_zones)))
    return [m.pilot_zones[i] for i in np.flatnonzero(u < expected / len(m.pilot_zones))]


def _consortia(m: IndustryModel, offer: CityTerms) -> None:
    rate = m.parameters.consortia_rate * offer.consortia_push
    count = int(np.count_nonzero(happens(m, "consortia", rate)))
    if not count:
        return
    e = m.enterprises
    leading = rows_where((e.stage == Stage.LEADER.value) & e.future)
    leading = leading[np.argsort(e.slot[leading])]
    for at in range(len(m.consortia), len(m.consortia) + count):
        if len(leading):
            row = leading[at % len(leading)]
            m.consortia.append(Consortium(m, m.quarter, int(e.slot[row]), int(e.track[row])))
        else:
            m.consortia.append(Consortium(m, m.quarter, -1, -1))


def _scenes(m: IndustryModel, offer: CityTerms) -> None:
    p, counts = m.parameters, m.counts
    released = int(happens(m, "scenes", p.scenes_rate * offer.scene_push).sum())
    u = m.streams.uniform("scene_match", m.quarter, np.arange(released))
    lags = delay(m, "scenes", released, median_years=p.scene_years, s=SCENE_SPREAD)
    odds = p.scene_match / (1.0 - p.scene_match) * np.exp(offer.completion_lift)
    matched = u < odds / (1.0 + odds)
    counts.scenes_matched = int(matched.sum())
    for lag in lags[matched]:
        due = m.quarter + int(lag)
        counts.scenes_due[due] = counts.scenes_due.get(due, 0) + 1
    counts.scenes_released += released
    done = counts.scenes_due.pop(m.quarter, 0)
    counts.scenes_completed += done
    m.flows["scenes_released"] += released
    m.flows["scenes_completed"] += done
