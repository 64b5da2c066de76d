"""Prove that a refactoring moved no number: record what every command says and writes, before and after, and compare.

    python -m tests.same_outputs record FOLDER            # in the checkout to be recorded; FOLDER new or empty
    python -m tests.same_outputs record FOLDER forecast   # only the commands that begin so, and the runs they look up
    python -m tests.same_outputs compare BEFORE AFTER     # exit code 1 on any difference

Only the program `python -m peiyu` of the checkout you stand in is used, so modules may move between the recordings. All
is compared byte by byte and every number exactly, after taking out what may change with code, and nothing else:

- names made of hex digits (runs, fits, code, data: 8 or more digits, a letter and a figure among them, not the digits
  of a number): each becomes a symbol by its first appearance in the file, so that equal ones must stay equal;
- versions of Python and packages, after their names and in three parts: they belong to the machine;
- moments (a date with a time of day) and the days of the recordings: when a run was made is not what it found;
- the folders of checkout, recording and Python: where a run was made is not what it found;
- progress on the error output (members done, time left): it depends on the machine's load;
- the lines of code in a traceback on the error output: they are code. Its last line, the error, stays.

docx, xlsx and zip are compared member by member, their order included; a store, here
and in a zip, table by table, rows sorted, with symbols for ids that keep the order of insertion; a PDF by page count and text
(pdftotext), without that program by the sizes of its streams; the table of results says which.
"""

import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import zip_longest
from pathlib import Path

HEX = re.compile(r"(?<![0-9A-Za-z.])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8,128}(?![0-9A-Za-z]|\.[0-9])")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
PACKAGES = "python|peiyu|mesa|numpy|pandas|scipy|statsmodels|numba|optuna|salib|matplotlib|openpyxl|typst|python-docx"
VERSION = re.compile(rf"\b({PACKAGES})(\W{{1,12}}v?)\d+(\.\d+){{2}}\w*", re.IGNORECASE)  # no number has two points
PROGRESS = re.compile(r": \d+/\d+(,.* left)?$|^  .*$|^Traceback .*$")
ZIPS, STORES, TODAY = (".zip", ".docx", ".xlsx"), (".db", ".sqlite"), "recording.json"

WORKERS = ["--workers", "2"]
SIZE = ["--mc-error", "1e-9", *WORKERS]
FEW = ["--candidates", "12", "--screen", "2", "--members", "4", *WORKERS]
START = ["--as-of", "2024Q4"]  # of the plan, before which no rule may be dated
JSON, ZH, EN = ["--json"], ["--lang", "zh"], ["--lang", "en"]
MAIN, OLD, NEW, COPY = "<plan_as_written 1>", "<plan_as_written 2>", "<no_policy 1>", "calibrate/hangzhou"
"""Ids of runs, by scenario and seed, looked up in the store once the run is made; a copy of the shipped city."""
FORECAST = ["forecast", "--members", "64", *SIZE]
COMPARE = ["compare", "baseline", "plan_as_written", *SIZE]
SEARCH = ["search", "--goal", "hnte", "--goal", "application_scene", *FEW]
SENSITIVITY = ["sensitivity", "--effort", "small", "--goal", "hnte", *WORKERS]
BACKTEST, CHECK = ["backtest", "--origins", "2021-2022", *WORKERS], ["check", "--members", "4", *WORKERS]
NUMBER = f"run/{MAIN}/forecast/hnte/newly_recognised/median"
COMMANDS: dict[str, list[str]] = {
    "forecast_json": [*FORECAST, *ZH, *JSON],
    "forecast_json_en": [*FORECAST, *EN, *JSON],
    "forecast_zh": [*FORECAST, *ZH],
    "forecast_en": [*FORECAST, *EN],
    "forecast_old": ["forecast", "--members", "8", "--seed", "2", *SIZE, *EN],
    "forecast_rule": ["forecast", "--members", "4", "--scenario", "fund_if_behind", *START, *SIZE, *JSON],
    "forecast_later": ["forecast", "--members", "4", "--scenario", "wait_until_2025q4", *START, *SIZE, *JSON],
    "compare_json": [*COMPARE, "fund_heavy", "--members", "8", *JSON],
    "compare_zh": [*COMPARE, "fund_heavy", "--members", "8", *ZH],
    "compare_en": [*COMPARE, "fund_if_behind", "--members", "4", *EN],
    "split_kinds_json": [*COMPARE, "--members", "4", "--split", "kinds", *JSON],
    "split_kinds_en": [*COMPARE, "--members", "4", "--split", "kinds", *EN],
    "split_levers_zh": [*COMPARE, "--members", "2", "--split", "levers", *ZH],
    "backtest_json": [*BACKTEST, *JSON],
    "backtest_zh": [*BACKTEST, *ZH],
    "check_json": [*CHECK, *JSON],
    "check_en": [*CHECK, *EN],
    "search_json": [*SEARCH, "--budget", "2000000", *JSON],
    "search_zh": [*SEARCH, "--probability", "0.2", "--at-least", "1", *ZH],
    "fails_when_json": ["fails-when", MAIN, *JSON],
    "fails_when_en": ["fails-when", MAIN, "--reaches", *EN],
    "fails_when_levers_zh": ["fails-when", "--levers", "60", "--goal", "hnte", *WORKERS, *ZH],
    "sensitivity_json": [*SENSITIVITY, *JSON],
    "sensitivity_zh": [*SENSITIVITY, *ZH],
    "calibrate": ["calibrate", "--city", COPY, "--as-of", "2016Q4", "--particles", "50", *WORKERS],
    "forecast_fitted": ["forecast", "--city", COPY, "--as-of", "2016Q4", "--members", "4", "--seed", "3", *SIZE, *JSON],
    "change_json": ["change", OLD, MAIN, *WORKERS, *JSON],
    "change_zh": ["change", OLD, MAIN, *WORKERS, *ZH],
    "show_run_json": ["show", MAIN, *JSON],
    "show_run_zh": ["show", MAIN, *ZH],
    "reproduce_number": ["reproduce", NUMBER.replace(MAIN, OLD), *WORKERS, *JSON],
    "reproduce_run_json": ["reproduce", MAIN, "--from-store", *JSON],
    "reproduce_run_en": ["reproduce", MAIN, "--from-store", *EN],
    "appendix_zh": ["appendix", MAIN, *ZH, "--bundle"],
    "appendix_en": ["appendix", MAIN, *EN, "--bundle", *JSON],
    "new_city": ["new-city", "newtown", "--parent", "new_city"],
    "calibrate_new": ["calibrate", "--city", "new_city/newtown", "--particles", "50", *WORKERS],
    "forecast_new": ["forecast", "--city", "new_city/newtown", "--scenario", "no_policy", "--members", "4", *SIZE, *EN],
    "appendix_new": ["appendix", NEW, "--city", "new_city/newtown", "--format", "html,xlsx", *EN],
    "show_json": ["show", *JSON],
    "show_en": ["show", *EN],
    "wrong_city": ["forecast", "--city", "hangzou"],
    "wrong_run": ["show", "nothing", *EN],
}
NEEDS = {"forecast_json": MAIN, "forecast_old": OLD, "calibrate": f"--city {COPY}", "new_city": "--city new_city",
         "calibrate_new": "forecast --city new_city", "forecast_new": NEW}  # fmt: skip
"""Commands that others need, by what these others say."""
ALL = {"appendix_zh", "appendix_en", "appendix_new", "show_json", "show_en"}
"""They tell of everything in the store, so they need every command before them."""


def chosen(beginnings: Sequence[str]) -> dict[str, list[str]]:
    """Return the commands that begin so, all without a beginning, with those whose results they look up."""
    named = {name for name in COMMANDS if name.startswith(tuple(beginnings) or "")}
    if named & ALL:
        return COMMANDS
    for _ in NEEDS:  # what is needed may need more
        named |= {name for name, said in NEEDS.items() if any(said in " ".join(COMMANDS[n]) for n in named)}
    return {name: words for name, words in COMMANDS.items() if name in named}


def record(folder: Path, beginnings: Sequence[str] = ()) -> None:
    """Run the commands of the checkout we stand in; keep what each says and writes in a folder of its own."""
    commands = chosen(beginnings)
    root, folder, seconds, day = Path.cwd(), folder.resolve(), {}, datetime.now(tz=UTC).date()
    folder.mkdir(parents=True, exist_ok=True)
    if not commands or list(folder.iterdir()):
        sys.exit(f"{folder}: not empty" if commands else f"no such command; there are {', '.join(COMMANDS)}")
    shipped = next(root.glob("scenarios/**/hangzhou"))
    if "calibrate" in commands:
        shutil.copytree(shipped, folder / COPY, ignore=shutil.ignore_patterns("fitted*"))
    for name, words in commands.items():
        began = time.monotonic()
        code = _record_one(root, folder, name, words)
        seconds[name] = round(time.monotonic() - began, 1)
        print(f"{name:24} exit code {code} {seconds[name]:8.1f} s", flush=True)
    if commands == COMMANDS and (folder / "peiyu.db").exists():
        (folder / "store").mkdir()
        for table, text in tables(folder / "peiyu.db"):
            (folder / "store" / f"{table}.txt").write_text(text, "utf8")
    for rest in [*folder.glob("peiyu.db*"), *(p for p in (folder / COPY).glob("*") if (shipped / p.name).is_file())]:
        if not rest.name.startswith("fitted"):  # what went in is no result
            rest.unlink()
    days = [day.isoformat(), datetime.now(tz=UTC).date().isoformat()]  # the program is told that here is UTC
    about = {"paths": [str(folder), str(root), sys.prefix], "days": days, "seconds": seconds, "whole": commands == COMMANDS}
    (folder / TODAY).write_text(json.dumps(about, indent=1), "utf8")
    used = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])  # of the processor, however busy the machine
    print(f"{len(commands)} commands in {sum(seconds.values()):.0f} s, {used:.0f} s of the processor: {folder}")


def _record_one(root: Path, folder: Path, name: str, words: list[str]) -> int:
    """Run a command in the folder, so that no path of this machine is in its words; return its exit code."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PEIYU_", "LC_"))}
    env = kept | {"PYTHONPATH": str(root), "COLUMNS": "160", "LINES": "50", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
                  "TERM": "dumb", "NO_COLOR": "1", "TZ": "UTC", "PYTHONUTF8": "1"}  # fmt: skip
    words = [re.sub(r"<(\w+) (\d+)>", lambda m: _run_id(folder / "peiyu.db", m[1], int(m[2])), w) for w in words]
    (out := folder / name).mkdir(exist_ok=True)
    if words[0] != "new-city":
        words = [*words, "--out", name] + ([] if words[0] == "calibrate" else ["--db", "peiyu.db"])
    done = subprocess.run([sys.executable, "-m", "peiyu", *words], cwd=folder, env=env, capture_output=True, check=False)
    for kept_as, said in (("stdout", done.stdout), ("stderr", done.stderr), ("exit_code", b"%d\n" % done.returncode)):
        (out / kept_as).write_bytes(said)
    return done.returncode


def _run_id(db: Path, scenario: str, seed: int) -> str:
    with sqlite3.connect(db) as store:
        found = store.execute("SELECT run_id FROM runs WHERE scenario = ? AND seed = ?", (scenario, seed)).fetchone()
    return str(found[0]) if found else f"no run of {scenario}"


def tables(db: Path) -> Iterator[tuple[str, str]]:
    """Give every table of a store as text, a row a line; the order of rows does not depend on the ids in them."""
    with sqlite3.connect(db) as store:
        made = store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        names, rows = Symbols("id"), {}
        for name, sql in sorted(made, key=lambda t: ("WITHOUT ROWID" in t[1].upper(), t[0] != "runs", t[0])):
            found = store.execute(f'SELECT * FROM "{name}"')
            columns = json.dumps([c[0] for c in found.description])
            lines = [json.dumps(row, ensure_ascii=False, default=bytes.hex) for row in found]
            if "WITHOUT ROWID" not in sql.upper():  # in order of insertion: these ids are known by their place from here on
                HEX.sub(names, "\n".join(lines))
            rows[name] = [columns, *sorted(lines, key=lambda x: HEX.sub(lambda m: names.known.get(m[0], "#"), x))]
    yield from ((name, "\n".join(rows[name]) + "\n") for name in sorted(rows))


@dataclass
class Symbols:
    """A symbol for each name, by order of first appearance."""

    kind: str
    known: dict[str, str] = field(default_factory=dict)

    def __call__(self, found: re.Match[str]) -> str:
        return self.known.setdefault(found[0], f"<{self.kind}{len(self.known) + 1:06}>")


def normaliser(*folders: Path) -> Callable[[str], str]:
    """Return what takes out of a text what may differ between the recordings; the list is at the top of this file."""
    about = [json.loads(p.read_text("utf8")) for f in folders if (p := f / TODAY).exists()]
    paths = sorted({p for a in about for p in a["paths"]}, key=len, reverse=True)
    days = [date.fromisoformat(d) for d in sorted({d for a in about for d in a["days"]})]
    forms = [f for d in days for f in (d.isoformat(), f"{d.year}年{d.month}月{d.day}日", f"{d.day} {d:%B %Y}")]
    day = re.compile(rf"(?<!\d)({'|'.join(forms)})(?!\d)") if forms else None

    def normal(text: str) -> str:
        for path in paths:
            text = text.replace(path, "<folder>")
        text = VERSION.sub(r"\1\2<version>", MOMENT.sub("<moment>", text))
        text = day.sub("<day>", text) if day else text
        return HEX.sub(Symbols("h"), text)

    return normal


def parts(name: str, data: bytes) -> Iterator[tuple[str, str | bytes]]:
    """Give a file, or what is in it, as text where it is text."""
    end = Path(name).suffix
    if end in ZIPS:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            yield f"{name}!members", "\n".join(packed.namelist())
            for member in packed.namelist():
                yield from parts(f"{name}!{member}", packed.read(member))
    elif end in STORES or end == ".pdf":
        with tempfile.TemporaryDirectory() as place:
            kept = Path(place) / f"file{end}"
            kept.write_bytes(data)
            yield from [(f"{name}!pdf", _pdf(kept))] if end == ".pdf" else ((f"{name}!{t}", x) for t, x in tables(kept))
    else:
        try:
            text = data.decode("utf8")
        except UnicodeDecodeError:
            yield name, data
        else:
            lines = (line for line in re.split(r"[\r\n]+", text) if not PROGRESS.search(line))
            yield name, "\n".join(lines) if name == "stderr" else text


def _pdf(path: Path) -> str:
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True).stdout.decode("utf8")
        return f"{text.count(chr(12))} pages\n{text}"
    return "\n".join(str(len(s)) for s in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL))


def contents(folder: Path, normal: Callable[[str], str]) -> dict[str, str | bytes]:
    """Return every part of every file below a folder, ready to be compared, by a name in which ids are symbols."""
    every: dict[str, str | bytes] = {}
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    for name, part in ((n, x) for p in files for n, x in parts(str(p.relative_to(folder)), p.read_bytes())):
        key = normal(name)
        while key in every:  # two names that differ by an id only
            key += "+"
        every[key] = normal(part) if isinstance(part, str) else part
    return every


def difference(before: str | bytes | None, after: str | bytes | None) -> str:
    """Return in words the first difference, or nothing."""
    if before == after:
        return ""
    if before is None or after is None:
        return "only after" if before is None else "only before"
    if isinstance(before, bytes) or isinstance(after, bytes):
        return f"bytes differ ({len(before)} and {len(after)})"
    pairs = enumerate(zip_longest(before.split("\n"), after.split("\n")), 1)
    number, (one, two) = next((n, (a or "", b or "")) for n, (a, b) in pairs if a != b)
    at = max(0, next((i for i, (a, b) in enumerate(zip_longest(one, two)) if a != b), 0) - 40)
    return f"line {number}: …{one[at : at + 90]} | …{two[at : at + 90]}"


def compare(before: Path, after: Path, write: Callable[[str], object] = print) -> bool:
    """Write a line for every command: how many files and parts, the same or the first difference; tell whether all is the same."""
    normal, same = normaliser(before, after), True
    write(f"PDF compared by {'page count and text' if shutil.which('pdftotext') else 'sizes of streams: no pdftotext here'}")
    left, right = ({p.name for p in f.iterdir() if p.is_dir()} for f in (before, after))
    parted = [f for f in (before, after) if not json.loads((f / TODAY).read_text("utf8"))["whole"]]
    commands = sorted(left & right if parted else left | right)
    for name in commands:
        one, two = contents(before / name, normal), contents(after / name, normal)
        wrong = {n: d for n in sorted(one.keys() | two.keys()) if (d := difference(one.get(n), two.get(n)))}
        files = len({n.split("!")[0] for n in one.keys() | two.keys()})
        write(f"{name:24} {files:3} files {len(one):4} parts  {f'DIFFERS in {len(wrong)}' if wrong else 'same'}")
        for n, d in list(wrong.items())[:5]:
            write(f"    {n}: {d}")
        same = same and not wrong
    few = f", but only {len(commands)} of {len(left | right)} are in both recordings" if parted else ""
    write(f"{'all same' if same and commands else 'DIFFERENT'}{few}")
    return same and bool(commands)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["record", folder, *beginnings]:
            record(Path(folder), beginnings)
        case ["compare", before, after]:
            sys.exit(not compare(Path(before), Path(after)))
        case _:
            sys.exit(__doc__)
