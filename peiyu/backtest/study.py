"""A backtest from its question to its document: which origins, what can be scored, and what is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from calibration.backtest import backtest
from calibration.backtest import goals as goal_backtest
from calibration.backtest import summary as backtest_summary
from calibration.backtest.wrong import how_wrong
from calibration.panel.data import HORIZONS, PanelFiles, Row, latest_year, pairs
from peiyu.backtest.document import BacktestDocument
from peiyu.document.csv import write_csv
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.text import place, read_text


def key_of(files: PanelFiles, years: list[int] | None, seed: int) -> str:
    """Name a backtest by its data, origins, seed and program."""
    data = [hashlib.blake2b(read_text(path).encode("utf8")).hexdigest() for path in files.paths]
    parts = (data, files.own, years, seed, version("peiyu"))
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def document_of(
    scored: list[backtest.Pair],
    settled: list[goal_backtest.GoalScore],
    seed: int,
    of_city: Sequence[backtest.Pair] = (),
) -> BacktestDocument:
    """Return everything there is to say; `of_city` are the pairs of the agent model and what stands beside it."""
    table = backtest_summary.frame(scored)
    said = {
        "pairs": [asdict(pair) for pair in (*scored, *of_city)],
        "summary": backtest_summary.summary(table),
        "goals": [asdict(goal) for goal in settled],
        "goals_summary": goal_backtest.goals_summary(settled),
        "slices": backtest_summary.slices(table),
        "regions": backtest_summary.regions(table),
        "differences": backtest_summary.differences(table, seed),
        "pit": backtest_summary.calibration(table),
    }
    if of_city:
        said["abm"] = how_wrong(backtest_summary.frame(list(of_city)))
    return BacktestDocument.model_validate(said)


def write(document: BacktestDocument, out: Path) -> None:
    """Write backtest.json, backtest_pairs.csv and backtest_goals.csv."""
    said = document.plain()
    write_whole(out / "backtest.json", json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    write_csv(out / "backtest_pairs.csv", pd.DataFrame(said["pairs"]))
    write_csv(out / "backtest_goals.csv", pd.DataFrame(said["goals"]))


def origins_of(text: str | None, rows: list[Row], path: Path) -> list[int] | None:
    """Read --origins: a year, years with commas, or a span; within the data."""
    if text is None:
        return None
    begin, end = min(row.year for row in rows), latest_year(rows)
    years: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        last = last or first
        if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) == len("2020") and first <= last):
            raise InputError(
                Said('--origins {text}: "{part}" is no year; write 2020, 2020,2022 or 2020-2022.', text=text, part=part)
            )
        for year in range(int(first), int(last) + 1):
            if not begin < year < end:
                raise InputError(
                    Said(
                        "--origins {year}: the data of {file} reach from {begin} to {end}, and an origin needs points"
                        " before it and a count after it; write {first} to {last}.",
                        year=year,
                        file=place(path),
                        begin=begin,
                        end=end,
                        first=begin + 1,
                        last=end - 1,
                    )
                )
            years.add(year)
    return sorted(years)


def check_scorable(rows: list[Row], years: list[int] | None, path: Path) -> None:
    """Refuse a file in which no count has enough of its series known before it."""
    if pairs(rows, years):
        return
    raise InputError(
        Said(
            "{file}: nothing to score; {found}. Needed: a count (exact or rounded) of a region, with two earlier points"
            " of its series (three of a yearly flow) that were known up to {years} years before it.",
            file=place(path),
            found=_usable(rows),
            years=max(HORIZONS),
        )
    )


def _usable(rows: list[Row]) -> Said:
    if all(row.bound != "none" for row in rows):
        return Said("all {n} usable rows are bounds", n=len(rows))
    return Said("found {n} usable row", n=1) if len(rows) == 1 else Said("found {n} usable rows", n=len(rows))
