"""The opening of a new city: which quarter its model begins with, and how many hold a label then."""

from __future__ import annotations

from dataclasses import dataclass

from peiyu.new_city.form import Cells
from peiyu.words.numbers import digits, percent, whole
from sim import quarter

GROWTH = 0.12
"""Yearly growth at which a later count is carried back: an assumption, between the country's 2016-20 and 2021-24."""
YEARS_BEFORE = 5
"""Years of history that a model has before the last count: three are needed, and a round's validity."""
POOL, TECH_SMES, CANDIDATES = 6.0, 2.0, 1.2
"""Technology enterprises and technology SMEs to a high-tech enterprise, candidates to an enterprise: assumptions."""
REGISTRY = quarter.parse("2017Q4")
"""First round of the national registry of technology SMEs, as in `scenarios/common/recognitions.toml`."""
LATEST_LABEL = 3
"""The fourth quarter, counted from 0: year-end counts are of it."""


@dataclass(frozen=True, slots=True)
class NewOpening:
    """The opening quarter, and each number of the opening with what it rests on."""

    quarter: int
    numbers: dict[str, tuple[float, str]]


def opening_of(city: Cells, counts: list[Cells], national: bool = False) -> NewOpening:
    """Return the opening that the counts of a form give; what they do not give is an assumption that says so.

    `national`: the technology SMEs are those of the national registry.
    """
    own = [row for row in counts if not row["region"]]
    ends = [quarter.period_end(row["period"]) or 0 for row in own]
    stocks = _stocks(own, "hnte")
    start = min(*stocks, 4 * (max(ends) // 4 - YEARS_BEFORE) + LATEST_LABEL)
    start = 4 * (start // 4) + LATEST_LABEL if start % 4 != LATEST_LABEL else start
    hnte, told = _at(start, stocks)
    tech = _tech_smes(own, start, hnte, national)
    pool = (POOL * hnte, f"assumption: {digits(POOL)} to a high-tech enterprise, no count of all was given")
    if city["enterprises"]:
        pool = _at(start, {max(ends): (float(city["enterprises"].split()[0]), "the workbook's count of all")})
    # whoever holds a label is an enterprise, whatever the counts of both say of each other
    pool = max(pool[0], 2.0 * hnte, 1.5 * tech[0]), pool[1]
    candidates = CANDIDATES * pool[0], "assumption: more than can enter in a quarter"
    return NewOpening(
        start, {"hnte": (hnte, told), "tech_sme": tech, "enterprises": pool, "potential_entrants": candidates}
    )


def _tech_smes(own: list[Cells], start: int, hnte: float, national: bool) -> tuple[float, str]:
    """Return the technology SMEs of the opening, and what that rests on."""
    if national and start < REGISTRY:
        return 0.0, "the national registry of technology SMEs began in 2017: none at the opening"
    smes = _stocks(own, "tech_sme_nat" if national else "tech_sme")
    assumed = TECH_SMES * hnte, f"assumption: {digits(TECH_SMES)} to a high-tech enterprise"
    return _at(start, smes) if smes else assumed


def _stocks(own: list[Cells], label: str) -> dict[int, tuple[float, str]]:
    """Return a label's stocks by quarter, with their sources."""
    rows = [row for row in own if row["label"] == label and row["measure"] in ("", "stock")]
    return {quarter.period_end(r["period"]) or 0: (float(r["value"].split()[0]), r["source"]) for r in rows}


def _at(start: int, counts: dict[int, tuple[float, str]]) -> tuple[float, str]:
    """Return the count of the opening, or the nearest one carried there."""
    near = min(counts, key=lambda q: abs(q - start))
    value, source = counts[near]
    if near == start:
        return value, source
    carried = value / (1.0 + GROWTH) ** ((near - start) / 4.0)
    return (
        carried,
        f"assumption: {whole(value)} of {quarter.label(near)} ({source}) carried at {percent(GROWTH)} a year",
    )
