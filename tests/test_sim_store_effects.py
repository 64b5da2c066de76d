"""Effects in the store, and the part of a store that goes into an archive: what is there, what is not, the same bytes."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from stores import ORIGIN, START, at, finished, record, trajectory

from sim import quarter
from sim.ensemble.effects import Part, Tally
from sim.ensemble.outcome_effects import Moved
from sim.ensemble.record import RUNGS
from sim.inputs.errors import InputError
from sim.scenario.rule import Fired
from sim.store.document import Document
from sim.store.extract import OF_RUNS, extract
from sim.store.store import open_store


class Said(Document):
    """An analysis that says one number."""

    kind = "said"
    number: float


class Backtest(Said):
    """An analysis that rests on a city, not on a run."""

    kind = "backtest"


class Check(Said):
    """The other one."""

    kind = "check"


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "a.db")


def member(number, gross, additional, *, moved=0.0, climbed=0.0, acts=()):
    """Return one member with one tally, one part, one leak and one step on the ladder."""
    ladder = np.zeros((4, 4))
    ladder[1, 2], ladder[0, 0] = climbed, 99.0  # nobody can be counted who was outside and is
    tally = [Tally("hnte", "built", gross, additional, 2.0, 3.0)]
    part = [Part("hnte", "built", "district", "yuhang", gross, additional, additional - 1.0)]
    fired = tuple(Fired(quarter.parse(when), rule, branch) for when, rule, branch in acts)
    years = [Moved(2026, "unicorns", gross, additional, 2.0, 3.0, additional - 1.0)]
    more = {"leaks": {"tenants_moved": moved}, "outcomes": years, "ladder": ladder, "acts": fired}
    return trajectory(number, tallies=tally, parts=part, **more)


@pytest.fixture
def written(store, city, scenario):
    """Three members of a base and a plan, and of the plan against another base."""
    for name in ("base", "other", "plan"):
        store.register(record(city, scenario("plan_as_written"), name))
    plans = [member(0, 10.0, 4.0, moved=2.0, climbed=6.0), member(1, 20.0, -3.0, climbed=3.0), member(2, 1e6, 1e6, moved=1e6, climbed=1e6)]
    for i in (1, 0, 2):
        nothing = trajectory(i, leaks={"tenants_moved": 0.5})
        store.save_member(["base", "plan"], 1, [nothing, plans[i]], START, ORIGIN)
    store.save_member(["other", "plan"], 1, [trajectory(0), member(0, 7.0, 7.0, climbed=1e9)], START, ORIGIN)
    return store.effects


def test_three_numbers_come_back_by_reading_and_member_for_one_base(written):
    assert {k: v.tolist() for k, v in written.tallies("plan", "base", 2).items()} == {
        ("hnte", "built"): [[10.0, 20.0], [4.0, -3.0], [2.0, 2.0], [3.0, 3.0]]
    }
    assert {k: v.tolist() for k, v in written.tallies("plan", "other", 1).items()} == {
        ("hnte", "built"): [[7.0], [7.0], [2.0], [3.0]]
    }
    assert {k: v.tolist() for k, v in written.outcomes("plan", "base", 2).items()} == {
        ("unicorns", 2026): [[10.0, 20.0], [4.0, -3.0], [2.0, 2.0], [3.0, 3.0], [3.0, -4.0]]
    }
    (key, numbers), *rest = written.parts("plan", "base", 2).items()
    assert key == ("hnte", "built", "district", "yuhang") and rest == []
    assert numbers.tolist() == [[10.0, 20.0], [4.0, -3.0], [3.0, -4.0]]
    assert written.tallies("base", "base", 3) == written.tallies("base", "plan", 3) == {}


def test_a_member_that_has_nothing_of_a_kind_counts_as_nought_not_as_missing(written, store):
    store.save_member(["base", "plan"], 1, [trajectory(3), trajectory(3, leaks={"vouchers_wan": 8.0})], START, ORIGIN)
    assert written.tallies("plan", "base", 4)["hnte", "built"][:, 3].tolist() == [0.0] * 4
    leaks = written.leaks("plan", "base", 4)
    assert leaks["vouchers_wan"].tolist() == [0.0, 0.0, 0.0, 8.0] and leaks["tenants_moved"].tolist() == [2.0, 0.0, 1e6, 0.0]
    assert {k: v.tolist() for k, v in written.leaks("base", "base", 2).items()} == {"tenants_moved": [0.5, 0.5]}


def test_the_ladder_is_a_mean_over_members_and_the_same_whatever_the_base(written):
    flow = written.ladder("plan", 2)
    assert flow[RUNGS.index("startup"), RUNGS.index("high_growth")] == (6.0 + 3.0) / 2  # not that of the second writing
    assert flow.sum() == 4.5 and flow[0, 0] == 0.0  # "outside before and after" is not stored


def test_members_with_effects_are_those_against_that_base(written):
    assert written.members("plan", "base") == {0, 1, 2} and written.members("plan", "other") == {0}
    assert written.members("base", "plan") == set()


def test_rules_are_told_by_quarter_with_the_share_of_members(store, city, scenario):
    store.register(record(city, scenario("plan_as_written")))
    acts = [[("2025Q4", "late", "then")], [("2025Q2", "late", "then"), ("2025Q2", "early", "otherwise")],
            [("2025Q4", "late", "then")], []]  # fmt: skip
    for i, of_member in enumerate(acts):
        store.save_member(["r1"], 1, [member(i, 1.0, 1.0, acts=of_member)], START, ORIGIN)
    expected = [("early", "otherwise", "2025Q2", 0.25), ("late", "then", "2025Q2", 0.25), ("late", "then", "2025Q4", 0.5)]
    assert store.effects.rule_acts("r1", 4) == expected
    assert store.effects.rule_acts("r1", 1) == [("late", "then", "2025Q4", 1.0)]


# The part of a store ------------------------------------------------------------------------------------------------


@pytest.fixture
def whole(store, city, scenario):
    """A plan with its base, the run before it, and a run and analyses that have nothing to do with it."""
    runs = {"old": (scenario("plan_as_written"), "09", {"seed": 3, "fit_sha": "fit3"}), "base": (scenario("baseline"), "10", {}),
            "plan": (scenario("plan_as_written"), "11", {}), "alien": (scenario("zones_heavy"), "12", {"fit_sha": "fit9"})}  # fmt: skip
    for name, (how, hour, more) in runs.items():
        store.register(record(city, how, name, **more))
        at(store, name, f"{hour}:00:00")
        finished(store, name)
    for i in range(2):
        paid = [("2025Q1", "award", 5.0, 1, 9.0)]
        for name in ("old", "alien"):
            store.save_member([name], 1, [trajectory(i, paid=paid, leaks={"tenants": 1.0})], START, ORIGIN)
        store.save_member(["base", "plan"], 1, [trajectory(i, leaks={"tenants": 0.0}), member(i, 2.0, 1.0)], START, ORIGIN)
    store.save_member(["alien", "plan"], 1, [trajectory(0), member(0, 2.0, 1.0)], START, ORIGIN)
    store.keep(Said(number=1.0), "mine", "hangzhou", ["base", "plan"])
    store.keep(Said(number=2.0), "theirs", "hangzhou", ["alien"])
    store.keep(Backtest(number=3.0), "here", "hangzhou", [])
    store.keep(Check(number=3.0), "here", "hangzhou", [])
    store.keep(Backtest(number=4.0), "there", "elsewhere", [])
    store.keep_piece("run/plan", "made", {"versions": {}})
    store.keep_piece("run/alien", "made", {"versions": {}})
    for key, sha in (("f1", "fit"), ("f9", "fit9"), ("f3", "fit3")):
        store.keep_fit(key, "draws", f'{{"draws_sha": "{sha}"}}')
    return store


def test_a_part_has_the_run_what_it_is_compared_with_and_the_one_before_and_nothing_else(whole, tmp_path):
    extract(whole, "plan", tmp_path / "part.db")
    part = open_store(tmp_path / "part.db", must_exist=True)
    assert sorted(part.run_ids()) == ["base", "old", "plan"]
    for table in OF_RUNS:
        found = {row[0] for row in part.db.execute(f"SELECT DISTINCT run_id FROM {table}")}
        assert found <= {"base", "old", "plan"}, table
    assert part.effects.members("plan", "base") == {0, 1} and part.effects.members("plan", "alien") == set()
    assert {(a.kind, a.key) for a in part.analysis_listing()} == {("said", "mine"), ("backtest", "here"), ("check", "here")}
    assert part.pieces("run/plan") and not part.pieces("run/alien") and part.pieces("said/mine") and not part.pieces("said/theirs")
    assert [key for (key,) in part.db.execute("SELECT key FROM kept_fits ORDER BY key")] == ["f1", "f3"]
    assert {s for (s,) in part.db.execute("SELECT name FROM scenarios")} == {"plan_as_written", "baseline"}
    assert {s for (s,) in part.db.execute("SELECT fit_sha FROM fits")} == {"fit", "fit3"}


def test_what_a_part_says_of_the_run_is_what_the_store_says(whole, tmp_path):
    extract(whole, "plan", tmp_path / "part.db")
    part = open_store(tmp_path / "part.db")
    for ask in (
        lambda s: s.run_row("plan"), lambda s: s.last_forecast("plan"), lambda s: s.joints("plan", 2), lambda s: s.earlier("plan"),
        lambda s: s.mean_payments("old", 2), lambda s: s.effects.tallies("plan", "base", 2)["hnte", "built"].tolist(),
        lambda s: s.effects.ladder("plan", 2).tolist(), lambda s: s.whole_series("plan", 2).tolist(), lambda s: s.analyses("said", "plan"),
        lambda s: s.related_runs("plan"), lambda s: s.scenario_texts(["plan"]),
        lambda s: s.effects.outcomes("plan", "base", 2)["unicorns", 2026].tolist(),
    ):  # fmt: skip
        assert ask(part) == ask(whole)


def test_a_part_is_one_whole_file_and_always_the_same_bytes(whole, tmp_path):
    for name in ("one.db", "two.db"):
        extract(whole, "plan", tmp_path / name)
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()
    assert not list(tmp_path.glob("one.db-*"))  # no log beside it that a reader would need
    with closing(sqlite3.connect(tmp_path / "one.db")) as c:
        assert c.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert c.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert c.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_part_of_a_part_is_the_part(whole, tmp_path):
    extract(whole, "plan", tmp_path / "one.db")
    extract(open_store(tmp_path / "one.db"), "plan", tmp_path / "two.db")
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()


def test_a_part_of_a_run_that_is_not_there_is_refused(whole, tmp_path):
    with pytest.raises(InputError, match='no run "plann"'):
        extract(whole, "plann", tmp_path / "part.db")
