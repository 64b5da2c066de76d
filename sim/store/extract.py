"""A part of a store as a store of its own: one run, the runs it is compared with, and what was found about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.store.results import StoredResults
from sim.store.sound import parsed
from sim.store.store import Store, open_store

OF_RUNS = (
    "runs",
    "members",
    "series",
    "ledger",
    "forecasts",
    "joints",
    "effects",
    "outcomes",
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


def extract(store: StoredResults, run_id: str, place: Path) -> None:
    """Write the part of a store that speaks of a run to a new file; the same store gives the same bytes."""
    runs = store.related_runs(run_id)
    marks = ",".join("?" * len(runs))
    new = open_store(place)
    with new.transaction() as c:
        c.execute("PRAGMA defer_foreign_keys = ON")
        for table in ("cities", "scenarios", "fits", "indicators"):
            _copy(store, new, table, *_needed(table, runs))
        for table in OF_RUNS:
            base = f" AND base_run IN ({marks})" if table in ("effects", "outcomes", "parts", "leaks") else ""
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
    columns = {"cities": "city, data_sha", "scenarios": "scenario_sha", "fits": "fit_sha"}
    if table not in columns:
        return "", []
    marks, column = ",".join("?" * len(runs)), columns[table]
    return f" WHERE ({column}) IN (SELECT {column} FROM runs WHERE run_id IN ({marks}))", runs


def _fits(store: StoredResults, runs: list[str]) -> tuple[str, list[str]]:
    """Return which fits that were brought forward are those of the runs."""
    marks = ",".join("?" * len(runs))
    shas = {sha for (sha,) in store.db.execute(f"SELECT fit_sha FROM runs WHERE run_id IN ({marks})", runs)}
    rows = store.db.execute("SELECT key, provenance FROM kept_fits")
    keys = sorted(key for key, made in rows if parsed(store.path, f"fit {key}", made).get("draws_sha") in shas)
    return f" WHERE key IN ({','.join('?' * len(keys))})", keys


def _analyses(store: StoredResults, run_id: str) -> Iterator[tuple[str, str]]:
    """Give the analyses that rest on the run, and those of its city."""
    city = store.run_row(run_id)["city"]
    for a in sorted(store.analysis_listing(), key=lambda a: (a.kind, a.key)):
        if run_id in a.runs or (a.kind in OF_CITY and a.city == city):
            yield a.kind, a.key


def _copy(old: StoredResults, new: Store, table: str, where: str, values: list[str]) -> None:
    """Copy rows in the order in which they stand, so that the file is the same each time."""
    order = "rowid" if table in WITH_ROWID else "1, 2"
    rows = old.db.execute(f"SELECT * FROM {table}{where} ORDER BY {order}", values).fetchall()
    if rows:
        marks = ",".join("?" * len(rows[0]))
        new.db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
