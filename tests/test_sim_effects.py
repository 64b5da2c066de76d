"""Gross, additional, net and leaks against counts made enterprise by enterprise, and where the inequalities hold."""

from dataclasses import replace

import numpy as np
import pytest
from helpers import AS_OF, END, share_is

from agents.enterprises import Origin, Recognition, Stage
from agents.parameters import Parameters
from sim.ensemble import effects
from sim.ensemble.ensemble import Ensemble, Experiment, Member, run_member, series_of
from sim.ensemble.forecast import path
from sim.ensemble.record import RUNGS, follow, origin_of
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario
from sim.state.indicators import NAMES


class ByHand:
    """A scenario's run followed with dictionaries and sets, quarter by quarter."""

    def __init__(self, root, scenario):
        self.model = root.fork(scenario)
        before = set(self.model.state.enterprises.slot.tolist())
        self.reached, self.founded, self.labelled = set(), set(), {}
        while self.model.quarter < END:
            self.model.step()
            e = self.model.state.enterprises
            self.founded |= {s for s in e.slot.tolist() if s > max(before)}
            self.reached |= set(e.slot[e.reached].tolist())
            for i in np.flatnonzero(e.first[:, Recognition.HNTE] == self.model.quarter):
                if self.model.state.city.tracks[e.track[i]].future:
                    self.labelled[int(e.slot[i])] = (int(e.district[i]), int(e.track[i]))

    def leaders(self):
        e, tracks = self.model.state.enterprises, self.model.state.city.tracks
        rows = [i for i in range(len(e)) if e.stage[i] == Stage.LEADER and tracks[e.track[i]].future]
        return {int(e.slot[i]): (int(e.district[i]), int(e.track[i])) for i in rows}


COUNTED = {
    ("hnte", "newly_recognised"): lambda x: x.labelled,
    ("ecosystem_leader", "unicorn_size"): ByHand.leaders,
}


@pytest.fixture(scope="module")
def pair(root, scenario):
    """Records of the baseline and of the zone-heavy plan, and the same two followed by hand."""
    names = ("baseline", "zones_heavy")
    origin = origin_of(root.state)
    return [follow(root.fork(scenario(n)), END, origin, compared=True) for n in names], [ByHand(root, scenario(n)) for n in names]


@pytest.mark.parametrize("key", COUNTED, ids=lambda k: k[1])
def test_the_three_numbers_are_those_counted_enterprise_by_enterprise(city, root, pair, key):
    (first, record), (base, other) = pair
    tallies, parts = effects.tally(city, record, first)
    with_it, without = COUNTED[key](other), COUNTED[key](base)
    supported = other.reached | (other.founded - base.founded)
    gross = {s for s in with_it if s in supported}
    anyway = {s for s in without if s in other.reached}
    t = next(t for t in tallies if (t.goal, t.reading) == key)
    assert with_it  # or nothing was compared
    assert t.gross == root.state.weight * len(gross)
    assert t.additional == root.state.weight * (len(gross) - len(anyway))
    assert t.spillover == root.state.weight * len(with_it.keys() - supported - without.keys())
    assert t.displaced == root.state.weight * len(without.keys() - other.reached - with_it.keys())
    for axis, names in (("district", city.districts), ("track", city.tracks)):
        at = ("district", "track").index(axis)
        for i, place in enumerate(names):
            part = [p for p in parts if (p.goal, p.axis, p.code) == (key[0], axis, place.key)]
            net = sum(x[at] == i for x in with_it.values()) - sum(x[at] == i for x in without.values())
            assert sum(p.net for p in part) == root.state.weight * net
            assert sum(p.gross for p in part) == root.state.weight * sum(with_it[s][at] == i for s in gross)


def test_parts_add_up_to_the_whole_and_the_net_is_the_difference_of_the_indicator(city, pair, root):
    (first, record), (base, other) = pair
    tallies, parts = effects.tally(city, record, first)
    for t in tallies:
        for axis in ("district", "track"):
            mine = [p for p in parts if (p.goal, p.reading, p.axis) == (t.goal, t.reading, axis)]
            if mine:
                assert sum(p.gross for p in mine) == pytest.approx(t.gross)
                assert sum(p.additional for p in mine) == pytest.approx(t.additional)
    at = NAMES.index("future_unicorns")
    net = series_of(other.model)[-1, at] - series_of(base.model)[-1, at]
    mine = [p for p in parts if p.goal == "ecosystem_leader" and p.axis == "track"]
    assert sum(p.net for p in mine) == pytest.approx(net)
    at, since = NAMES.index("future_hnte_new"), AS_OF - city.start
    net = (series_of(other.model) - series_of(base.model))[since:, at].sum()
    mine = [p for p in parts if p.goal == "hnte" and p.axis == "district"]
    assert mine and sum(p.net for p in mine) == pytest.approx(net)


def test_following_a_run_changes_nothing(root, scenario):
    followed, plain = root.fork(scenario("voucher_heavy")), root.fork(scenario("voucher_heavy"))
    follow(followed, END, origin_of(root.state), compared=True)
    np.testing.assert_array_equal(series_of(followed), series_of(plain.run_to(END)))
    assert followed.state.ledger.closed == plain.state.ledger.closed


def test_the_ladder_has_everyone_of_the_origin_and_of_the_end(root, pair):
    (_, record), (_, other) = pair
    for m, counts in ((root, record.ladder.sum(axis=1)), (other.model, record.ladder.sum(axis=0))):
        stage = np.bincount(m.state.enterprises.stage[m.state.enterprises.future], minlength=3)
        np.testing.assert_array_equal(counts[1:], root.state.weight * stage)
    e, then = other.model.state.enterprises, dict(zip(root.state.enterprises.slot.tolist(), root.state.enterprises.stage, strict=True))
    climbed = sum(
        then.get(int(s)) == Stage.STARTUP and now == Stage.HIGH_GROWTH
        for s, now, future in zip(e.slot, e.stage, other.model.state.enterprises.future, strict=True)
        if future
    )
    assert record.ladder[RUNGS.index("startup"), RUNGS.index("high_growth")] == root.state.weight * climbed > 0


def test_voucher_money_is_the_ledgers_and_told_apart_by_use(city, root, scenario):
    record = follow(model := root.fork(scenario("voucher_heavy")), END, origin_of(root.state), compared=True)
    v, p = record.vouchers, root.state.parameters
    paid = sum(line[2] for line in model.state.ledger.closed if line[0] > AS_OF and line[1].endswith("voucher"))
    assert v["vouchers_wan"] == pytest.approx(paid)
    assert 0 < v["vouchers_deadweight_wan"] < v["vouchers_wan"]
    unused = (1 - p.voucher_additional) * p.voucher_unused
    n, hits = (round(v[k] / root.state.weight) for k in ("vouchers_paid", "vouchers_paid_additional"))
    assert n > 100 and share_is(hits, n, p.voucher_additional / (1 - unused))
    assert effects.leaks(city, record, record)["vouchers_wan"] == v["vouchers_wan"]


@pytest.mark.parametrize(("share", "deadweight", "lapsed"), [(1.0 - 1e-12, False, False), (1e-12, True, True)])
def test_vouchers_that_always_or_never_add_something(city, scenario, share, deadweight, lapsed):
    p = replace(Parameters(), voucher_additional=share, voucher_unused=0.3)
    root = IndustryModel(city, scenario("history"), p, seed=2, as_of=AS_OF, weight=40.0).run_to(AS_OF)
    v = follow(root.fork(scenario("voucher_heavy")), END, origin_of(root.state), compared=True).vouchers
    assert v["vouchers_paid"] > 0
    assert (v["vouchers_deadweight_wan"] > 0) == deadweight and (v["vouchers_lapsed"] > 0) == lapsed
    assert v["vouchers_paid_additional"] == (0 if deadweight else v["vouchers_paid"])


def test_relabelled_money_and_tenants_counted_by_hand(city, root, pair):
    (first, record), (base, other) = pair
    found = effects.leaks(city, record, first)
    e = other.model.state.enterprises
    holders = [
        float(e.rd_reported[i] - e.rd_spend[i])
        for i in range(len(e))
        if e.reached[i] and e.until[i, Recognition.HNTE] > END
    ]
    assert found["relabelled_wan"] == pytest.approx(root.state.weight * sum(holders)) and sum(holders) > 0
    at_home = dict(zip(base.model.state.enterprises.slot.tolist(), base.model.state.enterprises.district.tolist(), strict=True))
    kinds = {"created": 0, "attracted": 0, "moved": 0, "standing": 0}
    for i in np.flatnonzero(e.zone > 0):
        slot = int(e.slot[i])
        if slot in other.founded and slot not in base.founded:
            kinds["attracted" if e.origin[i] == Origin.ATTRACTED else "created"] += 1
        else:
            kinds["moved" if at_home.get(slot, e.district[i]) != e.district[i] else "standing"] += 1
    assert sum(kinds.values()) > 5
    assert {k: found[f"tenants_{k}"] for k in kinds} == {k: root.state.weight * n for k, n in kinds.items()}
    assert found["tenants"] == root.state.weight * sum(kinds.values())


@pytest.fixture(scope="module")
def displacing(city, scenario):
    """Trajectories without and with coaching of the small, where displacement is the only way in which it reaches others."""
    nothing = Scenario("nothing", {}, {}, (), "0", "")
    coaching = next(x for x in scenario("plan_as_written").levers if x.name == "growth_coaching")
    small = replace(coaching.eligible, tracks="all", max_employees=20.0, min_rd_intensity=0.0)
    coaching = replace(coaching, budget=1e7, cost=5.0, ramp_quarters=1, eligible=small)
    with_it = Scenario("coaching", {}, {}, (coaching,), "1", "")
    p = replace(
        Parameters(),
        agglomeration=0.0,
        displacement_local=1.0,
        displacement_tradable=1.0,
        coaching_growth=0.6,
    )
    x = Experiment(city, scenario("history"), (nothing, with_it), AS_OF, END, 20.0)
    return [run_member(x, Member(i, p, 100 + i)) for i in range(6)]


def test_net_is_at_most_additional_in_the_mean_and_additional_at_most_gross_always(displacing):
    """Coaching lifts staff and revenue, rivals in the same market lose what they won: revenue tier and labels follow."""
    extra, net, lost = [], [], 0.0
    for base, other in displacing:
        assert all(t.additional <= t.gross for t in other.tallies)
        for goal, reading in ((t.goal, t.reading) for t in other.tallies):
            parts = [p for p in other.parts if (p.goal, p.reading, p.axis) == (goal, reading, "track")]
            if parts:
                extra.append(sum(p.additional for p in parts))
                net.append(sum(p.net for p in parts))
        lost += sum(t.displaced for t in other.tallies)
        assert not np.array_equal(base.series, other.series)
    assert sum(net) < sum(extra) and lost > 0.0


def test_in_every_member_the_parts_add_up_to_the_difference_that_is_printed(city, displacing):
    """The net effect read off the reported series, as the comparison prints it, of every reading that counts enterprises."""
    shifted = 0
    for base, other in displacing:
        paths = [Ensemble(x.scenario, city.start + 1, x.series[None]) for x in (base, other)]
        for t in other.tallies:
            goal = next(g for g in city.goals if g.key == t.goal)
            r = next(r for r in goal.readings if r.key == t.reading)
            there, here = (path(r, x)[0, goal.deadline - x.start] for x in paths)
            assert t.additional + t.spillover - t.displaced == pytest.approx(here - there, abs=1e-9)
            shifted += t.spillover + t.displaced > 0
    assert shifted > 0


def test_who_is_recognised_and_leaves_in_the_same_quarter_is_counted_as_in_the_indicator(city, scenario):
    """Half of all leave in a year, so some in the very quarter of their first recognition."""
    hazards = dict.fromkeys(("hazard_0_1", "hazard_1_2", "hazard_2_3", "hazard_3_7", "hazard_7_up"), 0.5)
    p = replace(Parameters(hnte_apply=0.5), exit_size_slope=0.0, **hazards)
    root = IndustryModel(city, scenario("history"), p, seed=4, as_of=AS_OF, weight=10.0).run_to(AS_OF)
    model = root.fork(scenario("baseline"))
    record = follow(model, END, origin_of(root.state), compared=True)
    listed = len(record.standing[END].met["hnte", "newly_recognised"].slot)
    since = AS_OF - city.start
    assert listed * 10.0 == series_of(model)[since:, NAMES.index("future_hnte_new")].sum()
    e = model.state.enterprises
    assert listed > np.count_nonzero((e.first[:, Recognition.HNTE] > AS_OF) & e.future)  # some have left
