"""The comparison of two recordings sees one digit wherever it stands, and overlooks ids, moments and versions only."""

import json
import shutil
import sqlite3
import zipfile

import pytest

from tests import same_outputs

DOCUMENT = {"run_id": "f26340f045b2", "fit": "ead6a42be84c0907", "again": "f26340f045b2", "made": "2026-11-28 06:05:00",
            "versions": {"numpy": "2.4.6"}, "day": "2026-11-28", "median": 12345678.5, "share": 0.12345678901}  # fmt: skip
SHEET = "<c><v>0.31</v></c><c>f26340f045b2</c><c>2026-11-28T06:05:00Z</c>"


def zipped(place, sheet):
    with zipfile.ZipFile(place, "w") as book:
        book.writestr("xl/sheet1.xml", sheet)


def stored(place, ids, value):
    """Lay a store with two runs, the first called `ids[0]`."""
    place.unlink(missing_ok=True)
    with sqlite3.connect(place) as db:
        db.execute("CREATE TABLE runs (run_id TEXT PRIMARY KEY, seed INTEGER)")
        db.execute("CREATE TABLE series (run_id TEXT PRIMARY KEY, value REAL) WITHOUT ROWID")
        db.executemany("INSERT INTO runs VALUES (?, ?)", [(ids[0], 1), (ids[1], 2)])
        db.executemany("INSERT INTO series VALUES (?, ?)", [(ids[0], value), (ids[1], 7.0)])


@pytest.fixture
def two(tmp_path):
    """Return two equal recordings of one command."""
    one = tmp_path / "before" / "forecast"
    one.mkdir(parents=True)
    (one / "forecast.json").write_text(json.dumps(DOCUMENT), "utf8")
    (one / "goals.csv").write_text("goal,model,value\nhnte,peiyu,0.138\nscene,naive,1e-05\n", "utf8")
    (one / "stderr").write_text("peiyu: run f26340f045b2\nhangzhou · baseline: 19/40, at most 17 s left\n", "utf8")
    zipped(one / "goals.xlsx", SHEET)
    stored(one / "peiyu.db", ("aaaaaaaaaaa1", "bbbbbbbbbbb2"), 3.0)
    shutil.copytree(tmp_path / "before", tmp_path / "after")
    for side in ("before", "after"):
        about = {"paths": [f"/somewhere/{side}"], "days": ["2026-11-28", "2026-11-29"], "seconds": {}, "whole": True}
        (tmp_path / side / same_outputs.TODAY).write_text(json.dumps(about), "utf8")
    return tmp_path / "before", tmp_path / "after"


def said(two):
    lines = []
    same = same_outputs.compare(*two, lines.append)
    assert lines[-1] == ("all same" if same else "DIFFERENT")
    return same, "\n".join(lines)


def swap(two, name, old, new):
    file = two[1] / "forecast" / name
    text = file.read_text("utf8")
    assert old in text
    file.write_text(text.replace(old, new), "utf8")


def test_equal_recordings_are_the_same(two):
    same, text = said(two)
    assert same and "5 files" in text


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("forecast.json", "12345678.5", "12345679.5"),
        ("forecast.json", "0.12345678901", "0.12345678902"),
        ("forecast.json", '"again": "f26340f045b2"', '"again": "f26340f045b3"'),
        ("forecast.json", '"median"', '"mean"'),
        ("goals.csv", "0.138", "0.139"),
        ("goals.csv", "1e-05", "1e-06"),
        ("goals.csv", "scene,naive,1e-05\n", ""),
        ("stderr", "peiyu: run", "peiyu: no run"),
    ],
)
def test_one_changed_digit_or_word_differs(two, name, old, new):
    swap(two, name, old, new)
    same, text = said(two)
    assert not same and f"    {name}: line " in text


def test_one_cell_of_a_workbook_differs(two):
    zipped(two[1] / "forecast" / "goals.xlsx", SHEET.replace("0.31", "0.32"))
    same, text = said(two)
    assert not same and "goals.xlsx!xl/sheet1.xml: line 1" in text and "0.32" in text


def test_one_value_of_a_store_differs(two):
    stored(two[1] / "forecast" / "peiyu.db", ("aaaaaaaaaaa1", "bbbbbbbbbbb2"), 4.0)
    same, text = said(two)
    assert not same and "peiyu.db!series" in text


def test_a_file_that_is_missing_or_new_differs(two):
    (two[1] / "forecast" / "goals.csv").rename(two[1] / "forecast" / "other.csv")
    same, text = said(two)
    assert not same and "goals.csv: only before" in text and "other.csv: only after" in text


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("forecast.json", "f26340f045b2", "0c6340f045b9"),
        ("forecast.json", "2026-11-28 06:05:00", "2027-01-02 11:12:13"),
        ("forecast.json", '"2026-11-28"', '"2026-11-29"'),
        ("forecast.json", "2.4.6", "2.5.0"),
        ("stderr", "19/40, at most 17 s left", "3/40, at most 90 s left"),
    ],
)
def test_ids_moments_versions_and_progress_are_overlooked(two, name, old, new):
    swap(two, name, old, new)
    same, text = said(two)
    assert same, text


def test_of_a_traceback_only_the_error_counts(two):
    for folder, place in zip(two, ("peiyu/cli_a.py", "peiyu/cli/a.py"), strict=True):
        trace = f'Traceback (most recent call last):\n  File "{place}", line 3\n    rows[x]\n    ~~~~^^^\nKeyError: 1\n'
        (folder / "forecast" / "stderr").write_text(trace, "utf8")
    assert said(two)[0]
    swap(two, "stderr", "KeyError: 1", "KeyError: 2")
    assert not said(two)[0]


def test_ids_and_moments_in_a_workbook_are_overlooked(two):
    zipped(two[1] / "forecast" / "goals.xlsx", SHEET.replace("f26340f045b2", "00aa40f045b2").replace("06:05", "07:06"))
    same, text = said(two)
    assert same, text


def test_rows_of_a_store_do_not_move_with_their_ids(two):
    stored(two[1] / "forecast" / "peiyu.db", ("ccccccccccc1", "bbbbbbbbbbb2"), 3.0)
    same, text = said(two)
    assert same, text


def test_folders_of_the_recordings_are_overlooked(two):
    for folder in two:
        (folder / "forecast" / "stdout").write_text(f"/somewhere/{folder.name}/goals.csv", "utf8")
    same, text = said(two)
    assert same, text


def test_a_part_is_compared_with_the_whole_and_says_so(two):
    (two[0] / "check").mkdir()
    (two[0] / "check" / "stdout").write_text("all inside", "utf8")
    same, text = said(two)
    assert not same and "    stdout: only before" in text
    about = json.loads((two[1] / same_outputs.TODAY).read_text("utf8"))
    (two[1] / same_outputs.TODAY).write_text(json.dumps(about | {"whole": False}), "utf8")
    lines = []
    assert same_outputs.compare(*two, lines.append)
    assert lines[-1] == "all same, but only 1 of 2 are in both recordings"


def test_a_chosen_command_brings_what_it_needs():
    assert list(same_outputs.chosen(["change_zh"])) == ["forecast_json", "forecast_old", "change_zh"]
    assert list(same_outputs.chosen(["forecast_new"])) == ["new_city", "calibrate_new", "forecast_new"]
    assert same_outputs.chosen([]) == same_outputs.chosen(["appendix"]) == same_outputs.COMMANDS
    assert not same_outputs.chosen(["nothing"])


def test_nothing_recorded_is_not_the_same(tmp_path):
    (tmp_path / same_outputs.TODAY).write_text(json.dumps({"paths": [], "days": [], "whole": True}), "utf8")
    assert not same_outputs.compare(tmp_path, tmp_path, lambda line: None)
