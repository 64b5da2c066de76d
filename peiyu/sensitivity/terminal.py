"""What a planner reads of a sensitivity analysis, in Chinese or English: one line a goal, or all about a reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from agents.parameters import NAMES
from peiyu.screen.console import Screen, stdout
from peiyu.screen.grid import Grid
from peiyu.sensitivity.document import DatumRow, ReadingRow, SensitivityDocument
from peiyu.words.evidence import outside_words
from peiyu.words.indicators import indicator_label
from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from peiyu.words.names import reading_label
from peiyu.words.numbers import NOTHING, asked, chance, count, interval, percent, ratio, score
from peiyu.words.parameters import parameter_label
from sim.city.city import City
from sim.scenario.scenario import Scenario

SHOWN = 6
"""Rows of each table of a reading."""


def factor_name(key: str, scenario: Scenario | None, lang: str) -> str:
    """Return the name of a factor, a parameter or a lever for a reader."""
    w = words("sensitivity", lang)
    kind, colon, name = key.partition(":")
    if colon:
        return f"{w[kind]}: {w.get(name, name)}"
    if key.startswith("lever "):
        return f"{w['lever']}: {lever_name(key.removeprefix('lever '), scenario, lang)}"
    return parameter_label(key, lang) if key in NAMES else w.get(key, key)


def share(x: float | None, half: float | None = None, write: Callable[[float], str] = chance) -> str:
    """Write a share of the variance, with the half width of its interval."""
    if x is None or (half is not None and half > 1.0):  # an interval wider than all there is says nothing
        return NOTHING
    return write(x) + ("" if half is None else f" ± {percent(half)}")


def datum_name(d: DatumRow, lang: str) -> str:
    """Return the name of a datum: an indicator and a quarter."""
    return f"{indicator_label(d.indicator, lang)} {d.quarter}"


def tells(row: ReadingRow) -> DatumRow | None:
    """Return the best number of the first year if it explains more than the best of so many would by luck."""
    best = row.best_soon
    if best is None or best.variance_cut is None or best.interval_cut is None:
        return None
    by_luck, half = row.information.soon_by_luck or 0.0, best.variance_cut_half or 0.0
    return best if best.variance_cut > max(by_luck, half) else None


def publish_first(row: ReadingRow, goal: str, lang: str) -> str:
    """Say in one sentence which number of the first year to publish first, if any tells for certain."""
    best, w = tells(row), words("sensitivity", lang)
    if best is None:
        return w["nothing"].format(goal=goal)
    cut, narrow = share(best.variance_cut), share(best.interval_cut)
    return w["sentence"].format(
        name=indicator_label(best.indicator, lang), quarter=best.quarter, goal=goal, cut=cut, narrow=narrow
    )


def print_sensitivity(
    document: SensitivityDocument, city: City, scenario: Scenario, lang: str, out: Path, *, detailed: list[str]
) -> None:  # fmt: skip
    """Print one line a reading; for the readings named in `detailed`, everything."""
    w = words("sensitivity", lang)
    console = stdout(lang)
    effort = w.get(f"effort_{document.effort.name}", document.effort.name)
    console.heading(f"{city.title[lang]} · {scenario.title[lang]} · {w['title']} · {effort}")
    table = Grid()
    for key in ("goal", "p", "interval", "largest", "moves", "publish"):
        table.add_column(w[key], justify="right" if key in ("p", "interval") else "left")
    for row in document.readings:
        table.add_row(*_line(row, city, scenario, lang))
    console.table(table)
    for line in outside_words(document.levers_outside_evidence, scenario, lang):
        console.print(line)
    for row in document.readings:
        if f"{row.goal}/{row.reading}" in detailed:
            _print_reading(console, row, city, scenario, lang)
    console.print(f"{w['files']}: {out}/ (sensitivity.json, sensitivity.csv)")


class OfReading(Protocol):
    """A row of any document that is about one reading."""

    @property
    def goal(self) -> str:
        """The key of the goal."""

    @property
    def reading(self) -> str:
        """The key of the reading."""


def goal_name(row: OfReading, city: City, lang: str) -> str:
    """Return goal and reading as a reader knows them."""
    goal = next(g for g in city.goals if g.key == row.goal)
    reading = next(r for r in goal.readings if r.key == row.reading)
    return reading_label(goal, reading, lang)


def _line(row: ReadingRow, city: City, scenario: Scenario, lang: str) -> tuple[str, ...]:
    w = words("sensitivity", lang)
    parts = row.budget.count
    largest = max(parts, key=lambda s: s.share) if parts else None
    moves, soon = next(iter(row.morris.count or []), None), tells(row)
    return (
        goal_name(row, city, lang),
        chance(row.model_probability),
        interval(row.q05, row.q95),
        f"{w[largest.part]} {share(largest.share)}" if largest else "–",
        factor_name(moves.factor, scenario, lang) if moves else "–",
        f"{datum_name(soon, lang)} ({share(soon.variance_cut)})" if soon else "–",
    )


def _print_reading(console: Screen, row: ReadingRow, city: City, scenario: Scenario, lang: str) -> None:
    """Print everything about a reading."""
    w = words("sensitivity", lang)
    name = goal_name(row, city, lang)
    console.print()
    console.heading(name, f" {asked(row.operator, row.value)} · {row.deadline}")
    if row.budget.count is None:
        console.print(w["fixed"])
        return
    console.table(_budget_table(row, lang))
    console.print(w["pairs"].format(**row.budget.plain()))
    if row.budget.hit is None:
        console.print(w["few"])
    for table in (_sobol_table, _morris_table, _singles_table):
        console.table(table(row, scenario, lang))
    console.table(_information_table(row, lang))
    spread = {key: x.sd / row.sd if row.sd else float("nan") for key, x in row.independence.items()}
    console.print(w["independence"].format(**{k: ratio(x) for k, x in spread.items()}))
    console.print(publish_first(row, name, lang))


def _budget_table(row: ReadingRow, lang: str) -> Grid:
    w = words("sensitivity", lang)
    table = _table(w["title"], lang, ("part", "count", "hit"))
    for x, y in zip_longest(row.budget.count or [], row.budget.hit or []):  # of being reached there may be none
        table.add_row(
            w[x.part],
            *(f"{share(s.share)} ({share(s.low)} – {share(s.high)})" if s else "–" for s in (x, y)),
        )
    seen = [row.observation.count, row.observation.hit]
    table.add_row(w["observation"], *(share(max(s.at_least, 0.0), s.half) if s else "–" for s in seen))
    return table


def _sobol_table(row: ReadingRow, scenario: Scenario, lang: str) -> Grid:
    table = _table(words("sensitivity", lang)["sobol"], lang, ("factor", "first", "total", "of_p"))
    hits = {x.factor: x for x in row.sobol.hit or []}
    for x in sorted((x for x in row.sobol.count or [] if x.total), key=lambda x: -(x.total or 0.0))[:SHOWN]:
        of_p = hits.get(x.factor)
        cells = (share(x.first, x.first_half), share(x.total, x.total_half))
        last = share(of_p.of_probability, of_p.of_probability_half) if of_p else NOTHING
        table.add_row(factor_name(x.factor, scenario, lang), *cells, last)
    return table


def _morris_table(row: ReadingRow, scenario: Scenario, lang: str) -> Grid:
    table = _table(words("sensitivity", lang)["morris"], lang, ("factor", "move", "size", "dp"))
    hits = {x.factor: x for x in row.morris.hit or []}
    for x in [m for m in row.morris.count or [] if m.size > 0.0][:SHOWN]:
        y = hits.get(x.factor)
        moved = f"{count(x.change)} ± {count(x.change_half)}"
        step = min(max(y.change, -1.0), 1.0) if y else None  # of 2/3 of a range
        chance_moved = share(step, y.change_half, percent) if y else NOTHING
        table.add_row(factor_name(x.factor, scenario, lang), moved, count(x.size), chance_moved)
    return table


def _singles_table(row: ReadingRow, scenario: Scenario, lang: str) -> Grid:
    table = _table(words("sensitivity", lang)["singles"], lang, ("factor", "explains", "thirds"))
    for x in (row.parameters.count or [])[: SHOWN // 2]:
        thirds = f"{count(x.low_third)} → {count(x.high_third)}"
        table.add_row(factor_name(x.factor, scenario, lang), share(x.share, x.half), thirds)
    return table


def _information_table(row: ReadingRow, lang: str) -> Grid:
    table = _table(words("sensitivity", lang)["information"], lang, ("datum", "cut", "narrow", "brier"))
    soon, best = row.information.soon or [], row.information.best or []
    later = [d for d in best if d not in soon]
    for d in soon[: SHOWN // 2] + later[: SHOWN // 2]:
        brier = NOTHING if d.brier_cut is None else f"{score(d.brier_cut)} ± {score(d.brier_cut_half or 0.0)}"
        cut = share(d.variance_cut, d.variance_cut_half)
        table.add_row(datum_name(d, lang), cut, share(d.interval_cut), brier)
    return table


def _table(title: str, lang: str, columns: tuple[str, ...]) -> Grid:
    table = Grid(title)
    for i, key in enumerate(columns):
        table.add_column(words("sensitivity", lang)[key], justify="left" if i == 0 else "right")
    return table


def frame(document: SensitivityDocument) -> pd.DataFrame:
    """Return one row a number: reading, analysis, outcome, name, measure, estimate and its 90 % interval."""
    columns = ["goal", "reading", "analysis", "outcome", "name", "measure", "estimate", "low", "high"]
    rows = [(row.goal, row.reading, *numbers) for row in document.readings for numbers in _numbers(row)]
    return pd.DataFrame(rows, columns=columns)


MEASURES = {
    "sobol": (("first", "first_half"), ("total", "total_half"), ("of_probability", "of_probability_half")),
    "morris": (("size", "size_half"), ("change", "change_half")),
    "parameters": (("share", "half"),),
}


def _numbers(row: ReadingRow) -> Iterator[tuple[Any, ...]]:
    """Give every number of a reading as analysis, outcome, name, measure, estimate, low, high."""
    found = row.plain()
    for outcome in ("count", "hit"):
        for s in found["budget"][outcome] or []:
            yield "budget", outcome, s["part"], "share", s["share"], s["low"], s["high"]
        for analysis, measures in MEASURES.items():
            for x in found[analysis][outcome] or []:
                for measure, half in measures:
                    if x[measure] is not None:
                        yield analysis, outcome, x["factor"], measure, x[measure], *_ends(x[measure], x[half])
    for d in row.information.best or []:
        ends = _ends(d.variance_cut, d.variance_cut_half)
        yield "information", "count", d.datum, "variance_cut", d.variance_cut, *ends


def _ends(x: float | None, half: float | None) -> tuple[float | None, float | None]:
    return (None, None) if x is None or half is None else (x - half, x + half)
