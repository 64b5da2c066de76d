"""What a store says of its runs, their forecasts and analyses: every question that is asked of its tables.

It needs nothing but SQLite, so that what only looks something up loads nothing else.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.store.database import connect_to_read, query
from sim.store.sound import parsed

NAME = re.compile(r"[^./\\\s][^/\\\n]{0,199}")
"""A name as it may become part of a path: no folder is in it."""
Row = dict[str, Any]
"""A row of a table, by the names of its columns."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A stored analysis as a list of them has it."""

    kind: str
    key: str
    city: str
    runs: list[str]
    created: str


class StoreReader:
    """The reading half of a store. Use `open_reader` to get one that loads no model."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.db = path, connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; SQLite takes away what it kept beside it."""
        self.db.close()

    def run_ids(self) -> list[str]:
        """Return the ids of all runs, in the order of writing."""
        return [run_id for (run_id,) in self.db.execute("SELECT run_id FROM runs ORDER BY rowid")]

    def run_row(self, run_id: str) -> Row:
        """Return the row of a run. Raises `InputError` for a run that is not there."""
        found = next(query(self.db, "SELECT * FROM runs WHERE run_id = ?", (run_id,)), None)
        if found is None:
            raise InputError(
                Said(
                    '{path}: no run "{run}".{meant} peiyu show lists the runs.',
                    path=self.path,
                    run=run_id,
                    meant=meant(run_id, self.run_ids()),
                )
            )
        return self._plain(found)

    def newest_run(self) -> Row:
        """Return the row of the newest finished run. Raises `InputError` when there is none."""
        finished = "EXISTS (SELECT 1 FROM forecasts f WHERE f.run_id = r.run_id)"
        sql = f"SELECT * FROM runs r WHERE {finished} ORDER BY created DESC, r.rowid DESC LIMIT 1"
        found = next(query(self.db, sql), None)
        if found is None:
            raise InputError(Said("{path}: no finished run; run peiyu forecast first.", path=self.path))
        return self._plain(found)

    def _plain(self, run: Row) -> Row:
        """Return the row of a run whose names are names. Raises `InputError` for one that would lead into a folder.

        A store is data: it may come from elsewhere, and what it calls a run, a city or a scenario finds files here.
        """
        for what in ("run_id", "city", "scenario"):
            self._name(run[what])
        return run

    def _name(self, name: object) -> str:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise InputError(
                Said(
                    '{path}: "{name}" is no name of a run, a city or a scenario; name another store with --db.',
                    path=self.path,
                    name=quoted(name),
                )
            )
        return name

    def finished(self, run_id: str) -> bool:
        """Tell whether a run came to its forecast."""
        sql = "SELECT 1 FROM forecasts WHERE run_id = ? LIMIT 1"
        return self.db.execute(sql, (run_id,)).fetchone() is not None

    def run_listing(self) -> list[Row]:
        """Return a few words on every run, the oldest first."""
        sql = (
            "SELECT r.run_id, r.city, r.scenario, r.as_of, r.seed, count(m.member) AS members, r.created, r.code"
            " FROM runs r LEFT JOIN members m USING (run_id) GROUP BY r.run_id ORDER BY r.created, r.run_id"
        )
        return list(query(self.db, sql))

    def last_forecast(self, run_id: str) -> list[Row]:
        """Return what a run says of every reading, from its most members.

        Raises `InputError` for a run that is not there, or that was not finished.
        """
        self.run_row(run_id)
        sql = (
            "SELECT * FROM forecasts WHERE run_id = ?"
            " AND members = (SELECT max(members) FROM forecasts WHERE run_id = ?)"
        )
        found = list(query(self.db, sql, (run_id, run_id)))
        if not found:
            raise InputError(
                Said(
                    "{path}: run {run} was not finished; run the same forecast again to finish it.",
                    path=self.path,
                    run=run_id,
                )
            )
        return found

    def finished_members(self, run_id: str) -> int:
        """Return of how many members the largest finished forecast of a run is; 0 where there is none."""
        sql = "SELECT coalesce(max(members), 0) FROM forecasts WHERE run_id = ?"
        return int(self.db.execute(sql, (run_id,)).fetchone()[0])

    def joints(self, run_id: str, members: int) -> dict[int, float]:
        """Return P(at least k goals are reached), by k."""
        sql = "SELECT at_least, probability FROM joints WHERE run_id = ? AND members = ?"
        return {int(k): float(p) for k, p in self.db.execute(sql, (run_id, members))}

    def earlier(self, run_id: str) -> str | None:
        """Return the last finished run of the city made before a run, other scenarios at an earlier origin only.

        A city is known by its name and title: two folders may have one name.
        """
        sql = (
            "SELECT o.run_id FROM runs o JOIN runs r ON r.run_id = ? AND o.city = r.city AND o.run_id <> r.run_id"
            " JOIN cities c ON c.city = r.city AND c.data_sha = r.data_sha"
            " JOIN cities d ON d.city = o.city AND d.data_sha = o.data_sha AND d.title = c.title"
            " WHERE o.created <= r.created AND (o.as_of < r.as_of OR o.scenario = r.scenario)"
            " AND EXISTS (SELECT 1 FROM forecasts f WHERE f.run_id = o.run_id)"
            " ORDER BY o.created DESC, o.run_id LIMIT 1"
        )
        found = self.db.execute(sql, (run_id,)).fetchone()
        return None if found is None else str(found[0])

    def finished_of_city(self, run_id: str) -> list[Row]:
        """Return a few words on every finished run of the city of a run, known as in `earlier`, the oldest first."""
        sql = (
            "SELECT o.run_id, o.scenario, o.as_of, o.created, max(f.members) AS members FROM runs o"
            " JOIN forecasts f USING (run_id) JOIN runs r ON r.run_id = ? AND o.city = r.city"
            " JOIN cities c ON c.city = r.city AND c.data_sha = r.data_sha"
            " JOIN cities d ON d.city = o.city AND d.data_sha = o.data_sha AND d.title = c.title"
            " GROUP BY o.run_id ORDER BY o.created, o.rowid"
        )
        return list(query(self.db, sql, (run_id,)))

    def city_title(self, run: Row) -> str:
        """Return what the city of a run was called when it was made."""
        sql = "SELECT title FROM cities WHERE city = ? AND data_sha = ?"
        return str(self.db.execute(sql, (run["city"], run["data_sha"])).fetchone()[0])

    def related_runs(self, run_id: str) -> list[str]:
        """Return a run, those that its analyses rest on too, and the one before it."""
        found = {run_id, self.earlier(run_id) or run_id}
        for a in self.analysis_listing(run_id):
            found |= set(a.runs)
        return sorted(found & set(self.run_ids()))

    def analysis_listing(self, run_id: str | None = None) -> list[Listed]:
        """Return the stored analyses without their documents, the oldest first; with a run, those that rest on it."""
        sql = "SELECT kind, key, city, runs, created FROM analyses ORDER BY created, kind, key"
        found = [Listed(k, key, city, json.loads(runs), at) for k, key, city, runs, at in self.db.execute(sql)]
        return [a for a in found if run_id is None or run_id in a.runs]

    def scenario_title(self, name: str) -> str | None:
        """Return the title that a scenario had when it ran last, or None."""
        sql = "SELECT title FROM scenarios WHERE name = ? ORDER BY rowid DESC"
        found = self.db.execute(sql, (name,)).fetchone()
        return None if found is None else str(found[0])

    def scenario_of(self, run_id: str) -> tuple[str, str] | None:
        """Return name and title of the scenario of a run, or None."""
        sql = "SELECT r.scenario, s.title FROM runs r JOIN scenarios s USING (scenario_sha) WHERE run_id = ?"
        found = self.db.execute(sql, (run_id,)).fetchone()
        return None if found is None else (str(found[0]), str(found[1]))

    def scenario_texts(self, runs: Sequence[str]) -> dict[str, str]:
        """Return the texts of the scenarios of some runs, by name."""
        marks = ",".join("?" * len(runs))
        joined = "runs r JOIN scenarios s USING (scenario_sha)"
        sql = f"SELECT DISTINCT s.name, s.text FROM {joined} WHERE run_id IN ({marks})"
        return {self._name(name): str(text) for name, text in self.db.execute(sql, runs)}

    def fit_provenance(self, fit_sha: str) -> Row:
        """Return how a posterior was made, or nothing."""
        found = self.db.execute("SELECT provenance FROM fits WHERE fit_sha = ?", (fit_sha,)).fetchone()
        return {} if found is None else dict(json.loads(found[0]))

    def kept_fits(self) -> Iterator[tuple[str, str]]:
        """Give the fits that were brought forward, draws and provenance as text."""
        yield from self.db.execute("SELECT draws, provenance FROM kept_fits")

    def pieces(self, key: str) -> dict[str, Any]:
        """Return the pieces of an analysis that are finished, by name."""
        sql = "SELECT piece, document FROM pieces WHERE key = ?"
        found = self.db.execute(sql, (key,))
        return {piece: parsed(self.path, f"piece {key}/{piece}", text, object) for piece, text in found}

    def mean_payments(self, run_id: str, members: int) -> list[Row]:
        """Return mean payments by quarter and lever, 万元."""
        sql = (
            "SELECT quarter, lever, avg(amount_wan) AS amount_wan, avg(payments) AS payments,"
            " avg(budget_wan) AS budget_wan FROM ledger WHERE run_id = ? AND member < ? GROUP BY quarter, lever"
        )
        return list(query(self.db, sql, (run_id, members)))


def open_reader(path: Path) -> StoreReader:
    """Open a store to look something up. Raises `InputError` as `connect_to_read` does."""
    return StoreReader(path, connect_to_read(path))
