"""What the short tables of a store hold is what their columns say: a store is data and may come from elsewhere.

The long ones, of members' numbers, are checked where they are read: going through them takes as long as reading them.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sim.inputs.errors import InputError
from sim.inputs.numbers import MEMBERS
from sim.inputs.said import Said

SHORT = ("cities", "scenarios", "fits", "indicators", "runs", "forecasts", "joints", "analyses", "kept_fits")
"""Tables of some rows a run or less."""
KINDS = {"TEXT": "'text'", "INTEGER": "'integer'", "REAL": "'real', 'integer'"}
"""What SQLite calls the values of a column that was declared so; any may be blank."""
_QUARTER = "{0} NOT GLOB '[0-9][0-9][0-9][0-9]Q[1-4]'"
_OBJECT = "{0} IS NULL OR NOT json_valid({0}) OR json_type({0}) <> 'object'"
ODD = {
    ("runs", "as_of"): _QUARTER,
    ("runs", "horizon"): _QUARTER,
    ("forecasts", "deadline"): _QUARTER,
    ("forecasts", "members"): f"{{0}} IS NULL OR {{0}} NOT BETWEEN 1 AND {MEMBERS.high}",
    ("fits", "provenance"): _OBJECT,
    ("analyses", "runs"): "{0} IS NULL OR NOT json_valid({0}) OR json_type({0}) <> 'array'"
    " OR EXISTS (SELECT 1 FROM json_each({0}) j WHERE j.type <> 'text')",
}
"""What else no command writes, by table and column."""


def refuse_unsound(path: Path, connection: sqlite3.Connection) -> None:
    """Raise `InputError` for a store in whose short tables something stands that no command writes there."""
    for table in SHORT:
        for _, column, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
            # columns of others, as Datasette puts them, are declared as they like
            odd = [f"typeof({{0}}) NOT IN ('null', {KINDS[kind]})"] if kind in KINDS else []
            odd += [ODD[table, column]] if (table, column) in ODD else []
            wrong = " OR ".join(f"({x})" for x in odd).format(f't."{column}"')
            if odd and connection.execute(f'SELECT 1 FROM "{table}" t WHERE {wrong} LIMIT 1').fetchone():
                raise damaged(path, f"{table}.{column}")


def parsed(path: Path, what: str, text: object, kind: type = dict) -> Any:
    """Return what a column holds as JSON, an object unless said otherwise. Raises `InputError` for anything else."""
    try:
        found = json.loads(text) if isinstance(text, str) else damaged
    except (ValueError, RecursionError):
        found = damaged
    if found is damaged or not isinstance(found, kind):
        raise damaged(path, what)
    return found


def damaged(path: Path, what: str) -> InputError:
    """Return the complaint about a value that no command writes."""
    return InputError(
        Said(
            "{path}: {what}: holds what no command writes; name another store with --db, or a copy of it.",
            path=path,
            what=what,
        )
    )
