"""Members, effects and records of a few enterprises made by hand, with every count worked out beside it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import START, series, trajectory

from agents.enterprises import Origin, Stage
from agents.parameters import Parameters
from sim import quarter
from sim.ensemble import ensemble, record
from sim.ensemble.effects import leaks, tally
from sim.ensemble.ensemble import Ensemble, Experiment, Member, run_ensemble, run_members
from sim.ensemble.record import Enumerated, PartingState, Record, Standing, WatchedLedger, among
from sim.state.indicators import NAMES
from sim.workers import Workers

DEADLINE = quarter.parse("2026Q4")
UNICORNS, STOCK = ("ecosystem_leader", "unicorn_size"), ("hnte", "valid_stock")
slots = st.lists(st.integers(0, 40), max_size=25)


def ints(*x):
    return np.array(x, np.int64)


# Ensembles -----------------------------------------------------------------------------------------------------------


def one_of(*columns):
    """Return an ensemble of two quarters whose stock of labels is said, a member a pair."""
    values = np.zeros((len(columns), 2, len(NAMES)))
    values[:, :, NAMES.index("hnte_stock")] = columns
    return Ensemble("x", START, values)


def test_an_effect_is_the_difference_member_by_member():
    effect = one_of((3.0, 5.0), (10.0, 1.0)).minus(one_of((1.0, 1.0), (10.0, 4.0)))
    assert effect.of("hnte_stock").tolist() == [[2.0, 4.0], [0.0, -3.0]] and effect.start == START


def test_quantiles_have_a_row_for_every_quarter_and_indicator():
    q = one_of((0.0, 10.0), (1.0, 20.0), (2.0, 60.0)).quantiles((0.25, 0.5, 1.0))
    assert q.loc[("2024Q1", "hnte_stock")].tolist() == [0.5, 1.0, 2.0]
    assert q.loc[("2024Q2", "hnte_stock")].tolist() == [15.0, 20.0, 60.0]
    assert len(q) == 2 * len(NAMES) and q.columns.tolist() == [0.25, 0.5, 1.0]


@pytest.fixture
def experiment(city, scenario):
    return Experiment(city, scenario("history"), (scenario("baseline"), scenario("plan_as_written")), START, DEADLINE)


def members(n):
    return [Member(i, Parameters(), 100 + i) for i in range(n)]


def test_every_member_is_run_under_every_scenario_and_stands_in_its_own_row(experiment, monkeypatch):
    def run_member(x, member):
        return [trajectory(member.index, s.name, values=series(hnte_stock=10.0 * member.index + i)) for i, s in enumerate(x.scenarios)]

    monkeypatch.setattr(ensemble, "run_member", run_member)
    base, plan = run_ensemble(experiment, members(3))
    assert (base.scenario, plan.scenario) == ("baseline", "plan_as_written") and base.start == experiment.city.start + 1
    assert base.of("hnte_stock")[:, 0].tolist() == [0.0, 10.0, 20.0] and plan.of("hnte_stock")[:, 0].tolist() == [1.0, 11.0, 21.0]


def test_members_are_run_as_their_results_are_asked_for(experiment, monkeypatch):
    """So that a killed process has stored all but the member in flight."""
    ran = []
    monkeypatch.setattr(ensemble, "run_member", lambda x, m: ran.append(m.index) or [m.index])
    results = run_members(experiment, members(3), workers=Workers(1))
    assert ran == []
    assert next(results) == [0] and ran == [0]
    assert list(results) == [[1], [2]]


class Root:
    """A model that only remembers what was done with it."""

    def __init__(self, told):
        self.told = told

    def fork(self, scenario):
        self.told.append(f"copy for {scenario.name}")
        return Root(self.told)

    def turn_to(self, scenario):
        self.told.append(f"turn to {scenario.name}")
        return self

    def release(self):
        self.told.append("let go")


def test_one_copy_at_a_time_and_none_for_the_last_scenario(experiment):
    told = []
    for scenario, _ in experiment.branches(Root(told)):
        told.append(f"run {scenario.name}")
    assert told == ["copy for baseline", "run baseline", "let go", "turn to plan_as_written", "run plan_as_written", "let go"]


@pytest.mark.parametrize(("looks", "first"), [([], 7), ([9, None], 7), ([None, 3, 5], 3)])
def test_reports_begin_where_the_first_rule_looks_back_to(experiment, looks, first):
    rules = tuple(SimpleNamespace(subject=SimpleNamespace(since=q)) for q in looks)
    x = Experiment(experiment.city, experiment.history, (SimpleNamespace(rules=()), SimpleNamespace(rules=rules)), 9, 12, kept_from=7)
    assert x.reports_from() == first


# Who is among whom ---------------------------------------------------------------------------------------------------


@given(slots, slots)
def test_among_is_what_sets_say(some, others):
    assert among(ints(*some), ints(*sorted(others))).tolist() == [s in set(others) for s in some]


@given(st.sets(st.integers(0, 40), max_size=25), slots)
def test_rows_of_the_register_are_those_of_the_slots_that_are_on_it(register, asked):
    register = ints(*sorted(register))
    at, here = standing(register).rows(ints(*asked))
    assert here.tolist() == [s in register for s in asked]
    assert register[at[here]].tolist() == [s for s in asked if s in register]


def standing(slot, *, district=0, zone=0, origin=0, reached=False, relabelled=(), met=None):
    """Return the register of a deadline; a number stands for every enterprise."""
    full = lambda x, kind: np.full(len(slot), x, kind) if np.ndim(x) == 0 else np.array(x, kind)  # noqa: E731
    wide = [full(x, np.int64) for x in (district, zone, origin)]
    return Standing(np.array(list(slot), np.int64), *wide, full(reached, bool), np.array(relabelled, float), met or {})


def followed(at, *, weight=10.0, newcomers=(), reached=None, vouchers=None):
    seen = {q: ints(*s) for q, s in (reached or {}).items()}
    return Record(weight, {DEADLINE: at}, reached=seen, newcomers=ints(*newcomers), vouchers=vouchers or {})


def test_who_has_left_was_reached_if_it_was_on_the_register_then():
    r = followed(standing([1, 2, 5], reached=[True, False, True]), reached={DEADLINE - 2: [1, 3], DEADLINE - 1: [4, 2], DEADLINE + 1: [6]})
    # 1 and 5 stand there, reached; 2 stands there and is not reached by then; 3 and 4 have left; 6 was reached too late; 7 never
    asked = ints(5, 7, 3, 1, 2, 6, 4)
    assert dict(zip(asked.tolist(), r.was_reached(asked, DEADLINE).tolist(), strict=True)) == {
        1: True, 2: False, 3: True, 4: True, 5: True, 6: False, 7: False}  # fmt: skip
    assert r.was_reached(ints(), DEADLINE).tolist() == []
    empty = followed(standing([]), reached={DEADLINE: [8]})
    assert empty.was_reached(ints(8, 9), DEADLINE).tolist() == [True, False]


# Gross, additional, net ----------------------------------------------------------------------------------------------


@pytest.fixture
def runs():
    """With levers 1, 2, 1007 and 1009 are unicorns; without them 1 (elsewhere), 2, 3 and 1009.

    Levers reached 1 and 3, of which 3 has left; 1007 came with the levers only, 1009 in both.
    """
    with_it = Enumerated(ints(1, 2, 1007, 1009), ints(5, 5, 5, 6), ints(0, 1, 0, 6))
    without = Enumerated(ints(1009, 3, 2, 1), ints(6, 5, 5, 4), ints(6, 0, 1, 0))
    nobody = Enumerated(ints(), ints(), ints())
    here = standing([1, 2, 1007, 1009], reached=[True, False, False, False], met={UNICORNS: with_it, STOCK: nobody})
    there = standing([1, 2, 3, 1009], met={UNICORNS: without, STOCK: nobody})
    return followed(here, newcomers=[1007, 1009], reached={DEADLINE - 3: [1, 3]}), followed(there, newcomers=[1009])


def test_three_numbers_of_a_handful_of_enterprises(city, runs):
    tallies, parts = tally(city, *runs)
    assert [(t.goal, t.reading, t.gross, t.additional) for t in tallies] == [(*STOCK, 0.0, 0.0), (*UNICORNS, 20.0, 0.0)]
    districts = {p.code: (p.gross, p.additional, p.net) for p in parts if p.axis == "district"}
    # gross: 1 and 1007 in the sixth district; anyway: 1 in the fifth and 3 in the sixth; 1009 is the same in both
    assert districts == {city.districts[4].key: (0.0, -10.0, -10.0), city.districts[5].key: (20.0, 10.0, 10.0)}
    tracks = {p.code: (p.gross, p.additional, p.net) for p in parts if p.axis == "track"}
    assert tracks == {city.tracks[0].key: (20.0, 0.0, 0.0)}
    assert {(p.goal, p.reading) for p in parts} == {UNICORNS}  # the stock is no main reading


def test_a_run_against_itself_has_no_effect(city, runs):
    with_it, _ = runs
    tallies, parts = tally(city, with_it, with_it)
    assert [t.additional for t in tallies] == [0.0, 0.0] and [t.gross for t in tallies] == [0.0, 10.0]
    assert all(p.additional == p.net == 0.0 for p in parts)


@given(st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)), st.sets(st.integers(0, 12)), st.sets(st.integers(13, 16)))
def test_additional_never_exceeds_gross_and_without_support_both_are_nothing(city, met, before, reached, came):
    def at(who, touched):
        order = sorted(who)
        found = Enumerated(ints(*order), ints(*[s % 3 for s in order]), ints(*[0] * len(order)))
        return standing(range(17), reached=[s in touched for s in range(17)], met={UNICORNS: found})

    here, there = followed(at(met | came, reached), newcomers=sorted(came)), followed(at(before, set()))
    ((t,), parts) = tally(city, here, there)
    assert t.additional <= t.gross == 10.0 * len((met & reached) | came)
    assert sum(p.net for p in parts if p.axis == "track") == 10.0 * (len(met | came) - len(before))
    ((idle,), _) = tally(city, followed(at(met, set())), there)
    assert idle.gross == idle.additional == 0.0


# Leaks ---------------------------------------------------------------------------------------------------------------


def test_tenants_are_told_apart_by_how_they_came(city):
    tenants = {  # slot: (zone, district here, origin)
        1: (1, 3, Origin.FOUNDED),  # stood in the same district anyway
        2: (1, 3, Origin.FOUNDED),  # stood in another district
        3: (2, 3, Origin.FOUNDED),  # has closed without the levers: it stood there before
        11: (1, 3, Origin.FOUNDED),  # founded with the levers only
        12: (1, 3, Origin.ATTRACTED),  # came from outside with the levers only
        13: (1, 3, Origin.ATTRACTED),  # came in both, to the same district
        14: (0, 3, Origin.FOUNDED),  # no tenant
    }
    zone, district, origin = (list(x) for x in zip(*tenants.values(), strict=True))
    here = followed(standing(tenants, zone=zone, district=district, origin=origin, relabelled=[4.0, 0.0, 1.5]), newcomers=[11, 12, 13, 14],
                    vouchers={"vouchers_wan": 7.0})  # fmt: skip
    there = followed(standing([1, 2, 13], district=[3, 4, 3]), newcomers=[13])
    found = leaks(city, here, there)
    assert found == {
        "vouchers_wan": 7.0, "relabelled_wan": 55.0, "relabelled_enterprises": 20.0, "tenants": 60.0, "tenants_created": 10.0,
        "tenants_attracted": 10.0, "tenants_moved": 10.0, "tenants_standing": 30.0,
    }  # fmt: skip
    alone = leaks(city, here, followed(standing([])))  # without the levers nobody is left in the city
    assert (alone["tenants_moved"], alone["tenants_created"], alone["tenants_standing"]) == (0.0, 10.0, 30.0)
    assert not any(leaks(city, followed(standing([])), there).values())


def test_vouchers_by_what_became_of_them():
    """Of five holders two let it lapse, one is paid for something new, one for the old, and one finds the money gone."""
    ledger = WatchedLedger(2.0)
    ledger.open_line("voucher", 1000.0)
    ledger.pay("voucher", np.array([0.0, 0.0, 10.0, 20.0, 0.0]))
    counts = Record(2.0).vouchers
    uses = {"voucher": (np.array([0.0, 0.0, 1.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0, 0.0, 1.0]))}
    record._watch_vouchers(uses, ledger, counts)
    expected = {"vouchers_lapsed": 4.0, "vouchers_paid": 4.0, "vouchers_paid_additional": 2.0, "vouchers_wan": 60.0,
                "vouchers_deadweight_wan": 40.0}  # fmt: skip
    assert counts == expected and (ledger.lines["voucher"].amount, ledger.lines["voucher"].payments) == (60.0, 4)
    record._watch_vouchers(uses, ledger, counts)
    assert counts == {k: 2 * x for k, x in expected.items()}


def test_the_ladder_of_seven_enterprises(by_hand):
    """Slots 0-4 were there, 0 and 3 have left since, 7 and 8 are new; 9 is in no future track."""
    s = by_hand(6, slot=[8, 1, 4, 2, 7, 9], track=[0, 0, 0, 0, 0, 6])
    s.enterprises.stage[:] = [Stage.HIGH_GROWTH, Stage.HIGH_GROWTH, Stage.LEADER, Stage.STARTUP, Stage.STARTUP, Stage.LEADER]
    origin = PartingState(4, ints(0, 1, 2, 3, 4), ints(1, 1, 2, 3, 3))
    flow = record._ladder(s, origin)
    expected = np.zeros((4, 4))
    expected[1, 0], expected[3, 0] = 1, 1  # 0, a startup, and 3, a leader, have left
    expected[1, 2], expected[2, 1], expected[3, 3] = 1, 1, 1  # 1 climbed, 2 fell back, 4 stayed
    expected[0, 2], expected[0, 1] = 1, 1  # 8 and 7 came
    np.testing.assert_array_equal(flow, expected)
