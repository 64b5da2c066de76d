"""Who is founded, moves in or spins off in a quarter, and what is given at the opening."""

from dataclasses import replace

import numpy as np
import pytest

from agents.enterprises import NEVER, Origin, Recognition
from agents.parameters import Parameters
from agents.terms import Terms
from sim.levers.context import CityTerms
from sim.model import founding

INSIDE = 20
"""Potential entrants of the little city, and two that could move in."""


@pytest.fixture
def opened(by_hand, city):
    """Return a state whose queue has twenty places, each with a chance of a tenth, and two more with two tenths."""

    def made(n=8, draws=None, **changes):
        p = Parameters(opening_pool=80.0, entry_growth=0.0, entry_rate=0.1, attraction_rate=0.02, agglomeration=0.0,
                       spin_off_share=0.25, founding_sigma=0.0, founding_staff=6.0)  # fmt: skip
        s = by_hand(n, now="2013Q1", parameters=replace(p, **changes), draws={"entry": np.ones(INSIDE + 2)} | (draws or {}))
        s.city = replace(city, opening=replace(city.opening, potential_entrants=INSIDE))
        return s

    return made


def found(s, **lifts):
    terms, offer = Terms.blank(len(s.enterprises)), CityTerms.blank(len(s.city.districts), len(s.city.tracks))
    before = len(s.enterprises)
    for name, lift in lifts.items():
        setattr(offer, name, lift)
    founding.found(s, terms, offer)
    assert len(terms) == len(s.enterprises)
    return s.enterprises.last(len(s.enterprises) - before)


def entry(**at):
    """Return draws at which only these places of the queue come: `p3=0.1` is place 3."""
    u = np.ones(INSIDE + 2)
    for name, x in at.items():
        u[int(name[1:])] = x
    return {"entry": u}


def test_a_place_of_the_queue_comes_by_its_chance(opened):
    """A rate of 0.1 of a pool of 80 is two a quarter: a tenth for each of twenty; 0.4 movers: 0.2 for each of two."""
    s = opened(draws=entry(p2=0.099, p3=0.101, p20=0.199, p21=0.201) | {"spin_off": 1.0, "age": 0.5})
    new = found(s)
    assert (new.slot & 0xFFFFFFFF).tolist() == [2, 20]
    assert (new.slot >> 32).tolist() == [s.quarter - s.city.start] * 2
    assert new.origin.tolist() == [Origin.FOUNDED, Origin.ATTRACTED]
    assert new.born.tolist() == [s.quarter, s.quarter - 22]  # in the middle of three to eight years
    assert new.employees == pytest.approx([6.0, 24.0])
    assert (s.flows["entries"], s.flows["attracted"], s.flows["spin_offs"]) == (2, 1, 0)


def test_a_share_are_spin_offs_which_research_lifts(opened):
    s = opened(draws=entry(p0=0.15, p1=0.15, p2=0.05) | {"spin_off": [0.24, 0.26, 0.24, *[1.0] * 19]})
    new = found(s, spin_off_lift=float(np.log(2.0)))
    assert (new.slot & 0xFFFFFFFF).tolist() == [0, 2]
    assert new.origin.tolist() == [Origin.SPIN_OFF, Origin.SPIN_OFF]
    assert s.flows["spin_offs"] == 2


def test_attraction_lifts_only_those_who_move_in(opened):
    s = opened(draws=entry(p0=0.11, p20=0.39, p21=0.41) | {"spin_off": 1.0})
    assert (found(s, attraction_lift=float(np.log(2.0))).slot & 0xFFFFFFFF).tolist() == [20]


def test_a_lift_of_a_cell_works_in_that_cell(opened, city):
    s = opened(draws=entry(p0=0.15, p1=0.15) | {"spin_off": 1.0, "district": [0.0, 1.0, *[0.5] * 20], "track": 0.0})
    lift = np.zeros((len(city.districts), len(city.tracks)))
    lift[-1, 0] = np.log(2.0)
    new = found(s, entry_lift=lift)
    assert new.district.tolist() == [len(city.districts) - 1] and new.track.tolist() == [0]


def test_who_is_founded_has_habits_of_its_track_and_cash_for_two_runways(opened, city):
    s = opened(draws=entry(p0=0.0) | {"spin_off": 1.0, "track": 0.0, "per_head": 0.5}, rd_median=0.1, margin=0.02, runway=4.0)
    new = found(s)
    habit = 0.1 * city.tracks[0].rd_multiplier
    revenue = 6.0 * city.opening.revenue_per_employee
    assert new.rd_intensity == pytest.approx([habit]) and new.revenue == pytest.approx([revenue])
    assert new.rd_spend == pytest.approx([habit * revenue])
    assert new.knowledge == pytest.approx([habit * revenue / s.parameters.depreciation])
    assert new.cash == pytest.approx([2.0 * 4.0 * max(habit - 0.02, 0.0) * revenue / 4.0])
    assert new.future.tolist() == [city.tracks[0].future] and new.until.tolist() == [[NEVER] * 5]


def test_reported_research_bunches_at_the_notch_within_reach(by_hand):
    """6 % of 1,000 are asked: 60. With a quarter relabelled, 50 can be shown as 60 and 40 as 53.3."""
    s = by_hand(3, now="2013Q1", parameters=Parameters(relabelled_share=0.25), rd_intensity=[0.05, 0.04, 0.07])
    founding.report_rd(s, s.enterprises, slice(None))
    assert s.enterprises.rd_spend == pytest.approx([50.0, 40.0, 70.0])
    assert s.enterprises.rd_reported == pytest.approx([60.0, 40.0 / 0.75, 70.0])


def test_the_opening_holds_as_many_labels_as_the_city_had(by_hand, city):
    s = by_hand(0, now="2012Q4", parameters=Parameters(opening_pool=400.0))
    s.city = replace(city, opening=replace(city.opening, hnte=7, tech_sme=11))
    s.streams = type(s.streams)({name: np.linspace(0.01, 0.99, 400)[::step] for name, step in
                                 (("age", 1), ("rd_habit", -1), ("opening:hnte", 1), ("opening:tech_sme", 1))})  # fmt: skip
    founding.people(s)
    e = s.enterprises
    assert len(e) == 400 and e.slot.tolist() == list(range(400))
    for kind, count in ((Recognition.HNTE, 7), (Recognition.TECH_SME, 11)):
        assert int((e.until[:, kind] > s.quarter).sum()) == int((e.first[:, kind] == s.quarter).sum()) == count
    assert (e.until[e.until[:, Recognition.TECH_SME] > 0, Recognition.TECH_SME] == founding.FOREVER).all()
    ends = e.until[e.until[:, Recognition.HNTE] > 0, Recognition.HNTE] - s.quarter
    assert set(ends.tolist()) == {4, 8, 12}  # rounds of the next three years
    assert (e.born < s.quarter).all() and s.opening_stock.sum() == 400
