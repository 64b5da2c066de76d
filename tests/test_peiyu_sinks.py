"""Text of the user where it comes out: on the screen, in CSV, in web pages and workbooks it is text and nothing else."""

import csv
import io
import json
import re
import subprocess
import sys
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import docx
import openpyxl
import pandas as pd
import pytest
from review import Review, by_hand, light, make_review
from rich.cells import cell_len

from calibration.moments import moments
from peiyu.__main__ import run
from peiyu.backtest.terminal import print_backtest
from peiyu.document import html, markdown, xlsx
from peiyu.document.csv import write_csv
from peiyu.document.shown import shown
from peiyu.document.tree import Code, Column, Document, Heading, Number, Paragraph, Table
from peiyu.fit.check import print_check
from peiyu.screen.console import Screen
from peiyu.screen.grid import Grid
from peiyu.sensitivity.document import SensitivityDocument
from peiyu.sensitivity.terminal import print_sensitivity
from peiyu.words.loader import words
from peiyu.words.names import label
from sim.city.city import load_city
from sim.inputs.errors import LONGEST_MESSAGE, InputError
from sim.inputs.shown import LONGEST, quoted, visible
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES

ROOT = Path(__file__).parents[1]
SEEN = '[/b] [draft] <script>x</script> =1+1 #read("x") *b* _i_ `c` $y$ | {z} %s :smile: \\u001b[2J\\u202e end'
"""Words of a user as everybody sees them, whatever they mean to a terminal, a web page, a figure or a spreadsheet."""
TYPED = SEEN.replace("\\u001b", "\x1b").replace("\\u202e", "\u202e")
OF_TEXT = TYPED.replace("\x1b", "")  # a table with control characters is no text file
LEVER, GOAL, PLACE = "=1+1<i>[/b]x</i>", "=G[/b]<i>\u202e", "=D[/b]<b>$d$"
TOML = SEEN.replace('"', '\\"')  # codes as TOML writes them
SCENARIO = f"""
title = "=zh {TOML}"
title_en = "=en {TOML}"
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
source = "@source {TOML}"
"""
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


def nastily(place):
    """Give a city, a goal, a reading and a district names that mean something to every format."""
    for file, named in {
        "profile.toml": {"杭州市": f"=zh city {TOML}", "Hangzhou": f"=en city {TOML}", "上城区": PLACE, "Shangcheng": PLACE},
        "goals.toml": {"高新技术企业": GOAL, "High and New-Technology Enterprises": GOAL, "两年新认定数": "=R[/b]<i>|", "培育高新技术企业500家左右": f"=quote {TOML}",
                       "杭政函〔2024〕120号, 杭州市未来产业培育行动计划(2025—2026年)": f"@source {TOML}"},
    }.items():  # fmt: skip
        text = (place / file).read_text("utf8")
        for old, new in named.items():
            assert f'"{old}"' in text
            text = text.replace(f'"{old}"', f'"{new}"')
        (place / file).write_text(text, "utf8")


@dataclass(frozen=True)
class Nasty:
    """A review of a city and a scenario whose every name is an attack, and the folder with what it left."""

    review: Review
    plan: Path
    out: Path

    def words(self, command):
        """What one types to get all that a command says of it."""
        r, few = self.review, ["--workers", "1", "--mc-error", "1e-9"]
        city, plan = ["--city", str(r.city)], ["--scenario", str(self.plan)]
        row = ["--series", "hte_stock", "--period", "2025", "--value", "9000", "--published", "2026-01-10"]
        return {
            "forecast": [*plan, *city, "--members", "3", "--seed", "2", *few],
            "compare": ["baseline", str(self.plan), *city, "--members", "6", "--all", *few],
            "show": [], "show run": [r.plan],
            "fails-when": [r.plan, *plan, *city],
            "search": [*plan, *city, "--candidates", "12", "--screen", "2", "--members", "3", "--goal", "hnte", "--workers", "1"],
            "check": [*city, "--members", "2", "--workers", "1"],
            "reproduce": [f"run/{r.plan}/forecast/hnte/newly_recognised/probability", "--from-store", *plan, *city],
            "appendix": [r.plan, *plan, *city, "--format", "html,docx,xlsx,pdf"],
            "add-observation": [*city, *row, "--source", OF_TEXT, "--dry-run"],
        }[command]  # fmt: skip

    def run(self, command, *more):
        """Return the exit code of a command."""
        store = [] if command == "add-observation" else ["--db", str(self.review.db), "--out", str(self.out)]
        return run([command.split()[0], *self.words(command), *store, *more])


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nasty")
    plan = folder / "mine.toml"
    plan.write_text(SCENARIO, "utf8")
    with pytest.MonkeyPatch.context() as patch:
        light(patch)
        yield Nasty(make_review(folder, nastily, str(plan)), plan, folder)


TOLD = {
    "forecast": [f"=en city {SEEN}", f"=en {SEEN}", LEVER, GOAL], "compare": [f"=en city {SEEN}", f"=en {SEEN}", GOAL, PLACE],
    "fails-when": [f"=en city {SEEN}", f"=en {SEEN}", GOAL], "search": [f"=en city {SEEN}", f"=en {SEEN}", GOAL],
    "check": [f"=en city {SEEN}"], "add-observation": [OF_TEXT.replace('"', '""')], "reproduce": ["hnte"], "show": ["mine"], "show run": ["hnte"],
    "appendix": ["appendix_en.docx"],
}  # fmt: skip
"""Every command that runs on it, and what it says, word for word."""


@pytest.fixture(scope="module")
def said(nasty):
    """What each command said on stdout and stderr; its files are there too."""
    out = {}
    for command in TOLD:
        streams = io.StringIO(), io.StringIO()
        with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
            assert nasty.run(command, "--lang", "en") == 0
        out[command] = tuple(x.getvalue() for x in streams)
    return out


@pytest.mark.parametrize("command", TOLD)
def test_a_command_says_what_was_typed_and_obeys_none_of_it(said, command):
    out, err = said[command]
    text = " ".join(out.split())
    assert not HIDDEN.search(out + err)
    assert [part for part in TOLD[command] if visible(part) not in text] == []


@pytest.mark.parametrize("command", ["forecast", "compare", "show", "show run", "fails-when"])
def test_a_document_on_the_screen_hides_nothing_and_is_still_a_document(nasty, capsys, command):
    capsys.readouterr()
    assert nasty.run(command, "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) and not HIDDEN.search(printed.out + printed.err)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_analysis_that_was_kept_is_told_as_typed(nasty, capsys, lang, tmp_path):
    city, kept = load_city(nasty.review.city, known_indicators=frozenset(NAMES)), by_hand(nasty.review)
    print_sensitivity(SensitivityDocument.model_validate(kept["sensitivity"]), city, load_scenario("plan_as_written", city), lang, tmp_path, detailed=[])
    goal = kept["backtest"]["goals"][0] | {"region": PLACE, "series": GOAL}
    regions = [kept["backtest"]["regions"][1] | {"region": TYPED}]
    print_backtest(kept["backtest"] | {"goals": [goal], "regions": regions}, lang, tmp_path)
    told = " ".join(capsys.readouterr().out.split())
    assert f"={lang} city {SEEN}" in told and told.count(visible(GOAL)) == 2 and told.count(SEEN) == 2
    assert not HIDDEN.search(told)


@pytest.fixture(scope="module")
def left(nasty, said):
    """The folder with the files of every command."""
    return nasty.out


def test_no_cell_of_a_table_is_a_formula(left):
    tables = sorted(left.glob("*.csv"))
    assert {"goals.csv", "ledger.csv", "costs.csv", "ladder.csv", "search.csv", "check.csv"} <= {p.name for p in tables}
    for path in tables:
        text = path.read_text("utf8")
        assert not HIDDEN.search(text), path.name
        cells = [c for row in csv.reader(io.StringIO(text)) for c in row if not re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", c)]
        assert not [c for c in cells if c.startswith(("=", "+", "-", "@"))], path.name
    assert f"'{LEVER}" in set(pd.read_csv(left / "ledger.csv").lever)


def test_a_web_page_has_no_tag_of_the_user(left):
    (page,) = left.glob("*.html")
    text = page.read_text("utf8")
    assert SEEN in unescape(text) and "&lt;i&gt;[/b]x&lt;/i&gt;" in text
    assert "<script" not in text and "<i>" not in text and "<b>" not in text and not HIDDEN.search(text)


def test_a_workbook_computes_nothing(left):
    (path,) = left.glob("*.xlsx")
    cells = [c for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert not [c.coordinate for c in cells if c.data_type == "f"]
    said = {str(c.value): c for c in cells}
    assert said[LEVER].quotePrefix and any(SEEN in text for text in said)
    assert sum(c.data_type == "n" for c in cells) > 300


def test_a_paper_says_what_was_typed(left):
    (path,) = left.glob("*.docx")
    word = docx.Document(path)
    texts = [p.text for p in word.paragraphs] + [c.text for t in word.tables for row in t.rows for c in row.cells]
    assert any(SEEN in text for text in texts) and LEVER in texts
    assert next(left.glob("*.pdf")).read_bytes().startswith(b"%PDF")


def test_a_figure_is_drawings_only(left):
    figures = sorted(left.glob("*.svg"))
    assert {"effects.svg", "ladder_mine.svg", "search_front.svg"} <= {p.name for p in figures}
    for path in figures:
        tags = {x.tag.split("}")[-1] for x in ElementTree.parse(path).iter()}
        assert tags <= {"svg", "g", "path", "defs", "use", "style", "metadata", "rect", "clipPath", "RDF", "Work", "type", "title", "creator", "Agent", "format"}
        assert not HIDDEN.search(path.read_text("utf8"))


def test_a_mix_that_was_found_is_a_scenario_with_the_names_as_typed(left):
    found = tomllib.loads((left / "search_winner.toml").read_text("utf8"))
    assert found["title"].startswith(f"=zh {TYPED}") and found["title_en"].startswith(f"=en {TYPED}")


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


def test_no_words_of_a_workbook_are_a_formula_wherever_they_stand():
    table = Table("t", "=caption", (Column("=head", "=unit"),), (((Number("=id", 2.0, "=unit"),),), (("-cell",),)), ("@note",))
    book = xlsx.written(Document("en", "=title", (Heading(1, "=heading"), table), mark="=mark", subtitle="+sub", run_id="-run", date="2026-01-01"))
    cells = {c.value: c for sheet in openpyxl.load_workbook(io.BytesIO(book)) for row in sheet.iter_rows() for c in row if c.value is not None}
    asked = {"=caption", "=head", "=unit", "=id", "-cell", "@note", "=title", "=mark", "+sub", "-run"}
    assert asked <= cells.keys() and all(cells[x].data_type == "s" and cells[x].quotePrefix for x in asked)
    assert cells[2].data_type == "n"


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("[a](javascript:x) *b* **c** _d_ `e`", r"\[a](javascript:x) \*b\* \*\*c\*\* \_d\_ \`e\`"), ("2 * 3 in a_b", "2 * 3 in a_b"),
        ("# one", "\\# one"), ("$x$ and $1bn", "\\$x$ and $1bn"), ("a\u202eb", "a\\u202eb"),
    ],
)  # fmt: skip
def test_markdown_shows_marks_as_typed(typed, page):
    assert markdown.fragment([Paragraph((typed,))]) == page
    assert markdown.fragment([Paragraph((Code("a``b`"),))]) == "``` a``b` ```"


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
@pytest.mark.parametrize(("command", "kept"), [("forecast", "p"), ("compare", "delta"), ("show run", "probability")])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_goal_and_reading_are_read_whole_at_any_width(nasty, said, capsys, monkeypatch, columns, command, kept, lang):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    capsys.readouterr()
    assert nasty.run(command, "--lang", lang) == 0
    printed = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)  # colours
    table = printed[printed.index("┏") : printed.index("└")].splitlines()
    assert {cell_len(line) for line in table} <= set(range(columns + 1)) and "…" not in "".join(table)
    part = {"compare": "comparison", "show run": "show"}.get(command, command)
    assert words(part, lang).get(kept, kept) in printed[: printed.index("┡")]
    cells = [line.split("│")[1:3] for line in table if line.startswith("│")]
    written = ["".join("".join(parts).split()) for parts in zip(*cells, strict=True)]
    for goal in load_city(nasty.review.city, known_indicators=frozenset(NAMES)).goals:
        named = (lambda x: x.key) if command == "show run" else (lambda x: label(x, lang))
        assert "".join(visible(named(goal)).split()) in written[0]
        assert all("".join(named(r).split()) in written[1] for r in goal.readings)


@pytest.mark.parametrize("columns", [80, 100])
def test_a_check_keeps_what_it_measures_and_the_verdict(capsys, monkeypatch, columns, tmp_path):
    row = moments.MomentResult(moments.MOMENTS[2], 1000.5, 1234.5, 2000.5, "outside")
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_check([row], "Hangzhou", 100, "en", tmp_path)
    printed = re.sub("\x1b\\[[0-9;]*m", "", capsys.readouterr().out)
    lines = [line for line in printed.splitlines() if line.startswith("│")]
    assert max(map(cell_len, lines)) <= columns and "outside" in printed and "…" not in printed
    assert "".join(moments.MOMENTS[2].en.split()) in "".join("".join(line.split("│")[2].split()) for line in lines)


def test_a_terminal_without_chinese_gets_codes_and_valid_json(nasty, said):
    script = "import sys; from peiyu.__main__ import run; sys.exit(run(sys.argv[1:]))"
    typed = ["show", "--db", str(nasty.review.db), "--lang", "zh"]
    how = {"capture_output": True, "env": {"PYTHONIOENCODING": "ascii", "PATH": "", "PYTHONPATH": str(ROOT)}}
    plain = subprocess.run([sys.executable, "-c", script, *typed], check=False, **how)
    assert plain.returncode == 0 and b"\\u" in plain.stdout and plain.stdout.isascii()
    assert plain.stderr.count(b"--lang en") == 1
    assert len({len(line) for line in plain.stdout.splitlines()[:4]}) == 1  # codes are laid out as codes
    listed = subprocess.run([sys.executable, "-c", script, *typed, "--json"], check=False, **how)
    assert listed.returncode == 0 and json.loads(listed.stdout)[0]["city"] == "hangzhou"


# --- nobody goes round


@pytest.mark.parametrize(
    ("way", "door"),
    [
        (r"rich\.console import|\bConsole\(", "peiyu/screen/console.py"),
        (r"\.to_csv\(", "peiyu/document/csv.py"),
        (r"rich\.table import|\bTable\(title=", "peiyu/screen/grid.py"),
        (r"rich\.(text|markup|panel|markdown) import", "peiyu/screen/console.py"),
        (r"\becho\(|sys\.std(out|err)\.write|(?<![\w.])(?<!def )print\(", "peiyu/screen/lines.py"),
        (r"openpyxl|\bWorkbook\(", "peiyu/document/xlsx.py"),
        (r"typst\.compile\(", "peiyu/document/paper/pdf.py"),
    ],
)
def test_a_sink_has_one_door(way, door):
    found = [p.relative_to(ROOT).as_posix() for p in (ROOT / "peiyu").rglob("*.py") if re.search(way, CHECKS.sub("", p.read_text("utf8")))]
    assert [x for x in found if x not in BEFORE] == [door]


BEFORE = ("peiyu/namesakes.py", "peiyu/new_city/template.py")
"""The first speaks where none of our other modules can be loaded, and names a file, made by the user's own machine; the
second writes a workbook of the program's own words only."""
CHECKS = re.compile(r'^NEEDS = .*$', re.MULTILINE)
"""A list of what has to be installed names packages without writing with them."""


def test_who_draws_a_file_shows_its_words_as_typed():
    drawn = [p for p in (ROOT / "peiyu").rglob("*.py") if ".savefig(" in p.read_text("utf8")]
    assert drawn and all("    as_typed(figure)" in p.read_text("utf8") for p in drawn)


def test_no_template_trusts_a_text():
    made = [p for p in (ROOT / "peiyu").rglob("*.py") if re.search(r"\bEnvironment\(", p.read_text("utf8"))]
    assert made and all("autoescape=True, finalize=seen," in p.read_text("utf8") for p in made)
    templates = list((ROOT / "peiyu").rglob("*.j2"))
    assert templates and not [p for p in templates if re.search(r"\|\s*safe|autoescape", p.read_text("utf8"))]
    assert not [p for p in (ROOT / "peiyu").rglob("*.py") if "Markup(" in p.read_text("utf8")]
