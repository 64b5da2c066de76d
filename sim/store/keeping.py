"""A store kept small: runs that nobody needs go, with everything that rests on them, and the file is written anew."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.store.reader import Listed, StoreReader
from sim.store.store import Store

OF_MEMBERS = ("series", "ledger", "effects", "parts", "leaks", "ladder", "rule_acts", "outcomes")
"""Tables with rows of single members of a run."""
AGAINST = ("effects", "parts", "leaks", "outcomes")
"""Those of them whose rows compare with a member of another run."""
OF_RUNS = (*OF_MEMBERS, "members", "forecasts", "joints", "runs")
"""Every table with a run in it; a row goes before the row that it refers to."""
LEFT_OVER = {
    "fits": "fit_sha NOT IN (SELECT fit_sha FROM runs)",
    "scenarios": "scenario_sha NOT IN (SELECT scenario_sha FROM runs)",
    "cities": "(city, data_sha) NOT IN (SELECT city, data_sha FROM runs)",
}
"""What runs refer to, and how it is known that none does any more."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What went with some runs."""

    runs: tuple[str, ...]
    members: int
    analyses: tuple[Listed, ...]


def resting_on(store: StoreReader, run_ids: list[str]) -> list[Listed]:
    """Return the analyses that rest on any of some runs, the oldest first."""
    return [a for a in store.analysis_listing() if set(a.runs) & set(run_ids)]


def drop(store: Store, run_ids: list[str]) -> Dropped:
    """Forget runs, with their members, what others were compared with them, and the analyses that rest on them.

    All in one step: a killed process has dropped all of it or nothing. The file keeps its size until it is compacted.
    Raises `InputError` for a run that is not there, and then nothing is dropped.
    """
    runs = tuple(dict.fromkeys(run_ids))
    for run_id in runs:
        store.run_row(run_id)
    with store.transaction() as db:
        # inside, so that an analysis that another process has just written goes too
        analyses = tuple(resting_on(store, list(runs)))
        members = int(sum(_drop_run(db, run_id) for run_id in runs))
        for a in analyses:
            db.execute("DELETE FROM analyses WHERE kind = ? AND key = ?", (a.kind, a.key))
            db.execute("DELETE FROM pieces WHERE key = ?", (f"{a.kind}/{a.key}",))
        for table, unused in LEFT_OVER.items():
            db.execute(f"DELETE FROM {table} WHERE {unused}")
    return Dropped(runs, members, analyses)


def _drop_run(db: sqlite3.Connection, run_id: str) -> int:
    """Delete one run and return how many members it had."""
    (members,) = db.execute("SELECT count(*) FROM members WHERE run_id = ?", (run_id,)).fetchone()
    for table in AGAINST:
        db.execute(f"DELETE FROM {table} WHERE base_run = ?", (run_id,))
    for table in OF_RUNS:
        db.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
    db.execute("DELETE FROM pieces WHERE key = ?", (f"run/{run_id}",))
    return int(members)


def compact(store: Store) -> tuple[int, int]:
    """Write the file anew without the room of what was dropped; return its size before and after, bytes.

    It needs as much room again while it works. Raises `InputError` while another process uses the store.
    """
    before = store.path.stat().st_size
    try:
        store.db.execute("VACUUM")
        (busy, *_) = store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        busy = 1
    if busy:
        raise InputError(
            Said("{path}: another process is using the store; compact it when that has ended.", path=store.path)
        )
    return before, store.path.stat().st_size
