"""What was observed: dated city counts, each treated as the kind of number it is, and moments.

A published number is exact, rounded, a bound, mid-year or of an inferred year; `observed` turns the
city's history into observations on the log scale with an error that says how far to trust each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from agents.table import Bools, Floats
from sim import quarter
from sim.city import City
from sim.door import InputError
from sim.indicators import INDICATORS
from sim.indicators import NAMES as INDICATOR_NAMES

SERIES = {
    "hte_stock": "hnte_stock",
    "hte_new": "hnte_first",
    "tech_sme_prov_stock": "tech_sme_stock",
    "srdi_prov_stock": "srdi_stock",
    "little_giant_stock": "little_giant_stock",
    "unicorn_welian": "unicorns",
    "future_firms_known": "future_enterprises",
    "ent_tech_center_municipal_new": "tech_centres_new",
}
"""History series that speak of an indicator of the model; unicorns follow one list only, never chained."""
GRADE_ERROR = {"A": 0.02, "B": 0.04, "C": 0.06}
"""Relative error by source grade: rows that state the same count differ by 2-4 % (history.md, conflicts)."""
DEFINITION_ERROR = {
    "hnte_first": 0.15,
    "srdi_stock": 0.25,
    "little_giant_stock": 0.20,
    "unicorns": 0.15,
    "future_enterprises": 0.20,
}
"""Extra error where the published definition is not quite the model's, or the label was being rolled out."""
INFERRED_YEAR_ERROR = 0.05
PUBLICATION_LAG = 4
"""Quarters: year-end counts are printed in the year after; a fit as of a quarter may use those, no later ones."""

Bound = Literal["none", "lower", "upper"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One number the model should come close to: log1p(count), or a share, with its error."""

    name: str  # "hnte_stock@2024Q4" or "M4"
    indicator: str
    quarter: int
    value: float  # as published
    error: float  # sd, of log1p(value) for counts and of the value itself for shares
    bound: Bound
    share: bool
    source: str


def observed(city: City, as_of: int) -> list[Observation]:
    """Return the observations a fit as of a quarter may use, in order of name.

    Rows ending `_target` or `_expected` are never observations. Of several rows for one period the
    best grade counts, and what the others differ by widens its error. A city with no row of its own gets
    the moments only: its fit is little more than the prior.

    Raises `InputError` when no usable row is left.
    """
    rows = city.history[(city.history.region == city.name) & city.history.series.isin(list(SERIES))]
    found = [
        o
        for (series, period), same in rows.groupby(["series", "period"])
        if (o := _one(city, str(series), str(period), same, as_of))
    ]
    found += _from_share(city, as_of)
    if not found and len(rows):
        raise InputError(
            f"{city.folder.name}/history.csv: no row of {', '.join(SERIES)} for {city.name} is known by"
            f" {quarter.label(as_of)}; give --as-of a later quarter, or add rows."
        )
    return sorted(found + moments(as_of), key=lambda o: o.name)


def _one(city: City, series: str, period: str, rows: pd.DataFrame, as_of: int) -> Observation | None:
    """Turn the rows of one period into one observation, or none if it is not yet known or not dated."""
    when = quarter.period_end(str(period))
    indicator = SERIES[series]
    known = rows[[(quarter.period_end(str(d)[:7]) or as_of + 99) <= as_of + PUBLICATION_LAG for d in rows.as_of]]
    if when is None or not city.start < when <= as_of or known.empty:
        return None
    if INDICATORS[indicator].kind == "flow" and "-" in str(period):
        return None  # a part of a year; the model's flows are compared year by year
    exact = known[~known.observation.isin(["lower_bound", "upper_bound"])]
    use = exact if len(exact) else known
    best = use[use.grade == use.grade.min()]
    value = float(np.exp(np.log(best.value.to_numpy(float)).mean()))
    bound: Bound = "none" if len(exact) else "lower" if best.observation.iloc[0] == "lower_bound" else "upper"
    spread = float(np.log(use.value.to_numpy(float)).std()) if len(use) > 1 else 0.0
    parts = [GRADE_ERROR[best.grade.iloc[0]], spread, DEFINITION_ERROR.get(indicator, 0.0)]
    parts += [_rounding(value)] if (best.observation == "rounded").any() else []
    parts += [INFERRED_YEAR_ERROR] if (best.dated == "inferred").all() else []
    error = float(np.hypot.reduce(parts))
    return Observation(
        f"{indicator}@{quarter.label(when)}",
        indicator,
        when,
        value,
        error,
        bound,
        False,
        str(best.url.iloc[0]),
    )


def _rounding(value: float) -> float:
    """Return the sd of the log from rounding to the last non-zero digit: unit / sqrt(12) / value."""
    digits = f"{value:.0f}".rstrip("0")
    unit = 10.0 ** (len(f"{value:.0f}") - len(digits))
    return float(unit / np.sqrt(12.0) / value)


def _from_share(city: City, as_of: int) -> list[Observation]:
    """Derive a stock from the city's share of a region whose total follows from another member's count.

    stock = share / share(other) * stock(other), for the other member whose count is printed for the year.
    """
    h = city.history
    out = []
    for row in h[(h.series == "hte_stock_share_yrd") & (h.region == city.name)].itertuples():
        when = quarter.period_end(str(row.period))
        others = h[(h.series == "hte_stock_share_yrd") & (h.period == row.period) & (h.region != city.name)]
        counts = h[(h.series == "hte_stock") & (h.period == row.period) & (h.observation == "exact")]
        both = others.merge(counts, on="region", suffixes=("_share", "_count"))
        if when is None or not city.start < when <= as_of or both.empty:
            continue
        ours, share, count = float(str(row.value)), both.value_share.to_numpy(float), both.value_count.to_numpy(float)
        implied = np.log(ours / share * count)
        value, error = float(np.exp(implied.mean())), float(np.hypot(GRADE_ERROR["C"], implied.std()))
        name = f"hnte_stock@{quarter.label(when)}"
        out.append(
            Observation(name, "hnte_stock", when, value, error, "none", False, "derived from shares: " + str(row.url))
        )
    return out


def moments(as_of: int) -> list[Observation]:
    """Return the moments to calibrate on: M2, M4, M5. M1 is the prior P1 itself, so it is not used twice."""
    made = (
        ("M2_exit_rate", "exits", 0.085, 0.0075, "A06, A07, A26-A28"),
        ("M4_high_growth_share", "high_growth_share", 0.10, 0.0075, "A52-A55"),
        ("M5_gazelle_rate", "gazelle_rate", 0.0265, 0.004, "A63, A64"),
    )
    return [Observation(n, i, as_of, value, error, "none", True, rows) for n, i, value, error, rows in made]


def summary(o: Observation, series: Floats, start: int) -> float:
    """Read the simulated counterpart of an observation off a run.

    `series` is (quarters, indicators) whose first row is quarter `start`. Counts are log1p, flows are
    summed over the year, the exit rate is exits over four quarters by the stock, shares are averaged
    over two years.
    """
    at = o.quarter - start
    column = INDICATOR_NAMES.index(o.indicator)
    if o.name == "M2_exit_rate":
        stock = series[at - 3 : at + 1, INDICATOR_NAMES.index("enterprises")].mean()
        return float(series[at - 3 : at + 1, column].sum() / max(stock, 1.0))
    if o.share:
        return float(series[at - 7 : at + 1, column].mean())
    if INDICATORS[o.indicator].kind == "flow":
        return float(np.log1p(series[at - 3 : at + 1, column].sum()))
    return float(np.log1p(series[at, column]))


def targets(observations: list[Observation]) -> tuple[Floats, Floats, Bools, Bools]:
    """Return values on the summary scale, errors, and which are lower and upper bounds, each (k,)."""
    value = np.array([o.value if o.share else np.log1p(o.value) for o in observations])
    error = np.array([o.error for o in observations])
    lower = np.array([o.bound == "lower" for o in observations])
    upper = np.array([o.bound == "upper" for o in observations])
    return value, error, lower, upper
