"""`peiyu backtest`: the model and its comparators at past origins, and the goals that are settled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from calibration.backtest import backtest
from calibration.backtest import goals as goal_backtest
from calibration.backtest import summary as backtest_summary
from calibration.backtest.settled import all_goals
from calibration.panel.data import HORIZONS, Row, latest_year, pairs, read_rows
from peiyu.backtest import terminal as backtest_tables
from peiyu.cli.app import CORES, City, Db, Json, Lang, Out, Processes, Seed, app, default_language
from peiyu.screen.progress import Bar
from sim.city.files import CITIES, find_folder, shipped_cities
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError
from sim.inputs.text import place
from sim.store.store import Analysis, open_store
from sim.workers import Workers

KIND = "backtest"
"""Name of a stored backtest."""

History = Annotated[
    Path | None,
    typer.Option("--history", help="Score this history file instead, all its regions. 改用此历史数据文件"),
]
Origins = Annotated[
    str | None,
    typer.Option("--origins", help="Years to forecast from, as 2020-2022 or 2020,2022; all by default. 起报年份"),
]


@app.command("backtest")
def backtest_command(
    city: City = "hangzhou",
    history: History = None,
    origins: Origins = None,
    seed: Seed = 1,
    workers: Processes = CORES,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Score past forecasts of label counts and settled goals against simple models. 历史回测:与简单模型对比."""
    if workers < 1:
        raise InputError(f"--workers {workers}: write a number from 1 up.")
    effort = backtest.Effort(seed, Workers(workers))
    path = history if history is not None else find_folder(city) / "history.csv"
    rows = read_rows(path)
    years = _origins(origins, rows, path)
    _check_scorable(rows, years, path)
    check_folder(out)
    store = open_store(db or out / "peiyu.db")
    goals = all_goals(path, rows, shipped=path.parent in [CITIES / name for name in shipped_cities()])
    with Bar("backtest · origins") as bar:
        scored = backtest.run(rows, years, effort, bar.update)
    with Bar("backtest · goals") as bar:
        settled = goal_backtest.run(rows, goals, effort, bar.update)
    document = _document(scored, settled, seed)
    _write(document, out)
    key = _key(path, years, seed)
    store.keep_analysis(Analysis(KIND, key, path.name if history else path.parent.name, [], document))
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        backtest_tables.print_backtest(document, str(lang or default_language()), out)


def _key(path: Path, years: list[int] | None, seed: int) -> str:
    """Name a backtest by its data, origins, seed and program."""
    parts = (hashlib.blake2b(path.read_bytes()).hexdigest(), years, seed, version("peiyu"))
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def _document(scored: list[backtest.Pair], settled: list[goal_backtest.GoalScore], seed: int) -> dict[str, Any]:
    """Return everything there is to say, as the JSON contract has it and more."""
    table = backtest_summary.frame(scored)
    return {
        "pairs": [asdict(pair) for pair in scored],
        "summary": backtest_summary.summary(table),
        "goals": [asdict(goal) for goal in settled],
        "goals_summary": goal_backtest.goals_summary(settled),
        "slices": backtest_summary.slices(table),
        "regions": backtest_summary.regions(table),
        "differences": backtest_summary.differences(table, seed),
        "pit": backtest_summary.calibration(table),
    }


def _write(document: dict[str, Any], out: Path) -> None:
    """Write backtest.json, backtest_pairs.csv and backtest_goals.csv."""
    write_whole(out / "backtest.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    write_whole(out / "backtest_pairs.csv", pd.DataFrame(document["pairs"]).to_csv(index=False))
    write_whole(out / "backtest_goals.csv", pd.DataFrame(document["goals"]).to_csv(index=False))


def _origins(text: str | None, rows: list[Row], path: Path) -> list[int] | None:
    """Read --origins: a year, years with commas, or a span; within the data."""
    if text is None:
        return None
    years: list[int] = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        last = last or first
        if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) == len("2020") and first <= last):
            raise InputError(f'--origins {text}: "{part}" is no year; write 2020, 2020,2022 or 2020-2022.')
        years += range(int(first), int(last) + 1)
    begin, end = min(row.year for row in rows), latest_year(rows)
    for year in years:
        if not begin < year < end:
            raise InputError(
                f"--origins {year}: the data of {place(path)} reach from {begin} to {end}, and an origin needs points"
                f" before it and a count after it; write {begin + 1} to {end - 1}."
            )
    return sorted(set(years))


def _check_scorable(rows: list[Row], years: list[int] | None, path: Path) -> None:
    """Refuse a file in which no count has enough of its series known before it."""
    if pairs(rows, years):
        return
    found = f"found {len(rows)} usable row{'s' if len(rows) != 1 else ''}"
    if all(row.bound != "none" for row in rows):
        found = f"all {len(rows)} usable rows are bounds"
    raise InputError(
        f"{place(path)}: nothing to score; {found}. Needed: a count (exact or rounded) of a region, with two earlier"
        f" points of its series (three of a yearly flow) that were known up to {max(HORIZONS)} years before it."
    )
