"""Runs that are dropped take all that rests on them along and nothing else; a compacted file is smaller and the same."""

import json
import sqlite3

import pytest
import stores

from sim.inputs.errors import InputError
from sim.store import database
from sim.store.keeping import OF_RUNS, compact, drop
from sim.store.store import open_store

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


@pytest.fixture
def store(tmp_path, city, scenario):
    """A base, a plan compared with it, and a third run by itself; an analysis of the first two."""
    with open_store(tmp_path / "s.db") as made:
        for name in ("base", "plan", "other"):
            made.register(stores.record(city, scenario("plan_as_written"), name))
        pair = [stores.trajectory(0), stores.trajectory(0, values=stores.series(hnte_stock=5.0))]
        made.save_member(["base", "plan"], 7, pair, stores.START, stores.START)
        made.save_member(["other"], 7, [stores.trajectory(0, paid=[("2025Q1", "fund", 3.0, 1, 9.0)])], stores.START, stores.START)
        for name in ("base", "plan", "other"):
            stores.finished(made, name, members=1)
            made.keep_piece(f"run/{name}", "made", {"versions": {}})
        made.db.execute("INSERT INTO analyses VALUES ('compare','k','hangzhou',?,'{}','2026')", (json.dumps(["base", "plan"]),))
        made.db.execute("INSERT INTO analyses VALUES ('search','s','hangzhou',?,'{}','2026')", (json.dumps(["other"]),))
        yield made


def rows(store, run_id):
    """Return how many rows of every table speak of a run."""
    found = {}
    for (table,) in store.db.execute(TABLES):
        for column in ("run_id", "base_run"):
            if any(c[1] == column for c in store.db.execute(f"PRAGMA table_info({table})")):
                (n,) = store.db.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", (run_id,)).fetchone()
                found[table, column] = n
    return found


def test_a_dropped_run_takes_what_rests_on_it_and_leaves_the_rest(store):
    kept = rows(store, "other")
    gone = drop(store, ["base"])
    assert (gone.runs, gone.members, [a.key for a in gone.analyses]) == (("base",), 1, ["k"])
    assert not any(rows(store, "base").values()) and rows(store, "other") == kept
    assert store.run_ids() == ["plan", "other"] and [a.key for a in store.analysis_listing()] == ["s"]
    assert rows(store, "plan")["series", "run_id"] > 0 and rows(store, "plan")["forecasts", "run_id"] == 1
    assert not store.pieces("run/base") and store.pieces("run/other")
    assert not store.db.execute("PRAGMA foreign_key_check").fetchall()


def test_with_the_last_run_goes_what_it_referred_to(store):
    drop(store, ["base", "plan"])
    assert store.db.execute("SELECT count(*) FROM scenarios").fetchone() == (1,)
    drop(store, ["other", "other"])
    for table in ("runs", "members", "series", "fits", "scenarios", "cities", "analyses", "pieces"):
        assert store.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_every_table_with_a_run_in_it_is_known(store):
    """A table that is added later has to be named, or its rows would stay behind."""
    speak = {t for (t,) in store.db.execute(TABLES) if any(c[1] == "run_id" for c in store.db.execute(f"PRAGMA table_info({t})"))}
    assert speak == set(OF_RUNS)


def test_a_run_that_is_not_there_drops_nothing(store):
    before = rows(store, "base")
    with pytest.raises(InputError, match=r'no run "plna".*plan'):
        drop(store, ["base", "plna"])
    assert rows(store, "base") == before


def test_a_stopped_drop_has_dropped_nothing(store, monkeypatch):
    before, asked = rows(store, "base"), []

    def stop(statement):
        asked.append(statement)
        return int("DELETE FROM members" in statement)

    store.db.set_trace_callback(lambda s: stop(s) and store.db.interrupt())
    with pytest.raises(sqlite3.OperationalError, match="interrupt"):
        drop(store, ["base", "plan"])
    store.db.set_trace_callback(None)
    assert asked and rows(store, "base") == before and len(store.analysis_listing()) == 2


def test_a_compacted_file_is_smaller_and_holds_the_same(store):
    for i in range(300):
        store.keep_piece("long", str(i), "x" * 2000)
    kept = rows(store, "plan")
    with store.transaction() as db:
        db.execute("DELETE FROM pieces WHERE key = 'long'")
    before, after = compact(store)
    assert after < before - 500_000 and after == store.path.stat().st_size
    assert rows(store, "plan") == kept and store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_store_in_use_is_not_compacted(store, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with open_store(store.path) as mine:
        store.db.execute("BEGIN IMMEDIATE")
        with pytest.raises(InputError, match="another process is using the store"):
            compact(mine)
        store.db.execute("ROLLBACK")
        compact(mine)
