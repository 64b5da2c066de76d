"""The store: one SQLite file with every run, readable by Datasette, pandas or a shell without help.

Each member is one transaction, so a killed process loses at most the member in flight, and a run asked
for twice is read, not recomputed. Two processes may write to one file: SQLite's write-ahead log and a
busy time-out keep them apart, and rows are keyed so that both write the same thing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from sqlite_utils import Database

from agents.table import Floats
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Trajectory
from sim.ensemble.forecast import GoalForecast, Joint
from sim.inputs.errors import InputError
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS, NAMES
from sim.store.database import connect
from sim.store.document import D, Document, Kept
from sim.store.effects import EffectRecords
from sim.store.made import MADE_PIECE, WORDS
from sim.store.reader import StoreReader
from sim.versions import versions


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What identifies a run, besides the tables it points to."""

    run_id: str
    city: City
    scenario: Scenario
    fit_sha: str
    fit_provenance: dict[str, object]
    as_of: int
    end: int
    seed: int
    weight: float
    code: str
    version: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """A stored analysis as JSON, of whatever kind and version: for listing it, and for finding a number by its path."""

    kind: str
    key: str  # names everything that decides its numbers
    city: str
    runs: list[str]
    document: dict[str, Any]  # what `--json` prints


class Store(StoreReader):
    """An open store, to read and to write. Use `open_store` to get one."""

    @cached_property
    def tables(self) -> Database:
        """The file as sqlite-utils has it: tables by name, rows as dictionaries, `insert`, `upsert`, `rows_where`."""
        return Database(self.db)

    @property
    def effects(self) -> EffectRecords:
        """What each member of a run did better or worse than the same member of another."""
        return EffectRecords(self.db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of what is inside, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def register(self, run: RunRecord) -> None:
        """Write a run and what it refers to, unless it is there already."""
        city, scenario = run.city, run.scenario
        provenance = json.dumps(run.fit_provenance, ensure_ascii=False)
        indicators = (
            {"indicator": i.name, "label": i.label, "unit": i.unit, "kind": i.kind, "definition": i.definition}
            for i in INDICATORS.values()
        )
        with self.transaction():
            here = {"city": city.name, "title": city.title["zh"], "data_sha": city.sha}
            self.tables.table("cities").upsert(here, pk="city")
            self.tables.table("scenarios").insert(
                {
                    "scenario_sha": scenario.sha,
                    "name": scenario.name,
                    "title": scenario.title["zh"],
                    "text": scenario.text,
                },
                ignore=True,
            )
            self.tables.table("fits").insert(
                {"fit_sha": run.fit_sha, "city": city.name, "provenance": provenance}, ignore=True
            )
            self.tables.table("indicators").insert_all(indicators, ignore=True)
            self.tables.table("runs").insert(
                {
                    "run_id": run.run_id,
                    "city": city.name,
                    "scenario_sha": scenario.sha,
                    "scenario": scenario.name,
                    "fit_sha": run.fit_sha,
                    "as_of": quarter.label(run.as_of),
                    "horizon": quarter.label(run.end),
                    "seed": run.seed,
                    "weight": run.weight,
                    "code": run.code,
                    "data_sha": city.sha,
                    "version": run.version,
                    "created": "now",
                },
                ignore=True,
                conversions={"created": "datetime(?)"},
            )

    def save_member(self, run_ids: list[str], seed: int, results: list[Trajectory], start: int, first: int) -> None:
        """Write one member under every scenario, in one transaction; what is there already is left alone.

        Series are kept from quarter `first` on; `start` is the quarter of their first row.
        """
        base = run_ids[0]
        labels = [quarter.label(start + i) for i in range(first - start, len(results[0].series))]
        with self.transaction() as c:
            for run_id, t in zip(run_ids, results, strict=True):
                c.execute("INSERT OR IGNORE INTO members VALUES (?,?,?)", (run_id, t.member, seed))
                rows = (
                    (run_id, t.member, label, name, x)
                    for label, row in zip(labels, t.series[first - start :].tolist(), strict=True)
                    for name, x in zip(NAMES, row, strict=True)
                )
                c.executemany("INSERT OR IGNORE INTO series VALUES (?,?,?,?,?)", rows)
                paid = ((run_id, t.member, labels[q - first], *rest) for q, *rest in t.ledger)
                c.executemany("INSERT OR IGNORE INTO ledger VALUES (?,?,?,?,?,?,?)", paid)
                self.effects.write(run_id, base, t)

    def twins_of(self, run_id: str) -> list[str]:
        """Return the runs with members that asked the same as a run of other code, the newest first."""
        sql = (
            "SELECT b.run_id FROM runs a"
            " JOIN runs b USING (data_sha, scenario_sha, fit_sha, as_of, horizon, seed, weight)"
            " WHERE a.run_id = ? AND b.code != a.code AND EXISTS (SELECT 1 FROM members m WHERE m.run_id = b.run_id)"
            " ORDER BY b.created DESC, b.rowid DESC"
        )
        return [found for (found,) in self.db.execute(sql, (run_id,))]

    def members_done(self, run_ids: list[str]) -> set[int]:
        """Return the members that every one of the runs has, with effects against the first."""
        sets = []
        for run_id in run_ids:
            sql = "SELECT member FROM members WHERE run_id = ?"
            sets.append({m for (m,) in self.db.execute(sql, (run_id,))})
            if len(run_ids) > 1:
                sets.append(self.effects.members(run_id, run_ids[0]))
        return set.intersection(*sets)

    def series(self, run_id: str, members: int, start: int, first: int) -> Floats:
        """Read the first `members` members back, (members, quarters, indicators); quarters before `first` are NaN."""
        sql = "SELECT value FROM series WHERE run_id = ? AND member = ? ORDER BY quarter, indicator"
        order = np.argsort(np.argsort(np.array(NAMES)))
        out = []
        for member in range(members):
            values = np.array([x for (x,) in self.db.execute(sql, (run_id, member))], float).reshape(-1, len(NAMES))
            out.append(values[:, order])
        stacked = np.stack(out)
        before = np.full((members, first - start, len(NAMES)), np.nan)
        return np.concatenate((before, stacked), axis=1)

    def whole_series(self, run_id: str, members: int) -> Floats:
        """Read the series of a run, whoever wrote it, (members, quarters, indicators); what it lacks is NaN."""
        sql = "SELECT member, quarter, indicator, value FROM series WHERE run_id = ? AND member < ?"
        rows = list(self.db.execute(sql, (run_id, members)))
        quarters = sorted({row[1] for row in rows})
        column = {name: i for i, name in enumerate(NAMES)}
        line = {name: i for i, name in enumerate(quarters)}
        out = np.full((members, len(quarters), len(NAMES)), np.nan)
        for member, when, indicator, value in rows:
            if indicator in column:  # an older run may know some that are no more
                out[member, line[when], column[indicator]] = value
        return out

    def kept_fit(self, key: str) -> tuple[str, str] | None:
        """Return a fit that was brought forward before, draws and provenance as text."""
        row = self.db.execute("SELECT draws, provenance FROM kept_fits WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row[0], row[1])

    def keep_fit(self, key: str, draws: str, provenance: str) -> None:
        """Keep a fit that was brought forward."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO kept_fits VALUES (?,?,?)", (key, draws, provenance))

    def keep(self, document: Document, key: str, city: str, runs: list[str]) -> None:
        """Write a finished analysis by its model, in place of an earlier one of the same kind and key."""
        kind, texts = document.kind, [json.dumps(x, ensure_ascii=False) for x in (runs, document.plain())]
        words = WORDS.get()
        called = None if words is None else {"words": words, "versions": versions()}
        made = (f"{kind}/{key}", MADE_PIECE, json.dumps(called, ensure_ascii=False))
        with self.transaction() as c:
            c.execute("INSERT OR REPLACE INTO analyses VALUES (?,?,?,?,?,datetime('now'))", (kind, key, city, *texts))
            c.execute("INSERT OR REPLACE INTO pieces VALUES (?,?,?)", made)

    def kept(self, model: type[D], run_id: str | None = None) -> list[Kept[D]]:
        """Return the analyses of a model's kind, the newest first; with a run, only those that rest on it.

        Raises `InputError` for a document that is not what the model declares: another version wrote it.
        """
        return [self._read(model, a) for a in self.analyses(model.kind, run_id)]

    def _read(self, model: type[D], a: Analysis) -> Kept[D]:
        try:
            return Kept(a.kind, a.key, a.city, a.runs, model.model_validate(a.document))
        except ValidationError as error:
            first = error.errors()[0]
            where = "/".join(map(str, first["loc"])) or "the whole"
            raise InputError(
                f"{self.path}: analysis {a.kind}/{a.key} does not fit this version ({where}: {first['msg']}); make it"
                " again with the command that made it."
            ) from None

    def analyses(self, kind: str, run_id: str | None = None) -> list[Analysis]:
        """Return the analyses of a kind, the newest first; with a run, only those that rest on it."""
        sql = "SELECT kind, key, city, runs, document FROM analyses WHERE kind = ? ORDER BY created DESC, key"
        found = [
            Analysis(k, key, city, json.loads(runs), json.loads(text))
            for k, key, city, runs, text in self.db.execute(sql, (kind,))
        ]
        return [a for a in found if run_id is None or run_id in a.runs]

    def drop_analysis(self, kind: str, key: str) -> None:
        """Forget an analysis, so that it is made again."""
        with self.transaction() as c:
            c.execute("DELETE FROM analyses WHERE kind = ? AND key = ?", (kind, key))

    def copied(self, place: Path) -> Store:
        """Return a copy of the store in another file."""
        copy = open_store(place)
        self.db.backup(copy.db)
        return copy

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def keep_piece(self, key: str, piece: str, document: object) -> None:
        """Write one finished piece of a long analysis, so that a stopped one goes on where it was."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO pieces VALUES (?,?,?)", (key, piece, json.dumps(document)))

    def cost(self, run_id: str, members: int, until: int | None = None) -> Floats:
        """Return what all levers paid over the forecast, or up to the end of a year, (members,), 万元."""
        last = "9999Q4" if until is None else f"{until}Q4"
        sql = (
            "SELECT member, sum(amount_wan) FROM ledger WHERE run_id = ? AND member < ? AND quarter <= ?"
            " GROUP BY member"
        )
        out = np.zeros(members)
        for member, amount in self.db.execute(sql, (run_id, members, last)):
            out[member] = amount
        return out

    def cost_by_lever(self, run_id: str, members: int) -> dict[str, Floats]:
        """Return what each lever paid over the forecast, (members,), 万元."""
        sql = "SELECT lever, member, sum(amount_wan) FROM ledger WHERE run_id = ? AND member < ? GROUP BY lever, member"
        out: dict[str, Floats] = {}
        for lever, member, amount in self.db.execute(sql, (run_id, members)):
            out.setdefault(lever, np.zeros(members))[member] = amount
        return out

    def save_forecast(self, run_id: str, members: int, goals: list[GoalForecast], joint: Joint) -> None:
        """Write the statement about every goal, and the joint ones."""
        with self.transaction() as c:
            marks = ",".join("?" * (2 + len(asdict(goals[0]))))
            rows = [(run_id, members, *_in_order(goal)) for goal in goals]
            c.executemany(f"INSERT OR REPLACE INTO forecasts VALUES ({marks})", rows)
            levels = [(run_id, members, k, p) for k, p in joint.at_least.items()]
            c.executemany("INSERT OR REPLACE INTO joints VALUES (?,?,?,?)", levels)


def _in_order(goal: GoalForecast) -> tuple[object, ...]:
    return tuple(asdict(goal).values())


def open_store(path: Path | str, *, must_exist: bool = False) -> Store:
    """Open a store as `connect` opens its file."""
    path = Path(path)
    return Store(path, connect(path, must_exist=must_exist))
