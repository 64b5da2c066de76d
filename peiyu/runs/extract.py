"""A part of a store as a store of its own: one run, the runs it is compared with, and what was found about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sim.store.store import Store, open_store

OF_RUNS = (
    "runs",
    "members",
    "series",
    "ledger",
    "forecasts",
    "joints",
    "effects",
    "parts",
    "leaks",
    "ladder",
    "rule_acts",
)
"""Tables with a row, or many, a run."""
WITH_ROWID = ("cities", "scenarios", "fits", "indicators", "runs", "kept_fits")
"""Tables that remember the order of writing; the others are kept by their key."""
OF_CITY = ("backtest", "check")
"""Analyses that rest on the city and its posterior, not on a run."""


def earlier(store: Store, run_id: str) -> str | None:
    """Return the last finished run of the city made before a run, other scenarios at an earlier origin only."""
    sql = (
        "SELECT o.run_id FROM runs o JOIN runs r ON r.run_id = ? AND o.city = r.city AND o.run_id <> r.run_id"
        " WHERE o.created <= r.created AND (o.as_of < r.as_of OR o.scenario = r.scenario)"
        " AND EXISTS (SELECT 1 FROM forecasts f WHERE f.run_id = o.run_id) ORDER BY o.created DESC, o.run_id LIMIT 1"
    )
    found = store.db.execute(sql, (run_id,)).fetchone()
    return None if found is None else str(found[0])


def runs_of(store: Store, run_id: str) -> list[str]:
    """Return a run, those that its analyses rest on too, and the one before it."""
    found = {run_id, earlier(store, run_id) or run_id}
    for (runs,) in store.db.execute("SELECT runs FROM analyses"):
        found |= set(json.loads(runs)) if run_id in json.loads(runs) else set()
    known = {name for (name,) in store.db.execute("SELECT run_id FROM runs")}
    return sorted(found & known)


def extract(store: Store, run_id: str, place: Path) -> None:
    """Write the part of a store that speaks of a run to a new file; the same store gives the same bytes."""
    runs = runs_of(store, run_id)
    marks = ",".join("?" * len(runs))
    new = open_store(place)
    with new.transaction() as c:
        c.execute("PRAGMA defer_foreign_keys = ON")
        for table in ("cities", "scenarios", "fits", "indicators"):
            _copy(store, new, table, *_needed(table, runs))
        for table in OF_RUNS:
            base = f" AND base_run IN ({marks})" if table in ("effects", "parts", "leaks") else ""
            twice = runs * 2 if base else runs
            _copy(store, new, table, f" WHERE run_id IN ({marks}){base}", twice)
        for kind, key in _analyses(store, run_id):
            _copy(store, new, "analyses", " WHERE kind = ? AND key = ?", [kind, key])
            _copy(store, new, "pieces", " WHERE key = ?", [f"{kind}/{key}"])
        for run in runs:
            _copy(store, new, "pieces", " WHERE key = ?", [f"run/{run}"])
        _copy(store, new, "kept_fits", *_fits(store, runs))
    connection = new.db
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("VACUUM")
    connection.close()


def _needed(table: str, runs: list[str]) -> tuple[str, list[str]]:
    """Return which rows of a table that runs refer to are needed."""
    columns = {"cities": "city", "scenarios": "scenario_sha", "fits": "fit_sha"}
    if table not in columns:
        return "", []
    marks, column = ",".join("?" * len(runs)), columns[table]
    return f" WHERE {column} IN (SELECT {column} FROM runs WHERE run_id IN ({marks}))", runs


def _fits(store: Store, runs: list[str]) -> tuple[str, list[str]]:
    """Return which fits that were brought forward are those of the runs."""
    marks = ",".join("?" * len(runs))
    shas = {sha for (sha,) in store.db.execute(f"SELECT fit_sha FROM runs WHERE run_id IN ({marks})", runs)}
    rows = store.db.execute("SELECT key, provenance FROM kept_fits")
    keys = sorted(key for key, made in rows if json.loads(made)["draws_sha"] in shas)
    return f" WHERE key IN ({','.join('?' * len(keys))})", keys


def _analyses(store: Store, run_id: str) -> Iterator[tuple[str, str]]:
    """Give the analyses that rest on the run, and those of its city."""
    (city,) = store.db.execute("SELECT city FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    rows = store.db.execute("SELECT kind, key, city, runs FROM analyses ORDER BY kind, key").fetchall()
    for kind, key, place, runs in rows:
        if run_id in json.loads(runs) or (kind in OF_CITY and place == city):
            yield kind, key


def _copy(old: Store, new: Store, table: str, where: str, values: list[str]) -> None:
    """Copy rows in the order in which they stand, so that the file is the same each time."""
    order = "rowid" if table in WITH_ROWID else "1, 2"
    rows = old.db.execute(f"SELECT * FROM {table}{where} ORDER BY {order}", values).fetchall()
    if rows:
        marks = ",".join("?" * len(rows[0]))
        new.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
