"""What a store answers, asked of runs made by hand: which run, which members, which numbers, in which order."""

import json
from dataclasses import replace

import numpy as np
import pytest
from stores import END, ORIGIN, QUARTERS, START, at, finished, record, series, trajectory

from sim.ensemble.stated import GoalForecast, Joint
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES
from sim.store.document import Document
from sim.store.made import WORDS
from sim.store.reader import open_reader
from sim.store.store import copied, open_store


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "a.db")


@pytest.fixture
def base(scenario):
    return scenario("baseline")


class Said(Document):
    """An analysis that says one number."""

    kind = "said"
    number: float


# Runs ----------------------------------------------------------------------------------------------------------------


def test_a_run_is_registered_once_with_all_that_it_refers_to(store, city, plan):
    run = record(city, plan)
    store.register(run)
    store.register(replace(run, version="9", code="other"))  # the same name is the same run
    assert store.run_ids() == ["r1"]
    row = store.run_row("r1")
    assert (row["version"], row["code"], row["as_of"], row["horizon"]) == ("0", "code", "2024Q4", "2026Q4")
    assert (row["data_sha"], row["scenario_sha"], row["fit_sha"]) == (city.sha, plan.sha, "fit")
    assert store.scenario_of("r1") == ("plan_as_written", plan.title["zh"]) and store.scenario_of("r2") is None
    assert store.fit_provenance("fit") == {"draws_sha": "fit"} and store.fit_provenance("none") == {}
    assert store.scenario_texts(["r1"]) == {"plan_as_written": plan.text}
    assert {name for (name,) in store.db.execute("SELECT indicator FROM indicators")} == set(NAMES)
    assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_two_cities_of_one_name_have_a_row_each_and_are_not_taken_for_one_another(store, city, plan):
    other = replace(city, sha="another", title={"zh": "另一座城市", "en": "another city"})
    for run, place in (("r1", city), ("r2", other), ("r3", replace(city, sha="later"))):
        store.register(record(place, plan, run))
        finished(store, run)
    rows = store.db.execute("SELECT city, data_sha, title FROM cities ORDER BY rowid").fetchall()
    zh = city.title["zh"]
    assert rows == [("hangzhou", city.sha, zh), ("hangzhou", "another", "另一座城市"), ("hangzhou", "later", zh)]
    assert store.run_row("r1")["data_sha"] == city.sha  # a run keeps what it was made from
    assert store.earlier("r2") is None and store.earlier("r3") == "r1"


def test_the_title_of_a_scenario_is_that_of_its_last_version(store, city, plan):
    store.register(record(city, plan))
    store.register(record(city, replace(plan, sha="edited", title={"zh": "改过", "en": "edited"}), "r2"))
    assert store.scenario_title("plan_as_written") == "改过" and store.scenario_title("none") is None
    assert store.scenario_of("r1")[1] == plan.title["zh"]


def test_a_run_that_is_not_there_is_refused_with_the_nearest(store, city, plan):
    store.register(record(city, plan, "abcdef012345"))
    with pytest.raises(InputError) as refused:
        store.run_row("abcdef012354")
    assert str(refused.value) == f'{store.path}: no run "abcdef012354". Did you mean "abcdef012345"? peiyu show lists the runs.'


def test_the_newest_run_is_the_last_one_that_was_finished(store, city, plan, base):
    with pytest.raises(InputError) as refused:
        store.newest_run()
    assert str(refused.value) == f"{store.path}: no finished run; run peiyu forecast first."
    for name, when in (("a", "10:00:00"), ("b", "12:00:00"), ("c", "12:00:00"), ("d", "13:00:00")):
        store.register(record(city, plan, name))
        at(store, name, when)
    with pytest.raises(InputError, match="no finished run"):
        store.newest_run()  # registered is not finished
    for name in "abc":
        finished(store, name)
    assert store.newest_run()["run_id"] == "c"  # of two in the same second the one written later
    store.db.execute("DELETE FROM forecasts WHERE run_id IN ('b', 'c')")
    assert store.newest_run()["run_id"] == "a"


def test_runs_are_listed_oldest_first_with_as_many_members_as_are_stored(store, city, plan):
    for name, when in (("late", "12:00:00"), ("early", "09:00:00"), ("empty", "10:00:00")):
        store.register(record(city, plan, name, seed=7))
        at(store, name, when)
    for member in range(3):
        store.save_member(["late"], 1, [trajectory(member)], START, ORIGIN)
    store.save_member(["early"], 1, [trajectory()], START, ORIGIN)
    assert [(r["run_id"], r["members"]) for r in store.run_listing()] == [("early", 1), ("empty", 0), ("late", 3)]
    assert list(store.run_listing()[0]) == ["run_id", "city", "scenario", "as_of", "seed", "members", "created", "code"]


def test_a_forecast_is_told_from_its_most_members(store, city, plan):
    store.register(record(city, plan))
    with pytest.raises(InputError) as refused:
        store.last_forecast("r1")
    assert str(refused.value) == f"{store.path}: run r1 was not finished; run the same forecast again to finish it."
    finished(store, "r1", members=250, probability=0.25)
    finished(store, "r1", members=50, probability=0.75)
    assert [(row["members"], row["probability"]) for row in store.last_forecast("r1")] == [(250, 0.25)]
    assert store.joints("r1", 50) == {1: 0.75} and store.joints("r1", 51) == {}


GOAL = GoalForecast("hnte", "valid_stock", ">=", 500.0, "2026Q4", 1.0, 2.0, 3.0, 0.5, 0.1, "B", True, 0.5, 0.5, None, "2026Q1", 4.0, 5.0, "data", "even", 1.0, 0, 0.5, 0)


def test_a_statement_made_again_takes_the_place_of_the_first_column_by_column(store, city, plan):
    store.register(record(city, plan))
    store.save_forecast("r1", 4, [GOAL], Joint(0.5, {1: 0.5}))
    store.save_forecast("r1", 4, [replace(GOAL, probability=0.75)], Joint(0.75, {1: 0.75}))
    (row,) = store.last_forecast("r1")
    named = {"q05": 1.0, "median": 2.0, "q95": 3.0, "probability": 0.75, "mc_error": 0.1, "primary": 1, "first_passage": None,
             "first_passage_early": "2026Q1", "still_needed": 4.0, "shortfall": 5.0, "evidence": "B"}  # fmt: skip
    assert {k: row[k] for k in named} == named and store.joints("r1", 4) == {1: 0.75}


# The run before ------------------------------------------------------------------------------------------------------

BEFORE = {
    "the same scenario with another seed": ({"seed": 2}, True),
    "the same scenario at an earlier origin": ({"as_of": ORIGIN - 4}, True),
    "the same scenario at a later origin": ({"as_of": ORIGIN + 1}, True),
    "another scenario at an earlier origin": ({"as_of": ORIGIN - 4, "scenario": "baseline"}, True),
    "another scenario of the same review": ({"scenario": "baseline"}, False),
    "another city": ({"city": "elsewhere"}, False),
    "made later": ({"when": "13:00:00"}, False),
    "not finished": ({"finished": False}, False),
}


@pytest.mark.parametrize(("other", "counts"), BEFORE.values(), ids=BEFORE)
def test_which_run_is_the_one_before(store, city, plan, base, other, counts):
    other = dict(other)
    when, done = other.pop("when", "11:00:00"), other.pop("finished", True)
    where = replace(city, name=other.pop("city", city.name))
    how = base if other.pop("scenario", "") == "baseline" else plan
    store.register(record(where, how, "old", **other))
    store.register(record(city, plan, "new"))
    at(store, "old", when)
    at(store, "new", "12:00:00")
    for name in ("old", "new") if done else ("new",):
        finished(store, name)
    assert store.earlier("new") == ("old" if counts else None)
    assert store.related_runs("new") == (["new", "old"] if counts else ["new"])


def test_of_several_runs_before_the_last_one_counts(store, city, plan):
    for name, when in (("a", "09:00:00"), ("b", "11:00:00"), ("c", "10:00:00"), ("new", "12:00:00")):
        store.register(record(city, plan, name, seed=ord(name[0])))
        at(store, name, when)
        finished(store, name)
    assert [store.earlier(x) for x in ("new", "b", "c", "a")] == ["b", "c", "a", None]


def test_runs_that_an_analysis_rests_on_are_related_but_none_that_is_gone(store, city, plan, base):
    store.register(record(city, base, "base"))
    store.register(record(city, plan, "plan"))
    store.keep(Said(number=1.0), "k", "hangzhou", ["base", "plan", "gone"])
    assert store.related_runs("plan") == store.related_runs("base") == ["base", "plan"]


# Other code ----------------------------------------------------------------------------------------------------------

OTHERWISE = {
    "as_of": ORIGIN - 1, "end": END + 1, "seed": 2, "weight": 2.0, "fit_sha": "fit2", "city": "sha", "scenario": "sha", "code": "code",
}  # fmt: skip


@pytest.mark.parametrize("field", OTHERWISE)
def test_a_run_that_asked_anything_else_is_no_twin(store, city, plan, field):
    def registered(name, **other):
        store.register(record(other.pop("city", city), other.pop("scenario", plan), name, **other))
        store.save_member([name], 1, [trajectory()], START, ORIGIN)

    registered("r1")
    registered("twin", code="other")
    value = {"city": replace(city, sha="x"), "scenario": replace(plan, sha="x")}.get(field, OTHERWISE[field])
    registered("else", **{"code": "other", field: value})
    assert store.twins_of("r1") == ["twin"]


def test_twins_are_told_newest_first_and_only_with_members(store, city, plan):
    store.register(record(city, plan))
    for name, when in (("a", "09:00:00"), ("b", "11:00:00"), ("c", "10:00:00"), ("empty", "12:00:00")):
        store.register(record(city, plan, name, code=f"code {name}"))
        at(store, name, when)
        if name != "empty":
            store.save_member([name], 1, [trajectory()], START, ORIGIN)
    assert store.twins_of("r1") == ["b", "c", "a"]


# Members and their numbers -------------------------------------------------------------------------------------------


def numbers(member):
    """Return numbers that say where they belong: 1000 a member, 10 a quarter, and the indicator's place after the point."""
    return 1000.0 * member + 10.0 * np.arange(QUARTERS)[:, None] + np.arange(len(NAMES)) / 1000.0


def test_series_come_back_where_they_belong_and_earlier_quarters_are_nan(store, city, plan):
    store.register(record(city, plan))
    for member in (2, 0, 1):  # workers finish in any order
        store.save_member(["r1"], 1, [trajectory(member, values=numbers(member))], START, ORIGIN)
    kept = ORIGIN - START
    read = store.series("r1", 3, START, ORIGIN)
    assert read.shape == (3, QUARTERS, len(NAMES)) and np.isnan(read[:, :kept]).all()
    for member in range(3):
        np.testing.assert_array_equal(read[member, kept:], numbers(member)[kept:])
    np.testing.assert_array_equal(store.whole_series("r1", 3), read[:, kept:])
    np.testing.assert_array_equal(store.series("r1", 2, START, ORIGIN), read[:2])


def test_a_whole_series_of_another_version_leaves_out_what_is_no_more_and_marks_what_is_missing(store, city, plan):
    store.register(record(city, plan))
    store.save_member(["r1"], 1, [trajectory(values=numbers(0))], START, ORIGIN)
    store.db.execute("PRAGMA foreign_keys = OFF")
    store.db.execute("UPDATE series SET indicator = 'of_old' WHERE indicator = ?", (NAMES[3],))
    read = store.whole_series("r1", 2)
    assert np.isnan(read[0, :, 3]).all() and np.isnan(read[1]).all()
    np.testing.assert_array_equal(np.delete(read[0], 3, axis=1), np.delete(numbers(0)[ORIGIN - START :], 3, axis=1))


def test_a_member_written_twice_stays_as_it_was_first(store, city, plan):
    store.register(record(city, plan))
    first = trajectory(values=numbers(1), paid=[("2025Q1", "award", 5.0, 1, 9.0)])
    again = trajectory(values=numbers(2), paid=[("2025Q1", "award", 7.0, 2, 9.0)])
    for x in (first, again):
        store.save_member(["r1"], 1, [x], START, ORIGIN)
    assert store.whole_series("r1", 1)[0, 0, 0] == numbers(1)[ORIGIN - START, 0]
    assert store.cost("r1", 1).tolist() == [5.0]


def test_a_member_is_stored_under_every_scenario_or_under_none(store, city, plan, base):
    store.register(record(city, base, "base"))
    with pytest.raises(Exception, match="FOREIGN KEY"):  # the second run is not registered
        store.save_member(["base", "plan"], 1, [trajectory(), trajectory()], START, ORIGIN)
    assert store.members_done(["base"]) == set() and store.db.execute("SELECT count(*) FROM series").fetchone() == (0,)


def test_a_member_is_done_when_every_run_has_it_with_effects_against_the_first(store, city, plan, base):
    for name, how in (("base", base), ("plan", plan)):
        store.register(record(city, how, name))
    for member in (0, 1):
        store.save_member(["base"], 1, [trajectory(member, leaks={"tenants": 0.0})], START, ORIGIN)
    for member in (1, 2):
        store.save_member(["plan"], 1, [trajectory(member, leaks={"tenants": 0.0})], START, ORIGIN)
    assert store.members_done(["base"]) == {0, 1} and store.members_done(["plan"]) == {1, 2}
    assert store.members_done(["base", "plan"]) == set()  # member 1 ran alone twice: nobody compared it
    together = [trajectory(1, leaks={"tenants": 0.0})] * 2
    store.save_member(["base", "plan"], 1, together, START, ORIGIN)
    assert store.members_done(["base", "plan"]) == {1} and store.members_done(["plan", "base"]) == set()


# Money ---------------------------------------------------------------------------------------------------------------


def test_cost_is_summed_and_payments_are_averaged_over_the_members_asked_for(store, city, plan):
    store.register(record(city, plan))
    bills = {0: [("2025Q1", "award", 10.0, 2, 40.0), ("2025Q2", "award", 20.0, 4, 40.0), ("2025Q1", "fund", 1.0, 1, 2.0)],
             1: [("2025Q1", "award", 30.0, 4, 40.0)], 2: [("2025Q1", "award", 1e9, 9, 1e9)], 3: []}  # fmt: skip
    for member, paid in bills.items():
        store.save_member(["r1"], 1, [trajectory(member, paid=paid)], START, ORIGIN)
    assert store.cost("r1", 2).tolist() == [31.0, 30.0]
    assert store.cost("r1", 4).tolist() == [31.0, 30.0, 1e9, 0.0]
    rows = {(r["quarter"], r["lever"]): (r["amount_wan"], r["payments"], r["budget_wan"]) for r in store.mean_payments("r1", 2)}
    assert rows == {("2025Q1", "award"): (20.0, 3.0, 40.0), ("2025Q1", "fund"): (1.0, 1.0, 2.0), ("2025Q2", "award"): (20.0, 4.0, 40.0)}


# Analyses ------------------------------------------------------------------------------------------------------------


def test_analyses_are_listed_oldest_first_read_newest_first_and_by_run(store):
    for key, when, runs in (("b", "10", ["r1"]), ("a", "10", ["r1", "r2"]), ("c", "09", [])):
        store.keep(Said(number=1.0), key, "hangzhou", runs)
        store.db.execute("UPDATE analyses SET created = ? WHERE key = ?", (f"2026-01-01 {when}:00:00", key))
    assert [a.key for a in store.analysis_listing()] == ["c", "a", "b"]
    assert [a.key for a in store.analyses("said")] == ["a", "b", "c"]
    assert [a.key for a in store.analysis_listing("r2")] == [a.key for a in store.kept(Said, "r2")] == ["a"]
    assert store.analyses("other") == [] and store.analysis_listing("r") == []  # no part of a name
    store.drop_analysis("said", "a")
    assert [a.key for a in store.analysis_listing("r1")] == ["b"]


def test_an_analysis_remembers_the_words_of_its_command_and_no_others(store):
    token = WORDS.set(["compare", "baseline", "净"])
    try:
        store.keep(Said(number=1.0), "k", "hangzhou", [])
    finally:
        WORDS.reset(token)
    made = store.pieces("said/k")["made"]
    assert made["words"] == ["compare", "baseline", "净"] and {"python", "numpy"} <= set(made["versions"])
    store.keep(Said(number=2.0), "k", "hangzhou", [])  # from a notebook: the old words would be untrue
    assert store.pieces("said/k") == {"made": None}


def test_pieces_of_one_analysis_are_not_those_of_another(store):
    store.keep_piece("k1", "0", {"a": [1.0, None]})
    store.keep_piece("k2", "0", 2)
    store.keep_piece("k1", "1", "净")
    assert store.pieces("k1") == {"0": {"a": [1.0, None]}, "1": "净"} and store.pieces("k") == {}


def test_a_copy_has_everything_and_does_not_write_back(store, city, plan, tmp_path):
    store.register(record(city, plan))
    store.keep(Said(number=1.0), "k", "hangzhou", ["r1"])
    copy = copied(store, tmp_path / "b.db")
    copy.drop_analysis("said", "k")
    copy.register(record(city, plan, "r2"))
    assert copy.run_ids() == ["r1", "r2"] and copy.analyses("said") == []
    assert store.run_ids() == ["r1"] and [a.key for a in store.analyses("said")] == ["k"]


def test_who_only_looks_sees_what_was_written(store, city, plan):
    store.register(record(city, plan))
    store.keep_fit("k", "draws", '{"draws_sha": "x"}')
    reader = open_reader(store.path)
    assert reader.run_ids() == ["r1"] and list(reader.kept_fits()) == [("draws", '{"draws_sha": "x"}')]
    store.register(record(city, plan, "r2"))
    assert reader.run_ids() == ["r1", "r2"]


def test_a_closed_store_is_closed_for_all_its_parts(store):
    store.close()
    for ask in (store.run_ids, lambda: store.effects.members("a", "b"), lambda: store.analyses("said")):
        with pytest.raises(Exception, match="closed"):
            ask()


def test_numbers_survive_to_the_last_bit(store, city, plan):
    tiny = np.array([np.pi, 0.1 + 0.2, 1e-308, -0.0, 1e15 + 0.125])
    store.register(record(city, plan))
    values = series(hnte_stock=np.resize(tiny, QUARTERS))
    store.save_member(["r1"], 1, [trajectory(values=values)], START, START)
    assert store.whole_series("r1", 1)[0].tobytes() == (values + 0.0).tobytes()
    store.keep(Said(number=0.1 + 0.2), "k", "hangzhou", [])
    assert store.kept(Said)[0].document.number == json.loads(json.dumps(0.1 + 0.2))
