"""What was observed: dated counts of a city, each treated as the kind of number it is.

A published number is exact, rounded, a bound, mid-year or of an inferred year, and comes from a list whose
definition is not quite the model's. `observed` turns the city's history, as it was known at a date, into
observations on the log scale with an error that says how far to trust each.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from calibration.data.coverage import coverage_end
from calibration.data.target import Target
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.state.indicators import INDICATORS

MISSPELT = 0.9
"""Similarity from which an unknown series is taken for a misspelt one."""

Bound = Literal["none", "lower", "upper"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One number the model should come close to: log1p(count), or a share, with what is known of its error."""

    name: str  # "hnte_stock@2024Q4" or "M4"
    indicator: str
    quarter: int
    value: float  # as published
    error: float  # sd, of log1p(value) for counts and of the value itself for shares
    source: str
    half_unit: float = 0.0  # half the unit it is rounded to, over the value
    offset: float = 0.0  # sd of the log offset its list shares
    bound: Bound = "none"
    share: bool = False


def known_by(city: City, rows: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Return the rows that had been published within the publication lag of a quarter."""
    published = np.array([_quarter_of(str(d)) for d in rows.as_of], np.int64)
    return rows[published <= as_of + city.series.errors.publication_lag]


def _quarter_of(date: str) -> int:
    return quarter.period_end(date[:7]) or 1 << 30


def usual_origin(city: City) -> int:
    """Return where a fit ends unless one says otherwise: the quarter before any goal begins to count.

    It is never later than what the data cover, which is all that decides where no goal counts from a date.
    """
    readings = [r for g in city.goals for r in g.readings if r.count != "last"]
    before = [r.since - (r.count == "sum") for r in readings]  # a change counts from the end of its first quarter
    covered, last = coverage_end(city), max(g.deadline for g in city.goals) - 1
    if not before:
        return min(covered, last)
    # with no data at all the plan's own start is the only date there is
    return min(before) if covered == city.start else min(covered, *before)


def refuse_future(city: City, as_of: int) -> None:
    """Raise `InputError` for an origin no data can speak of: more than a year after the last number was published."""
    last = max([_quarter_of(str(d)) for d in city.history.as_of], default=as_of)
    latest = last + city.series.errors.publication_lag
    if as_of > latest:
        raise InputError(
            Said(
                "--as-of {asked}: the data of {city} end in {last}; write {latest} or earlier, or add rows to"
                " history.csv.",
                asked=quarter.label(as_of),
                city=city.name,
                last=quarter.label(last),
                latest=quarter.label(latest),
            )
        )


def _refuse_misspelt(city: City, rows: pd.DataFrame) -> None:
    """Raise `InputError` for a series that is nearly, but not quite, one the model knows: it would be passed over."""
    known = city.series.indicators
    for row, series in zip(rows.index, rows.series, strict=True):
        near = difflib.get_close_matches(str(series), list(known), n=1, cutoff=MISSPELT)
        if near and series not in known:
            raise InputError(
                Said(
                    '{city}/history.csv: row {row}: unknown series "{series}". Did you mean "{near}"? The model knows'
                    " {known}; other names are kept but not fitted.",
                    city=city.folder.name,
                    row=row + 2,
                    series=series,
                    near=near[0],
                    known=", ".join(known),
                )
            )


def counts_of(city: City, as_of: int) -> list[Observation]:
    """Return the city's own dated counts, in order of series and period.

    Rows ending `_target` or `_expected` are never observations. Of several rows for one period the
    best grade counts, and what the others differ by widens its error.

    Raises `InputError` when the city has rows and none is usable.
    """
    rows = city.history[city.history.region == city.region]
    _refuse_misspelt(city, rows)
    rows = rows[rows.series.isin(list(city.series.indicators))]
    found = [
        o
        for (series, period), same in rows.groupby(["series", "period"])
        if (o := _one(city, str(series), str(period), known_by(city, same, as_of), as_of))
    ]
    if not found and len(rows):
        raise InputError(
            Said(
                "{folder}/history.csv: no row of {series} for {city} is known by {quarter}; give --as-of a later"
                " quarter, or add rows.",
                folder=city.folder.name,
                series=", ".join(city.series.indicators),
                city=city.name,
                quarter=quarter.label(as_of),
            )
        )
    if found and all(o.bound != "none" for o in found):
        raise InputError(
            Said(
                "{folder}/history.csv: all {n} usable rows of {city} are bounds; a fit needs at least one exact or"
                " rounded count.",
                folder=city.folder.name,
                n=len(found),
                city=city.name,
            )
        )
    return found


def _one(city: City, series: str, period: str, known: pd.DataFrame, as_of: int) -> Observation | None:
    """Turn the rows of one period into one observation, or none if it is not yet known or not dated."""
    when, lists = quarter.period_end(period), city.series
    indicator = lists.indicators[series]
    if when is None or not city.start < when <= as_of or known.empty:
        return None
    if INDICATORS[indicator].kind == "flow" and "-" in period:
        return None  # a part of a year; the model's flows are compared year by year
    exact = known[~known.observation.isin(["lower_bound", "upper_bound"])]
    use = exact if len(exact) else known
    # A sorts before B and C; half an enterprise stands for a count of none, which has no log
    best = use[use.grade == use.grade.min()]
    value = float(np.exp(np.log(np.maximum(best.value.to_numpy(float), 0.5)).mean()))
    bound: Bound = "none" if len(exact) else "lower" if best.observation.iloc[0] == "lower_bound" else "upper"
    # sources that differ by more than they admit make the number less sure, none of them is dropped
    spread = float(np.log(np.maximum(use.value.to_numpy(float), 0.5)).std()) if len(use) > 1 else 0.0
    parts = [lists.errors.grade_error[best.grade.iloc[0]], spread, lists.roll_out_errors.get(indicator, 0.0)]
    parts += [lists.errors.inferred_year_error] if (best.dated == "inferred").all() else []
    return Observation(
        f"{indicator}@{quarter.label(when)}",
        indicator,
        when,
        value,
        float(np.hypot.reduce(parts)),
        str(best.url.iloc[0]),
        _half_unit(value) if (best.observation == "rounded").any() else 0.0,
        lists.offsets.get(indicator, 0.0),
        bound,
    )


def _half_unit(value: float) -> float:
    """Return half the unit of the last non-zero digit over the value: 16,000 may be anything from 15,500 on."""
    digits = f"{value:.0f}".rstrip("0")
    return float(0.5 * 10.0 ** (len(f"{value:.0f}") - len(digits)) / value)


def target(observations: list[Observation]) -> Target:
    """Return the observations on the summary scale, as what a run's summaries should come close to, each (k,)."""
    # one list for each indicator: all its numbers are off together by the same offset
    groups = sorted({o.indicator for o in observations})
    return Target(
        np.array([o.value if o.share else np.log1p(o.value) for o in observations]),
        np.array([o.error for o in observations]),
        np.array([o.half_unit for o in observations]),
        np.array([o.offset for o in observations]),
        np.array([groups.index(o.indicator) for o in observations]),
        np.array([o.bound == "lower" for o in observations]),
        np.array([o.bound == "upper" for o in observations]),
    )
