"""`peiyu store` says what goes, and leaves alone what it is not asked to drop."""

import json

import pytest
import stores

from peiyu.__main__ import run
from sim.store.store import open_store


@pytest.fixture
def out(tmp_path, city, scenario):
    with open_store(tmp_path / "peiyu.db") as made:
        for name in ("first", "second"):
            made.register(stores.record(city, scenario("plan_as_written"), name))
            made.save_member([name], 7, [stores.trajectory(0)], stores.START, stores.START)
            stores.finished(made, name, members=1)
        made.db.execute("INSERT INTO analyses VALUES ('search','k','hangzhou',?,'{}','2026')", (json.dumps(["first"]),))
    return tmp_path


def test_a_run_is_dropped_with_what_rests_on_it_and_the_file_shrinks(out, capsys):
    assert run(["store", "--out", str(out), "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert (before["runs"], before["dropped"], before["bytes"]) == (2, [], (out / "peiyu.db").stat().st_size)
    assert run(["store", "--out", str(out), "--drop", "first", "--compact", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "Dropped: first (members: 1)." in said and "analysis/search/k" in said and "runs: 1." in said
    assert (out / "peiyu.db").stat().st_size < before["bytes"]
    assert run(["show", "second", "--out", str(out), "--json"]) == 0
    capsys.readouterr()
    assert run(["show", "first", "--out", str(out)]) == 2


@pytest.mark.parametrize(("words", "said"), [(["--drop", "fisrt"], "first"), (["--db", "none.db"], "no such store")])
def test_what_is_not_there_is_one_message_and_nothing_goes(out, capsys, words, said):
    assert run(["store", "--out", str(out), *words]) == 2
    assert said in capsys.readouterr().err and "Traceback" not in said
    with open_store(out / "peiyu.db") as kept:
        assert kept.run_ids() == ["first", "second"]
