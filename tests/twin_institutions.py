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
        """Be named or not, go on building, be raised to a higher level or not; by the record alone up to the origin."""
        m, p = self.model, self.model.parameters
        draws = m.quarter > m.as_of
        if draws and self.drawn("zone_named", p.zone_candidates * offer.zone_batch) and self.status == POTENTIAL:
            self.name()
        if self.designated != NEVER:
            if self.status == CANDIDATE and m.quarter - self.designated >= 4:
                self.status = BUILDING
            if self.status == BUILDING and offer.zone_evaluation and self.due <= m.quarter:
                self.status, self.built = BUILT, m.quarter
        if draws and self.drawn("zone_province", p.provincial_zones * offer.provincial_push / 4.0):
            self.raise_to("provincial")
        if draws and self.drawn("zone_nation", p.national_zones * offer.national_push / 4.0):
            self.raise_to("national")

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
        self.money, self.times = money, times
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
        for _ in range(self.arrivals("consortia", p.consortia_rate * offer.consortia_push)):
            lead = leaders[len(self.consortia) % len(leaders)] if leaders else None
            self.consortia.append(Consortium(m, lead))
        self.run_scenes(offer)
        self.counts.samples += self.arrivals("samples", p.samples_rate * offer.sample_push)
        self.counts.platforms += self.arrivals("platforms", p.platforms_rate * offer.platform_push)

    def repeat(self, row):
        """Let what is on record happen."""
        if row["kind"] == "consortium_formed":
            self.consortia += [Consortium(self.model) for _ in range(row["count"])]
        elif row["kind"] in ("zone_designated", "zone_provincial"):
            for zone in self.places_of(row):
                if row["kind"] == "zone_designated":
                    zone.name()
                else:
                    zone.raise_to("provincial")

    def places_of(self, row):
        city = self.model.city
        if row["district"] and row["track"] and row["district"] == row["district"] and row["track"] == row["track"]:
            d = [x.key for x in city.districts].index(row["district"])
            k = [x.key for x in city.tracks].index(row["track"])
            return [z for z in self.pilot_zones if z.district == d and z.track == k]
        free = [z for z in self.pilot_zones if z.status == POTENTIAL]
        return sorted(free, key=lambda z: z.lot("zone_on_record", self.model.quarter))[: row["count"]]

    def arrivals(self, kind, yearly):
        """Count the possible events of the quarter that happen."""
        chance = yearly / 4.0 / QUEUE[kind]
        return sum(u < chance for u in self.model.draws_of(kind, range(QUEUE[kind])))

    def run_scenes(self, offer):
        m = self.model
        released = self.arrivals("scenes", m.parameters.scenes_rate * offer.scene_push)
        lots = zip(*(m.draws_of(d, range(released)) for d in ("scene_match", "delay:scenes")), strict=True)
        new = [Scene(m, u_match, u_delay, offer.completion_lift) for u_match, u_delay in lots]
        self.scenes += new
        completed = sum(s.matched and s.due == m.quarter for s in self.scenes)
        self.counts.scenes_matched = sum(s.matched for s in new)
        self.counts.scenes_released += released
        self.counts.scenes_completed += completed
        m.flows.update(Counter(scenes_released=released, scenes_completed=completed))


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
