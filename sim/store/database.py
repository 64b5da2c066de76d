"""The file of the store: its tables, how an older file is brought to them, and rows by name.

It needs nothing but SQLite, so that what only looks something up loads nothing else.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.inputs.errors import InputError

SCHEMA_VERSION = 6
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
_EFFECTS = """
CREATE TABLE parts     (run_id TEXT, base_run TEXT REFERENCES runs(run_id), member INTEGER, goal TEXT, reading TEXT,
                        axis TEXT, code TEXT, gross REAL, additional REAL, net REAL,
                        PRIMARY KEY (run_id, base_run, member, goal, reading, axis, code),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE leaks     (run_id TEXT, base_run TEXT REFERENCES runs(run_id), member INTEGER, item TEXT, value REAL,
                        PRIMARY KEY (run_id, base_run, member, item),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE ladder    (run_id TEXT, member INTEGER, rung_before TEXT, rung_after TEXT, enterprises REAL,
                        PRIMARY KEY (run_id, member, rung_before, rung_after),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
CREATE TABLE rule_acts (run_id TEXT, member INTEGER, rule TEXT, branch TEXT, quarter TEXT,
                        PRIMARY KEY (run_id, member, rule),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
"""
_ANALYSES = """
CREATE TABLE analyses  (kind TEXT, key TEXT, city TEXT, runs TEXT, document TEXT, created TEXT,
                        PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE pieces    (key TEXT, piece TEXT, document TEXT, PRIMARY KEY (key, piece)) WITHOUT ROWID;
"""
_BYSTANDERS = """
ALTER TABLE effects ADD COLUMN spillover REAL;
ALTER TABLE effects ADD COLUMN displaced REAL;
"""
_OUTCOMES = """
CREATE TABLE outcomes  (run_id TEXT, base_run TEXT REFERENCES runs(run_id), member INTEGER, year INTEGER,
                        indicator TEXT, gross REAL, additional REAL, spillover REAL, displaced REAL, net REAL,
                        PRIMARY KEY (run_id, base_run, member, year, indicator),
                        FOREIGN KEY (run_id, member) REFERENCES members(run_id, member)) WITHOUT ROWID;
"""
_POOLED = """
ALTER TABLE forecasts ADD COLUMN basis TEXT;
ALTER TABLE forecasts ADD COLUMN likelihood TEXT;
ALTER TABLE forecasts ADD COLUMN model_weight REAL;
ALTER TABLE forecasts ADD COLUMN record_n INTEGER;
ALTER TABLE forecasts ADD COLUMN record_rate REAL;
ALTER TABLE forecasts ADD COLUMN record_own INTEGER;
ALTER TABLE forecasts ADD COLUMN hangs_low REAL;
ALTER TABLE forecasts ADD COLUMN hangs_high REAL;
UPDATE forecasts SET basis = 'assumption', model_weight = CASE evidence WHEN 'C' THEN 0.5 ELSE 1.0 END, record_n = 0,
    record_rate = base_rate, record_own = 0, likelihood = CASE
        WHEN probability >= 0.95 THEN 'almost_certain' WHEN probability >= 0.75 THEN 'very_likely'
        WHEN probability >= 0.55 THEN 'likely' WHEN probability >= 0.45 THEN 'even'
        WHEN probability >= 0.2 THEN 'unlikely' ELSE 'very_unlikely' END;
"""
MIGRATIONS: dict[int, str] = {1: _KEPT_FITS, 2: _ANALYSES + _EFFECTS, 3: _BYSTANDERS, 4: _OUTCOMES, 5: _POOLED}
"""SQL that brings a store from the version named to the next one."""


def connect(path: Path, *, must_exist: bool = False) -> sqlite3.Connection:
    """Open the file of a store, making it if need be, and bring it to this version's schema.

    Raises `InputError` for a folder that cannot be written, a file that is not a store, and a store written by a
    newer version; the file is left as it was.
    """
    if must_exist and not path.is_file():
        raise InputError(f"{path}: no such store; run peiyu forecast first, or name another file with --db.")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; --db names a file, such as {path / 'peiyu.db'}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _opened(path)
    except (OSError, sqlite3.DatabaseError) as error:
        if getattr(error, "errno", 0) == errno.ENOSPC or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise
        raise InputError(f"{path}: cannot be used as a store ({error}); choose a folder you can write to.") from None


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        _prepare(path, connection)
    except BaseException:
        connection.close()  # whoever keeps the error would keep the file locked
        raise
    return connection


def query(db: sqlite3.Connection, sql: str, parameters: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
    """Give what a query finds, each row by the names of its columns."""
    cursor = db.execute(sql, parameters)
    names = [column for column, *_ in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Check the version and make or migrate the tables."""
    # in one statement: between two, another process may have made the tables
    both = "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    version, tables = connection.execute(both).fetchone()
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
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    (now,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been faster
    steps = [_TABLES, *MIGRATIONS.values()] if now == 0 else [MIGRATIONS[v] for v in range(now, SCHEMA_VERSION)]
    for statement in ";".join(steps).split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Keep a write-ahead log from now on."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # the one statement for whose lock SQLite does not wait when two processes make a store at once
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)
