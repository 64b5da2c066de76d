"""Stored runs by name: ids, the lists of `show`, what reading back refuses, what has changed since, verdicts on numbers."""

import ast
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import END, ORIGIN, START, at, finished, record, trajectory

from calibration.fit.fit import load_fit
from peiyu.__main__ import run
from peiyu.runs import archive, change, change_table, ids, listing, reproduce
from peiyu.runs.ids import found, in_run, leaves, parse
from peiyu.runs.reproduce import Difference, Verdict, compared, plain
from peiyu.runs.stored import read_run
from peiyu.runs.terminal import said
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES
from sim.ensemble.stated import GoalForecast, Joint
from sim.inputs.errors import InputError
from sim.store.document import Document
from sim.store.store import open_store
from sim.versions import source_version


class Said(Document):
    """An analysis of numbers and words."""

    kind = "said"
    number: float
    rows: list[dict[str, float | str | bool | None]]


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "peiyu.db")


def stated(city, **numbers):
    """Return a forecast of every reading of the city, all alike."""
    usual = {"q05": 1.0, "median": 2.0, "q95": 3.0, "probability": 0.5, "mc_error": 0.1, "model_probability": 0.5, "base_rate": 0.4,
             "first_passage": None, "first_passage_early": None, "still_needed": 6.0, "shortfall": 7.0, "basis": "record", "likelihood": "even", "model_weight": 0.0, "record_n": 5,
             "record_rate": 0.5, "record_own": True} | numbers  # fmt: skip
    return [
        GoalForecast(g.key, r.key, r.operator, r.value, "2026Q4", evidence=r.evidence, primary=r.primary, **usual)
        for g in city.goals
        for r in g.readings
    ]


def written(store, city, scenario, run_id="r1", members=2, **other):
    store.register(record(city, scenario, run_id, **other))
    for i in range(members):
        store.save_member([run_id], 1, [trajectory(i)], START, ORIGIN)
    if members:
        store.save_forecast(run_id, members, stated(city), Joint(0.25, {1: 0.75, 2: 0.25}))


@pytest.mark.parametrize("as_of", ["2024Q4", "2026Q1"])
def test_the_posterior_of_a_run_is_that_of_its_origin(store, city, scenario, as_of):
    origin = quarter.parse(as_of)
    fit = load_fit(city, origin)
    written(store, city, scenario("plan_as_written"), as_of=origin, fit_sha=fit.provenance.draws_sha)
    found = read_run(store, "r1").fit
    assert found is not None and (found.provenance.as_of, found.provenance.draws_sha) == (as_of, fit.provenance.draws_sha)


# Ids -----------------------------------------------------------------------------------------------------------------

WRONG = ["run", "run/", "run//x", "run/ab/", "analysis/k/key/", "analysis//key/x", "analysis/k//x", "runs/ab/x", "run ab/x", "42", " "]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_id_is_refused_with_how_ids_read(text):
    with pytest.raises(InputError) as refused:
        parse(text)
    assert "is not the id of a number; ids read run/RUN/forecast/GOAL/READING/probability, run/RUN/joint/3 or" in str(refused.value)


def test_paths_may_be_deep_and_space_around_an_id_is_nothing():
    a = parse("  analysis/compare/k-1/effects/0/ci90/1 ")
    assert (a.run, a.kind, a.key, a.path) == (None, "compare", "k-1", "effects/0/ci90/1")
    assert parse("run/ab/forecast/hnte/built/median\n").path == "forecast/hnte/built/median"


@pytest.mark.parametrize(
    ("path", "there"),
    [("a/0/b", 2.5), ("a/0", {"b": 2.5}), ("a", [{"b": 2.5}]), ("a/1", None), ("a/-1", None), ("a/x", None), ("a/0/b/c", None), ("", None)],
)
def test_what_stands_at_a_path(path, there):
    assert found({"a": [{"b": 2.5}], "c": None}, path) == there


documents = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | st.text("xyz", max_size=3),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inside, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), documents, max_size=4))
def test_every_number_of_a_document_is_found_by_its_path_and_nothing_else_is(document):
    table = leaves(document)
    for path, x in table.items():
        assert found(document, path) == x and not isinstance(found(document, path), bool)
    assert len(table) == sum(1 for _ in numbers(document))


def numbers(x):
    """Give every number in a document, by walking it once more."""
    if isinstance(x, bool) or x is None or isinstance(x, str):
        return
    if isinstance(x, int | float):
        yield x
        return
    for inside in x.values() if isinstance(x, dict) else x:
        yield from numbers(inside)


def test_a_number_that_a_run_has_not_is_refused_with_the_nearest():
    table = {"joint/1": 0.5, "joint/2": 0.25}
    assert in_run(table, parse("run/ab/joint/2")) == 0.25
    with pytest.raises(InputError) as refused:
        in_run(table, parse("run/ab/jont/2"))
    assert str(refused.value) == 'run ab: no number "jont/2". Did you mean "joint/2"? peiyu show ab lists the readings.'


@pytest.mark.parametrize(("path", "x"), [("number", 2.0), ("rows/0/n", 1.0), ("rows/0/yes", None), ("rows/0/word", None), ("rows", None)])
def test_only_a_number_is_the_number_of_an_analysis(store, path, x):
    store.keep(Said(number=2.0, rows=[{"n": 1.0, "yes": True, "word": "w", "none": None}]), "k", "hangzhou", [])
    asked = parse(f"analysis/said/k/{path}")
    document = ids.analysis(store, asked).document
    if x is not None:
        assert ids.in_document(document, asked) == x
        return
    with pytest.raises(InputError, match=f'^"analysis/said/k/{path}": no number stands there'):
        ids.in_document(document, asked)


def test_an_analysis_that_is_not_there_is_refused_with_the_nearest(store):
    store.keep(Said(number=2.0, rows=[]), "k-12", "hangzhou", [])
    with pytest.raises(InputError) as refused:
        ids.analysis(store, parse("analysis/said/k-13/number"))
    assert str(refused.value) == f'{store.path}: no analysis "said/k-13". Did you mean "said/k-12"? peiyu show lists them.'


# Lists ---------------------------------------------------------------------------------------------------------------


def shown(store, tmp_path, capsys, *words):
    code = run(["show", *words, "--db", str(store.path), "--lang", "en"])
    out = capsys.readouterr()
    return code, out.out if code == 0 else out.err


def test_show_lists_runs_oldest_first_marks_this_code_and_names_what_rests_on_them(store, city, plan, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    for name, when, code in (("late", "12:00:00", source_version()), ("early", "09:00:00", "0123456789abcdef"), ("new", "13:00:00", "x")):
        written(store, city, plan, name, members=0 if name == "new" else 2, code=code)
        at(store, name, when)
    store.keep(Said(number=2.0, rows=[]), "k", "hangzhou", ["early", "late"])
    store.keep(Said(number=2.0, rows=[]), "alone", "hangzhou", [])
    code, text = shown(store, tmp_path, capsys)
    rows = [[x.strip() for x in line.split("│")[1:-1]] for line in text.splitlines() if line.startswith("│")]
    assert [(r[0], r[5], r[7]) for r in rows[:3]] == [("early", "2", "01234567"), ("late", "2", f"{source_version()[:8]} ✓"), ("new", "0", "x")]
    assert {(r[0], r[2]) for r in rows[3:]} == {("analysis/said/k", "early, late"), ("analysis/said/alone", "–")}
    code, text = shown(store, tmp_path, capsys, "--json")
    listed = json.loads(text)
    assert [r["run_id"] for r in listed] == ["early", "late", "new"]
    assert list(listed[0]) == ["run_id", "city", "scenario", "as_of", "seed", "members", "created"]


def test_show_of_a_run_tells_its_readings_and_only_its_analyses(store, city, plan, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    written(store, city, plan)
    written(store, city, plan, "r2", seed=2)
    store.keep(Said(number=2.0, rows=[]), "mine", "hangzhou", ["r1"])
    store.keep(Said(number=2.0, rows=[]), "theirs", "hangzhou", ["r2"])
    code, text = shown(store, tmp_path, capsys, "r1")
    assert code == 0 and "analysis/said/mine" in text and "theirs" not in text
    assert all(word in text for g in city.goals for r in g.readings for word in f"{g.en} {r.en}".split())
    store.db.execute("UPDATE cities SET title = 'another of that name'")
    _, text = shown(store, tmp_path, capsys, "r1")
    assert all(r.key in text for g in city.goals for r in g.readings)
    _, text = shown(store, tmp_path, capsys, "r1", "--json")
    rows = json.loads(text)
    assert len(rows) == sum(len(g.readings) for g in city.goals) and {r["members"] for r in rows} == {2}
    code, text = shown(store, tmp_path, capsys, "r3")
    assert (code, text) == (2, f'peiyu: {store.path}: no run "r3". peiyu show lists the runs.\n')


def test_show_of_an_empty_store_lists_nothing(store, tmp_path, capsys):
    code, text = shown(store, tmp_path, capsys, "--json")
    assert (code, json.loads(text)) == (0, [])


def test_a_value_that_is_not_there_is_a_dash_and_shares_are_no_counts():
    assert listing._cell("first_passage", None) == listing._cell("evidence", "") == "–"
    assert listing._cell("value", 12345.0) == "12,345" and listing._cell("probability", 0.5) != listing._cell("value", 0.5)


# Read back -----------------------------------------------------------------------------------------------------------


def test_a_run_is_read_back_with_its_scenario_and_what_has_changed_since(store, city, plan):
    written(store, city, plan, members=3, code=source_version())
    s = read_run(store, None)
    assert (s.id, s.members, s.first, s.as_of, s.joints) == ("r1", 3, ORIGIN, ORIGIN, {1: 0.75, 2: 0.25})
    assert s.scenario.sha == plan.sha and not s.code_changed and not s.city_changed and s.fit is None
    assert s.forecast("hnte", "newly_recognised")["median"] == 2.0
    assert s.series("hnte_stock").shape == (3, END - ORIGIN + 1)
    store.db.execute("PRAGMA foreign_keys = OFF")
    store.db.execute("UPDATE runs SET code = 'of then', data_sha = 'of then', scenario_sha = scenario_sha")
    again = read_run(store, "r1")
    assert again.code_changed and again.city_changed


def test_a_scenario_that_was_edited_since_is_none_and_one_named_for_it_is_refused(store, city, plan):
    written(store, city, replace(plan, sha="of then"))
    assert read_run(store, "r1").scenario is None
    with pytest.raises(InputError) as refused:
        read_run(store, "r1", scenario="plan_as_written")
    assert str(refused.value) == "plan_as_written: is not the scenario of run r1; its levers or its dates were changed."
    with pytest.raises(InputError, match="no_such"):
        read_run(store, "r1", scenario="no_such.toml")


def test_a_run_of_other_readings_is_refused_by_their_names(store, city, plan):
    written(store, city, plan)
    store.db.execute("UPDATE forecasts SET reading = 'of_then' WHERE goal = 'platform'")
    with pytest.raises(InputError) as refused:
        read_run(store, "r1")
    assert str(refused.value) == (
        f"{store.path}: run r1 and the files of hangzhou differ in platform/built, platform/of_then; name the folder the run was made"
        " from with --city, or run peiyu forecast again."
    )


def test_a_posterior_kept_in_the_store_is_the_runs(store, city, plan):
    from calibration.fit.fit import load_fit

    draws, made = load_fit(city).written()
    store.keep_fit("k", draws, made)
    sha = json.loads(made)["draws_sha"]
    written(store, city, plan, fit_sha=sha)
    other = json.dumps(json.loads(made) | {"draws_sha": "brought"})
    store.keep_fit("k2", draws, other)
    written(store, city, plan, "r2", fit_sha="brought")
    written(store, city, plan, "r3", fit_sha="lost")
    shas = [f.provenance.draws_sha if (f := read_run(store, r).fit) else None for r in ("r1", "r2", "r3")]
    assert shas == [sha, "brought", None]


def test_every_statement_of_a_run_has_an_id_and_counts_of_it_too(store, city, plan):
    written(store, city, plan, members=3)
    table = ids.of_run(read_run(store, "r1"))
    assert table["forecast/platform/built/shortfall"] == 7.0 and table["joint/2"] == 0.25
    assert (table["members"], table["seed"], table["goals"]) == (3.0, 1.0, 11.0)
    assert "forecast/platform/built/members" not in table and "forecast/platform/built/primary" not in table
    assert table["levers"] == len(plan.levers) and table["lever/fund_seed/budget"] == 30000.0
    assert table["readings"] == sum(len(g.readings) for g in city.goals)


# Changes -------------------------------------------------------------------------------------------------------------


def test_runs_of_two_cities_or_of_a_file_that_is_not_shipped_are_not_taken_apart(store, city, plan):
    store.register(record(city, plan, "here"))
    store.register(record(replace(city, name="elsewhere"), plan, "there"))
    store.register(record(city, replace(plan, name="my_own", sha="x"), "own"))
    for name in ("here", "there", "own"):
        finished(store, name)
    with pytest.raises(InputError) as refused:
        change.explain(store, "here", "there")
    assert str(refused.value) == "here is a forecast of hangzhou, there of elsewhere; compare runs of one city."
    for pair in (("here", "own"), ("own", "here")):
        with pytest.raises(InputError) as refused:
            change.explain(store, *pair)
        assert str(refused.value) == 'run own: its scenario "my_own" is not in the folder of hangzhou, so it cannot be asked again.'


def test_the_four_parts_are_the_steps_in_their_order():
    row = change._row(("hnte", "built"), [0.25, 0.5, 0.375, 0.875, 0.75], (400.0, 62.5), (620.0, 20.0))
    assert (row.old, row.model, row.data, row.policy, row.luck, row.new) == (0.25, 0.25, -0.125, 0.5, -0.125, 0.75)
    assert change_table.sentence(row, "en") == "25% → 75%, mostly the scenario (+50.0 points): median 400 → 620, needed a quarter 62.5 → 20."


def test_what_has_not_moved_by_a_printed_per_cent_gets_no_sentence():
    still = change._row(("hnte", "built"), [0.25, 0.251, 0.251, 0.251, 0.251], (400.0, 62.5), (400.0, 62.5))
    assert change_table.sentence(still, "zh") is None


# Numbers computed again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "again", "same"),
    [(0.5, 0.5, True), (0.5, None, False), (1e6, 1e6 * (1 + 5e-10), True), (1e6, 1e6 * (1 + 2e-9), False), (0.0, 5e-13, True), (0.0, 2e-12, False)],
)
def test_a_number_is_the_same_to_nine_digits(printed, again, same):
    v = Verdict("run/ab/joint/1", printed, again, "how", ())
    assert v.same is same and v.document()["same"] is same and v.document()["printed"] == printed


def test_what_was_not_written_down_then_is_no_difference():
    then, now = {"code": "a", "numpy": "1", "gone": "x"}, {"code": "b", "numpy": "1", "scipy": "2"}
    assert compared(then, now) == (Difference("code", "a", "b"),)


@given(st.lists(st.sampled_from(["check", "--seed", "3", "--members=4", "baseline"]), max_size=5), st.data())
def test_words_that_only_say_where_are_dropped_wherever_they_stand(words, data):
    full = list(words)
    for extra in (["--db", "a.db"], ["--out=b"], ["--json"], ["--lang", "zh"], ["--workers", "2"], ["--cluster=tcp://x"]):
        place = data.draw(st.integers(0, len(words)))
        full = [*full[:place], *extra, *full[place:]] if place == 0 else [*full, *extra]
    assert plain(full) == words


def test_many_verdicts_are_summed_up_and_only_those_that_differ_are_told():
    same = [Verdict(f"run/ab/joint/{k}", 0.5, 0.5, "how", ()) for k in range(4)]
    other = Verdict("run/ab/joint/9", 0.5, 0.25, "how", (Difference("numpy", "1.0", "2.0"),))
    assert "run/ab/joint" not in said(same, "en") and "4" in said(same, "en")
    text = said([*same, other], "en")
    assert "run/ab/joint/9" in text and "joint/1" not in text and "1.0" in text and "2.0" in text
    assert said(same[:2], "zh").count("run/ab/joint") == 2


# Archive -------------------------------------------------------------------------------------------------------------


def test_a_zip_of_the_same_parts_is_the_same_bytes_in_any_order():
    parts = {"b": b"2", "a": b"1" * 1000, "c/d": b""}
    assert archive._zipped(parts) == archive._zipped(dict(reversed(parts.items())))


def test_an_archive_has_every_scenario_that_one_extends_but_none_that_is_gone(store, city, scenario):
    wait = scenario("wait_until_2025q4")
    written(store, city, wait)
    names = [name for name, _ in archive.scenario_texts(read_run(store, "r1"))]
    assert names == sorted(names) and {"wait_until_2025q4", city.in_force} <= set(names)
    assert archive._parent(wait.text) in names
    lost = replace(wait, name="lost", sha="lost", text='title = "x"\nextends = "no_such_scenario"\n')
    written(store, city, lost, "r2", seed=2)
    assert "no_such_scenario" not in dict(archive.scenario_texts(read_run(store, "r2")))


def test_about_a_run_names_all_that_decides_its_numbers(store, city, plan):
    written(store, city, plan, members=3)
    told = archive.about(read_run(store, "r1"))
    assert told["hashes"] == {"data": city.sha, "scenario": plan.sha, "posterior": "fit", "code": "code"}
    assert (told["members"], told["seed"], told["as_of"], told["horizon"], told["weight"]) == (3, 1, "2024Q4", "2026Q4", 1.0)
    assert told["written_with"]["code"] == source_version()
    assert set(reproduce.ORIGINS) == set(told["hashes"])


@pytest.mark.parametrize("name", ["hangzhou", "_template"])
def test_a_city_without_numbers_of_its_own_has_no_sources_and_says_so_with_every_column(name):
    from peiyu.runs.inputs import sources

    made = sources(SimpleNamespace(city=load_city(CITIES / name), as_of=ORIGIN))
    assert list(made.columns) == ["source_title", "publisher", "grade", "known", "n"]
    assert made.empty == (name == "_template")


def test_a_list_made_on_the_spot_is_never_a_mask():
    """Of no rows it would be a list of columns: rows[[]] has none."""
    root = Path(__file__).parents[1]
    for package in ("agents", "sim", "calibration", "peiyu"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf8"))):
                if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.ListComp):
                    assert not isinstance(node.slice.elt, ast.Compare | ast.BoolOp | ast.UnaryOp), f"{path}:{node.lineno}"
