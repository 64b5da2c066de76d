"""Whatever comes from outside comes through one door: read once, bounded before it is parsed, answered in one message."""

import ast
import shutil
import time
import warnings
import zipfile
from dataclasses import fields
from pathlib import Path

import docx
import numpy as np
import pytest
from helpers import AS_OF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.parameters import NAMES as PARAMETERS
from calibration.fit.fit import load_fit
from peiyu.document.paper import docx_styles
from sim import quarter
from sim.city.city import load_city
from sim.city.files import CITIES
from sim.inputs.csv import MAX_ROWS
from sim.inputs.errors import LONGEST_MESSAGE, InputError
from sim.inputs.text import MAX_BYTES
from sim.inputs.toml_bounds import MAX_TOML
from sim.levers import LEVERS
from sim.levers.base import Eligible
from sim.scenario.ranges import ELIGIBLE, RANGES
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

ROOT = Path(__file__).parents[1]
SECONDS = 2.0
"""Most that any file within the limits may cost."""


def answer(read, *words):
    """Return what is said of a file, or None where it is read; anything else than one short sentence is a failure."""
    said = None
    try:
        read(*words)
    except InputError as error:
        said = str(error)
    assert said is None or (len(said) <= LONGEST_MESSAGE and "\n" not in said)
    return said


@pytest.fixture
def mine(tmp_path, city):
    """Return what is said of a scenario of these bytes, letters or lines under a usual head."""

    def load(content, name="mine"):
        path = tmp_path / f"{name}.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
        return load_scenario(path, city)

    return load


@pytest.fixture
def folder(tmp_path):
    """Return a copy of Hangzhou's folder to spoil."""
    return Path(shutil.copytree(CITIES / "hangzhou", tmp_path / "hangzhou"))


HEAD = 'title = "试"\nextends = "plan_as_written"\n'


# ---- one door


OPENING = {"open", "read_text", "read_bytes", "loads", "load", "read_csv", "ZipFile", "Document", "reader", "DictReader", "fromstring"}
"""Calls that open or parse something, by their last word."""
INSIDE = {
    "sim/inputs": "the door",
    "sim/files.py": "writes",
    "sim/cache.py": "what the program has remembered for itself",
    "sim/versions.py": "the program's own source",
    "sim/processes.py": "what one process of the program says to another",
    "sim/cluster.py": "what one process of the program says to another",
    "sim/worker_process.py": "what one process of the program says to another",
    "calibration/fit/calibrate.py": "bytes that the door has read",
    "peiyu/fit/recovered.py": "text that the door has read, of what the report kept for itself",
    "sim/store": "rows of a store, which its own door has checked",
    "peiyu/runs/archive.py": "documents just written",
    "peiyu/document/docx_template.py": "parts that the door has unpacked",
    "peiyu/document/paper/docx_styles.py": "an empty document of the library's",
    "peiyu/document/stable_zip.py": "a document just written",
    "peiyu/document/kept.py": "the program's own documents",
    "peiyu/document/paper/pdf.py": "the program's own template",
    "peiyu/odd": "the program's own words",
    "peiyu/words": "the program's own words",
    "peiyu/page/web/files.py": "documents just written",
    "peiyu/page/worker.py": "what one process of the program says to another",
}
"""Where something is opened or parsed that is not the user's file, and what it is."""


def opens(path):
    """Give the calls of a file that open or parse something around the door."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Call):
            said = ast.unparse(node.func)
            own = said in ("read_text", "read_bytes", "Document")  # the door's functions, and the tree of our documents
            if said.split(".")[-1] in OPENING and not own:
                yield f"{path.name}:{node.lineno}: {said}"


def test_nothing_of_the_user_is_opened_around_the_door():
    files = [p for top in ("agents", "sim", "calibration", "peiyu") for p in sorted((ROOT / top).rglob("*.py"))]
    around = {str(p.relative_to(ROOT)): list(opens(p)) for p in files}
    inside = [name for name in around if any(name == x or name.startswith(f"{x}/") for x in INSIDE)]
    assert {name: calls for name, calls in around.items() if calls and name not in inside} == {}
    there = [x for x in INSIDE if (ROOT / x).exists()]
    unused = [x for x in there if not any(around[name] for name in inside if name == x or name.startswith(f"{x}/"))]
    assert not unused, "nothing is opened there any more: take it off the list"


def test_a_scenario_is_the_same_whatever_it_was_saved_as(mine):
    text = HEAD + 'question = "若把种子基金加倍?"\n'
    saved = [text.encode(x) for x in ("utf-8", "utf-8-sig", "gbk", "gb18030")] + [text.replace("\n", "\r\n").encode("gbk")]
    made = [mine(raw) for raw in saved]
    assert {s.sha for s in made} == {made[0].sha} and {s.question["zh"] for s in made} == {"若把种子基金加倍?"}


def test_a_city_is_the_same_whatever_its_files_were_saved_as(folder, city):
    for name in ("history.csv", "goals.toml", "events.csv"):
        text = (folder / name).read_text("utf8")
        (folder / name).write_bytes(text.replace("\n", "\r\n").encode("gb18030" if name == "goals.toml" else "utf-8-sig"))
    assert load_city(folder, frozenset(NAMES)).sha == city.sha


def test_a_city_s_files_are_read_once(folder, monkeypatch):
    read = []
    raw = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *words, **more: read.append(self) or raw(self, *words, **more))
    load_city(folder, frozenset(NAMES))
    own = [p.name for p in read if p.parent == folder]
    assert sorted(own) == sorted(set(own)) and {"history.csv", "goals.toml"} <= set(own)


@pytest.mark.parametrize("name", ["../base", "a/b", "/etc/passwd", "C:\\plans\\base", "a" * 400, "试" * 300, "", ".", "..", "a\\u0000b"])
def test_what_a_scenario_extends_is_a_name_and_never_a_path(mine, tmp_path, name):
    (tmp_path.parent / "base.toml").write_text('title = "t"\n', "utf8")
    said = answer(mine, f'title = "t"\nextends = {ascii_toml(name)}\n')
    assert said is not None and "mine.toml" in said


def ascii_toml(name):
    return '"' + name.replace("\\", "\\\\").replace("\\\\u0000", "\\u0000") + '"'


def test_a_copy_of_a_shipped_scenario_may_extend_its_original(mine, scenario):
    made = mine(HEAD + 'drop = ["fund_seed"]\n', name="plan_as_written")
    assert {x.name for x in scenario("plan_as_written").levers} - {x.name for x in made.levers} == {"fund_seed"}


def test_a_table_of_excel_is_read_and_its_rows_keep_their_numbers(folder, city):
    lines = (folder / "events.csv").read_text("utf8").rstrip("\n").split("\n")
    lines = [f"{line},,," for line in lines[:3]] + ["," * 11, ""] + [f"{line},,," for line in lines[3:]]
    (folder / "events.csv").write_text("\n".join(lines), "utf8")
    assert len(load_city(folder).events) == len(city.events)
    (folder / "events.csv").write_text("\n".join([*lines[:-1], lines[-1].replace("20", "21", 1)]), "utf8")
    assert f"events.csv: row {len(lines)}: " in answer(load_city, folder)


# ---- what is dear


COSTLY = {
    "parts of a key": ("x.toml", ".".join("a" * 20_000) + " = 1"),
    "many keys of many parts": ("x.toml", HEAD + "".join(f"a{i}.b.c.d.e.f.g.h=1\n" for i in range(8_900))),
    "tables": ("x.toml", "".join(f"[a{i}]\n" for i in range(20_000))),
    "brackets": ("x.toml", "a = " + "[" * (MAX_TOML - 9)),
    "blanks in a head": ("x.toml", "[" + " " * (MAX_TOML - 9)),
    "values": ("x.toml", HEAD + "x = [" + "1," * 90_000 + "]"),
    "digits": ("x.toml", "title = " + "9" * (MAX_TOML - 9)),
    "quotes": ("x.toml", '"""\\' + '""' * 90_000),
    "rules": ("x.toml", HEAD + '[[rule]]\nwhen = "hnte_first < 200 by 2025Q4"\nthen = {fund_seed={budget=1}}\n' * 900),
    "goals": ("goals.toml", "[[goal]]\n" * 1_000),
    "wrong districts": ("profile.toml", "district = [" + "{}," * 9_900 + "]"),
    "columns": ("history.csv", "," * (MAX_BYTES - 1)),
    "rows": ("history.csv", "a\n" * (MAX_BYTES // 2)),
    "blank rows": ("history.csv", "\n" * MAX_BYTES),
    "brackets of a fit": ("fitted.json", "[" * 100_000),
    "a long row of a fit": ("fitted.csv", ",".join(PARAMETERS) + "\n" + "," * 900_000),
    "text in a fit": ("fitted.csv", ",".join(PARAMETERS) + "\n" + "x," * (len(PARAMETERS) - 1) + "x\n"),
    "a long head of a fit": ("fitted.csv", "a," * 3_000_000),
}


@pytest.mark.parametrize("case", COSTLY)
def test_no_file_within_the_limits_is_dear(mine, folder, case, city):
    name, content = COSTLY[case]
    if name != "x.toml":
        (folder / name).write_text(content, "utf8")
    began = time.process_time()
    said = answer(mine, content) if name == "x.toml" else answer(lambda: load_fit(load_city(folder, frozenset(NAMES))))
    assert said and time.process_time() - began <= SECONDS


def test_as_many_rows_as_are_allowed_are_read_in_time(folder):
    head = (folder / "history.csv").read_text("utf8").split("\n", 1)[0]
    rows = [f"s{i},hangzhou,2023,{i},firms,stock,s,p,u,q,B,,exact,stated,2024-03" for i in range(MAX_ROWS)]
    (folder / "history.csv").write_text("\n".join([head, *rows]), "utf8")
    began = time.process_time()
    assert len(load_city(folder).history) == MAX_ROWS and time.process_time() - began <= SECONDS
    (folder / "history.csv").write_text("\n".join([head, *rows, rows[0]]), "utf8")
    assert f"has more than {MAX_ROWS:,} rows" in answer(load_city, folder)


# ---- templates


def packed(path, **changed):
    """Write a Word file with parts changed by what is told of them."""
    docx.Document().save(str(path))
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name, change in changed.items():
        key = {"document": "word/document.xml", "styles": "word/styles.xml", "rels": "word/_rels/document.xml.rels"}.get(name, name)
        parts[key] = change(parts.get(key, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path


def strict(content):
    for kind in (b"wordprocessingml/2006/main", b"officeDocument/2006/relationships"):
        content = content.replace(b"schemas.openxmlformats.org/" + kind, b"purl.oclc.org/ooxml/" + kind.replace(b"/2006", b""))
    return content


DEAD = b'<Relationship Id="rId99" Type="http://x/image" Target="NULL"/></Relationships>'
GOOD = {
    "a title for letters": {"styles": lambda x: x.replace(b'w:type="paragraph" w:styleId="Title"', b'w:type="character" w:styleId="Title"')},
    "no page": {"document": lambda x: x[: x.index(b"<w:sectPr")] + x[x.index(b"</w:sectPr>") + len("</w:sectPr>") :]},
    "a dead end": {"rels": lambda x: x.replace(b"</Relationships>", DEAD)},
    "the strict form": {"document": strict, "styles": strict, "rels": strict, "_rels/.rels": strict},
}
BAD = {
    "cut off": {"document": lambda x: x[:500]},
    "entities": {"document": lambda _: b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>'},
    "too much of a picture": {"word/media/x.png": lambda _: bytes(21_000_000)},
    "too many tags": {"document": lambda x: x.replace(b"<w:body>", b"<w:body>" + b"<w:p/>" * 600_000)},
    "too deep": {"document": lambda x: x.replace(b"<w:body>", b"<w:body>" + b"<w:p>" * 9_000 + b"</w:p>" * 9_000)},
    "no relationships": {"_rels/.rels": lambda _: b"<a/>"},
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", GOOD)
def test_a_template_that_word_opens_is_opened(tmp_path, case, lang):
    word = docx_styles.opened(packed(tmp_path / "own.docx", **GOOD[case]), lang)
    made = docx_styles.roles(word, lang)
    assert made["title"].type == made["caption"].type == 1 and docx_styles.sheet(word, lang).width > 100.0


@pytest.mark.parametrize("case", BAD)
def test_a_template_that_is_none_is_answered_before_it_unfolds(tmp_path, case):
    path = packed(tmp_path / "own.docx", **BAD[case])
    began = time.process_time()
    said = answer(docx_styles.opened, path, "zh")
    assert said.startswith("--template ") and "own.docx" in said and time.process_time() - began <= SECONDS


# ---- numbers


def test_every_number_of_a_lever_has_a_range():
    kinds = {f.name: str(f.type) for kind in LEVERS.values() for f in fields(kind)}
    assert {name for name, kind in kinds.items() if kind in ("float", "int")} - {"start", "end"} == set(RANGES)
    assert {f.name for f in fields(Eligible) if f.type in ("float", "int")} == set(ELIGIBLE)


@pytest.mark.parametrize("value", ["true", '"150000"', "inf", "nan", "1.7e308", "-1", "[1]"])
@pytest.mark.parametrize("key", ["budget", "ticket", "size", "eligible.max_revenue"])
def test_what_is_no_number_of_the_range_is_refused_with_the_range(mine, key, value):
    said = answer(mine, f"{HEAD}[change]\nfund_seed.{key} = {value}\n")
    assert f'lever "fund_seed": {key} = ' in said and "write a number from 0 to " in said


def test_a_deadline_with_two_digits_swapped_is_asked_about(folder):
    path = folder / "goals.toml"
    path.write_text(path.read_text("utf8").replace('deadline = "2026Q4"', 'deadline = "2206Q4"', 1), "utf8")
    assert 'Did you mean "2026Q4"?' in answer(load_city, folder)


def test_a_run_goes_no_further_than_anything_is_known(folder):
    path = folder / "goals.toml"
    path.write_text(path.read_text("utf8").replace('deadline = "2026Q4"', 'deadline = "2059Q4"', 1), "utf8")
    assert "write a quarter at most 40 years after it" in answer(load_city, folder)


WORDS = {"tier": ["seed", "angel", "venture", "merger"], "level": ["municipal", "provincial", "national"], "recognition": ["hnte", "srdi"]}
QUARTERS = [quarter.label(AS_OF + 1), quarter.label(AS_OF + 2)]


@st.composite
def levers(draw):
    """Give the table of a lever with any numbers of their ranges, often at an end."""
    kind = draw(st.sampled_from(sorted(LEVERS)))
    table = {"type": kind, "source": "assumption: x", "start": draw(st.sampled_from(QUARTERS)), "end": "2026Q4"}
    for f in fields(LEVERS[kind]):
        if f.name in WORDS:
            table[f.name] = draw(st.sampled_from(WORDS[f.name]))
        elif f.name in RANGES:
            low, high = RANGES[f.name].low, RANGES[f.name].high
            number = st.sampled_from([low, high]) | st.floats(low, high)
            table[f.name] = int(draw(number)) if f.type == "int" else draw(number)
    return table


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=st.lists(levers(), min_size=1, max_size=5))
def test_no_scenario_within_the_ranges_overflows(mine, root, tables):
    """`tests/conftest.py` lets numpy raise; warnings of compiled loops count as well."""
    text = 'title = "t"\n'
    for i, table in enumerate(tables):
        text += f'[[lever]]\nname = "x{i}"\n' + "".join(f"{key} = {value!r}\n" for key, value in table.items()).replace("'", '"')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = root.fork(mine(text)).run_to(AS_OF + 3)
    assert all(np.isfinite(values).all() for values in model.datacollector.model_vars.values())
    paid = [x for x in model.state.ledger.closed if x.quarter > AS_OF]
    assert all(np.isfinite([x.amount, x.budget]).all() for x in paid) and {x.lever for x in paid} == {f"x{i}" for i in range(len(tables))}


# ---- anything else


PIECES = st.sampled_from(
    ["[", "]]", "{", "}", "=", '"', "'''", '"""', ".", ",", "#", "\n", "\\", "\x00", "\ufeff", "试" * 300, "9" * 400, "-1", "nan", "true",
     "[[lever]]", "[change]", "x = ", "2025Q1", "1e400", "drop", "../", "extends", "<b>", "\u202e"]
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt=st.lists(st.tuples(st.floats(0.0, 1.0), PIECES, st.integers(0, 30)), min_size=1, max_size=4), file=st.sampled_from(["plan", "rule"]))
def test_a_spoilt_scenario_is_read_or_answered(mine, spoilt, file):
    name = {"plan": "plan_as_written", "rule": "fund_if_behind"}[file]
    text = (CITIES / "hangzhou" / "scenarios" / f"{name}.toml").read_text("utf8")
    for place, piece, gone in spoilt:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + gone :]
    answer(mine, text)


@settings(max_examples=16, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(["profile.toml", "goals.toml", "recognitions.toml", "series.toml", "history.csv", "events.csv", "fitted.json", "fitted.csv"]),
    place=st.floats(0.0, 1.0), piece=PIECES, gone=st.integers(0, 30),
)  # fmt: skip
def test_a_spoilt_city_is_read_or_answered(tmp_path, file, place, piece, gone):
    spoilt = tmp_path / "hangzhou"
    if not spoilt.exists():
        shutil.copytree(CITIES / "hangzhou", spoilt)
    text = (CITIES / "hangzhou" / file).read_text("utf8")
    at = int(place * len(text))
    (spoilt / file).write_text(text[:at] + piece + text[at + gone :], "utf8")
    try:
        answer(lambda: load_city(spoilt, frozenset(NAMES)) and file.startswith("fitted") and load_fit(load_city(spoilt)))
    finally:
        shutil.copyfile(CITIES / "hangzhou" / file, spoilt / file)
