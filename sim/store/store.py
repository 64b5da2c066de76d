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
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from agents.table import Floats
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Trajectory
from sim.ensemble.forecast import GoalForecast, Joint
from sim.inputs.errors import InputError
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS, NAMES
from sim.store import effects as store_effects

MADE: ContextVar[dict[str, Any] | None] = ContextVar("made", default=None)
"""How the program was called, and with which versions; kept beside every analysis, so that it can be made again."""
MADE_PIECE = "made"
SCHEMA_VERSION = 3
BUSY_SECONDS = 60.0
_TABLES = """
CREATE TABLE cities    (city TEXT PRIMARY KEY, title TEXT, data_sha TEXT);
CREATE TABLE scenarios (scenario_sha TEXT PRIMARY KEY, name TEXT, title TEXT, text TEXT);
CREATE TABLE fits      (fit_sha TEXT PRIMARY KEY, city TEXT REFERENCES cities(city), provenance TEXT);
CREATE TABLE indicators(indicator TEXT PRIMARY KEY, label TEXT, unit TEXT, kind TEXT, definition TEXT);
CREATE TABLE runs      (run_id TEXT PRIMARY KEY, city TEXT REFERENCES cities(city),
                        scenario_sha TEXT REFERENCES scenarios(scenario_sha), scenario TEXT,
                        fit_sha TEXT REFERENCES fits(fit_sha), as_of TEXT, horizon TEXT, seed INTEGER,
                        weight REAL, code TEXT, data_sha TEXT, version TEXT, created TEXT);
CREATE TABLE members   (run_id TEXT REFERENCES runs(run_id), member INTEGER, seed INTEGER,
                        PRIMARY KEY (run_id, member)) WITHOUT ROWID;
CREATE TABLE series    (run_id TEXT, member INTEGER, quarter TEXT, indicator TEXT REFERENCES indicators(indicator),
                        value REAL, PRIMARY KEY (run_id, member, quarter, indicator),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE ledger    (run_id TEXT, member INTEGER, quarter TEXT, lever TEXT, amount_wan REAL, payments INTEGER,
                        budget_wan REAL, PRIMARY KEY (run_id, member, quarter, lever),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE effects   (run_id TEXT, base_run TEXT REFERENCES runs(run_id), member INTEGER, goal TEXT, reading TEXT,
                        gross REAL, additional REAL, PRIMARY KEY (run_id, base_run, member, goal, reading),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE forecasts (run_id TEXT REFERENCES runs(run_id), members INTEGER, goal TEXT, reading TEXT, operator TEXT,
                        value REAL, deadline TEXT, q05 REAL, median REAL, q95 REAL, probability REAL, mc_error REAL,
                        evidence TEXT, "primary" INTEGER, model_probability REAL, base_rate REAL, first_passage TEXT,
                        first_passage_early TEXT, still_needed REAL, shortfall REAL,
                        PRIMARY KEY (run_id, members, goal, reading)) WITHOUT ROWID;
CREATE TABLE joints    (run_id TEXT REFERENCES runs(run_id), members INTEGER, at_least INTEGER, probability REAL,
                        PRIMARY KEY (run_id, members, at_least)) WITHOUT ROWID;
"""
_KEPT_FITS = """
CREATE TABLE kept_fits (key TEXT PRIMARY KEY, draws TEXT, provenance TEXT);
"""
_ANALYSES = """
CREATE TABLE analyses  (kind TEXT, key TEXT, city TEXT, runs TEXT, document TEXT, created TEXT,
                        PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE pieces    (key TEXT, piece TEXT, document TEXT, PRIMARY KEY (key, piece)) WITHOUT ROWID;
"""
MIGRATIONS: dict[int, str] = {1: _KEPT_FITS, 2: _ANALYSES + store_effects.TABLES}
"""SQL that brings a store from the version named to the next one."""


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
    """A stored result that rests on runs: a comparison, a search, a sensitivity, a backtest."""

    kind: str
    key: str  # names everything that decides its numbers
    city: str
    runs: list[str]
    document: dict[str, Any]  # what `--json` prints


class Store:
    """An open store. Use `open_store` to get one."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.db = path, Database(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of what is inside, or nothing."""
        connection = self.db.conn
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    def register(self, run: RunRecord) -> None:
        """Write a run and what it refers to, unless it is there already."""
        city, scenario = run.city, run.scenario
        with self.transaction() as c:
            c.execute(
                "INSERT INTO cities VALUES (?,?,?) ON CONFLICT(city) DO UPDATE SET data_sha = excluded.data_sha",
                (city.name, city.title["zh"], city.sha),
            )
            c.execute(
                "INSERT OR IGNORE INTO scenarios VALUES (?,?,?,?)",
                (scenario.sha, scenario.name, scenario.title["zh"], scenario.text),
            )
            c.execute(
                "INSERT OR IGNORE INTO fits VALUES (?,?,?)",
                (run.fit_sha, city.name, json.dumps(run.fit_provenance, ensure_ascii=False)),
            )
            c.executemany(
                "INSERT OR IGNORE INTO indicators VALUES (?,?,?,?,?)",
                [(i.name, i.label, i.unit, i.kind, i.definition) for i in INDICATORS.values()],
            )
            c.execute(
                "INSERT OR IGNORE INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,datetime('now'))",
                (
                    run.run_id, city.name, scenario.sha, scenario.name, run.fit_sha, quarter.label(run.as_of),
                    quarter.label(run.end), run.seed, run.weight, run.code, city.sha, run.version,
                ),
            )  # fmt: skip

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
                store_effects.write(c, run_id, base, t)

    def members_done(self, run_ids: list[str]) -> set[int]:
        """Return the members that every one of the runs has, with effects against the first."""
        sets = []
        for run_id in run_ids:
            sql = "SELECT member FROM members WHERE run_id = ?"
            sets.append({m for (m,) in self.db.execute(sql, (run_id,))})
            if len(run_ids) > 1:
                sets.append(store_effects.members_with_effects(self.db, run_id, run_ids[0]))
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

    def kept_fit(self, key: str) -> tuple[str, str] | None:
        """Return a fit that was brought forward before, draws and provenance as text."""
        row = self.db.execute("SELECT draws, provenance FROM kept_fits WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row[0], row[1])

    def keep_fit(self, key: str, draws: str, provenance: str) -> None:
        """Keep a fit that was brought forward."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO kept_fits VALUES (?,?,?)", (key, draws, provenance))

    def keep_analysis(self, a: Analysis) -> None:
        """Write a finished analysis, in place of an earlier one of the same kind and key."""
        runs, document = (json.dumps(x, ensure_ascii=False) for x in (a.runs, a.document))
        made = (f"{a.kind}/{a.key}", MADE_PIECE, json.dumps(MADE.get(), ensure_ascii=False))
        with self.transaction() as c:
            row = (a.kind, a.key, a.city, runs, document)
            c.execute("INSERT OR REPLACE INTO analyses VALUES (?,?,?,?,?,datetime('now'))", row)
            c.execute("INSERT OR REPLACE INTO pieces VALUES (?,?,?)", made)

    def analyses(self, kind: str, run_id: str | None = None) -> list[Analysis]:
        """Return the analyses of a kind, the newest first; with a run, only those that rest on it."""
        sql = "SELECT kind, key, city, runs, document FROM analyses WHERE kind = ? ORDER BY created DESC, key"
        found = [
            Analysis(k, key, city, json.loads(runs), json.loads(text))
            for k, key, city, runs, text in self.db.execute(sql, (kind,))
        ]
        return [a for a in found if run_id is None or run_id in a.runs]

    def keep_piece(self, key: str, piece: str, document: object) -> None:
        """Write one finished piece of a long analysis, so that a stopped one goes on where it was."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO pieces VALUES (?,?,?)", (key, piece, json.dumps(document)))

    def pieces(self, key: str) -> dict[str, Any]:
        """Return the pieces of an analysis that are finished, by name."""
        sql = "SELECT piece, document FROM pieces WHERE key = ?"
        return {piece: json.loads(text) for piece, text in self.db.execute(sql, (key,))}

    def cost(self, run_id: str, members: int) -> Floats:
        """Return what all levers paid over the forecast, (members,), 万元."""
        sql = "SELECT member, sum(amount_wan) FROM ledger WHERE run_id = ? AND member < ? GROUP BY member"
        out = np.zeros(members)
        for member, amount in self.db.execute(sql, (run_id, members)):
            out[member] = amount
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
    """Open a store, making it if need be, and bring it to this version's schema.

    Raises `InputError` for a folder that cannot be written, a file that is not a store, and a store written by a
    newer version; the file is left as it was.
    """
    path = Path(path)
    if must_exist and not path.is_file():
        raise InputError(f"{path}: no such store; run peiyu forecast first, or name another file with --db.")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; --db names a file, such as {path / 'peiyu.db'}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        _prepare(path, connection)
    except (OSError, sqlite3.DatabaseError) as error:
        if "full" in str(error):
            raise
        raise InputError(f"{path}: cannot be used as a store ({error}); choose a folder you can write to.") from None
    return Store(path, connection)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Check the version and make or migrate the tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{path}: written by a newer peiyu (schema {version}; this one knows {SCHEMA_VERSION}); update peiyu,"
            " or name another file with --db."
        )
    if version == 0 and tables:
        raise InputError(f"{path}: an SQLite file, but not a peiyu store; name another file with --db.")
    connection.execute("PRAGMA foreign_keys = ON")
    if version == SCHEMA_VERSION:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    (now,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been faster
    steps = [_TABLES, *MIGRATIONS.values()] if now == 0 else [MIGRATIONS[v] for v in range(now, SCHEMA_VERSION)]
    for statement in ";".join(steps).split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
