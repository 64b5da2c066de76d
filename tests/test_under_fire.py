"""Kills at random points: what looks for damage finds it, and a short attack does none."""

import shutil
import sqlite3

import pytest

from sim.store.store import open_store
from tests import stores, under_fire


@pytest.fixture
def db(city, scenario, tmp_path):
    """A store with one run of three members."""
    path = tmp_path / "a.db"
    store = open_store(path)
    store.register(stores.record(city, scenario("plan_as_written")))
    for member in range(3):
        store.save_member(["r1"], 1, [stores.trajectory(member)], stores.START, stores.ORIGIN + 1)
    store.db.close()
    assert not under_fire.whole(path)
    return path


DAMAGE = [
    "DELETE FROM series WHERE member = 1",  # a member without its numbers
    "DELETE FROM series WHERE member = 1 AND quarter = '2026Q4'",  # with only a part of them
    "DELETE FROM members WHERE member = 2",  # numbers of nobody
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_member_that_is_not_whole_is_found(db, damage):
    with sqlite3.connect(db) as store:
        store.execute(damage)
    store.close()
    assert under_fire.whole(db)


def test_a_page_that_was_written_over_is_found(db):
    with db.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    assert under_fire.whole(db)


def test_nothing_there_is_nothing_wrong(tmp_path):
    assert under_fire.whole(tmp_path / "none.db") == []


@pytest.mark.slow
def test_a_forecast_that_is_killed_twice_ends_as_if_it_had_not_been(monkeypatch, capsys):
    few = [w if w != "24" else "6" for w in under_fire.COMMANDS["forecast"]]
    monkeypatch.setitem(under_fire.COMMANDS, "forecast", few)
    assert under_fire.main(["--kills", "2", "--only", "forecast"]) == 0
    assert "2 kills, 0 wrong" in capsys.readouterr().out


@pytest.mark.slow
def test_what_ends_otherwise_is_told(monkeypatch, tmp_path):
    fire = under_fire.Fire(["--version"], tmp_path)
    fire.undisturbed()
    at = fire.place("fire")
    fire.start(at).wait()
    fire.end(at, 0)
    assert not fire.wrong
    (at / "stdout").write_text("another answer", "utf8")
    fire.end(at, 0)
    assert len(fire.wrong) == 1 and "another answer" in fire.wrong[0]
    shutil.rmtree(at)
