"""The section on what becomes of the tracks and the city: growth, leaders, revenue, jobs, R&D and labels by year."""

from __future__ import annotations

import re

from peiyu.appendix.page import Page
from peiyu.document.tree import Block, Cell, Code, Column, Heading, Kind, Number, Span, Table
from peiyu.forecasts.outcomes import YearlyOutcome, outcomes, shown_years
from peiyu.runs.ids import OUTCOME
from peiyu.words.indicators import indicator_label
from sim.state.indicators import INDICATORS

UNIT = re.compile(r" \(10k CNY[^)]*\)$")
"""The unit in the name of a sum, which is written with the currency here."""
LONGER = "peiyu forecast --end 2030Q4"


def outcomes_by_year(page: Page) -> list[Block]:
    """Return median and 90 % interval of every outcome at the end of some years, the last among them."""
    w, found = page.say, {(x.indicator, x.year): x for x in outcomes(page.stored.ensemble, page.stored.as_of)}
    years = shown_years(sorted({year for _, year in found}))
    columns = [Column(w("outcome"))]
    for year in years:
        columns += [Column(w("outcome_median", year=year), right=True), Column(w("interval"), right=True)]
    rows = []
    for name in dict.fromkeys(name for name, _ in found):
        cells: list[Cell] = []
        for year in years:
            cells += _cells(page, found[name, year])
        rows.append(((UNIT.sub("", indicator_label(name, page.lang)),), *cells))
    table = Table("outcomes", w("t_outcomes"), tuple(columns), tuple(rows))
    return [Heading(1, w("outcomes"), annex=True), page.told("outcomes_intro", command=Code(LONGER)), table]


def _cells(page: Page, x: YearlyOutcome) -> tuple[Cell, Cell]:
    unit = INDICATORS[x.indicator].unit
    kind: Kind = "money" if unit.startswith("万元") else "count" if unit == "比例" else "whole"

    def n(column: str, value: float) -> Number:
        return Number(f"run/{page.stored.id}/{OUTCOME}/{x.indicator}/{x.year}/{column}", value, "", kind)

    return (n("median", x.median),), (Span(n("q05", x.q05), n("q95", x.q95)),)
