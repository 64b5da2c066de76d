"""Every loader of the project as a door: how bytes come to it, what it is tried with, what its refusal must name.

Files are written to a folder in memory and read by the loader's own path, so that the bounds on files count too. What stands
on a command line or in an address comes as its text.
"""

import functools
import io
import json
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import numpy as np

from agents.parameters import NAMES as PARAMETERS
from calibration.fit.calibrate import _remembered
from calibration.fit.fit import Provenance, load_fit
from calibration.panel.data import PanelFiles, read_rows
from peiyu.__main__ import store_remedy
from peiyu.backtest.study import origins_of
from peiyu.document.paper import docx_styles
from peiyu.fit.check import backtested
from peiyu.fit.neural import KEPT, Neural
from peiyu.new_city.cells import Wrong, read_cell
from peiyu.new_city.faults import CellPlace, Fault, FormError
from peiyu.new_city.folder import write_new_city
from peiyu.new_city.form import workbook
from peiyu.new_city.read import read_form
from peiyu.new_city.template import write_template
from peiyu.page.choice import Choice, of_query
from peiyu.page.web import forms
from peiyu.runs import ids
from peiyu.runs.complete import seconds
from peiyu.runs.listing import print_run, print_runs
from sim import quarter
from sim.city import files, history, known, series, settled
from sim.city.city import load_city
from sim.city.files import CITIES
from sim.city.readings import readings_named
from sim.city.template import checked_place
from sim.inputs import written
from sim.inputs.csv import read_numbers
from sim.inputs.errors import InputError
from sim.inputs.json_text import MAX_JSON
from sim.inputs.text import opened
from sim.inputs.toml_bounds import MAX_TOML
from sim.scenario.mixes import range_of
from sim.scenario.rule_parser import build_rule, drafts
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.store.results import open_results
from sim.store.store import open_store
from tests import fuzz_mutations, stores, workbooks

INDICATORS = frozenset(NAMES)
CITY = CITIES / "hangzhou"
TODAY = date(2026, 6, 30)
ROWS = 10
"""Rows of a table that a seed keeps: what is read a million times is short."""
TEXTS = ("profile.toml", "goals.toml", "recognitions.toml", "series.toml", "history.csv", "events.csv", "known.csv", "settled_goals.csv")
Mutate = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Door:
    """A loader.

    Attributes
    ----------
    read
        Gives it some bytes; returns or raises `InputError`.
    seeds
        What it reads in ordinary life.
    names
        What every refusal must say of the place.
    mutate
        How its input is spoilt.
    share
        Of a thousand executions of a long run: cheap doors take more.
    """

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    names: str = ""
    mutate: Mutate = fuzz_mutations.by_words
    share: int = 1
    most: int = fuzz_mutations.LONGEST
    name: str = ""


@dataclass
class Doors:
    """All doors over one folder, which should be in memory."""

    folder: Path
    known: dict[str, Callable[[], Door]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        makers = {name.removeprefix("door_"): getattr(self, name) for name in dir(self) if name.startswith("door_")}
        self.known = {name.replace("_", "-"): functools.cache(maker) for name, maker in sorted(makers.items())}

    def door(self, name: str) -> Door:
        return replace(self.known[name](), name=name)

    @functools.cached_property
    def city(self):
        return load_city("hangzhou", INDICATORS)

    @functools.cached_property
    def plan(self):
        return load_scenario("plan_as_written", self.city)

    @functools.cached_property
    def profile(self):
        return files.read_profile(opened(CITY / "profile.toml", MAX_TOML))

    def _file(self, name: str, raw: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(raw)
        return path

    # ---- files of a city

    def _toml(self, name: str, read: Callable[[Path], object]) -> Door:
        seeds = tuple((CITIES / city / name).read_bytes() for city in ("hangzhou", "wuhan", "_template"))
        return Door(lambda raw: read(opened(self._file(name, raw), MAX_TOML)), seeds, re.escape(name), share=20)

    def _csv(self, path: Path, read: Callable[[Path], object]) -> Door:
        others = [top(CITIES / city / path.name) for city in ("wuhan",) if (CITIES / city / path.name).exists()]
        return Door(lambda raw: read(opened(self._file(path.name, raw))), (top(path), *others), re.escape(path.name), share=6)

    def door_profile(self) -> Door:
        return self._toml("profile.toml", files.read_profile)

    def door_goals(self) -> Door:
        return self._toml("goals.toml", lambda file: files.read_goals(file, self.city.start, INDICATORS))

    def door_recognitions(self) -> Door:
        return self._toml("recognitions.toml", files.read_rules)

    def door_series(self) -> Door:
        return self._toml("series.toml", lambda file: series.read_series(file, INDICATORS))

    def door_history(self) -> Door:
        return self._csv(CITY / "history.csv", history.supported)

    def door_events(self) -> Door:
        return self._csv(CITY / "events.csv", lambda file: files.read_events(file, self.profile, self.city.series.covered))

    def door_known(self) -> Door:
        return self._csv(CITY / "known.csv", lambda file: known.read_known(file, self.profile))

    def door_settled(self) -> Door:
        return self._csv(settled.COMMON, settled.settled_goals)

    def door_panel(self) -> Door:
        def read(raw: bytes) -> None:
            rows = read_rows(PanelFiles((self._file("history.csv", raw),)))
            origins_of("2020", rows, Path("history.csv"))

        return Door(read, (top(CITY / "history.csv", 40), top(history.PANEL, 40)), "history.csv|--origins", share=6)

    def door_city(self) -> Door:
        """A whole folder in which one file, named in the first line, says something else."""
        place = self.folder / "hangzhou"
        shutil.copytree(CITY, place, dirs_exist_ok=True)
        whole = {name: self._kept(name) for name in TEXTS}

        def read(raw: bytes) -> None:
            first, _, rest = raw.partition(b"\n")
            name = first.decode("utf8", "replace")
            changed = name if name in whole else TEXTS[len(raw) % len(TEXTS)]
            for file, content in whole.items():
                (place / file).write_bytes(rest if file == changed else content)
            load_city(place, INDICATORS)

        return Door(read, tuple(name.encode() + b"\n" + raw for name, raw in whole.items()), r"hangzhou/|hangzhou", share=2)

    def _kept(self, name: str) -> bytes:
        source = settled.COMMON if name == "settled_goals.csv" else CITY / name
        return source.read_bytes() if name.endswith(".toml") or name == "events.csv" else top(source)

    # ---- scenarios

    def door_scenario(self) -> Door:
        place = self.folder / "plans"
        place.mkdir(exist_ok=True)

        def read(raw: bytes) -> None:
            (place / "mine.toml").write_bytes(raw)
            load_scenario(place / "mine.toml", self.city)

        seeds = [path.read_bytes() for path in sorted((CITY / "scenarios").glob("*.toml"))]
        return Door(read, tuple(seeds), "mine.toml|plans/|lever|rule", share=60)

    def door_rule(self) -> Door:
        def read(raw: bytes) -> None:
            line = raw.decode("utf8", "replace")
            table = {"when": line, "then": {"drop": ["fund_seed"]}}
            (draft,) = drafts("mine.toml", "[[rule]]\nwhen = 1\n", [table], None)
            build_rule(draft, (), {"fund_seed": {}}, self.city)

        lines = ("hnte_first < 200 by 2025Q4", "hnte_first >= 900 since 2025Q1", "hnte.newly_recognised < 200 by 2025Q4", "zones_built ≥ 3")
        return Door(read, tuple(x.encode() for x in lines), r"mine\.toml: line 2: rule 1: |mine\.toml:第 2 行:第 1 条规则:", most=2_000, share=200)

    def door_mix(self) -> Door:
        return Door(lambda raw: range_of(text(raw), self.plan), (b"fund_seed=0..3", b"pilot_plants=0.5..1e1", b"fund_angel = 1 .. 2"), "--lever", most=2_000, share=160)

    # ---- fits, and what a run has left

    def door_fit_made(self) -> Door:
        def read(raw: bytes) -> None:
            Provenance.read(opened(self._file("fitted.json", raw), MAX_JSON))

        return Door(read, (self._small_fit[1],), r"fitted\.json", fuzz_mutations.by_values, share=10)

    def door_fit_draws(self) -> Door:
        def read(raw: bytes) -> None:
            read_numbers(self._file("fitted.csv", raw), PARAMETERS)

        return Door(read, (self._small_fit[0],), r"fitted\.csv", share=15)

    def door_fit(self) -> Door:
        """A fit beside its city: what it was fitted to and what the model does are looked at."""
        place = self.folder / "fitted" / "hangzhou"
        shutil.copytree(CITY, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("fitted-*"))
        city = load_city(place, INDICATORS)

        def read(raw: bytes) -> None:
            (place / "fitted.json").write_bytes(raw)
            load_fit(city)

        return Door(read, ((CITY / "fitted.json").read_bytes(),), "fitted|--as-of|scenario|hangzhou", fuzz_mutations.by_values, most=90_000, share=1)

    @functools.cached_property
    def _small_fit(self) -> tuple[bytes, bytes]:
        made = json.loads((CITY / "fitted.json").read_bytes())
        few = {key: x[:2] if isinstance(x, list) else x for key, x in made.items()}
        few["probes"] = [x | {"numbers": dict(list(x["numbers"].items())[:3])} for x in few["probes"]]
        few["basis"] = {key: dict(list(x.items())[:3]) for key, x in made["basis"].items()}
        return top(CITY / "fitted.csv", 3), json.dumps(few, indent=1, ensure_ascii=False).encode()

    def door_backtest(self) -> Door:
        def read(raw: bytes) -> None:
            self._file("backtest.json", raw)
            backtested(self.folder)

        return Door(read, (b'{"pairs": [{"series": "hte_stock", "region": "wuhan", "origin": 2020, "crps": 0.1}], "summary": []}',), r"backtest\.json", fuzz_mutations.by_values, share=60)

    def door_crosscheck(self) -> Door:
        return Door(lambda raw: Neural.kept(self._file("crosscheck_sbi.json", raw)), (KEPT.read_bytes(),), r"crosscheck_sbi\.json", fuzz_mutations.by_values, share=8)

    def door_generation(self) -> Door:
        """A generation that an interrupted fit has left; what cannot be read is simulated again, whatever it is."""
        z = np.zeros((3, 2))
        _remembered(lambda z, _: z, self.folder / "kept", z, 1)
        (path,) = (self.folder / "kept").iterdir()

        def read(raw: bytes) -> None:
            path.write_bytes(raw)
            _remembered(lambda z, _: z, path.parent, z, 1)

        return Door(read, (path.read_bytes(),), mutate=fuzz_mutations.by_bytes, share=40)

    def door_store(self) -> Door:
        def read(raw: bytes) -> None:
            path = self._file("peiyu.db", raw)
            with answered(), open_results(path) as store, redirect_stdout(io.StringIO()):
                print_runs(store, "en", as_json=False)
                for run in store.run_ids():
                    print_run(store, run, "en", as_json=True)
                    store.related_runs(run)
                    stated = store.last_forecast(run)
                    members = int(stated[0]["members"])
                    store.whole_series(run, members)
                    store.series(run, min(members, 100), stores.START, stores.START)
                    store.cost(run, members), store.cost_by_lever(run, members), store.kept_fits()
            with answered():
                open_store(path).close()

        spoil = functools.partial(fuzz_mutations.by_cells, folder=self.folder)
        return Door(read, (self._store(),), r"peiyu\.db|the store|run", mutate=spoil, most=500_000, share=10)

    def _store(self) -> bytes:
        path = self.folder / "seed.db"
        path.unlink(missing_ok=True)
        store = open_store(path)
        for run in ("r1", "r2"):
            store.register(stores.record(self.city, self.plan, run))
            paid = [("2026Q4", "fund_seed", 10.0, 1, 20.0)]
            store.save_member([run], 1, [stores.trajectory(0, paid=paid)], stores.START, stores.END)
            stores.finished(store, run, members=1)
        store.db.execute("INSERT INTO analyses VALUES ('check', 'k', 'hangzhou', '[\"r1\"]', '{\"a\": 1}', '2026-01-01 00:00:00')")
        store.db.execute("PRAGMA journal_mode = DELETE")
        store.close()
        return path.read_bytes()

    # ---- workbooks and templates

    def door_workbook(self) -> Door:
        place = self.folder / "new"
        place.mkdir(exist_ok=True)

        def read(raw: bytes) -> None:
            form = read_form(self._file("city.xlsx", raw), "zh")
            shutil.rmtree(write_new_city("newtown", place, form, "zh").path)

        workbooks.filled(self.folder / "seed.xlsx")
        write_template(self.folder / "blank.xlsx", "en")
        seeds = tuple((self.folder / name).read_bytes() for name in ("seed.xlsx", "blank.xlsx"))
        return Door(read, seeds, "city.xlsx|newtown", mutate=fuzz_mutations.by_parts, most=500_000, share=2)

    def door_sheets(self) -> Door:
        """The same as a folder of tables, each behind a line with its name."""
        place = self.folder / "tables"
        towns = self.folder / "towns"
        towns.mkdir(exist_ok=True)

        def read(raw: bytes) -> None:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            parts = raw.split(b"\n==")
            for i, part in enumerate(parts[:8]):
                (place / f"{('城市', '目标', '数据', '政策', 'e', 'f', 'g', 'h')[i]}.csv").write_bytes(part)
            shutil.rmtree(write_new_city("newtown", towns, read_form(place, "en"), "en").path)

        return Door(read, (sheets_of_text(self.folder),), "tables|newtown|csv", share=2)

    def door_cell(self) -> Door:
        columns = [c for s in workbook().sheet for c in s.columns]

        def read(raw: bytes) -> None:
            column, said = columns[raw[0] % len(columns) if raw else 0], text(raw[1:]).strip()
            written.number(said), written.money(said), written.period(said)
            found = read_cell(column, said, "zh")
            if isinstance(found, Wrong):
                raise FormError("city.xlsx", [Fault(CellPlace("目标", 3, "B", column.zh), found.what, said, found.allowed, found.meant)], "zh")

        words = ("约1.6万家", "2024年底", "浙江省", "高新技术企业", "２.5亿元", "A", "现行", "超过1,800家", "2025年第二季度")
        return Door(read, tuple(bytes([i]) + words[i % len(words)].encode() for i in range(len(columns))), "city.xlsx", most=2_000, share=165)

    def door_template(self) -> Door:
        import docx

        made = io.BytesIO()
        docx.Document().save(made)

        def read(raw: bytes) -> None:
            word = docx_styles.opened(self._file("own.docx", raw), "zh")
            docx_styles.roles(word, "zh")
            docx_styles.sheet(word, "zh")

        return Door(read, (made.getvalue(),), r"--template .*own\.docx", mutate=fuzz_mutations.by_parts, most=200_000, share=2)

    # ---- command line, addresses and forms

    def door_quarter(self) -> Door:
        def read(raw: bytes) -> None:
            said = text(raw)
            quarter.period_end(said)
            quarter.label(quarter.parse(said))

        return Door(read, (b"2026Q3", b"2024-H1", b"2024-11-30", b"2025 q2"), "is not a quarter|a year from|不是季度|年份", most=2_000, share=200)

    def door_option(self) -> Door:
        rows = read_rows(PanelFiles((CITY / "history.csv",)))
        options = (
            lambda x: readings_named(self.city, [x]),
            seconds,
            lambda x: origins_of(x, rows, Path("history.csv")),
            lambda x: ids.found({"a": [1, {"b": 2}]}, ids.parse(x).path),
            lambda x: checked_place(x, self.folder),
            files.find_folder,
            lambda x: load_scenario(x, self.city),
        )

        def read(raw: bytes) -> None:
            options[raw[0] % len(options) if raw else 0](text(raw[1:]))

        words = ("hnte/newly_recognised", "20m", "2019,2020-2022", "run/r1/a/0/b", "new_town", "wuhan", "baseline")
        return Door(read, tuple(bytes([i]) + x.encode() for i, x in enumerate(words)), r"--\w|the id of a number|city|scenario|编号|城市|情景|季度", most=4_000, share=90)

    def door_address(self) -> Door:
        """The address of the page, and the scenario file that says the same."""
        usual = Choice("zh", "plan_as_written")
        place = self.folder / "page"
        place.mkdir(exist_ok=True)

        def read(raw: bytes) -> None:
            c = of_query(parse_qsl(text(raw), keep_blank_values=True), usual)
            assert of_query(parse_qsl(c.query()), usual) == c
            (place / "mine.toml").write_text(c.toml({"zh": "试", "en": "t"}), "utf8")
            load_scenario(place / "mine.toml", self.city)

        said = {
            "lang": "en", "base": "plan_as_written", "set": "fund_seed.size:2", "decide": "2025Q4", "cap": "100000",
            "rule": "hnte.newly_recognised < 250 by 2025Q4;fund_seed.size:2", "with": "baseline",
        }  # fmt: skip
        seeds = (urlencode(said), "set=fund_seed.budget:90000.5&set=fund_seed.end:2026Q1&cap_all=1e6", "base=baseline")
        return Door(read, tuple(x.encode() for x in seeds), r"\w =|address|网址|decide:|name of a scenario|情景的名称|mine\.toml", most=4_000, share=15)

    def door_observation(self) -> Door:
        """A form of the page, as a browser sends it."""

        def read(raw: bytes) -> None:
            given = sent(forms._fields(Request(raw)))
            forms._row(self.city, given, TODAY)

        number = {"series": "hte_stock", "period": "2025", "value": "16000", "source": "市统计局", "published": "2026-03", "grade": "A", "observation": "exact"}
        event = {"event": "zone_built", "quarter": "2026Q1", "count": "2", "covered_to": "2026Q2", "source": "x", "published": "2026-05-02", "url": "http://a.cn/b"}
        seeds = tuple(urlencode(x).encode() for x in (number, event, number | {"period": "2025-11-30", "region": "hangzhou/xihu"}))
        return Door(read, seeds, r"--\w|the form|表单|count:|value:", most=21_000, share=12)


# ---- helpers


class Request:
    """As much of a request as reading a form takes."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    async def stream(self):
        yield self.raw


def sent(coroutine):
    """Return what a coroutine that waits for nobody returns."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


@contextmanager
def answered():
    """A store that fails while it is read is answered by the program itself, in one sentence (`peiyu.__main__`)."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if store_remedy(error) is None:
            raise
        raise InputError(f"the store fails ({error})") from None


def text(raw: bytes) -> str:
    """Return bytes as the text of a command line or an address; what no text can be is left out."""
    return raw.decode("utf8", "ignore")


def top(path: Path, rows: int = ROWS) -> bytes:
    """Return the head of a table, and rows spread over it."""
    lines = path.read_bytes().decode("utf8").splitlines(keepends=True)
    step = max((len(lines) - 1) // rows, 1)
    return "".join([lines[0], *lines[1::step][:rows]]).encode()


def sheets_of_text(folder: Path) -> bytes:
    """Return the tables of the invented city of `tests/workbooks.py`, each behind the line that parts it."""
    from sim.inputs.sheets import read_sheets

    parts = {}
    for sheet in read_sheets(workbooks.filled(folder / "tables.xlsx")):
        parts[sheet.name] = "\n".join(",".join(f'"{x}"' if "," in x or "\n" in x else x for x in row) for row in sheet.rows)
    return "\n==".join(parts[name] for name in ("城市", "目标", "数据", "政策")).encode()

