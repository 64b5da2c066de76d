"""The tables of the store, version by version: what a file has that is one, and how an older one is brought forward."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache

SCHEMA_VERSION = 7
TABLES = """
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
_CITIES = """
CREATE TABLE cities_by_data (city TEXT, title TEXT, data_sha TEXT, PRIMARY KEY (city, data_sha));
INSERT INTO cities_by_data SELECT city, title, data_sha FROM cities;
INSERT OR IGNORE INTO cities_by_data SELECT r.city, c.title, r.data_sha FROM runs r JOIN cities c USING (city);
CREATE TABLE fits_made (fit_sha TEXT PRIMARY KEY, city TEXT, provenance TEXT);
INSERT INTO fits_made SELECT * FROM fits ORDER BY rowid;
CREATE TABLE runs_made (run_id TEXT PRIMARY KEY, city TEXT, scenario_sha TEXT REFERENCES scenarios(scenario_sha),
                        scenario TEXT, fit_sha TEXT REFERENCES fits(fit_sha), as_of TEXT, horizon TEXT, seed INTEGER,
                        weight REAL, code TEXT, data_sha TEXT, version TEXT, created TEXT,
                        FOREIGN KEY (city, data_sha) REFERENCES cities(city, data_sha));
INSERT INTO runs_made SELECT * FROM runs ORDER BY rowid;
DROP TABLE runs;
DROP TABLE fits;
DROP TABLE cities;
ALTER TABLE cities_by_data RENAME TO cities;
ALTER TABLE fits_made RENAME TO fits;
ALTER TABLE runs_made RENAME TO runs;
"""
"""Cities by their data: of two folders with one name, each keeps its own title."""
MIGRATIONS: dict[int, str] = {
    1: _KEPT_FITS, 2: _ANALYSES + _EFFECTS, 3: _BYSTANDERS, 4: _OUTCOMES, 5: _POOLED, 6: _CITIES,
}  # fmt: skip
"""SQL that brings a store from the version named to the next one."""

Columns = dict[str, tuple[str, ...]]
"""The names of the columns of tables, by table."""


@cache
def columns_of(version: int) -> Columns:
    """Return what a store of a version has; more may be there, as Datasette puts it."""
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(TABLES + "".join(MIGRATIONS[v] for v in range(1, version)))
        return shape(made)[1]


def shape(connection: sqlite3.Connection) -> tuple[int, Columns]:
    """Return the version that a file says it has, and its tables."""
    # in one statement: between two, another process may have made the tables
    sql = (
        "SELECT v.user_version, t.name, c.name FROM pragma_user_version v"
        " LEFT JOIN sqlite_master t ON t.type = 'table' LEFT JOIN pragma_table_info(t.name) c ORDER BY t.name, c.cid"
    )
    found: Columns = {}
    version = 0
    for version, table, column in connection.execute(sql):  # noqa: B007  one row at least, all of one version
        if table is not None:
            found[table] = (*found.get(table, ()), column)
    return version, found


def bring_forward(connection: sqlite3.Connection) -> None:
    """Make the tables of this version, or bring older ones to it, in one step that another process sees whole."""
    connection.execute("BEGIN IMMEDIATE")
    (now,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been faster
    steps = [TABLES, *MIGRATIONS.values()] if now == 0 else [MIGRATIONS[v] for v in range(now, SCHEMA_VERSION)]
    for statement in ";".join(steps).split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
