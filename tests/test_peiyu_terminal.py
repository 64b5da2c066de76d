"""What commands print at 80, 100 and 120 columns, in both languages, as a planner reads it: tests/golden/terminal/.

The members are said by hand, and what takes long to compute is said whole (terminal_said.py), so that only words and
layout are golden. After a change of these that is meant:
python -m tests.test_peiyu_terminal, and read the difference.
"""

import contextlib
import io
import re
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import test_peiyu_compare_by_hand as by_hand
from terminal_said import SAID

from peiyu.__main__ import run
from peiyu.forecasts import pipeline
from sim.store.store import open_store

GOLDEN = Path(__file__).parent / "golden" / "terminal"
WIDTHS = (80, 100, 120)
LANGS = ("zh", "en")
FEW = ("--members", "4", "--mc-error", "1e-9", "--workers", "1")
COMMANDS = {
    "forecast": ["forecast", "--as-of", "2024Q4", *FEW],
    "compare": ["compare", "baseline", "plan_as_written", "zones_heavy", *FEW],
    "compare_all": ["compare", "baseline", "plan_as_written", "zones_heavy", "--all", *FEW],
    "show": ["show"],
    "show_run": ["show", "THEN"],
    "review": ["review", "THEN", "NOW"],
    "store": ["store"],
}
"""A folder's worth of questions, in the order in which they are asked; THEN and NOW are the ids of the two forecasts."""
WHOLE = re.compile(r"\b[0-9a-f]{12}(?:[0-9a-f]{4})?\b|\b[0-9a-f]{8}(?= ✓)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
SIZE = re.compile(r"\d+\.\d+ ?MB")


class Terminal(io.StringIO):
    """What is printed, as if people read it."""

    def isatty(self):
        return True


def shown(act, width):
    """Return what is printed on a terminal of that width, without styles."""
    where = {"COLUMNS": str(width), "LINES": "50", "TERM": "xterm", "NO_COLOR": "1"}
    stream = Terminal()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(stream), contextlib.redirect_stderr(io.StringIO()):
        for name, x in where.items():
            patch.setenv(name, x)
        act()
    return STYLE.sub("", stream.getvalue())


def answered(out, said, lang, width):
    """Run a command as on a terminal of that width, and return what it printed, without ids, dates and places."""

    def act():
        assert run([*said, "--out", out.name, "--lang", lang]) == 0

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(out.parent):
        patch.setattr(pipeline, "run_members", by_hand.run)
        text = shown(act, width)
    for form, letter in ((WHOLE, "x"), (DAY, "0")):
        text = form.sub(lambda m, letter=letter: re.sub("[0-9a-f]", letter, m[0]), text)
    with open_store(out / "peiyu.db") as store:  # what differs from day to day and would be broken over lines
        store.db.execute("UPDATE runs SET created = printf('2026-01-01 12:%02d:%02d', as_of > '2025', unicode(scenario) - 90)")
        store.db.execute("UPDATE OR REPLACE analyses SET created = '2026-01-01 12:00:00', key = 'key0000000000000'")
    return SIZE.sub("0.0 MB", text)


def asked(out):
    """Return the commands, after the two forecasts that some are about have been made in a folder."""
    for origin in ("2024Q4", "2026Q1"):
        answered(out, ["forecast", "--as-of", origin, *FEW], "en", 100)
    with open_store(out / "peiyu.db") as store:
        ids = dict(store.db.execute("SELECT as_of, run_id FROM runs"))
    names = {"THEN": ids["2024Q4"], "NOW": ids["2026Q1"]}
    return {key: [names.get(word, word) for word in words] for key, words in COMMANDS.items()}


def every(out):
    """Yield the name of every golden file with its text."""
    for key, words in asked(out).items():
        for lang in LANGS:
            yield f"{key}_{lang}.txt", "".join(f"=== {w} ===\n{answered(out, words, lang, w)}" for w in WIDTHS)
    for key, act in SAID.items():
        for lang in LANGS:
            yield f"{key}_{lang}.txt", "".join(f"=== {w} ===\n{shown(partial(act, lang), w)}" for w in WIDTHS)


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    return dict(every(tmp_path_factory.mktemp("terminal") / "out"))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("key", [*COMMANDS, *SAID])
def test_what_a_command_prints_is_golden(printed, key, lang):
    assert printed[f"{key}_{lang}.txt"] == (GOLDEN / f"{key}_{lang}.txt").read_text("utf8")


def test_every_golden_text_is_of_a_command_that_is_asked(printed):
    assert sorted(p.name for p in GOLDEN.iterdir()) == sorted(printed)


def test_no_table_is_wider_than_the_terminal_and_none_is_missing(printed):
    for name, text in printed.items():
        for part in re.split(r"^=== ", text, flags=re.M)[1:]:
            width, *lines = part.split("\n")
            table = [line for line in lines if line[:1] in set("┏┃┡│├└")]
            assert table or name.startswith(("store", "city_check")), name
            assert max(map(cells, table), default=0) <= int(width.split()[0]), f"{name}: {width}"


def cells(line):
    """Return how many columns a line takes: a Chinese letter has two."""
    from rich.cells import cell_len

    return cell_len(line)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file, text in every(Path(folder) / "out"):
            (GOLDEN / file).write_text(text, "utf8")
