"""The file of the store, opened: one way to read it, which never writes, and one to write it; both look at it first.

It needs nothing but SQLite, so that what only looks something up loads nothing else.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.files import no_room, reason, writable
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.store.schema import SCHEMA_VERSION, bring_forward, columns_of, shape
from sim.store.sound import refuse_unsound

BUSY_SECONDS = 60.0


def connect(path: Path, *, must_exist: bool = False) -> sqlite3.Connection:
    """Open the file of a store to write, making it if need be, and bring it to this version's tables.

    Raises `InputError` for a place where nothing can be written, a file that is not a store, and a store written by a
    newer version; the file is left as it was.
    """
    with _refusing(path, Said("choose a folder you can write to")):
        _look(path, must_exist=must_exist)
        path.parent.mkdir(parents=True, exist_ok=True)
        return _opened(str(path), lambda new: _prepare(path, new))


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open the file of a store to look something up: it needs no permission to write, and changes nothing.

    Raises `InputError` as `connect` does, and when there is none. A store of an older version is brought forward in a
    copy that is gone when it is closed.
    """
    with _refusing(path, Said("name another file with --db")):
        _look(path, must_exist=True)
        connection = _to_read(path)
        try:
            if _version(path, connection) != SCHEMA_VERSION:
                with closing(connection):
                    connection = _brought_forward(connection)
            refuse_unsound(path, connection)
        except BaseException:
            connection.close()
            raise
        return connection


def query(db: sqlite3.Connection, sql: str, parameters: Sequence[object] = ()) -> Iterator[dict[str, Any]]:
    """Give what a query finds, each row by the names of its columns."""
    cursor = db.execute(sql, parameters)
    names = [column for column, *_ in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


@contextmanager
def _refusing(path: Path, instead: Said) -> Iterator[None]:
    """Say in one sentence why a place cannot be used; a full disk is no fault of the place."""
    try:
        yield
    except InputError:
        raise
    except (OSError, ValueError, sqlite3.DatabaseError) as error:  # ValueError: a NUL byte in the path
        if no_room(error):
            raise
        said = Said(
            "{path}: cannot be used as a store ({reason}); {instead}.", path=path, reason=reason(error), instead=instead
        )
        raise InputError(said) from None


def _look(path: Path, *, must_exist: bool) -> None:
    """Refuse what is there and is no file, and what is not there but must be."""
    if path.is_dir():
        such = path / "peiyu.db"
        raise InputError(Said("{path}: is a folder; --db names a file, such as {such}.", path=path, such=such))
    if path.exists() and not path.is_file():
        raise InputError(Said("{path}: is not an ordinary file; name another one with --db.", path=path))
    if must_exist and not path.exists():
        raise InputError(
            Said("{path}: no such store; run peiyu forecast first, or name another file with --db.", path=path)
        )


def _opened(name: str, prepare: Callable[[sqlite3.Connection], object]) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=BUSY_SECONDS, isolation_level=None, uri=name.startswith("file:"))
    try:
        prepare(connection)
    except BaseException:
        connection.close()  # whoever keeps the error would keep the file locked
        raise
    return connection


def _version(path: Path, connection: sqlite3.Connection) -> int:
    """Return the version of a store, 0 for an empty file. Raises `InputError` for what is no store, or a newer one."""
    version, found = shape(connection)
    if version > SCHEMA_VERSION:
        raise InputError(
            Said(
                "{path}: written by a newer peiyu (schema {version}; this one knows {known}); update peiyu, or name"
                " another file with --db.",
                path=path,
                version=version,
                known=SCHEMA_VERSION,
            )
        )
    if version == 0 and not found:
        return 0
    # other programs count their versions too, so the number alone says nothing
    if version < 1 or any(found.get(table) != columns for table, columns in columns_of(version).items()):
        raise InputError(Said("{path}: an SQLite file, but not a peiyu store; name another file with --db.", path=path))
    return version


# To read ------------------------------------------------------------------------------------------------------------


def _to_read(path: Path) -> sqlite3.Connection:
    """Open a file so that nothing can change it, whether or not it may be written."""
    where, log = path.resolve().as_uri(), Path(f"{path}-wal")
    if writable(path) and writable(path.parent):
        # SQLite takes away the files that it keeps beside an open store only where it may write
        return _opened(f"{where}?mode=rw", lambda new: new.execute("PRAGMA query_only = ON"))
    if not log.is_file() or not log.stat().st_size:
        return _opened(f"{where}?immutable=1", shape)
    try:
        return _opened(f"{where}?mode=ro", shape)  # somebody who may write is at work
    except sqlite3.OperationalError:
        return _with_log(path, log)


def _with_log(path: Path, log: Path) -> sqlite3.Connection:
    """Return a copy of a store whose last changes were left in the log beside it by a process that died."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "store.db"
        shutil.copyfile(path, place)
        shutil.copyfile(log, f"{place}-wal")
        with closing(sqlite3.connect(place)) as merged:
            return _copied(merged)


def _copied(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in a temporary file of SQLite's own, which goes when it is closed."""
    copy = sqlite3.connect("", isolation_level=None)
    connection.backup(copy)
    return copy


def _brought_forward(connection: sqlite3.Connection) -> sqlite3.Connection:
    copy = _copied(connection)
    bring_forward(copy)
    copy.execute("PRAGMA query_only = ON")
    return copy


# To write -----------------------------------------------------------------------------------------------------------


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    """Check the file, make or bring forward its tables, and find out now whether it can be written."""
    if _version(path, connection) == SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    else:
        _write_ahead(connection)
        bring_forward(connection)
    refuse_unsound(path, connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    # what is finished moves from the log into the file at once, so that a copy of the file alone has it
    connection.execute("PRAGMA wal_autocheckpoint = 1")


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
