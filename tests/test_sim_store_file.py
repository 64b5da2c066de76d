"""The file of the store: made by one process or several at once, interrupted, foreign, damaged, newer, not to be written."""

import errno
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from peiyu.__main__ import _disk
from sim.inputs.errors import InputError
from sim.store import database, schema
from sim.store.database import connect
from sim.store.reader import open_reader
from sim.store.results import open_results
from sim.store.schema import MIGRATIONS, SCHEMA_VERSION
from sim.store.store import open_store

ROOT = Path(__file__).parents[1]
ENGLISH = ["forecast", "--lang", "en"]
TABLES = {
    "cities", "scenarios", "fits", "indicators", "runs", "members", "series", "ledger", "effects", "forecasts", "joints",
    "kept_fits", "parts", "leaks", "ladder", "rule_acts", "analyses", "pieces", "outcomes",
}  # fmt: skip


def tables(path):
    with closing(sqlite3.connect(path)) as c:
        return {name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def refusal(path, **how):
    with pytest.raises(InputError) as refused:
        connect(path, **how)
    return str(refused.value)


@contextmanager
def unprivileged():
    """Be a user who may not write everywhere; nothing changes for whoever is not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder():
    """A folder that every user may look into, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        yield place
        place.chmod(0o755)


# A new file ----------------------------------------------------------------------------------------------------------


def test_a_new_store_has_every_table_in_folders_that_are_made(tmp_path):
    path = tmp_path / "one" / "two" / "a.db"
    connect(path).close()
    assert tables(path) == TABLES


def test_a_store_that_is_there_is_opened_without_a_write(tmp_path):
    path = tmp_path / "a.db"
    connect(path).close()
    before = path.stat().st_mtime_ns, path.read_bytes()
    with closing(connect(path)) as again:
        assert again.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert again.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_row_of_a_run_that_is_not_there_is_refused(tmp_path):
    store = open_store(tmp_path / "a.db")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        store.db.execute("INSERT INTO members VALUES ('nobody', 0, 1)")


# Several processes ---------------------------------------------------------------------------------------------------


def test_processes_that_make_the_same_store_at_once_all_get_one(tmp_path):
    race = """
import multiprocessing, pathlib, sys
from sim.store.database import connect
fork = multiprocessing.get_context("fork")
gate, said = fork.Barrier(4), fork.Queue()
paths = [pathlib.Path(sys.argv[1]) / f"{i}.db" for i in range(40)]
def open_each():
    for path in paths:
        gate.wait(60)
        try:
            connect(path).close()
        except BaseException as error:
            said.put(repr(error))
racers = [fork.Process(target=open_each) for _ in range(4)]
for p in racers: p.start()
for p in racers: p.join()
sys.exit("" if said.empty() and all(p.exitcode == 0 for p in racers) else said.get())
"""
    done = subprocess.run(
        [sys.executable, "-c", race, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode in (0, 1) and done.stderr.strip() == ""
    assert all(tables(tmp_path / f"{i}.db") == TABLES for i in range(40))


class Overtaken(sqlite3.Connection):
    """A connection between whose first two statements another process makes the whole store."""

    statements = 0

    def execute(self, *words):
        Overtaken.statements += 1
        if Overtaken.statements == 2:
            connect(self.path).close()
        return super().execute(*words)


def test_a_store_made_by_another_process_in_between_is_no_foreign_file(tmp_path):
    Overtaken.statements, Overtaken.path = 0, tmp_path / "a.db"
    with closing(sqlite3.connect(Overtaken.path, isolation_level=None, factory=Overtaken)) as slow:
        database._prepare(Overtaken.path, slow)
        assert slow.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert Overtaken.statements > 2 and tables(Overtaken.path) == TABLES


def test_who_comes_while_another_writes_waits(tmp_path):
    """The writer holds the file for half a second; the one who waits gets in after it, not an error."""
    path = tmp_path / "a.db"
    first, second = open_store(path), open_store(path)
    hold = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE');" \
        " print('held', flush=True); time.sleep(0.5); c.execute(\"INSERT INTO kept_fits VALUES ('k', 'theirs', '{}')\");" \
        " c.execute('COMMIT')"  # fmt: skip
    writer = subprocess.Popen([sys.executable, "-c", hold, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "held\n"
    assert first.kept_fit("k") is None  # a reader does not wait, and sees what was there before
    second.keep_fit("k", "ours", "{}")
    assert writer.wait(30) == 0
    assert first.kept_fit("k") == ("theirs", "{}")  # the first to finish stays


# Interrupted ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [1, 2, 3, 5, 12, 22])
def test_making_the_tables_is_all_or_nothing(tmp_path, monkeypatch, statement):
    """Killed after any statement, the file is an empty one, which the next process fills."""
    path = tmp_path / "a.db"
    dies = f"""
import os, sqlite3, sys
class Dying(sqlite3.Connection):
    n = 0
    def execute(self, *words):
        if Dying.n == {statement}: os._exit(9)
        Dying.n += 1
        return super().execute(*words)
from sim.store import database, schema
from pathlib import Path
database._prepare(Path(sys.argv[1]), sqlite3.connect(sys.argv[1], isolation_level=None, factory=Dying))
"""
    done = subprocess.run([sys.executable, "-c", dies, str(path)], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == 9, done.stderr
    assert not path.exists() or tables(path) == set()
    connect(path).close()
    assert tables(path) == TABLES


def test_a_migration_that_stops_half_way_leaves_the_old_version(tmp_path, monkeypatch):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as c:
        c.executescript(schema.TABLES + schema._KEPT_FITS + "PRAGMA user_version = 2;")
        c.execute("INSERT INTO kept_fits VALUES ('k', 'draws', 'made')")
        c.commit()
    before = tables(path)
    monkeypatch.setitem(MIGRATIONS, 2, MIGRATIONS[2] + "CREATE TABLE runs (again TEXT);")
    with pytest.raises(InputError, match="already exists") as refused:
        connect(path)
    assert tables(path) == before
    monkeypatch.undo()
    store = open_store(path)  # the refusal is still at hand, and holds no lock
    assert tables(path) == TABLES and store.kept_fit("k") == ("draws", "made"), refused


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_store_brought_forward_is_the_same_as_a_new_one(tmp_path, version):
    def columns(path):
        with closing(sqlite3.connect(path)) as c:
            return {t: c.execute(f"PRAGMA table_info({t})").fetchall() for t in tables(path)}

    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as c:
        c.executescript(schema.TABLES + "".join(MIGRATIONS[v] for v in range(1, version)) + f"PRAGMA user_version = {version};")
    connect(old).close()
    connect(tmp_path / "new.db").close()
    assert columns(old) == columns(tmp_path / "new.db")


def test_every_version_before_this_one_has_a_way_forward():
    assert list(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


def test_a_writer_killed_within_a_transaction_leaves_nothing_of_it(tmp_path):
    path = tmp_path / "a.db"
    open_store(path).keep_fit("before", "draws", "{}")
    dies = """
import sys, time
from sim.store.store import open_store
store = open_store(sys.argv[1])
with store.transaction() as c:
    c.execute("INSERT INTO kept_fits VALUES ('half', 'draws', '{}')")
    print("written", flush=True)
    time.sleep(60)
"""
    writer = subprocess.Popen([sys.executable, "-c", dies, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "written\n"
    writer.send_signal(signal.SIGKILL)
    assert writer.wait(30) == -signal.SIGKILL
    store = open_store(path)
    assert [key for (key,) in store.db.execute("SELECT key FROM kept_fits")] == ["before"]
    store.keep_fit("after", "draws", "{}")  # the dead process holds no lock
    assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("stops", [KeyboardInterrupt, ValueError, sqlite3.OperationalError])
def test_a_transaction_is_all_or_nothing_whatever_stops_it(tmp_path, stops):
    store = open_store(tmp_path / "a.db")

    def stopped():
        with store.transaction() as c:
            c.execute("INSERT INTO kept_fits VALUES ('k', 'draws', '{}')")
            raise stops

    with pytest.raises(stops):
        stopped()
    assert store.kept_fit("k") is None and not store.db.in_transaction
    store.keep_fit("k", "draws", "{}")
    assert open_store(tmp_path / "a.db").kept_fit("k") == ("draws", "{}")


# What is no store of ours -------------------------------------------------------------------------------------------


def spoil(path, how):
    connect(path).close()
    whole = path.read_bytes()
    path.write_bytes(how(whole))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (lambda b: b"SQLite format 2\x00" + b[16:], "file is not a database"),
        (lambda b: b[:100], "file is not a database|malformed"),
        (lambda b: b[:100] + b"\xff" * 4000 + b[4100:], "malformed"),
        (lambda b: b"run_id,seed\nr1,1\n", "file is not a database"),
    ],
    ids=["other header", "only the header", "first page overwritten", "a table as text"],
)
def test_a_garbled_file_is_refused_with_sqlites_reason_and_left_as_it_is(tmp_path, how, reason):
    path = tmp_path / "a.db"
    before = spoil(path, how)
    said = refusal(path)
    assert said.startswith(f"{path}: cannot be used as a store (") and re.search(reason, said)
    assert said.endswith("; choose a folder you can write to.")
    assert path.read_bytes() == before


def test_an_empty_file_is_a_store_that_has_just_been_made(tmp_path):
    path = tmp_path / "a.db"
    path.touch()
    connect(path).close()
    assert tables(path) == TABLES


def test_another_programs_tables_are_refused_in_the_very_words(tmp_path):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as c:
        c.execute("CREATE TABLE runs (run_id TEXT PRIMARY KEY)")  # even one that is called as ours
    assert refusal(path) == f"{path}: an SQLite file, but not a peiyu store; name another file with --db."
    assert tables(path) == {"runs"}


def test_a_newer_schema_is_refused_by_both_numbers_for_reading_too(tmp_path):
    path = tmp_path / "a.db"
    connect(path).close()
    with closing(sqlite3.connect(path)) as c:
        c.execute("PRAGMA user_version = 12")
    before = path.read_bytes()
    said = f"{path}: written by a newer peiyu (schema 12; this one knows {SCHEMA_VERSION}); update peiyu, or name another file with --db."
    assert refusal(path) == said
    with pytest.raises(InputError, match=r"newer peiyu \(schema 12"):
        open_reader(path)
    assert path.read_bytes() == before


def test_who_only_looks_makes_no_file(tmp_path):
    path = tmp_path / "not" / "here.db"
    with pytest.raises(InputError) as refused:
        open_reader(path)
    assert str(refused.value) == f"{path}: no such store; run peiyu forecast first, or name another file with --db."
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_told_the_file_that_was_probably_meant(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path}: is a folder; --db names a file, such as {tmp_path}/peiyu.db."


# What cannot be written ---------------------------------------------------------------------------------------------


def test_a_folder_that_may_not_be_written_is_refused_for_a_new_store(open_folder):
    open_folder.chmod(0o555)
    with unprivileged():
        said = refusal(open_folder / "a.db")
        deeper = refusal(open_folder / "below" / "a.db")
    assert said == f"{open_folder}/a.db: cannot be used as a store (unable to open database file); choose a folder you can write to."
    assert "Permission denied" in deeper and list(open_folder.iterdir()) == []


def test_a_store_of_an_older_version_that_may_not_be_written_is_refused_whole(open_folder):
    path = open_folder / "a.db"
    with closing(sqlite3.connect(path)) as c:
        c.executescript(schema.TABLES + "PRAGMA user_version = 1;")
    path.chmod(0o444)
    open_folder.chmod(0o555)
    before = path.read_bytes()
    with unprivileged():
        assert "readonly" in refusal(path)
    assert path.read_bytes() == before


def test_a_file_in_the_way_is_a_wrong_place_though_it_is_called_full(tmp_path):
    """The name of a file is no word of the system's: only a disk that is full is passed on."""
    (tmp_path / "full").write_text("")
    said = refusal(tmp_path / "full" / "a.db")
    assert said.startswith(f"{tmp_path}/full/a.db: cannot be used as a store (")


def sqlite_error(code, words):
    made = sqlite3.OperationalError(words)
    made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), sqlite_error(sqlite3.SQLITE_FULL, "database or disk is full")],
    ids=["the system", "sqlite"],
)
def test_a_full_disk_is_not_taken_for_a_wrong_place(tmp_path, monkeypatch, capsys, error):
    def full(*_):
        raise error

    monkeypatch.setattr(database, "_prepare", full)
    with pytest.raises(type(error)) as passed_on:
        connect(tmp_path / "a.db")
    assert _disk(passed_on.value, ENGLISH) == 1
    assert capsys.readouterr().err == "peiyu: no room left to write; what was finished is kept, make room and run again.\n"


def test_a_fault_of_ours_in_a_folder_called_full_keeps_its_traceback(tmp_path):
    ours = IsADirectoryError(errno.EISDIR, "Is a directory", str(tmp_path / "full"))
    with pytest.raises(IsADirectoryError):
        _disk(ours, ENGLISH)


# Looking, which needs no permission to write --------------------------------------------------------------------------


def filled(path):
    """A store with a kept fit, closed."""
    with open_store(path) as store:
        store.keep_fit("k", "draws", "{}")


def contents(folder):
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(folder.iterdir())}


@pytest.mark.parametrize("mode", [(0o444, 0o755), (0o644, 0o555), (0o444, 0o555)], ids=["file", "folder", "both"])
@pytest.mark.parametrize("version", [1, 3, SCHEMA_VERSION])
def test_who_only_looks_needs_no_permission_to_write_and_changes_nothing(open_folder, mode, version):
    path = open_folder / "a.db"
    if version == SCHEMA_VERSION:
        filled(path)
    else:
        with closing(sqlite3.connect(path)) as c:
            c.executescript(schema.TABLES + "".join(MIGRATIONS[v] for v in range(1, version)) + f"PRAGMA user_version = {version};")
    before = contents(open_folder)
    path.chmod(mode[0])
    open_folder.chmod(mode[1])
    with unprivileged():
        for opened in (open_reader, open_results):
            with opened(path) as reader:
                assert reader.run_ids() == []
                assert list(reader.kept_fits()) == ([("draws", "{}")] if version == SCHEMA_VERSION else [])
    assert contents(open_folder) == before


def test_who_only_looks_cannot_write(tmp_path):
    filled(tmp_path / "a.db")
    with open_results(tmp_path / "a.db") as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.db.execute("DELETE FROM kept_fits")


def test_an_empty_file_is_read_as_a_store_without_runs_and_stays_empty(tmp_path):
    (tmp_path / "a.db").touch()
    with open_reader(tmp_path / "a.db") as reader:
        assert reader.run_listing() == []
    assert contents(tmp_path)["a.db"][0] == b"" and len(contents(tmp_path)) == 1


def test_what_a_killed_process_left_in_the_log_is_read_where_nothing_can_be_written(open_folder, tmp_path):
    path = open_folder / "a.db"
    filled(path)
    dies = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('PRAGMA wal_autocheckpoint = 0');" \
        " c.execute(\"INSERT INTO kept_fits VALUES ('left', 'in the log', '{}')\"); os._exit(9)"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", dies, str(path)], check=False).returncode == 9
    path.with_name("a.db-shm").unlink()  # as where the folder was copied
    before = contents(open_folder)
    assert b"in the log" not in before["a.db"][0]
    for name in (*before, "."):
        (open_folder / name).chmod(0o555 if name == "." else 0o444)
    with unprivileged(), open_reader(path) as reader:
        assert [draws for draws, _ in reader.kept_fits()] == ["draws", "in the log"]
    assert contents(open_folder) == before


def test_a_reader_sees_what_another_process_writes_meanwhile(open_folder):
    """In a folder that the reader may not write, where the writer's log lies too."""
    path = open_folder / "a.db"
    filled(path)
    with open_store(path) as store:
        store.keep_fit("now", "more", "{}")
        for p in open_folder.iterdir():
            p.chmod(0o644)
        open_folder.chmod(0o555)
        with unprivileged(), open_reader(path) as reader:
            assert len(list(reader.kept_fits())) == 2
        open_folder.chmod(0o755)


# What is finished is in the file ---------------------------------------------------------------------------------------


def test_a_copy_of_the_file_alone_has_all_that_is_finished(tmp_path):
    """Also while the store is open, and before its log is taken away."""
    store = open_store(tmp_path / "a.db")
    for n in range(3):
        store.keep_fit(f"k{n}", "draws", "{}")
        (tmp_path / "copy.db").write_bytes((tmp_path / "a.db").read_bytes())
        with open_reader(tmp_path / "copy.db") as copy:
            assert len(list(copy.kept_fits())) == n + 1
    store.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.db", "copy.db"]


# Foreign files with a version of their own, places that are none --------------------------------------------------------


@pytest.mark.parametrize("version", [-(2**31), -1, 0, 1, 2, SCHEMA_VERSION - 1, SCHEMA_VERSION])
@pytest.mark.parametrize("tables", ["", "CREATE TABLE runs (run_id TEXT PRIMARY KEY);", "CREATE VIEW runs AS SELECT 1 AS run_id;"], ids=["none", "ours by name", "a view"])
def test_another_programs_file_is_none_of_ours_whatever_its_version_says(tmp_path, version, tables):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as c:
        c.executescript(f"CREATE TABLE notes (x); {tables} PRAGMA user_version = {version};")
    before = contents(tmp_path)
    for opened in (open_store, open_reader, open_results):
        with pytest.raises(InputError) as refused:
            opened(path)
        assert str(refused.value) == f"{path}: an SQLite file, but not a peiyu store; name another file with --db."
    assert contents(tmp_path) == before


def test_a_store_in_which_another_program_keeps_a_table_too_is_one(tmp_path):
    filled(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as c:
        c.execute("CREATE TABLE datasette_metadata (x)")
    with open_store(tmp_path / "a.db") as store:
        assert store.kept_fit("k") == ("draws", "{}")


def test_a_store_with_a_column_of_ours_taken_away_is_none(tmp_path):
    filled(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as c:
        c.execute("ALTER TABLE kept_fits DROP COLUMN provenance")
    assert "not a peiyu store" in refusal(tmp_path / "a.db")


def test_a_store_that_cannot_be_written_is_refused_before_anything_runs(open_folder):
    path = open_folder / "a.db"
    filled(path)
    before = contents(open_folder)
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with unprivileged():
        said = refusal(path)
    assert said == f"{path}: cannot be used as a store (attempt to write a readonly database); choose a folder you can write to."
    assert contents(open_folder) == before


@pytest.mark.parametrize("opened", [open_store, open_reader, open_results])
def test_a_name_that_no_file_can_have_is_refused_in_one_sentence(tmp_path, opened):
    with pytest.raises(InputError, match=r"… cannot be used as a store \(File name too long\); [^;]*\.$"):
        opened(tmp_path / ("a" * 300))
    with pytest.raises(InputError, match=r"embedded null byte|no such store"):
        opened(tmp_path / "a\0b")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_no_store(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for opened in (open_store, open_reader):
        with pytest.raises(InputError, match="is not an ordinary file"):
            opened(tmp_path / "pipe")  # and is not waited for


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_rows_of_an_older_store_are_all_there_afterwards(tmp_path, version):
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as c:
        c.executescript(schema.TABLES + "".join(MIGRATIONS[v] for v in range(1, version)) + f"PRAGMA user_version = {version};")
        c.execute("INSERT INTO cities VALUES ('x', 'title', 'd2')")
        for run, sha in (("r2", "d1"), ("r1", "d2")):
            c.execute("INSERT INTO runs (run_id, city, data_sha, created) VALUES (?, 'x', ?, 'then')", (run, sha))
            c.execute("INSERT INTO members VALUES (?, 0, 1)", (run,))
        c.commit()
    with open_store(path) as store:
        assert store.run_ids() == ["r2", "r1"]  # in the order of writing
        cities = store.db.execute("SELECT city, title, data_sha FROM cities ORDER BY data_sha").fetchall()
        assert cities == [("x", "title", "d1"), ("x", "title", "d2")]
        assert store.db.execute("SELECT count(*) FROM members").fetchone() == (2,)
        assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# A store that fails later ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words", "remedy"),
    [
        (sqlite3.SQLITE_CORRUPT, "database disk image is malformed", "name another one with --db"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "attempt to write a readonly database", "name another one with --db"),
        (sqlite3.SQLITE_BUSY, "database is locked", "when that has ended"),
    ],
)
def test_a_store_that_fails_while_it_is_used_is_said_in_one_sentence(capsys, code, words, remedy):
    error = sqlite3.DatabaseError(words)
    error.sqlite_errorcode = code
    assert _disk(error, ENGLISH) == 2
    said = capsys.readouterr().err
    assert words in said and remedy in said and said.count("\n") == 1


# One way in -------------------------------------------------------------------------------------------------------------


def test_nobody_opens_a_store_but_by_the_two_ways():
    """`connect` to write and `connect_to_read`, each behind the class that has the rights it needs."""
    opens, connects = set(), set()
    for package in ("agents", "sim", "calibration", "peiyu"):
        for path in (ROOT / package).rglob("*.py"):
            name, text = str(path.relative_to(ROOT)), path.read_text("utf8")
            if re.search(r"sqlite3\.connect\(|\bATTACH\b|Database\((?!self\.db\))", text):
                opens.add(name)
            if re.search(r"import .*\bconnect(_to_read)?\b", text):
                connects.add(name)
    assert opens == {"sim/store/database.py", "sim/store/schema.py"}  # schema: only in memory
    assert 'sqlite3.connect(":memory:")' in (ROOT / "sim/store/schema.py").read_text("utf8")
    assert connects == {"sim/store/store.py", "sim/store/reader.py", "sim/store/results.py"}
