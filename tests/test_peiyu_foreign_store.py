"""A store from elsewhere, edited: what it calls its runs, cities, scenarios and commands is data and leads nowhere."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from peiyu.__main__ import run
from peiyu.runs import archive
from peiyu.runs.stored import read_run
from sim.inputs.errors import InputError
from sim.store.results import open_results
from sim.store.store import open_store

PATHS = ["../../../evil", ".hidden", "a\\b", "two\nlines", None]


def edited(review, folder, sql, *values):
    """A copy of the store after an edit by hand."""
    folder.mkdir(exist_ok=True)
    review.copy(folder / "peiyu.db").close()
    with open_store(folder / "peiyu.db") as store:
        store.db.execute("PRAGMA foreign_keys = OFF")
        store.db.execute(sql, values)
    return folder / "peiyu.db"


def everything(folder):
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.mark.parametrize("name", PATHS, ids=map(repr, PATHS))
@pytest.mark.parametrize("column", ["scenario", "city"])
def test_a_name_that_is_a_path_is_refused_by_every_command_and_nothing_is_written(review, tmp_path, capsys, column, name):
    db = edited(review, tmp_path / "in", f"UPDATE runs SET {column} = ? WHERE run_id = ?", name, review.plan)
    before = everything(tmp_path)
    for command in (["appendix", review.plan, "--bundle"], ["reproduce", review.plan], ["change", review.old, review.plan],
                    ["fails-when", review.plan]):  # fmt: skip
        assert run([*command, "--db", str(db), "--out", str(tmp_path / "in"), "--workers", "1"][: None if command[0] != "appendix" else -2]) == 2
        said = capsys.readouterr()
        assert "is no name of a run, a city or a scenario; name another store with --db." in said.err and said.err.count("\n") == 1
        assert said.out == ""
    assert everything(tmp_path) == before


def test_a_run_called_as_a_way_out_of_the_folder_takes_nothing_with_it(review, tmp_path, capsys):
    """`reproduce` works in a folder named after the run, and takes it away at the end."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "mine").write_text("x")
    name = "x/../../precious"
    db = edited(review, tmp_path / "in", "UPDATE runs SET run_id = ?, created = '2999-01-01' WHERE run_id = ?", name, review.plan)
    with open_store(db) as store:
        store.db.execute("PRAGMA foreign_keys = OFF")
        for table in ("members", "series", "forecasts", "joints"):
            store.db.execute(f"UPDATE {table} SET run_id = ? WHERE run_id = ?", (name, review.plan))
    (tmp_path / "in" / "reproduce_x").mkdir()
    assert (tmp_path / "in" / f"reproduce_{name}").resolve() == precious
    for command in (["reproduce", f"run/{name}/joint/1"], ["appendix"], ["appendix", name]):
        assert run([*command, "--db", str(db), "--out", str(tmp_path / "in"), "--city", str(review.city)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert (precious / "mine").read_text() == "x"


@pytest.mark.parametrize("name", ["../../../evil", "/abs"])
def test_no_part_of_an_archive_leaves_the_folder_it_is_unpacked_in(review, tmp_path, name):
    db = edited(review, tmp_path / "in", "UPDATE scenarios SET name = ?", name)
    with open_results(db) as store, pytest.raises(InputError, match="is no name of a run, a city or a scenario"):
        archive.written(read_run(store, review.plan, str(review.city)), [], "en")


@pytest.mark.parametrize("parent", ["{folder}/secret.toml", "secret.toml", "../secret"])
def test_no_file_of_this_machine_gets_into_an_archive_because_a_store_names_it(review, tmp_path, monkeypatch, parent):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.toml").write_text('title = "my password"\n', "utf8")
    text = f"extends = {json.dumps(parent.format(folder=tmp_path))}\n"
    db = edited(review, tmp_path / "in", "UPDATE scenarios SET text = ?", text)
    with open_results(db) as store:
        made = archive.written(read_run(store, review.plan, str(review.city)), [], "en")
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        names = [x for x in parts.namelist() if "/scenarios/" in x]
        assert names and all(Path(x).parts[:-1] == ("city", "hangzhou", "scenarios") for x in names)
        assert not any("secret" in x or b"my password" in parts.read(x) for x in names)


@pytest.mark.parametrize("words", [["new-city", "evil"], ["compare"], [7], "compare", {}])
@pytest.mark.parametrize("kind", ["sensitivity", "new-city"])
def test_an_analysis_has_only_its_own_command_run_again(review, tmp_path, capsys, monkeypatch, kind, words):
    """A store says by which words an analysis was made; with words of a command that writes, it is not made again."""
    monkeypatch.chdir(tmp_path)
    db = edited(review, tmp_path / "in", "INSERT INTO analyses VALUES (?, 'k', 'hangzhou', '[]', '{\"n\": 1.0}', 'then')", kind)
    with open_store(db) as store:
        store.keep_piece(f"{kind}/k", "made", {"words": words, "versions": {}})
    before = everything(tmp_path)
    assert run(["reproduce", f"analysis/{kind}/k/n", "--db", str(db), "--out", str(tmp_path / "in"), "--workers", "1"]) == 2
    assert f"analysis {kind}/k was not made by a command, so it cannot be made again." in capsys.readouterr().err
    assert everything(tmp_path) == before


def test_a_stored_run_is_shown_and_computed_again_where_nothing_can_be_written(review, tmp_path, capsys, monkeypatch):
    folder = tmp_path / "shut"
    folder.mkdir()
    review.copy(folder / "peiyu.db").close()
    city = shutil.copytree(review.city, tmp_path / "hangzhou")
    monkeypatch.setattr("sim.files.writable", lambda path: not Path(path).is_relative_to(folder))
    monkeypatch.setattr("sim.store.database.writable", lambda path: not Path(path).is_relative_to(folder))
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}
    for words in (["show"], ["show", review.plan], ["reproduce", review.plan, "--from-store", "--city", str(city)]):
        assert run([*words, "--out", str(folder)]) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert run(["appendix", review.plan, "--out", str(folder), "--city", str(city)]) == 2
    assert capsys.readouterr().err == f"peiyu: {folder}: cannot be written; choose another folder with --out.\n"
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()} == before
