"""Outcomes year by year to the horizon: growth, leaders, revenue, jobs, R&D and labels, in the tracks and the city."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from peiyu.screen.grid import Grid
from peiyu.words.indicators import indicator_label, with_unit
from peiyu.words.loader import words
from peiyu.words.numbers import count, interval
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.outcomes import OUTCOMES
from sim.state.indicators import INDICATORS

COLUMNS = 3
"""Years side by side in the terminal: the last, and two before it; the files have every year."""


@dataclass(frozen=True, slots=True)
class YearlyOutcome:
    """What the ensemble says of an outcome at the end of a year."""

    indicator: str
    year: int
    unit: str
    q05: float
    median: float
    q95: float


def outcomes(ensemble: Ensemble, as_of: int) -> list[YearlyOutcome]:
    """Return every outcome at the end of every year after the origin."""
    out = []
    for name in OUTCOMES:
        values = ensemble.of(name)
        for year in years(ensemble, as_of):
            q05, median, q95 = np.quantile(values[:, 4 * year + 3 - ensemble.start], (0.05, 0.5, 0.95))
            out.append(YearlyOutcome(name, year, INDICATORS[name].unit, float(q05), float(median), float(q95)))
    return out


def years(ensemble: Ensemble, as_of: int) -> list[int]:
    """Return the whole years after the origin that the runs reach."""
    last = ensemble.start + ensemble.values.shape[1] - 1
    return [q // 4 for q in range(as_of + 1, last + 1) if (q + 1) % 4 == 0]


def shown_years(every: list[int]) -> list[int]:
    """Return the years to print: the last, and others evenly before it."""
    step = -(-len(every) // COLUMNS)  # rounded up
    return every[::-step][::-1]


def outcome_table(rows: list[YearlyOutcome], lang: str) -> Grid:
    """Return median and 90 % interval of every outcome in some of the years."""
    w = words("forecast", lang)
    found = {(x.indicator, x.year): x for x in rows}
    shown = shown_years(sorted({x.year for x in rows}))
    table = Grid(w["outcomes"], first_to_go=map(str, shown[:-1]))  # the goals ask of the last
    table.add_column(w["outcome"], overflow="fold")
    for year in shown:
        table.add_column(str(year), justify="right", no_wrap=True)
    for name in dict.fromkeys(x.indicator for x in rows):
        cells = (found[name, year] for year in shown)
        table.add_row(outcome_label(name, lang), *(f"{count(x.median)} ({interval(x.q05, x.q95)})" for x in cells))
    return table


def outcome_label(name: str, lang: str) -> str:
    """Return the name of an outcome; money says its unit, which a count needs not."""
    label = indicator_label(name, lang)
    # the English name of an indicator has its unit
    return with_unit(label, INDICATORS[name].unit, lang) if lang == "zh" else label

