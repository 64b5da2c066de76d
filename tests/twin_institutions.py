"""The few again, one `mesa.Agent` each: zones, consortia, scenes, funds, programmes, districts, and the recognition drive.

`m` is the twin model. Nothing here is taken from `sim.model` or `agents.institutions`: who acts when, and on which draw,
is written out once more.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import mesa
import numpy as np
from scipy.special import ndtri

from agents.enterprises import NEVER, Recognition, Stage

QUEUE = {"consortia": 40, "scenes": 400, "samples": 40, "platforms": 20}
POTENTIAL, CANDIDATE, BUILDING, BUILT = range(4)
FIRST_ROUNDS = {"hnte": 2012, "tech_sme": 2012, "srdi": 2021, "little_giant": 2019, "tech_centre": 2012}
EVENTS = {
    "consortium_formed": "consortia", "scene_list_published": "scenes", "scene_need_listed": "scenes",
    "scene_completed": "scenes_completed", "key_project_listed": "projects", "sample_made": "samples",
    "platform_built": "platforms", "zone_designated": "zones_municipal", "zone_built": "zones_built",
    "zone_provincial": "zones_provincial", "zone_national": "zones_national",
}  # fmt: skip


class Zone(mesa.Agent):
    """A place for a pilot zone: nothing until it is named, then a candidate, building, built."""

    def __init__(self, model, index, district, track):
        super().__init__(model)
        self.index, self.district, self.track = index, district, track
        self.works = self.lot("zone_works", 0) < model.parameters.zone_works
        self.years = model.parameters.zone_build_years * np.exp(0.4 * ndtri(self.lot("zone_due", 0)))
        self.status, self.designated, self.provincial, self.national = POTENTIAL, NEVER, NEVER, NEVER
        self.built = self.due = NEVER

    def lot(self, decision, quarter):
        return float(self.model.streams.uniform(decision, quarter, np.array([self.index]))[0])

    def name(self):
        self.status, self.designated = CANDIDATE, self.model.quarter
        self.due = self.model.quarter + round(4.0 * self.years)

    def raise_to(self, level):
        if getattr(self, level) == NEVER:
            setattr(self, level, self.model.quarter)

    def step(self, offer):
        """Be named or not, go on building, be raised to a higher level or not; where the record tells all, by it alone."""
        m, p = self.model, self.model.parameters
        few = m.institutions
        batch = p.zone_candidates * offer.zone_batch * (1.0 - few.seen("zones_municipal")[1])
        if self.drawn("zone_named", batch) and self.status == POTENTIAL:
            self.name()
        if self.designated != NEVER:
            if self.status == CANDIDATE and m.quarter - self.designated >= 4:
                self.status = BUILDING
            evaluated = offer.zone_evaluation and not few.told_in_full("zones_built")
            if self.status == BUILDING and evaluated and self.due <= m.quarter:
                self.finish()
        if self.drawn("zone_province", few.yearly("zones_provincial", p.provincial_zones, offer.provincial_push) / 4.0):
            self.raise_to("provincial")
        if self.drawn("zone_nation", few.yearly("zones_national", p.national_zones, offer.national_push) / 4.0):
            self.raise_to("national")

    def finish(self):
        if self.designated == NEVER:
            self.name()
            self.due = self.model.quarter
        self.status, self.built = BUILT, self.model.quarter

    def drawn(self, decision, expected):
        """Tell whether the lot falls on this of all places when so many are expected."""
        return self.lot(decision, self.model.quarter) < expected / len(self.model.institutions.pilot_zones)


class Consortium(mesa.Agent):
    """Formed around a leader of a future track, or around a university when there is none."""

    def __init__(self, model, lead=None):
        super().__init__(model)
        self.formed = model.quarter
        self.lead, self.track = (-1, -1) if lead is None else (lead.slot, lead.track)


class Scene(mesa.Agent):
    """A released scene: the draw says whether an enterprise takes it, and when it is completed."""

    def __init__(self, model, u_match, u_delay, lift):
        super().__init__(model)
        p = model.parameters
        odds = p.scene_match / (1.0 - p.scene_match) * np.exp(lift)
        self.matched = u_match < odds / (1.0 + odds)
        self.due = model.quarter + max(round(4.0 * p.scene_years * np.exp(0.4 * ndtri(u_delay))), 1)


class District(mesa.Agent):
    def __init__(self, model, key):
        super().__init__(model)
        self.key, self.moved_in, self.moved_out, self.closed = key, 0, 0, 0


class Account(mesa.Agent):
    """A fund tier or a voucher programme; the name of its numbers is the only difference."""

    def __init__(self, model, money, times):
        super().__init__(model)
        self.money, self.times, self.on_record = money, times, False
        setattr(self, money, 0.0)
        setattr(self, times, 0)

    def record(self, line):
        setattr(self, self.money, getattr(self, self.money) + line["amount"])
        setattr(self, self.times, getattr(self, self.times) + line["payments"])


class Few:
    """All of them in one twin, and what they have brought about."""

    def __init__(self, m):
        self.model = m
        self.pilot_zones, self.consortia, self.scenes = [], [], []
        self.counts = SimpleNamespace(scenes_released=0, scenes_completed=0, scenes_matched=0, samples=0, platforms=0)
        self.districts = [District(m, d.key) for d in m.city.districts]
        self.funds = {tier: Account(m, "invested", "deals") for tier in ("seed", "angel", "venture", "merger")}
        self.programmes = {name: Account(m, "paid", "uses") for name in ("ServiceVoucher", "ComputeVoucher")}
        self.record = [row for row in m.city.events.to_dict("records") if row["quarter"] <= m.as_of]
        for d in range(len(m.city.districts)):
            for k, track in enumerate(m.city.tracks):
                if track.future:
                    self.pilot_zones.append(Zone(m, len(self.pilot_zones), d, k))

    def step(self, offer):
        """Act in the order of the columns: the record, zones, consortia, scenes, samples, platforms."""
        m = self.model
        for row in self.record:
            if row["quarter"] == m.quarter:
                self.repeat(row)
        for zone in self.pilot_zones:
            zone.step(offer)
        p = m.parameters
        leaders = [f for f in m.firms if f.stage == Stage.LEADER and m.city.tracks[f.track].future]
        for _ in range(self.arrivals("consortia", self.yearly("consortia", p.consortia_rate, offer.consortia_push))):
            lead = leaders[len(self.consortia) % len(leaders)] if leaders else None
            self.consortia.append(Consortium(m, lead))
        self.run_scenes(offer)
        self.counts.samples += self.arrivals("samples", self.yearly("samples", p.samples_rate, offer.sample_push))
        self.counts.platforms += self.arrivals("platforms", self.yearly("platforms", p.platforms_rate, offer.platform_push))
        self.counts.samples += self.seen("samples")[0]
        self.counts.platforms += self.seen("platforms")[0]

    def seen(self, count):
        """Return how many are on record this quarter, and what part of all that happens the record holds (all: 1)."""
        m, mine = self.model, [x for x in self.model.city.series.covered if EVENTS[x.event] == count]
        rows = [r for r in self.record if r["quarter"] == m.quarter and EVENTS.get(r["kind"]) == count]
        number = sum(r["count"] for r in rows)
        if m.quarter < min([x.since for x in mine], default=m.as_of + 1) or self.told_in_full(count):
            return number, 1.0
        partly = any(self.speaks(x) for x in mine)
        return number, m.parameters.record_seen if partly else 0.0

    def speaks(self, entry):
        """Tell whether an entry of coverage speaks of this quarter, as far as the origin knows."""
        m = self.model
        known = entry.to is not None and (entry.to if entry.at_once else entry.since) <= m.as_of
        return known and entry.since <= m.quarter <= min(entry.to, m.as_of)

    def told_in_full(self, count):
        return any(x.complete and self.speaks(x) for x in self.model.city.series.covered if EVENTS[x.event] == count)

    def yearly(self, count, rate, push):
        """Return the yearly rate of what is not on record: pushed by policy, but for the part that happens anyway."""
        anyway = getattr(self.model.parameters, f"spontaneous_{count.removeprefix('zones_')}")
        return (1.0 - self.seen(count)[1]) * rate * (push * (1.0 - anyway) + anyway)

    def repeat(self, row):
        """Let what is on record happen."""
        if row["kind"] == "consortium_formed":
            self.consortia += [Consortium(self.model) for _ in range(row["count"])]
        elif row["kind"].startswith("fund_invested_"):
            self.funds[row["kind"].removeprefix("fund_invested_")].on_record = True
        elif row["kind"] in ("zone_designated", "zone_built", "zone_provincial", "zone_national"):
            for zone in self.places_of(row):
                if row["kind"] == "zone_designated":
                    zone.name()
                elif row["kind"] == "zone_built":
                    zone.finish()
                else:
                    zone.raise_to(row["kind"].removeprefix("zone_"))

    def places_of(self, row):
        city = self.model.city
        if row["district"] and row["track"] and row["district"] == row["district"] and row["track"] == row["track"]:
            d = [x.key for x in city.districts].index(row["district"])
            k = [x.key for x in city.tracks].index(row["track"])
            return [z for z in self.pilot_zones if z.district == d and z.track == k]
        wanted = (CANDIDATE, BUILDING) if row["kind"] == "zone_built" else (POTENTIAL,)
        free = [z for z in self.pilot_zones if z.status in wanted]
        return sorted(free, key=lambda z: z.lot("zone_on_record", self.model.quarter))[: row["count"]]

    def arrivals(self, kind, yearly):
        """Count the possible events of the quarter that happen."""
        chance = yearly / 4.0 / QUEUE[kind]
        return sum(u < chance for u in self.model.draws_of(kind, range(QUEUE[kind])))

    def run_scenes(self, offer):
        m = self.model
        released = self.arrivals("scenes", self.yearly("scenes", m.parameters.scenes_rate, offer.scene_push))
        released += self.seen("scenes")[0]
        lots = zip(*(m.draws_of(d, range(released)) for d in ("scene_match", "delay:scenes")), strict=True)
        new = [Scene(m, u_match, u_delay, offer.completion_lift) for u_match, u_delay in lots]
        self.scenes += new
        completed = self.complete([s for s in self.scenes if s.matched and s.due == m.quarter])
        self.counts.scenes_matched = sum(s.matched for s in new)
        self.counts.scenes_released += released
        self.counts.scenes_completed += completed
        m.flows.update(Counter(scenes_released=released, scenes_completed=completed))


    def complete(self, ready):
        """Return how many scenes are completed: those that are ready, but where the record tells all, as it tells."""
        on_record = self.seen("scenes_completed")[0]
        if not self.told_in_full("scenes_completed"):
            return len(ready) + on_record
        for scene in ready[on_record:]:
            scene.due += 1
        return on_record


def applies_a_year(m, kind):
    """Return at which yearly rate the eligible apply for a recognition: every year's step is one parameter."""
    p, key = m.parameters, kind.name.lower()
    rate, year = getattr(p, f"{key}_apply"), FIRST_ROUNDS[key]
    while year < min(m.quarter // 4, 2030):
        year += 1
        rate *= np.exp(getattr(p, f"drive_{key}_{year}"))
    return rate


def passes(m, kind):
    return m.parameters.hnte_pass * m.parameters.hnte_filing if kind == Recognition.HNTE else 1.0
