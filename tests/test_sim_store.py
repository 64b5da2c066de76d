"""The store: what is written can be read, twice is once, and nothing is left half-written."""

import json
import multiprocessing
import resource
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from calibration.fit.fit import load_fit
from peiyu.comparison import comparison
from peiyu.forecasts import pipeline
from peiyu.runs import listing
from sim.ensemble import pool
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES
from sim.store.database import query
from sim.store.document import Document
from sim.store.schema import SCHEMA_VERSION
from sim.store.store import open_store
from sim.versions import source_version
from sim.workers import Workers

ROOT = Path(__file__).parents[1]


def question(city, scenario, members, *names):
    fit = load_fit(city)
    as_of = pipeline.quarter.parse(fit.provenance.as_of)
    scenarios = tuple(scenario(n) for n in names or ("plan_as_written",))
    return pipeline.Question(city, scenarios, fit, as_of, as_of + 8, 1, members, 1e-9, Workers(), weight=40.0)


def test_a_run_asked_for_twice_is_read_not_run_again(city, scenario, tmp_path, monkeypatch):
    q, store = question(city, scenario, 4), open_store(tmp_path / "a.db")
    (once,) = pipeline.answer(q, store)
    monkeypatch.setattr(pipeline, "run_members", lambda x, missing, workers: iter([]) if not missing else 1 / 0)
    (twice,) = pipeline.answer(q, store)
    assert once.document() == twice.document()


def test_the_same_question_run_by_other_code_is_shown(city, scenario, tmp_path, monkeypatch, capsys):
    store = open_store(tmp_path / "a.db")
    q = question(city, scenario, 2, "baseline", "plan_as_written")
    pipeline.answer(q, store)
    here = [q.run_id(s) for s in q.scenarios]
    assert [store.twins_of(r) for r in here] == [[], []]
    listing.tell_twins(store, here, "en")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(pipeline, "source_version", lambda: "0123456789abcdef")
    other = replace(q, seed=2)
    pipeline.answer(other, store)
    assert store.twins_of(other.run_id(q.scenarios[0])) == []  # another seed is another question
    there = [q.run_id(s) for s in q.scenarios]
    for s in q.scenarios:
        store.register(q.record(s))
    assert [store.twins_of(r) for r in there] == [[r] for r in here]
    assert store.twins_of(here[0]) == []  # nothing has been run under the other name yet
    pipeline.answer(q, store)
    assert store.twins_of(here[0]) == [there[0]]
    listing.tell_twins(store, there, "zh")
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert all(f"{a} ↔ {b}" in said.err for a, b in zip(there, here, strict=True))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_of_runs_marks_those_of_this_code(city, scenario, tmp_path, monkeypatch, capsys, lang):
    monkeypatch.setenv("COLUMNS", "200")
    q, store = question(city, scenario, 2), open_store(tmp_path / "a.db")
    pipeline.answer(q, store)
    here = q.run_id(q.scenarios[0])
    monkeypatch.setattr(pipeline, "source_version", lambda: "0123456789abcdef")
    pipeline.answer(q, store)
    listing.print_runs(store, lang, as_json=False)
    lines = {line.split()[1]: line for line in capsys.readouterr().out.splitlines() if len(line.split()) > 1}
    assert f"{source_version()[:8]} ✓" in lines[here]
    assert "01234567 " in lines[q.run_id(q.scenarios[0])] and "✓" not in lines[q.run_id(q.scenarios[0])]
    listing.print_runs(store, lang, as_json=True)
    assert "code" not in json.loads(capsys.readouterr().out)[0]


def test_more_members_extend_a_run_and_agree_with_running_them_at_once(city, scenario, tmp_path):
    a, b = open_store(tmp_path / "a.db"), open_store(tmp_path / "b.db")
    pipeline.answer(question(city, scenario, 3), a)
    (grown,) = pipeline.answer(question(city, scenario, 6), a)
    (whole,) = pipeline.answer(question(city, scenario, 6), b)
    assert grown.document() == whole.document()


def test_batches_that_cannot_end_it_are_run_through_and_the_end_is_the_same(city, scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "BATCH", 1)
    # the record has no Monte-Carlo error; only the model's part can run long
    monkeypatch.setattr(pool, "model_weights", lambda: dict.fromkeys(("proxy", "record", "assumption"), 1.0))
    q = question(city, scenario, 40)
    object.__setattr__(q, "mc_error", 0.16)
    real, asked = pipeline.run_members, {"far": [], "each": []}

    def run(store):
        runs = lambda x, m, workers: asked[store].append(len(m)) or real(x, m, workers=workers)  # noqa: E731
        monkeypatch.setattr(pipeline, "run_members", runs)
        return pipeline.answer(q, open_store(tmp_path / f"{store}.db"))[0].document()

    far = run("far")
    monkeypatch.setattr(pipeline, "least_error", lambda goal, members, later: 0.0)
    assert run("each") == far
    assert set(asked["each"]) == {1} and len(asked["far"]) < len(asked["each"]) == sum(asked["far"]) < q.members


def test_any_number_of_workers_gives_the_same_document(city, scenario, tmp_path):
    one, two = question(city, scenario, 4), question(city, scenario, 4)
    object.__setattr__(two, "workers", Workers(2))
    stores = [open_store(tmp_path / f"{q.workers.processes}.db") for q in (one, two)]
    documents = [pipeline.answer(q, s)[0].document() for q, s in zip((one, two), stores, strict=True)]
    assert documents[0] == documents[1]


def test_pandas_reads_it_without_help_and_keys_hold(city, scenario, tmp_path):
    path = tmp_path / "a.db"
    q, store = question(city, scenario, 3, "baseline", "plan_as_written"), open_store(path)
    forecasts = pipeline.answer(q, store)
    with sqlite3.connect(path) as c:
        assert c.execute("PRAGMA foreign_key_check").fetchall() == []
        assert c.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert c.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        series = pd.read_sql_query("SELECT * FROM series WHERE indicator = 'hnte_stock'", c)
        runs = pd.read_sql_query("SELECT * FROM runs", c)
        ledger = pd.read_sql_query("SELECT * FROM ledger", c)
    assert {row["run_id"] for row in store.tables["runs"].rows_where("city = ?", [city.name])} == set(runs.run_id)
    assert store.tables["series"].count == 2 * 3 * 9 * len(NAMES)
    assert len(series) == 2 * 3 * 9 and set(series.run_id) == {f.run_id for f in forecasts}
    assert runs.code.notna().all() and runs.seed.eq(1).all() and runs.data_sha.eq(city.sha).all()
    assert (ledger.amount_wan <= ledger.budget_wan + 1e-6).all() and ledger.amount_wan.sum() > 0


def test_effects_of_a_scenario_against_itself_are_nothing(city, scenario, tmp_path):
    from dataclasses import replace

    q = question(city, scenario, 4, "plan_as_written", "plan_as_written")
    q = pipeline.Question(
        **{**q.__dict__, "scenarios": (q.scenarios[0], replace(q.scenarios[1], name="same", sha="x"))}
    )
    result = comparison.compare(q, open_store(tmp_path / "a.db"))
    assert all(e.net == e.delta_probability == e.additional == e.cost_wan == 0 for e in result.effects)


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "new.db"
    with sqlite3.connect(path) as c:
        c.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        c.execute("CREATE TABLE later (x)")
    before = path.read_bytes()
    with pytest.raises(InputError, match="newer peiyu"):
        open_store(path)
    assert path.read_bytes() == before


def test_what_is_not_a_store_is_refused_and_left_alone(tmp_path):
    nonsense, other = tmp_path / "n.db", tmp_path / "o.db"
    nonsense.write_bytes(b"\x93nonsense" * 1000)
    with sqlite3.connect(other) as c:
        c.execute("CREATE TABLE mine (x)")
    for path in (nonsense, other):
        before = path.read_bytes()
        with pytest.raises(InputError):
            open_store(path)
        assert path.read_bytes() == before
    with pytest.raises(InputError, match="is a folder"):
        open_store(tmp_path)
    with pytest.raises(InputError, match="no such store"):
        open_store(tmp_path / "missing.db", must_exist=True)


def fill(path, city_name):
    from sim.city.city import load_city
    from sim.scenario.scenario import load_scenario

    city = load_city(city_name)
    pipeline.answer(question(city, lambda n: load_scenario(n, city), 4), open_store(path))


def test_two_processes_on_one_store_do_not_corrupt_it(city, scenario, tmp_path):
    path = tmp_path / "a.db"
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=fill, args=(path, city.name)) for _ in range(2)]
    for p in both:
        p.start()
    for p in both:
        p.join(120)
    assert [p.exitcode for p in both] == [0, 0]
    with sqlite3.connect(path) as c:
        assert c.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert c.execute("SELECT count(*) FROM members").fetchone() == (4,)
    (alone,) = pipeline.answer(question(city, scenario, 4), open_store(tmp_path / "b.db"))
    (shared,) = pipeline.answer(question(city, scenario, 4), open_store(path))
    assert alone.document() == shared.document()


def test_a_killed_run_loses_at_most_the_member_in_flight(city, scenario, tmp_path, monkeypatch):
    q, store = question(city, scenario, 6), open_store(tmp_path / "a.db")
    real = pipeline.run_members

    def dies(x, members, *, workers):
        for i, result in enumerate(real(x, members, workers=workers)):
            if i == 3:
                raise KeyboardInterrupt
            yield result

    monkeypatch.setattr(pipeline, "run_members", dies)
    with pytest.raises(KeyboardInterrupt):
        pipeline.answer(q, store)
    assert store.members_done([q.run_id(q.scenarios[0])]) == {0, 1, 2}
    ran = []
    monkeypatch.setattr(pipeline, "run_members", lambda x, m, workers: ran.extend(m) or real(x, m, workers=workers))
    (resumed,) = pipeline.answer(q, store)
    assert [m.index for m in ran] == [3, 4, 5]
    (whole,) = pipeline.answer(q, open_store(tmp_path / "b.db"))
    assert resumed.document() == whole.document()


def test_a_full_disk_is_one_message_exit_1_and_the_store_whole(tmp_path):
    """RLIMIT_FSIZE stands for a full disk: no file may grow past 200 kB."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # noqa: E731
    done = subprocess.run(
        [sys.executable, "-m", "peiyu", "forecast", "--members", "3", "--workers", "1", "--lang", "en", "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr and "no room left" in done.stderr
    with sqlite3.connect(tmp_path / "peiyu.db") as c:
        assert c.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_store_of_the_first_version_is_brought_forward(tmp_path):
    from sim.store import schema

    path = tmp_path / "old.db"
    with sqlite3.connect(path) as c:
        c.executescript(schema.TABLES + "PRAGMA user_version = 1;")
        c.execute("INSERT INTO cities VALUES ('x', 'y', 'z')")
    opened = open_store(path)
    assert opened.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert opened.kept_fit("none") is None
    opened.keep_fit("a", "draws", "made")
    assert opened.kept_fit("a") == ("draws", "made")
    assert list(query(opened.db, "SELECT city FROM cities")) == [{"city": "x"}]


class Said(Document):
    """An analysis that says one thing."""

    kind = "said"
    said: str


def test_analyses_and_their_pieces_are_read_back_newest_first(tmp_path):
    store = open_store(tmp_path / "a.db")
    for key, runs in (("k1", ["r1"]), ("k2", ["r1", "r2"])):
        store.keep(Said(said=f"净 {key}"), key, "hangzhou", runs)
    store.keep(Said(said="净 again"), "k1", "hangzhou", ["r1"])
    assert {a.key: a.document["said"].split()[1] for a in store.analyses("said", "r1")} == {"k1": "again", "k2": "k2"}
    assert [a.key for a in store.analyses("said", "r2")] == ["k2"]
    store.keep_piece("k1", "0", [1.5])
    store.keep_piece("k1", "0", [2.5])  # a piece is finished once
    assert store.pieces("k1") == {"0": [1.5]}


def test_in_how_many_members_a_rule_acted_is_part_of_the_forecast(city, scenario, tmp_path):
    (f,) = pipeline.answer(question(city, scenario, 6, "fund_if_behind"), open_store(tmp_path / "a.db"))
    q = pipeline.quarter.parse
    first, last = q("2025Q1") - f.ensemble.start, q("2025Q4") - f.ensemble.start
    behind = f.ensemble.of("future_hnte_new")[:, first : last + 1].sum(axis=1) < 250
    expected = [("behind_at_half_time", "then", "2025Q4", behind.mean())] if behind.any() else []
    assert [(x.rule, x.branch, x.quarter, x.share) for x in f.acts] == expected
    assert f.document().get("rules", []) == [
        dict(zip(("rule", "branch", "quarter", "share"), x, strict=True)) for x in expected
    ]
