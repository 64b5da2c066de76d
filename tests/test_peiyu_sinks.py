"""Text of the user where it comes out: on the screen, in CSV, in web pages and workbooks it is text and nothing else."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from peiyu.__main__ import run
from peiyu.document import html, markdown
from peiyu.document.csv import write_csv
from peiyu.document.shown import shown
from peiyu.document.tree import Document, Paragraph
from peiyu.screen.console import Screen
from peiyu.screen.grid import Grid
from sim.inputs.errors import LONGEST_MESSAGE, InputError
from sim.inputs.shown import LONGEST, quoted, visible

ROOT = Path(__file__).parents[1]
TITLE = '[draft] my plan [/b] <script>x</script> =1+1 #read("x") *b* $y$ | c'
LEVER = "=1+1<i>x</i>"
SOURCE = "=cmd|calc!A0 [x] <b onclick=x> \u202eabc"
SCENARIO = f"""
title = '''{TITLE}'''
extends = "plan_as_written"
[[lever]]
type = "guidance_fund"
name = "{LEVER}"
tier = "seed"
start = "2026Q2"
end = "2026Q4"
budget = 1000
ticket = 100
public_share = 0.2
source = "{SOURCE}"
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A folder with everything that a forecast, a comparison and an appendix of the nasty scenario leave."""
    folder = tmp_path_factory.mktemp("nasty")
    (folder / "nasty.toml").write_text(SCENARIO, "utf8")
    how = ["--members", "2", "--workers", "1", "--out", str(folder), "--lang", "en"]
    assert run(["forecast", "--scenario", str(folder / "nasty.toml"), *how]) == 0
    run_id = json.loads((folder / "forecast.json").read_text("utf8"))["run_id"]
    assert run(["compare", "plan_as_written", str(folder / "nasty.toml"), *how]) == 0
    wanted = ["--out", str(folder), "--lang", "en", "--format", "html,xlsx,docx"]
    assert run(["appendix", run_id, "--scenario", str(folder / "nasty.toml"), *wanted]) == 0
    return folder


@pytest.mark.parametrize("command", ["forecast", "compare"])
def test_a_title_is_printed_as_it_was_typed(out, capsys, command):
    what = ["--scenario", str(out / "nasty.toml")] if command == "forecast" else ["plan_as_written", str(out / "nasty.toml")]
    assert run([command, *what, "--members", "2", "--workers", "1", "--out", str(out), "--lang", "en"]) == 0
    assert TITLE in " ".join(capsys.readouterr().out.split())


def test_no_cell_of_a_table_is_a_formula(out):
    tables = sorted(out.glob("*.csv"))
    assert {"goals.csv", "ledger.csv", "costs.csv"} <= {p.name for p in tables}
    for path in tables:
        cells = pd.read_csv(path, dtype=str, keep_default_na=False).to_numpy().ravel()
        text = [c for c in cells if not re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", c)]
        assert not [c for c in text if c.startswith(("=", "+", "-", "@"))], path.name
    assert f"'{LEVER}" in set(pd.read_csv(out / "ledger.csv").lever)


def test_a_web_page_has_no_tag_of_the_user(out):
    (page,) = out.glob("*.html")
    text = page.read_text("utf8")
    assert "&lt;script&gt;" in text and "&lt;i&gt;x&lt;/i&gt;" in text
    assert "<script" not in text and "<i>x" not in text and "<b onclick" not in text
    assert "\u202e" not in text and "\\u202e" in text


def test_a_workbook_computes_nothing(out):
    (path,) = out.glob("*.xlsx")
    cells = [c for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
    assert any(LEVER in str(c.value) for c in cells)


@pytest.mark.parametrize(
    ("text", "seen"),
    [("a\x1b[2Jb", "a\\u001b[2Jb"), ("\u202eabc", "\\u202eabc"), ("nul\x00", "nul\\u0000"), ("杭州市 é 😀", "杭州市 é 😀"), ("a\nb\tc", "a\nb\tc")],
)
def test_what_cannot_be_seen_is_written_as_its_code(text, seen):
    assert visible(text) == seen
    made = shown(Document("en", text, (Paragraph((text,)),), date="2026-01-01"))
    assert (made.title, made.blocks[0].parts) == (seen, (seen,))


def test_a_message_is_one_line_that_fits_on_a_screen():
    said = str(InputError(f"a\nb\x1b {'x' * 40_000} the end"))
    assert said.startswith("a b\\u001b") and said.endswith("the end") and len(said) <= LONGEST_MESSAGE + 3
    assert quoted("y" * 100) == "y" * LONGEST + "…" and quoted("short") == "short"


def test_text_that_begins_like_a_formula_gets_an_apostrophe_and_a_number_does_not(tmp_path):
    write_csv(tmp_path / "a.csv", pd.DataFrame({"a": ["=1", "@x", "-0.5", "plain"], "b": [-1.5, 2.0, 3.0, 4.0]}))
    assert (tmp_path / "a.csv").read_text("utf8") == "a,b\n'=1,-1.5\n'@x,2.0\n-0.5,3.0\nplain,4.0\n"


def test_markdown_keeps_a_tag_as_text():
    assert markdown.fragment([Paragraph(("p < 0.1 <img src=x> </b>",))]) == "p < 0.1 &lt;img src=x> &lt;/b>"


def test_html_escapes_attributes_too():
    page = html.written(Document("en", 'a" onclick="x', (), date="2026-01-01", mark='<m a="b">')).decode()
    assert 'onclick="x' not in page and "<m a=" not in page


# --- width


def grid():
    table = Grid(first_to_go=["c", "b"])
    table.add_column("Goal", overflow="fold")
    table.add_column("Reading", overflow="fold")
    for head in ("a", "b", "c", "d"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_row("Ecosystem-leading enterprises", "* Newly recognised", *["123,456,789"] * 4)
    return table


@pytest.mark.parametrize(("width", "gone"), [(150, []), (80, ["c"]), (70, ["c", "b"]), (55, ["c", "b", "d"]), (45, ["c", "b", "d", "a"])])
def test_where_it_is_narrow_the_least_columns_go_and_words_stay_readable(width, gone):
    page = io.StringIO()
    Screen(page, "en", width).table(grid())
    said = page.getvalue()
    assert "Ecosystem-leading" in said and "recognised" in said
    assert [h for h in ("a", "b", "c", "d") if not re.search(f" {h} [┃\n]", said)] == sorted(gone)
    assert "…" not in said.replace("┃", "") and (not gone or f"Left out at {width} columns: {', '.join(gone)}." in said)


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_forecast_names_every_goal_at_any_width(out, capsys, monkeypatch, city, columns, lang):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(["forecast", "--members", "2", "--workers", "1", "--out", str(out), "--lang", lang]) == 0
    said = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)  # colours
    table = said[: said.index("└")]
    assert max(len(line) for line in table.splitlines()) <= columns
    cells = [line.split("│")[1:3] for line in table.splitlines() if line.startswith("│")]
    written = ["".join("".join(parts).split()) for parts in zip(*cells, strict=True)]
    for goal in city.goals:
        assert "".join((goal.zh if lang == "zh" else goal.en).split()) in written[0]
        for r in goal.readings:
            assert "".join((r.zh if lang == "zh" else r.en).split()) in written[1]


def test_a_terminal_without_chinese_gets_codes_and_valid_json(out):
    script = "import sys; from peiyu.__main__ import run; sys.exit(run(sys.argv[1:]))"
    words = ["show", "--db", str(out / "peiyu.db"), "--lang", "zh"]
    how = {"capture_output": True, "env": {"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONPATH": str(ROOT)}}
    plain = subprocess.run([sys.executable, "-c", script, *words], check=False, **how)
    assert plain.returncode == 0 and b"\\u" in plain.stdout and b"--lang en" in plain.stderr and plain.stdout.isascii()
    listed = subprocess.run([sys.executable, "-c", script, *words, "--json"], check=False, **how)
    assert listed.returncode == 0 and json.loads(listed.stdout)[0]["city"] == "hangzhou"


# --- nobody goes round


@pytest.mark.parametrize(
    ("way", "door"),
    [
        (r"rich\.console import|\bConsole\(", "peiyu/screen/console.py"),
        (r"\.to_csv\(", "peiyu/document/csv.py"),
        (r"\bEnvironment\(", "peiyu/document/html.py"),
        (r"rich\.table import", "peiyu/screen/grid.py"),
    ],
)
def test_a_sink_has_one_door(way, door):
    found = [p.relative_to(ROOT).as_posix() for p in (ROOT / "peiyu").rglob("*.py") if re.search(way, p.read_text("utf8"))]
    assert found == [door]
