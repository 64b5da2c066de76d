"""The results in docs/backtest.md: after `peiyu backtest`, `python -m peiyu.backtest.page` keeps and shows them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from calibration.backtest.backtest import ABM, MODEL, PANEL
from calibration.backtest.summary import best_of
from peiyu.backtest import wrong
from peiyu.document import kept
from peiyu.document.prose import paragraph, table
from peiyu.document.tree import Block, Heading, Table
from peiyu.words.history import goal, method, place, series
from peiyu.words.loader import words
from peiyu.words.numbers import NOTHING, chance, count, deviations, interval, level, p_value, percent, score
from sim.inputs.said import Said

Write = Callable[[Any], str]
"""How the numbers of a column are written."""

NAME = "backtest"
UNTOLD = ("pairs",)
"""What the page does not tell: the thousands of single forecasts."""
OF_PANEL = (*UNTOLD, "summary", "goals", "goals_summary", "slices", "regions", "differences", "pit")
"""What a file says of the panel, which is the same for every city."""


def results(document: dict[str, Any]) -> list[Block]:
    """Return the tables of a document."""
    ours = [r for r in document["slices"] if r["model"] == MODEL]
    lost = [r for r in document["regions"] if r["relative"] > 1.0]
    won = sum(r["won"] for r in document["regions"])
    pairs = sum(r["pairs"] for r in document["regions"])
    shares = [{"model": m, "shares": x} for m, x in document["pit"].items()]
    goals = [{"goals": k} | _short(v) for k, v in document["goals_summary"].items()]
    settled = [
        g | {"goal": goal(g["region"], g["series"], g["target"], g["deadline"], "en")} for g in document["goals"]
    ]
    bands = document["goals_summary"].get("all", {}).get("reliability", [])
    return [
        *how_wrong(document.get("abm"), "en"),
        *elsewhere(of_cities()),
        Heading(2, "By model"),
        _table(document["summary"], _MODEL | _SCORES),
        Heading(2, "peiyu by kind of number and horizon, against the best comparator of each"),
        _table(ours, _KIND | _SCORES),
        Heading(2, "Differences in CRPS, negative where peiyu is better"),
        _table(document["differences"], _DIFFERENCES),
        Heading(2, "Where peiyu lost"),
        paragraph(f"It won {won} of {pairs} pairs against the best comparator. Regions lost on average:"),
        _table(lost, _LOSSES),
        Heading(2, "PIT: share of outcomes in each tenth of the forecast, 10 % each when calibrated"),
        _table(shares, {"model": _method, "shares": _percents}),
        Heading(2, "Goals"),
        _table(goals, _BRIER),
        _table(bands, _BANDS),
        _table(settled, _GOALS),
    ]


def how_wrong(part: dict[str, Any] | None, lang: str) -> list[Block]:
    """Return what stands on top: how the model that forecasts did. Nothing where it was not run."""
    if part is None:
        return []
    w = words("backtest", lang)
    out: list[Block] = [Heading(2, w["wrong"]), paragraph(wrong.sentence(part, w))]
    for told in wrong.tables(part, w, lang):
        if told.rows:
            out += [Heading(3, told.title), table("", told.columns, told.rows)]
    return out


def of_cities() -> dict[str, dict[str, Any]]:
    """Return what was kept of the models of other cities, by city."""
    return {city: document["abm"] for city, document in kept.others(NAME).items()}


def elsewhere(cities: dict[str, dict[str, Any]]) -> list[Block]:
    """Return how the models of other cities did, by label and in all. Nothing where none was run."""
    rows = [row for city, part in cities.items() for row in _of_city(city, part)]
    return [Heading(2, "The model of enterprises in other cities"), _table(rows, _CITIES)] if rows else []


def _of_city(city: str, part: dict[str, Any]) -> list[dict[str, Any]]:
    scores = {row["model"]: row for row in part["summary"]}
    ours, panel = scores[ABM], scores.get(PANEL)
    best = scores[best_of({m: (row["pairs"], row["crps_mean"]) for m, row in scores.items()}, ours["pairs"])]
    every = {
        "pairs": ours["pairs"], "inside90": round(ours["coverage90"] * ours["pairs"]), "crps": ours["crps_mean"],
        "to_panel": panel and panel["abm_relative"], "to_best": best["abm_relative"], "best": best["model"],
    }  # fmt: skip
    labels = [{"city": city, "label": series(row["series"], "en")} | row for row in part["labels"]]
    return [*labels, {"city": city, "label": "all"} | every]


def _or_nothing(x: float | None) -> str:
    return NOTHING if x is None else score(x)


def _between(ends: list[float]) -> str:
    return interval(ends[0], ends[1], score)


def _method(name: str) -> str:
    return method(name, "en")


def _place(region: str) -> str:
    return place(region, "en")


def _percents(shares: list[float]) -> str:
    return " ".join(map(percent, shares))


# fmt: off
_MODEL: dict[str, Write] = {"model": _method, "peiyu_relative": score}
_KIND: dict[str, Write] = {"kind": str, "horizon": str, "best": _method}
_SCORES: dict[str, Write] = {
    "pairs": count, "crps_mean": score, "relative_crps": score, "wis_mean": score,
    "coverage50": chance, "coverage80": chance, "coverage90": chance,
}
_DIFFERENCES: dict[str, Write] = {
    "against": _method, "pairs": count, "difference": score, "ci90": _between,
    "years": count, "dm_statistic": deviations, "dm_p": p_value,
}
_LOSSES: dict[str, Write] = {
    "region": _place, "pairs": count, "won": count, "crps": score, "crps_best": score, "relative": score,
}
_BRIER: dict[str, Write] = {
    "goals": str, "n": count, "reached": count, "peiyu": score, "left_out": score, "base_rate": score,
    "kind_rate": score,
    "required_growth": score, "model_alone": score, "hindsight_base_rate": score,
}
_CITIES: dict[str, Write] = {
    "city": _place, "label": str, "pairs": count, "inside90": count, "crps": score, "to_panel": _or_nothing,
    "to_best": _or_nothing, "best": _method,
}
_BANDS: dict[str, Write] = {"from": level, "to": level, "goals": count, "probability": chance, "reached": percent}
_GOALS: dict[str, Write] = {
    "goal": str, "origin": str, "decided_by": str, "basis": str,
    "probability": chance, "base_rate": chance, "required_growth": chance, "outcome": count,
}
# fmt: on


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("brier_"): x for key, x in row.items() if key != "goals"} | {"n": row["goals"]}


def _table(rows: list[dict[str, Any]], columns: dict[str, Write]) -> Table:
    return table("", tuple(columns), ([write(row[c]) for c, write in columns.items()] for row in rows))


def main(source: str = "out/backtest.json", city: str | None = None) -> None:
    """Keep the file in docs/data and write the page; of another city only what its model of enterprises did.

    Raises `InputError` without a file.
    """
    name, without = (NAME, UNTOLD) if city is None else (f"{NAME}-{city}", OF_PANEL)
    kept.keep(name, Path(source), Said("there is no such file; run: peiyu backtest"), without)
    kept.write(NAME, results)


if __name__ == "__main__":
    main(*sys.argv[1:])
