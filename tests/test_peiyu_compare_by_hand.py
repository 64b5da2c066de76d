"""A comparison of four members whose every number is said: effects, intervals, parts, leaks, ladder and split worked out by hand."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from stores import series, trajectory

from calibration.fit.fit import load_fit
from peiyu.comparison import comparison, split
from peiyu.comparison.files import write_comparison
from peiyu.comparison.ladder import _shown
from peiyu.comparison.paired import interval, share_interval, unpaired_times
from peiyu.forecasts import pipeline
from peiyu.forecasts.files import ledger, paths
from sim import quarter
from sim.ensemble.effects import Part, Tally
from sim.ensemble.outcome_effects import Moved
from sim.ensemble.outcomes import OUTCOMES
from sim.ensemble.record import RUNGS
from sim.inputs.errors import InputError
from sim.scenario.coalitions import by_kind, differing
from sim.state.indicators import NAMES
from sim.store.store import open_store
from sim.workers import Workers

MEMBERS = 4
STOCK = {"baseline": [490.0, 495.0, 510.0, 480.0], "plan_as_written": [505.0, 495.0, 530.0, 490.0], "zones_heavy": [500.0, 400.0, 400.0, 400.0]}
PAID = {"baseline": [40.0] * 4, "plan_as_written": [100.0, 200.0, 300.0, 400.0], "zones_heavy": [10.0] * 4}
GROSS, ADDITIONAL = [20.0, 5.0, 30.0, 15.0], [18.0, 2.0, 25.0, 15.0]
DISPLACED = [3.0, 2.0, 5.0, 5.0]
MOVED = [2.0, 4.0, 6.0, 8.0]
Z = 1.6448536269514722


def said(name, i, start):
    """Return member `i` of a scenario."""
    plan = name == "plan_as_written"
    climbed = np.zeros((4, 4))
    climbed[1, 2] = {"baseline": 2.0, "plan_as_written": 4.0 + i, "zones_heavy": 0.0}[name]
    main = ("ecosystem_leader", "unicorn_size")
    parts = [Part(*main, "track", "humanoid_robots", 3.0, 1.0, 0.0), Part(*main, "district", "yuhang", 4.0, 2.0, i - 1.0),
             Part("hnte", "newly_recognised", "district", "xihu", 1.0, 1.0, 1.0)]  # fmt: skip
    return trajectory(
        i, name, values=series(start, future_hnte_stock=STOCK[name][i], hnte_stock=float(i)),
        paid=[("2025Q1", "award", PAID[name][i] / 2, 2, 500.0), ("2026Q1", "award", PAID[name][i] / 2, 3, 500.0)],
        tallies=[Tally("hnte", "valid_stock", GROSS[i], ADDITIONAL[i], 0.0, DISPLACED[i])] if plan else [], parts=parts if plan else [],
        outcomes=[Moved(year, x, 0.0, 0.0, 0.0, 0.0, 0.0) for x in OUTCOMES for year in (2025, 2026)],
        leaks={"tenants_moved": MOVED[i]} if plan else {"tenants_moved": 1.0, "vouchers_wan": 3.0}, ladder=climbed,
    )  # fmt: skip


@pytest.fixture(scope="module")
def ask(city, scenario):
    fit = load_fit(city)
    as_of = quarter.parse(fit.provenance.as_of)

    def question(*names, members=MEMBERS):
        return pipeline.Question(city, tuple(scenario(n) for n in names), fit, as_of, as_of + 8, 1, members, 1e-9, Workers())

    return question


def run(x, members, *, workers):
    for m in members:
        yield [said(s.name, m.index, x.city.start + 1) for s in x.scenarios]


@pytest.fixture
def by_hand(monkeypatch):
    monkeypatch.setattr(pipeline, "run_members", run)


@pytest.fixture(scope="module")
def compared(ask, tmp_path_factory):
    q, store = ask("baseline", "plan_as_written", "zones_heavy"), open_store(tmp_path_factory.mktemp("compared") / "a.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "run_members", run)
        return comparison.compare(q, store), store


def effect(c, scenario, reading):
    return next(e for e in c.effects if (e.scenario, e.reading) == (scenario, reading))


def test_the_effect_on_a_stock_is_what_the_four_members_say(compared):
    e = effect(compared[0], "plan_as_written", "valid_stock")
    assert (e.gross, e.additional, e.net, e.displaced) == (17.5, 15.0, 11.25, 3.75)  # net: 15, 0, 20, 10
    assert e.delta_probability == 0.25  # the first member reaches 500 by the plan only
    assert e.net_ci90 == pytest.approx((11.25 - Z * np.sqrt(218.75 / 3 / 4), 11.25 + Z * np.sqrt(218.75 / 3 / 4)))
    assert e.additional_ci90 == pytest.approx((15 - Z * np.sqrt(278 / 3 / 4), 15 + Z * np.sqrt(278 / 3 / 4)))
    assert e.ci90 == pytest.approx((0.25 - Z * 0.25, 0.25 + Z * 0.25))
    assert e.unpaired_times == pytest.approx((468.75 + 950.0) / 218.75)
    assert (e.cost_wan, e.cost_per_net_unit, e.cost_note) == (210.0, None, "several_levers")  # whose 210 it is nobody can say


def test_where_nobody_can_be_told_the_three_numbers_are_one(compared):
    e = effect(compared[0], "zones_heavy", "valid_stock")
    assert e.gross == e.additional == e.net == (10 - 95 - 110 - 80) / 4 and e.displaced == 0.0
    assert e.additional_ci90 == e.net_ci90
    assert e.delta_probability == 0.0 and e.ci90[0] < 0 < e.ci90[1]  # one member wins, another loses


def test_what_loses_or_saves_money_has_no_price_a_unit(compared, ask, by_hand, tmp_path):
    e = effect(compared[0], "zones_heavy", "valid_stock")
    assert e.cost_wan == -30.0 and e.net < 0 and e.cost_per_net_unit is None
    turned = comparison.compare(ask("zones_heavy", "baseline"), open_store(tmp_path / "b.db"))
    back = effect(turned, "baseline", "valid_stock")
    assert (back.net, back.cost_wan) == (-e.net, 30.0) and (back.cost_per_net_unit, back.cost_note) == (None, "several_levers")
    nothing = effect(turned, "baseline", "newly_recognised")
    assert nothing.net == 0.0 and nothing.cost_per_net_unit is None and nothing.unpaired_times is None


def test_one_member_has_no_interval_and_says_nothing_of_pairing(ask, by_hand, tmp_path):
    c = comparison.compare(ask("baseline", "plan_as_written", members=1), open_store(tmp_path / "a.db"))
    e = effect(c, "plan_as_written", "valid_stock")
    assert e.net_ci90 == (15.0, 15.0) and e.ci90 == (1.0, 1.0) and e.unpaired_times is None


def test_parts_stand_in_the_order_of_the_city_with_their_own_intervals(compared):
    parts = compared[0].parts
    expected = [("hnte", "district", "xihu"), ("ecosystem_leader", "district", "yuhang"), ("ecosystem_leader", "track", "humanoid_robots")]
    assert [(p.goal, p.axis, p.code) for p in parts] == expected and {p.scenario for p in parts} == {"plan_as_written"}
    p = parts[1]
    assert (p.gross, p.additional, p.net) == (4.0, 2.0, 0.5)  # net: -1, 0, 1, 2
    assert p.net_ci90 == pytest.approx((0.5 - Z * np.sqrt(5 / 3 / 4), 0.5 + Z * np.sqrt(5 / 3 / 4)))


def test_leaks_of_either_side_are_told_against_the_other(compared):
    mine = {x.item: x for x in compared[0].leaks if x.scenario == "plan_as_written"}
    assert list(mine) == ["tenants_moved", "vouchers_wan"]
    moved, vouchers = mine["tenants_moved"], mine["vouchers_wan"]
    assert (moved.value, moved.base) == (5.0, 1.0) and (vouchers.value, vouchers.base) == (0.0, 3.0)
    assert moved.difference_ci90 == pytest.approx((4 - Z * np.sqrt(20 / 3 / 4), 4 + Z * np.sqrt(20 / 3 / 4)))
    assert vouchers.difference_ci90 == (-3.0, -3.0)


def test_ladders_are_means_of_every_scenario_the_base_included(compared):
    at = RUNGS.index("startup"), RUNGS.index("high_growth")
    assert {name: flow[at] for name, flow in compared[0].ladders.items()} == {"baseline": 2.0, "plan_as_written": 5.5, "zones_heavy": 0.0}
    frame = compared[0].ladder_frame().set_index(["scenario", "rung_before", "rung_after"]).enterprises
    assert frame["plan_as_written", "startup", "high_growth"] == 5.5 and frame.sum() == 7.5
    assert ("plan_as_written", "outside", "outside") not in frame.index


def test_the_document_is_kept_under_its_runs_and_members(compared, ask, by_hand):
    c, store = compared
    comparison.compare(ask("baseline", "plan_as_written", "zones_heavy"), store)
    assert len(store.analyses("compare")) == 1  # asked again, kept once
    comparison.compare(ask("baseline", "plan_as_written", "zones_heavy", members=2), store)
    comparison.compare(ask("plan_as_written", "baseline", "zones_heavy"), store)
    kept = {a.document["members"]: a for a in store.analyses("compare") if a.document["scenario"] == "baseline"}
    assert set(kept) == {2, 4} and len(store.analyses("compare")) == 3
    assert kept[4].document == json.loads(json.dumps(c.document().plain())) and kept[4].runs == [f.run_id for f in c.forecasts]


def test_files_say_what_the_comparison_says(compared, tmp_path):
    c, store = compared
    write_comparison(c, store, tmp_path)
    assert json.loads((tmp_path / "compare.json").read_text("utf8")) == json.loads(json.dumps(c.document().plain()))
    effects = pd.read_csv(tmp_path / "effects.csv").set_index(["scenario", "reading"])
    assert effects.net["plan_as_written", "valid_stock"] == 11.25
    assert pd.read_csv(tmp_path / "leaks.csv").value.tolist() == [x.value for x in c.leaks]
    assert pd.read_csv(tmp_path / "ladder.csv").enterprises.sum() == 7.5
    money = pd.read_csv(tmp_path / "ledger.csv").groupby("scenario").amount_wan.sum()
    assert money.to_dict() == {"baseline": 40.0, "plan_as_written": 250.0, "zones_heavy": 10.0}
    assert not list(tmp_path.glob("split_*"))


def test_a_forecasts_files_have_quantiles_from_the_origin_and_mean_payments(compared):
    c, store = compared
    plan = c.forecasts[1]
    table = paths(plan)
    assert len(table) == 9 * len(NAMES) and table.quarter.iloc[0] == "2024Q4" and table.quarter.iloc[-1] == "2026Q4"
    row = table[(table.quarter == "2026Q4") & (table.indicator == "hnte_stock")].iloc[0]
    assert (row.q05, row["median"], row.q95) == pytest.approx((0.15, 1.5, 2.85))  # of 0, 1, 2, 3
    paid = ledger(store, plan).set_index("quarter")
    assert paid.amount_wan.to_dict() == {"2025Q1": 125.0, "2026Q1": 125.0} and paid.payments.to_dict() == {"2025Q1": 2.0, "2026Q1": 3.0}


# Intervals and pairing -----------------------------------------------------------------------------------------------


def test_an_interval_holds_the_mean_of_new_members_nine_times_in_ten():
    rng = np.random.default_rng(8)
    hits = sum(low <= 3.0 <= high for low, high in (interval(rng.normal(3.0, 2.0, 60)) for _ in range(4000)))
    assert abs(hits / 4000 - 0.9) < 0.03  # six standard errors, and what a normal falls short of Student's t


@pytest.mark.parametrize("shift", [7.0, -1e3])
def test_intervals_move_with_the_effect_and_scale_with_its_unit(shift):
    x = np.array([0.2, 1.7, -3.0, 4.4, 0.0])
    low, high = interval(x)
    assert interval(x + shift) == pytest.approx((low + shift, high + shift))
    assert interval(-2.0 * x) == pytest.approx((-2.0 * high, -2.0 * low))


def test_an_interval_of_shares_stays_within_what_shares_can_be():
    assert share_interval(np.array([-1.0, -1.0, 1.0])) == (-1.0, pytest.approx(interval(np.array([-1, -1, 1]))[1]))
    assert share_interval(np.ones(5)) == (1.0, 1.0)


def test_pairing_that_makes_it_worse_is_said_too():
    up = np.array([1.0, 2.0, 3.0])
    assert unpaired_times(up, -up) == pytest.approx(0.5)  # variances 1 and 1, of the difference 4
    assert unpaired_times(up + 1e9, up) is None  # the same for all, to rounding
    assert unpaired_times(up, up * 0.0) == pytest.approx(1.0)


# Split ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def game(ask, monkeypatch):
    """Make mixtures of the plan a game whose shares are known; returns the question and which members were run."""
    q = ask("baseline", "plan_as_written", members=3)
    plan, ran = q.scenarios[1], []

    def joined(s, names):
        return all([x for x in s.levers if x.name == n] == [x for x in plan.levers if x.name == n] for n in names)

    def play(worth):
        def run_member(x, member):
            ran.append((member.index, len(x.scenarios)))
            out = []
            for s in x.scenarios:
                count, cost = worth(lambda names, s=s: joined(s, names), member.index)
                values = series(x.city.start + 1, future_hnte_stock=count)
                out.append(trajectory(member.index, s.name, values=values, paid=[("2025Q1", "award", cost, 1, 1e9)]))
            return out

        monkeypatch.setattr(split, "run_member", run_member)
        return q, ran

    return play


def test_shares_by_kind_are_the_games_own(game, tmp_path):
    """Zones bring 10 + member; vouchers and funding 6 only together; the rest costs money and brings nothing."""
    kinds = by_kind(*game(None)[0].scenarios)

    def worth(joined, member):
        count = 480.0 + (10.0 + member) * joined(kinds["zones"]) + 6.0 * (joined(kinds["vouchers"]) and joined(kinds["funding"]))
        return count, 50.0 * joined(kinds["other"]) + 20.0 * joined(kinds["zones"])

    q, ran = game(worth)
    s = split.split(q, open_store(tmp_path / "a.db"), q.scenarios[1], "kinds")
    assert ran == [(0, 16), (1, 16), (2, 16)]
    mine = {x.player: x for x in s.rows if x.reading == "valid_stock"}
    assert {k: x.net for k, x in mine.items()} == pytest.approx({"zones": 11.0, "vouchers": 3.0, "funding": 3.0, "other": 0.0})
    assert mine["zones"].net_ci90 == pytest.approx((11 - Z / np.sqrt(3), 11 + Z / np.sqrt(3)))
    assert mine["vouchers"].net_ci90 == pytest.approx((3.0, 3.0))
    assert {k: x.cost_wan for k, x in mine.items()} == pytest.approx({"zones": 20.0, "vouchers": 0.0, "funding": 0.0, "other": 50.0})
    assert mine["zones"].cost_per_net_unit == pytest.approx(20 / 11) and mine["vouchers"].cost_per_net_unit is None
    (whole,) = (x for x in s.whole if x.reading == "valid_stock")
    assert (whole.net, whole.cost_wan) == pytest.approx((17.0, 70.0))
    assert whole.cost_per_net_unit is None  # of several levers a unit has no price of its own
    assert whole.delta_probability == 0.0 and s.members == 3 and s.document().method == "exact, all mixtures"


def test_a_chance_that_needs_everyone_is_shared_equally(game, tmp_path):
    kinds = by_kind(*game(None)[0].scenarios)
    q, _ = game(lambda joined, _: (499.0 + all(joined(k) for k in kinds.values()), 0.0))
    s = split.split(q, open_store(tmp_path / "a.db"), q.scenarios[1], "kinds")
    points = {x.player: x.delta_probability for x in s.rows if x.reading == "valid_stock"}
    assert points == pytest.approx(dict.fromkeys(kinds, 0.25))


def test_lever_by_lever_an_additive_game_gives_every_lever_its_own_in_every_order(game, tmp_path):
    q = game(None)[0]
    names = differing(*q.scenarios)
    worth = {name: float(i) for i, name in enumerate(names)}
    q, ran = game(lambda joined, _: (sum(x for n, x in worth.items() if joined((n,))), 2.0 * joined((names[0],))))
    s = split.split(q, open_store(tmp_path / "a.db"), q.scenarios[1], "levers")
    assert ran == [(i, len(names) + 1) for i in range(3)]
    mine = {x.player: x for x in s.rows if x.reading == "valid_stock"}
    assert {n: mine[n].net for n in names} == pytest.approx(worth) and all(mine[n].net_ci90 == pytest.approx((worth[n],) * 2) for n in names)
    assert mine[names[0]].cost_wan == 2.0 and sum(x.cost_wan for x in mine.values()) == 2.0


def test_a_split_has_no_more_members_than_it_may_and_goes_on_where_it_was(game, tmp_path, monkeypatch):
    q, ran = game(lambda *_: (1.0, 1.0))
    store, told = open_store(tmp_path / "a.db"), []
    monkeypatch.setattr(split, "MEMBERS", 2)
    assert split.split(q, store, q.scenarios[1], "kinds").members == 2
    monkeypatch.setattr(split, "MEMBERS", 100)
    again = split.split(q, store, q.scenarios[1], "kinds", lambda *x: told.append(x))
    assert again.members == 3 and [i for i, _ in ran] == [0, 1, 2] and told == [(3, 3)]
    assert sorted(len(a.document["shares"]) > 0 for a in store.analyses("split")) == [True, True]  # of 2 and of 3 members


def test_nothing_to_split_is_one_sentence(game, tmp_path):
    q, ran = game(lambda *_: (1.0, 1.0))
    same = replace(q.scenarios[0], name="same", sha="x")
    with pytest.raises(InputError) as refused:
        split.split(q, open_store(tmp_path / "a.db"), same, "levers")
    assert str(refused.value) == "--split: same has the same levers as baseline; there is nothing to split." and ran == []


# The figure of the ladder --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rung", "shown"), [(0, [1, 3]), (1, [0, 1]), (2, []), (3, [2])])
def test_bars_of_a_rung_are_those_who_came_and_nobody_stays_outside(rung, shown):
    flow = np.zeros((4, 4))
    for before, after in ((0, 0), (1, 0), (3, 0), (0, 1), (1, 1), (2, 3)):
        flow[before, after] = 2.5
    assert list(_shown(flow, rung)) == shown
