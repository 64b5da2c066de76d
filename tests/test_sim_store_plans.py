"""What looks something up in a store never goes through its members: statements are explained, and no time is measured."""

import re

import pytest
from test_startup import loaded

from peiyu.__main__ import run
from peiyu.review.choice import before
from peiyu.runs.stored import the_run
from sim.state.indicators import NAMES
from sim.store.keeping import OF_MEMBERS
from sim.store.reader import open_reader
from sim.store.results import StoredResults
from sim.store.schema import SCHEMA_VERSION
from tests.bench import big_store

LARGE = {*OF_MEMBERS, "members"}
A_RUN = 3 * big_store.A_MEMBER


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store as the benchmark fills it, small."""
    path = tmp_path_factory.mktemp("store") / "peiyu.db"
    assert big_store.fill(path, 2 * 2 * A_RUN, 3) > 0.0
    return path


@pytest.fixture
def traced(filled, monkeypatch):
    """Return the store and the statements that were run in it, whoever opened it."""
    said, opened = [], []

    def watched(self, path, connection):
        self.path, self.db = path, connection
        connection.set_trace_callback(said.append)
        opened.append(connection)

    monkeypatch.setattr("sim.store.reader.StoreReader.__init__", watched)
    return filled, said


def scanned(path, statements):
    """Return the tables that statements go through from end to end."""
    found = set()
    with open_reader(path) as store:
        for sql in {s for s in statements if s.startswith(("SELECT", "DELETE", "UPDATE", "INSERT"))}:
            names = {alias: table for table, alias in re.findall(r"\b(?:FROM|JOIN) (\w+) (?:AS )?([a-z])\b", sql)}
            for *_, step in store.db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall():
                # the largest of a column is "searched" for, by no key: that is everything too
                if seen := re.match(r"SCAN (\w+)|SEARCH (\w+)(?!.*\()", step):
                    found.add(names.get(seen[seen.lastindex], seen[seen.lastindex]))
    return found


def test_the_store_is_filled_as_asked(filled):
    with open_reader(filled) as store:
        assert store.db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert store.db.execute("SELECT count(*) FROM series").fetchone() == (2 * 2 * A_RUN,)
        assert store.db.execute("SELECT count(DISTINCT indicator) FROM series").fetchone() == (len(NAMES),)
        assert [row["members"] for row in store.run_listing()] == [3] * 4
        assert store.db.execute("SELECT count(DISTINCT run_id) FROM parts").fetchone() == (2,)


@pytest.mark.parametrize("words", [("show",), ("show", "000000000003"), ("show", "--json"), ("store",)], ids=" ".join)
def test_a_look_goes_through_no_table_of_members(traced, capsys, words):
    path, said = traced
    assert run([*words, "--db", str(path), "--lang", "en"]) == 0
    assert said and not scanned(path, said) & LARGE
    assert not any(re.search(r"\bseries\b", sql) for sql in said)
    shown = capsys.readouterr().out
    assert words[0] == "store" or "000000000003" in shown
    if len(words) == 2 and words[1] != "--json":
        assert "Ecosystem-leading" in shown  # the city's goals by name, so that the city was read


def test_choosing_among_runs_goes_through_no_table_of_members(traced):
    path, said = traced
    with open_reader(path) as reader:
        store = StoredResults(path, reader.db)
        newest = store.newest_run()["run_id"]
        the_run(store)
        before(store, newest)
        store.related_runs(newest)
        store.last_forecast(newest)
        store.members_done(["000000000002", newest])
        store.twins_of(newest)
    assert len(said) > 8 and not scanned(path, said) & LARGE


def test_a_scan_would_be_seen(traced):
    path, _ = traced
    assert scanned(path, ["SELECT max(value) FROM series", "SELECT 1 FROM ledger x WHERE x.lever = 'a'"]) == {"series", "ledger"}
    assert not scanned(path, ["SELECT value FROM series WHERE run_id = 'a' AND member = 1"])


@pytest.mark.parametrize(("words", "heavy"), [(("store",), {"numpy", "pandas", "mesa", "numba", "scipy"}), (("show", "000000000003"), {"mesa", "networkx"})])
def test_a_look_at_one_run_or_the_size_loads_no_model(filled, words, heavy):
    code, _, packages = loaded(*words, "--db", str(filled))
    assert code == 0 and not packages & heavy
