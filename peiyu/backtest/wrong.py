"""How wrong were we, in words: the aims and what came, by label and by origin, and what lay outside the intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peiyu.words.history import method, series
from peiyu.words.loader import Words
from peiyu.words.numbers import NOTHING, chance, count, interval, score

MOST_MISSES = 12
"""Numbers outside the intervals that are shown, the furthest off first; all are in the pairs."""


@dataclass(frozen=True, slots=True)
class Told:
    """A table as it is told: its title, its columns, of which the first few hold words, and its rows."""

    title: str
    columns: tuple[str, ...]
    words: int
    rows: list[list[str]]


def sentence(part: dict[str, Any], w: Words) -> str:
    """Say how many numbers came, and how many of them lay inside the 90 % interval."""
    inside = sum(row["inside90"] for row in part["origins"])
    pairs = sum(row["pairs"] for row in part["origins"])
    return w["wrong_sentence"].format(pairs=count(pairs), inside=count(inside), share=chance(inside / max(pairs, 1)))


def tables(part: dict[str, Any], w: Words, lang: str) -> list[Told]:
    """Return the aims, the scores by label and by origin, every model, and what lay outside."""
    labels = [row | {"series": series(row["series"], lang)} for row in part["labels"]]
    return [
        Told(w["aims"], (w["aim"], w["against"], w["pairs"], w["came"], w["wanted"], w["met"]), 2,
             _aims(part, w, lang)),
        Told(w["by_label"], (w["label"], *_compared_columns(w)), 1, _compared(labels, "series", lang)),
        Told(w["by_origin"], (w["origin"], *_compared_columns(w)), 1, _compared(part["origins"], "origin", lang)),
        Told(w["by_model"], (w["model"], w["pairs"], w["crps"], w["ours_abm"], w["coverage"]), 1, _models(part, lang)),
        Told(w["misses"], (w["label"], w["origin"], w["period"], w["said"], w["interval"], w["observed"]), 3,
             _misses(part, lang)),
    ]  # fmt: skip


def _aims(part: dict[str, Any], w: Words, lang: str) -> list[list[str]]:
    rows = []
    for row in part["aims"]:
        write = chance if row["aim"] == "coverage90" else score
        wanted = f"≤ {write(row['high'])}" if row["low"] is None else interval(row["low"], row["high"], write)
        met = NOTHING if row["met"] is None else w["met_yes"] if row["met"] else w["met_no"]
        came = NOTHING if row["value"] is None else write(row["value"])
        against = method(row["against"], lang) or NOTHING
        rows.append([w[row["aim"]], against, count(row["pairs"]), came, wanted, met])
    return rows


def _compared_columns(w: Words) -> tuple[str, ...]:
    return (w["pairs"], w["inside90"], w["crps"], w["to_panel"], w["to_best"], w["best"])


def _compared(rows: list[dict[str, Any]], by: str, lang: str) -> list[list[str]]:
    """Return a row for each label or origin."""
    return [
        [row[by], count(row["pairs"]), count(row["inside90"]), score(row["crps"]),
         _maybe(row["to_panel"]), _maybe(row["to_best"]), method(row["best"], lang)]
        for row in rows
    ]  # fmt: skip


def _models(part: dict[str, Any], lang: str) -> list[list[str]]:
    return [
        [method(row["model"], lang), count(row["pairs"]), score(row["crps_mean"]), _maybe(row["abm_relative"]),
         chance(row["coverage90"])]
        for row in part["summary"]
    ]  # fmt: skip


def _misses(part: dict[str, Any], lang: str) -> list[list[str]]:
    return [
        [series(row["series"], lang), row["origin"], row["target_period"], count(row["q50"]),
         interval(row["q05"], row["q95"]), count(row["observed"])]
        for row in part["misses"][:MOST_MISSES]
    ]  # fmt: skip


def _maybe(x: float | None) -> str:
    return NOTHING if x is None else score(x)
