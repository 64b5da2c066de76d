"""Zones, consortia, scenes, samples and platforms in one quarter, on draws that are said."""

from dataclasses import replace

import numpy as np
import pytest

from agents.enterprises import NEVER, Stage
from agents.institutions import Status
from agents.parameters import Parameters
from sim import quarter
from sim.city.facts import CoveredSpan, Fact, PublicRecord
from sim.levers.context import CityTerms
from sim.model import institutions

LATE = "2026Q1"
"""After the origin, so that lots decide and not the record."""
UNPROMPTED = {f"spontaneous_{x}": 0.0 for x in ("consortia", "scenes", "samples", "platforms", "provincial", "national")}
"""Nothing happens without policy."""


def record(*facts, now=LATE, spans=None, begins="2012Q4"):
    """Return a public record with facts of one quarter; every count begins in `begins`, and `spans` are covered."""
    start = quarter.parse(begins)
    covered = {count: (CoveredSpan(start, quarter.parse(now), complete, False, 1.0),) for count, complete in (spans or {}).items()}
    return PublicRecord({quarter.parse(now): list(facts)}, covered, dict.fromkeys(institutions.RATE_OF, start), start)


def offer(s, **pushes):
    return replace(CityTerms.blank(len(s.city.districts), len(s.city.tracks)), **pushes)


def test_there_is_a_place_for_a_zone_in_every_future_track_of_every_district(by_hand, city):
    s = by_hand(0)
    places = {(z.district, z.track) for z in s.institutions.pilot_zones}
    future = {k for k, t in enumerate(city.tracks) if t.future}
    assert places == {(d, k) for d in range(len(city.districts)) for k in future}
    assert [z.index for z in s.institutions.pilot_zones] == list(range(len(places)))
    assert all(z.status == Status.POTENTIAL and z.since == NEVER for z in s.institutions.pilot_zones)


def test_events_are_thinned_from_a_queue(by_hand):
    """Eight samples a year are two a quarter, of forty places: each has a chance of 0.05."""
    s = by_hand(0, draws={"samples": [0.049, 0.051, *[0.9] * 37, 0.01]})
    assert np.flatnonzero(institutions.happens(s, "samples", 8.0)).tolist() == [0, 39]
    assert institutions.happens(s, "samples", 1e6).all()
    assert not institutions.happens(s, "samples", 0.0).any()


def test_a_zone_is_named_built_and_evaluated(by_hand):
    s = by_hand(0, now=LATE, parameters=Parameters(**UNPROMPTED, zone_candidates=1.0, zone_build_years=2.0), draws={"zone_named": 1.0})
    zones = s.institutions.pilot_zones
    s.streams.said["zone_named"] = [1.0 / len(zones) - 1e-9, *[1.0 / len(zones) + 1e-9] * (len(zones) - 1)]
    institutions.run(s, offer(s, zone_batch=1.0))
    zone, named = zones[0], s.quarter
    assert [z.index for z in zones if z.status == Status.CANDIDATE] == [0]
    assert (zone.designated, zone.since, zone.due) == (named, named, named + 8)
    statuses = []
    for quarters in (3, 4, 8, 9):
        s.quarter = named + quarters
        institutions.run(s, offer(s, zone_batch=1.0, zone_evaluation=quarters != 8))  # a lot does not name it again
        statuses.append(zone.status)
    assert statuses == [Status.CANDIDATE, Status.BUILDING, Status.BUILDING, Status.BUILT]
    assert (zone.designated, zone.built) == (named, named + 9)


def test_a_higher_status_is_given_once_and_needs_no_lower_one(by_hand):
    s = by_hand(0, now=LATE, parameters=Parameters(**UNPROMPTED, provincial_zones=4.0, national_zones=4.0), draws={"zone_province": 1.0})
    zones = s.institutions.pilot_zones
    s.streams.said |= {"zone_province": [0.0] + [1.0] * (len(zones) - 1), "zone_nation": [1.0, 0.0] + [1.0] * (len(zones) - 2)}
    institutions.run(s, offer(s, provincial_push=1.0, national_push=1.0))
    start = s.quarter
    s.quarter += 1
    institutions.run(s, offer(s, provincial_push=1.0))
    assert (zones[0].provincial, zones[0].national, zones[0].since) == (start, NEVER, start)
    assert (zones[1].provincial, zones[1].national, zones[1].since) == (NEVER, start, start)
    assert zones[0].status == zones[1].status == Status.POTENTIAL


def test_where_the_record_is_complete_only_it_names_zones_and_forms_consortia(by_hand, city):
    none = dict.fromkeys(("zone_named", "zone_province", "zone_nation", "consortia", "samples"), 0.0)
    s = by_hand(0, now=LATE, draws=none)
    s.streams.said["zone_on_record"] = np.linspace(0.9, 0.1, len(s.institutions.pilot_zones))
    where = s.institutions.pilot_zones[4]
    district, track = city.districts[where.district].key, city.tracks[where.track].key
    everything = dict.fromkeys(institutions.RATE_OF, True)
    s.record = record(Fact("zone_designated", 1, district, track), Fact("zone_designated", 2, "", ""),
                      Fact("zone_provincial", 1, district, track), Fact("consortium_formed", 2, "", ""),
                      Fact("sample_made", 3, "", ""), Fact("platform_built", 1, "", ""), Fact("scene_need_listed", 7, "", ""),
                      Fact("scene_list_published", 5, "", ""), Fact("scene_capability_listed", 90, "", ""),
                      Fact("fund_invested_venture", 1, "", ""), spans=everything)  # fmt: skip
    institutions.run(s, offer(s, zone_batch=99.0, provincial_push=99.0, national_push=99.0, consortia_push=9.0, sample_push=9.0, scene_push=9.0))
    named = [z.index for z in s.institutions.pilot_zones if z.designated == s.quarter]
    last = len(s.institutions.pilot_zones) - 1
    assert named == [4, last - 1, last]  # the one that is named, and two by lot
    assert [z.index for z in s.institutions.pilot_zones if z.provincial != NEVER] == [4]
    assert [(c.lead, c.track) for c in s.institutions.consortia] == [(-1, -1)] * 2
    counts = s.institutions.counts
    assert (counts.samples, counts.platforms, counts.scenes_released, s.flows["scenes_released"]) == (3, 1, 12, 12)
    assert [tier for tier, fund in s.institutions.funds.items() if fund.on_record] == ["venture"]


def test_a_zone_on_record_as_built_is_built_whenever_it_was_due(by_hand, city):
    s = by_hand(0, now=LATE)
    at = s.institutions.pilot_zones[2]
    s.record = record(Fact("zone_built", 1, city.districts[at.district].key, city.tracks[at.track].key), spans={"zones_built": True})
    other = s.institutions.pilot_zones[7]
    other.designate(s.quarter - 8, s.quarter - 1)
    institutions.run(s, offer(s, zone_evaluation=True))
    assert (at.status, at.designated, at.built, other.status) == (Status.BUILT, s.quarter, s.quarter, Status.BUILDING)


def test_scenes_that_are_due_wait_while_completions_are_on_record(by_hand):
    s = by_hand(0, now=LATE, parameters=Parameters(**UNPROMPTED))
    s.record = record(Fact("scene_completed", 2, "", ""), spans={"scenes_completed": True})
    s.institutions.counts.scenes_due = {s.quarter: 5}
    institutions.run(s, offer(s))
    s.quarter += 1
    s.flows.clear()
    institutions.run(s, offer(s))
    assert (s.institutions.counts.scenes_completed, s.flows["scenes_completed"]) == (5, 3)


@pytest.mark.parametrize(("complete", "formed"), [(None, 2), (True, 1), (False, 1 + 1)])
def test_beside_an_incomplete_record_the_unseen_part_of_the_rate_runs(by_hand, complete, formed):
    """Sixteen a year are four a quarter of forty places, of which the record is taken to hold three quarters: 0.025."""
    draws = {"consortia": [0.024, 0.026, *[1.0] * 38] if complete is False else [0.099, 0.101, *[1.0] * 38]}
    p = Parameters(**UNPROMPTED, consortia_rate=16.0, record_seen=0.75)
    s = by_hand(0, now=LATE, draws=draws, parameters=p)
    spans = {} if complete is None else {"consortia": complete}
    s.record = record(Fact("consortium_formed", 1, "", ""), spans=spans)
    institutions.run(s, offer(s, consortia_push=1.0))
    assert len(s.institutions.consortia) == formed


@pytest.mark.parametrize(("push", "chance"), [(0.0, 0.02), (1.0, 0.1), (2.0, 0.18)])
def test_some_of_it_happens_without_policy(by_hand, push, chance):
    """A fifth of sixteen a year anyway: of forty places a quarter, 0.02; the plan adds the other four fifths."""
    p = Parameters(consortia_rate=16.0, spontaneous_consortia=0.2)
    draws = {"consortia": [chance - 1e-9, chance + 1e-9, *[1.0] * 38]}
    s = by_hand(0, now=LATE, draws=draws, parameters=p)
    institutions.run(s, offer(s, consortia_push=push))
    assert len(s.institutions.consortia) == 1


def test_nothing_is_counted_before_its_count_begins(by_hand):
    s = by_hand(0, now=LATE, draws=dict.fromkeys(("zone_named", "consortia", "samples", "platforms", "scenes"), 0.0))
    s.record = record(begins="2026Q2")
    everything = {"zone_batch": 9.0, "consortia_push": 9.0, "sample_push": 9.0, "platform_push": 9.0, "scene_push": 9.0}
    for _ in range(2):
        institutions.run(s, offer(s, **everything))
        few, s.quarter = s.institutions, s.quarter + 1
        found = [len(few.consortia), few.counts.samples, few.counts.platforms, few.counts.scenes_released]
        assert all(found) == (s.quarter > quarter.parse("2026Q2")) and any(found) == all(found)


def test_consortia_form_around_leaders_of_future_tracks_in_turn(by_hand, city):
    future = next(k for k, t in enumerate(city.tracks) if t.future)
    local = next(k for k, t in enumerate(city.tracks) if not t.future)
    s = by_hand(4, now=LATE, parameters=Parameters(**UNPROMPTED, consortia_rate=4.0), draws={"consortia": [0.0, 0.0, 0.0, *[1.0] * 37]},
                stage=[Stage.LEADER, Stage.STARTUP, Stage.LEADER, Stage.LEADER], track=[future, future, local, future])  # fmt: skip
    institutions.run(s, offer(s, consortia_push=1.0))
    assert [(c.lead, c.track, c.formed) for c in s.institutions.consortia] == [
        (lead, future, s.quarter) for lead in (0, 3, 0)
    ]


def test_without_a_leader_a_university_leads(by_hand):
    s = by_hand(1, now=LATE, draws={"consortia": [0.0, *[1.0] * 39]})
    institutions.run(s, offer(s, consortia_push=1.0))
    assert [(c.lead, c.track) for c in s.institutions.consortia] == [(-1, -1)]


def test_a_matched_scene_is_completed_when_it_is_due_and_no_other_is(by_hand):
    p = Parameters(**UNPROMPTED, scenes_rate=400.0, scene_match=0.5, scene_years=1.0)
    said = {"scenes": [0.0, 0.0, 0.0, *[1.0] * 397], "scene_match": [0.49, 0.51, 0.49, *[1.0] * 397]}
    s = by_hand(0, now=LATE, parameters=p, draws=said)
    institutions.run(s, offer(s, scene_push=1.0))
    counts, start = s.institutions.counts, s.quarter
    assert (counts.scenes_released, counts.scenes_matched, counts.scenes_completed) == (3, 2, 0)
    assert counts.scenes_due == {start + 4: 2}
    assert (s.flows["scenes_released"], s.flows["scenes_completed"]) == (3, 0)
    s.quarter = start + 4
    s.flows.clear()
    institutions.run(s, offer(s))
    assert (counts.scenes_completed, counts.scenes_matched, counts.scenes_due) == (2, 0, {})
    assert (s.flows["scenes_released"], s.flows["scenes_completed"]) == (0, 2)


@pytest.mark.parametrize(("u", "matched"), [(0.74, 1), (0.76, 0)])
def test_demonstrations_lift_the_odds_of_a_match(by_hand, u, matched):
    """Odds of one tripled: a chance of three quarters."""
    s = by_hand(0, now=LATE, parameters=Parameters(scene_match=0.5), draws={"scenes": [0.0, *[1.0] * 399], "scene_match": u})
    institutions.run(s, offer(s, scene_push=1.0, completion_lift=float(np.log(3.0))))
    assert s.institutions.counts.scenes_matched == matched


def test_a_delay_is_log_normal_and_at_least_a_quarter(by_hand):
    s = by_hand(0, draws={"delay:scenes": [0.5, 1e-9, 0.8413447460685429]})
    found = institutions.delay(s, "scenes", 3, median_years=2.2, sigma=np.log(2.0))
    assert found.tolist() == [9.0, 1.0, 18.0]  # of 8.8 and 17.6


def test_samples_and_platforms_follow_their_push(by_hand):
    s = by_hand(0, now=LATE, parameters=Parameters(**UNPROMPTED, samples_rate=16.0, platforms_rate=8.0),
                draws={"samples": [0.19, 0.21, *[1.0] * 38], "platforms": [0.09, 0.09, 0.11, *[1.0] * 17]})  # fmt: skip
    institutions.run(s, offer(s, sample_push=2.0, platform_push=1.0))
    assert (s.institutions.counts.samples, s.institutions.counts.platforms) == (1, 2)
    institutions.run(s, offer(s))
    assert (s.institutions.counts.samples, s.institutions.counts.platforms) == (1, 2)
