"""Every loader under fire for a minute: nothing that is not read gets more than a refusal; and what a long run has found stays mended."""

import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from sim.inputs.errors import InputError
from tests import fuzz, fuzz_mutations
from tests.fuzz_doors import Door, Doors

RUNS = {"fit": 12, "city": 40, "workbook": 40, "sheets": 40, "template": 60, "store": 120, "history": 100, "events": 100, "known": 100, "settled": 60, "panel": 60}
"""Executions of the doors that take longest; all others have 300."""
EVERY = [name.removeprefix("door_").replace("_", "-") for name in dir(Doors) if name.startswith("door_")]


@pytest.fixture(scope="module")
def doors():
    with fuzz.memory_folder() as folder, np.errstate(all="warn"):  # as in the program
        yield Doors(folder)


@pytest.fixture
def look(doors):
    """Return what becomes of an input of a door."""
    return lambda name, raw: fuzz.Watch(doors.door(name)).look(raw)


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_no_spoilt_input_is_more_than_read_or_refused(doors, tmp_path, name):
    tally = fuzz.Fuzz(doors.door(name), tmp_path, seed=1).plain(RUNS.get(name, 300), 1e9)
    assert tally.failures == {}
    assert tally.runs >= 12 and tally.read and (tally.refused or name == "generation")


def test_every_door_has_ordinary_inputs_that_it_reads(look, doors):
    for name in EVERY:
        assert [look(name, raw).said for raw in doors.door(name).seeds[:1]] == [""], name


# ---- the harness itself


def planted(raw):
    """A loader with faults: a letter that it does not bear, one at which it hangs, and refusals that nobody can use."""
    if b"&" in raw:
        raise ValueError("it does not bear that letter")
    while b"?" in raw:
        pass
    if b"#" in raw:
        raise InputError("something is wrong")
    if b"%" in raw:
        raise InputError("row 1: it is this \udc80")
    if raw != b"good":
        raise InputError("row 1: it is not good")


@pytest.fixture
def under_fire(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    return fuzz.Fuzz(Door(planted, (b"good",), r"row \d", name="planted"), tmp_path, seed=0)


def test_a_planted_fault_is_found_cut_down_and_kept(under_fire, capsys, monkeypatch):
    monkeypatch.setattr(fuzz_mutations, "NASTY", ("&", "x", "1"))
    found = under_fire.plain(300, 1e9)
    (said,) = [x for x in found.failures if x.startswith("ValueError")]
    kept = Path(found.failures[said])
    assert kept.read_bytes() == b"&" and f"--door planted --repeat {kept}" in capsys.readouterr().out
    assert said.endswith("planted") and found.read >= 1 and found.refused > 50


@pytest.mark.parametrize(
    ("raw", "said"),
    [(b"a?", "TooSlow"), (b"a#", "does not say where"), (b"bad", ""), (b"good", "")],
)
def test_what_is_slow_or_cannot_be_used_is_a_failure(under_fire, raw, said):
    outcome = under_fire.watch.look(raw)
    assert said in outcome.said and (outcome.kind == "failed") == bool(said)


@pytest.mark.parametrize(("message", "wrong"), [("row 1: a\u2028b", "one line"), ("row 1: " + "a" * 600, "one line"), ("row 1: \udc80", "printed"), ("row", "where"), ("row 1", "")])
def test_a_refusal_is_one_short_line_that_names_the_place(message, wrong):
    assert wrong in fuzz.faults(message, r"row \d") and bool(wrong) == bool(fuzz.faults(message, r"row \d"))


def test_the_same_seed_is_the_same_fire(doors, tmp_path):
    one, other = (fuzz.Fuzz(doors.door("quarter"), tmp_path, seed=5).plain(200, 1e9) for _ in range(2))
    assert (one.read, one.refused, one.messages) == (other.read, other.refused, other.messages)


# ---- what long runs have found


def spoilt_book(raw, part, old, new):
    """Return a workbook in which one part says something else."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as was, zipfile.ZipFile(made, "w") as now:
        for name in was.namelist():
            now.writestr(name, was.read(name).replace(old, new) if name == part else was.read(name))
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOOKS = {
    "no XML": ("[Content_Types].xml", b"<Types", b"<Types<", "cannot be read as a workbook"),
    "no XML in a sheet": (SHEET, b"<row", b"<<row", "cannot be read as a workbook"),
    "cells merged over the whole sheet": (SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', "more than 2,000 rows"),
    "a link over the whole sheet": (SHEET, b"</sheetData>", b'</sheetData><hyperlinks><hyperlink location="a" ref="A1:XFD1048576"/></hyperlinks>', "more than 2,000 rows"),
    "an area that is written otherwise": (SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD104857&#54;"/></mergeCells>', "is no area of cells"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOOKS)
def test_a_workbook_that_openpyxl_does_not_bear_is_refused(look, doors, case):
    part, old, new, said = BOOKS[case]
    outcome = look("workbook", spoilt_book(doors.door("workbook").seeds[0], part, old, new))
    assert outcome.kind == "refused" and said in outcome.said


def test_a_form_of_which_every_cell_is_wrong_is_refused_in_time(look, doors):
    """Far more than a random input holds: what was probably meant is looked for where it is told, not for every cell."""
    parts = doors.door("sheets").seeds[0].split(b"\n==")
    wrong = b"\n" + b"\n".join([",".join(["甲乙丙丁戊己庚辛壬癸" * 2] * 9).encode()] * 1_900)
    outcome = look("sheets", b"\n==".join([parts[0], *(part + wrong for part in parts[1:])]))
    assert outcome.kind == "refused" and "36100 places" in outcome.said


STORES = {
    "an analysis of no runs": ("UPDATE analyses SET runs = 'r1'", "analyses.runs"),
    "an analysis of things": ("UPDATE analyses SET runs = '[{}]'", "analyses.runs"),
    "no quarter": ("UPDATE runs SET as_of = '2024-12'", "runs.as_of"),
    "a word for a number": ("UPDATE forecasts SET median = 'many'", "forecasts.median"),
    "more members than fit in memory": (f"UPDATE forecasts SET members = {2**62}", "forecasts.members"),
    "a member before the first": ("UPDATE ledger SET member = -7", "ledger of r1"),
    "half a member": ("UPDATE ledger SET member = 0.5", "ledger of r1"),
    "words in a series": ("UPDATE series SET value = 'many'", "series of r1"),
}


@pytest.mark.parametrize("case", STORES)
def test_a_store_in_which_something_else_stands_is_refused(look, doors, tmp_path, case):
    (tmp_path / "a.db").write_bytes(doors.door("store").seeds[0])
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as db:
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("DELETE FROM forecasts WHERE run_id = 'r2'")
        db.execute(STORES[case][0])
    outcome = look("store", (tmp_path / "a.db").read_bytes())
    assert outcome.kind == "refused" and f"{STORES[case][1]}: holds what no command writes" in outcome.said


def test_text_that_is_no_utf_8_is_a_damaged_store(look, doors):
    raw = doors.door("store").seeds[0]
    outcome = look("store", raw.replace(b"fund_seed", b"fund_\xffeed"))
    assert outcome.kind == "refused" and "the store fails" in outcome.said


def numpy_file(head):
    """Return what an interrupted fit might have left, with another head."""
    made = io.BytesIO()
    np.save(made, np.zeros((3, 2)))
    return made.getvalue().replace(b"'shape': (3, 2)", head)


FOUND = {
    "a whole number that Python cannot write": ("scenario", b"title = 0x" + b"f" * 5_000, "mine.toml: line 1: title: is a whole number of more than 64 bits"),
    "one inside": ("profile", b"[opening]\nhnte = 0x" + b"f" * 5_000, "profile.toml: line 2: opening > hnte: is a whole number of more"),
    "a day that is none": ("observation", b"series=hte_stock&period=2025-11-31&value=1", "--period 2025-11-31: there is no such day"),
    "a year that is none": ("observation", b"series=hte_stock&period=0000&value=1", "--period 0000: there is no such day"),
    "a publication on no day": ("observation", b"series=hte_stock&period=2024&value=1&source=x&published=2025-02-30", "--published 2025-02-30: there is no such day"),
    "a quarter of which nobody says where it stands": ("observation", b"event=zone_built&quarter=2024&count=1", '--quarter: "2024" is not a quarter'),
    "another": ("address", b"decide=2024", 'decide: "2024" is not a quarter'),
    "a comparison without rows": ("crosscheck", b"{}", "crosscheck_sbi.json: is no comparison"),
    "a place in a list of 5,000 digits": ("option", b"\x03run/r1/a/" + b"9" * 5_000, ""),
    "years without end": ("option", b"\x02" + b"1000-9999," * 390, "--origins 1000: the data of"),
    "a damaged array": ("generation", numpy_file(b"'shape': (3, ,)"), ""),
    "an array of another shape": ("generation", numpy_file(b"'shape': (6,  )"), ""),
    "an array larger than memory": ("generation", numpy_file(b"'shape': (9" + b"9" * 15 + b",)"), ""),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found_stays_mended(look, case):
    name, raw, said = FOUND[case]
    outcome = look(name, raw)
    assert outcome.kind == ("refused" if said else "read"), outcome
    assert said in outcome.said


def test_a_draw_of_hundreds_of_digits_is_no_number(look, doors):
    head, row, *_ = doors.door("fit-draws").seeds[0].split(b"\n")
    said = look("fit-draws", head + b"\n" + b",".join([b"9" * 400] * len(row.split(b","))) + b"\n").said
    assert "fitted.csv: cannot be read as numbers" in said or "not every cell holds a number" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [(b'"weight": 10.0', b'"weight": 1e-9', "probes: weight is 1e-09"), (b'"seed": 1,\n   "weight"', b'"seed": -1,\n   "weight"', "probes: seed is -1"),
     (b'"sum"', b'"sum", "more"', "probes: numbers of another length than ends")],
)  # fmt: skip
def test_a_probe_that_no_calibration_wrote_is_refused_before_it_runs(look, doors, old, new, said):
    raw = doors.door("fit").seeds[0]
    assert old in raw and said in look("fit", raw.replace(old, new, 1)).said
