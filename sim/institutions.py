"""What happens to the few this quarter: zones, consortia, scenes, samples, platforms, key results.

Everything here is thinned from fixed queues with addressed draws, so policy changes what happens but
never which draw decides it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from agents.enterprises import NEVER, Stage
from agents.institutions import Consortium, PilotZone, Status
from agents.table import Bools, Floats

if TYPE_CHECKING:
    from sim.city import City
    from sim.levers.desk import CityTerms
    from sim.model import IndustryModel

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
    columns = city.events[["quarter", "kind", "count", "district", "track"]]
    for when, kind, count, district, track in columns.itertuples(index=False, name=None):
        if when <= as_of:
            out.setdefault(int(when), []).append((str(kind), int(count), district, track))
    return out


def _on_record(m: IndustryModel) -> None:
    """Repeat the city's dated facts of this quarter that were known by the origin."""
    for kind, count, district, track in m.facts.get(m.quarter, []):
        if kind == "zone_provincial":
            for zone in _sites(m, district, track, count):
                zone.provincial = m.quarter
        elif kind == "zone_designated":
            for zone in _sites(m, district, track, count):
                _designate(m, zone)
        elif kind == "consortium_formed":
            for consortium in [c for c in m.consortia if c.formed == NEVER][:count]:
                consortium.form(m.quarter, -1, -1)


def _sites(m: IndustryModel, district: object, track: object, count: int) -> list[PilotZone]:
    """Return the zones a fact names, or, where it names none, potential zones by lot."""
    if isinstance(district, str) and district and isinstance(track, str) and track:
        d, k = m.city.district_index(district), m.city.track_index(track)
        return [z for z in m.pilot_zones if (z.district, z.track) == (d, k)]
    free = [z for z in m.pilot_zones if z.status == Status.POTENTIAL]
    lot = m.streams.uniform("zone_on_record", m.quarter, np.array([z.index for z in free]))
    return [free[i] for i in np.argsort(lot, kind="stable")[:count]]


def _designate(m: IndustryModel, zone: PilotZone) -> None:
    """Name a zone as a candidate; how long it takes to build is fixed for life."""
    p, at = m.parameters, np.array([zone.index])
    slow = float(ndtri(m.streams.uniform("zone_due", 0, at)[0]))
    zone.designate(m.quarter, m.quarter + round(4.0 * p.zone_build_years * np.exp(BUILD_SPREAD * slow)))


def _zones(m: IndustryModel, offer: CityTerms) -> None:
    zones: list[PilotZone] = m.pilot_zones
    at = np.arange(len(zones))
    p = m.parameters
    if m.quarter <= m.as_of:  # lists of zones are public: up to the origin, the record is all there is
        offer.zone_batch = offer.provincial_push = offer.national_push = 0.0
    named = m.streams.uniform("zone_named", m.quarter, at) < p.zone_candidates * offer.zone_batch / len(zones)
    rate = p.provincial_zones * offer.provincial_push / 4.0 / len(zones)
    promoted = m.streams.uniform("zone_province", m.quarter, at) < rate
    rate = p.national_zones * offer.national_push / 4.0 / len(zones)
    raised = m.streams.uniform("zone_nation", m.quarter, at) < rate
    for zone in zones:
        i = zone.index
        if named[i] and zone.status == Status.POTENTIAL:
            _designate(m, zone)
        zone.advance(m.quarter, offer.zone_evaluation)
        if promoted[i] and zone.provincial == NEVER:
            zone.provincial = m.quarter
        if raised[i] and zone.national == NEVER:
            zone.national = m.quarter


def _consortia(m: IndustryModel, offer: CityTerms) -> None:
    e = m.enterprises
    leading = np.flatnonzero(e.stage == Stage.LEADER)
    leading = leading[m.city_codes.future[e.track[leading]]]
    leading = leading[np.argsort(e.slot[leading])]
    rate = m.parameters.consortia_rate * offer.consortia_push
    waiting = [c for c in m.consortia if c.formed == NEVER]
    new: list[Consortium] = waiting[: int(happens(m, "consortia", rate).sum())]
    for c in new:
        if len(leading):
            row = leading[c.index % len(leading)]
            c.form(m.quarter, int(e.slot[row]), int(e.track[row]))
        else:
            c.form(m.quarter, -1, -1)


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
