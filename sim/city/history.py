"""Published numbers: a city's own history.csv, and the panel of all other regions that every city shares."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
import pandera.pandas as pa

import scenarios
from sim import quarter as quarters
from sim.city import regions
from sim.city.schema import ProfileFile
from sim.inputs.csv import read_table, refuse, refuse_duplicates, row_numbers
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import TextFile, opened, place

PANEL = scenarios.FOLDER / "common" / "history.csv"
"""What was published of provinces, of the country, and of cities whose own folders do not say it."""

_DATE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", re.ASCII)
_SPAN = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_DOCUMENT = re.compile(r"[\[〔(（]\s*(19|20)\d{2}\s*[\]〕)）].*号|\bNo\.\s*\d", re.ASCII)  # 沪府办发〔2023〕8号
_ADDRESS = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)+", re.IGNORECASE)
_MONTHS = 3  # in a quarter
ASSUMED = "assumption"
"""What the source of a number begins with that nobody has stated."""


class Overstated(NamedTuple):
    """A claim of a city's file that the claim's own row does not support, and as what it is read instead."""

    file: str
    row: int | str  # of a table, or the key of a reading
    claimed: str
    read: str


def text_column(blank: bool = True) -> pa.Column:
    """Declare a column of text."""
    return pa.Column(str, [] if blank else [pa.Check.str_length(min_value=1, error="some text, not a blank")])


def _one_of(*words: str) -> pa.Column:
    """Declare a column that holds one of a few words."""
    return pa.Column(str, pa.Check.isin(words, error=", ".join(word or "a blank" for word in words)))


def _is_period(text: str) -> bool:
    """Tell whether a history file may use this text as a period."""
    span = _SPAN.fullmatch(text)
    return quarters.period_end(text) is not None or (span is not None and span[1] < span[2])


_PERIOD = pa.Check(
    _is_period, element_wise=True, error="2024, 2024-11, 2024-11-30, 2024Q4, 2024-H2 or a span 2021-2026"
)
AS_OF = pa.Check(
    lambda text: bool(_DATE.fullmatch(text)), element_wise=True, error="YYYY-MM or YYYY-MM-DD, like 2025-03"
)

HISTORY = pa.DataFrameSchema(
    {
        "series": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z0-9_]{0,79}$", error="a name like hte_stock")),
        "region": pa.Column(
            str, pa.Check.str_matches(r"^[a-z0-9_]{1,80}(/[a-z0-9_]{1,80})?$", error="a name like mycity/mydistrict")
        ),
        "period": pa.Column(str, _PERIOD),
        "value": pa.Column(float),
        "unit": text_column(blank=False),
        "kind": _one_of("stock", "flow", "rate", "share"),
        "source_title": text_column(blank=False),
        "publisher": text_column(),
        "url": text_column(),
        "quote": text_column(),
        "grade": _one_of("A", "B", "C"),
        "note": text_column(),
        "observation": _one_of("exact", "rounded", "lower_bound", "upper_bound"),
        "dated": _one_of("stated", "inferred"),
        "as_of": pa.Column(str, AS_OF),
    },
    strict=True,
)
"""Columns of history.csv: one row per published number and source; conflicts keep both rows."""


@cache
def panel_file() -> TextFile:
    """Read the panel's file, once."""
    return opened(PANEL)


@cache
def _panel() -> pd.DataFrame:
    return read_history(panel_file())


def published(own: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return a city's own history with what the panel says of other regions, rows numbered anew."""
    shared = _panel()
    return pd.concat([own, shared[shared.region.str.partition("/")[0] != region]], ignore_index=True)


def read_history(path: TextFile) -> pd.DataFrame:
    """Read history.csv: no negative counts, no repeated rows, nothing known before its period began."""
    table = read_table(path, HISTORY)
    refuse_duplicates(table, list(HISTORY.columns), path)
    for i, row in enumerate(records(table)):
        what = Said(
            "{series} of {region} in {period}", series=row["series"], region=row["region"], period=row["period"]
        )
        if row["value"] < 0 and row["kind"] != "rate" and "net" not in row["series"]:
            said = Said("value of {what} is {found}; a count is 0 or more.", what=what, found=row["value"])
            raise refuse(path, i, said)
        announced = row["series"].endswith(("_target", "_expected"))
        if not announced and quarter_of(row["as_of"]) < _first_quarter(row["period"]):
            said = Said("as_of of {what} is {found}, before the period began.", what=what, found=row["as_of"])
            raise refuse(path, i, said)
    return table


def supported(path: TextFile) -> tuple[pd.DataFrame, tuple[Overstated, ...]]:
    """Read history.csv with the best grade that each row supports, and return too which of them claim a better one.

    Grade A is the city's own word, so it needs what a reader can look up: an address or a document number, beside the
    date that every row has. Grade B needs a source that is more than an assumption.
    """
    table = read_history(path)
    grades = [_supported(row) for row in records(table)]
    claims = zip(row_numbers(path), table.grade, grades, strict=True)
    told = tuple(Overstated(path.path.name, row, said, read) for row, said, read in claims if said != read)
    return table.assign(grade=grades), told


def _supported(row: dict[str, Any]) -> str:
    """Return the best grade up to the claimed one that a row supports; A sorts before B and C."""
    if row["source_title"].startswith(ASSUMED):
        return "C"
    looked_up = _ADDRESS.match(row["url"]) or _DOCUMENT.search(row["source_title"])
    return str(row["grade"]) if looked_up else max(row["grade"], "B")


def counted(own: pd.DataFrame, region: str, series: dict[str, str]) -> frozenset[str]:
    """Return the indicators of which a city has a count of its own that is no bound."""
    rows = own[(own.region == region) & own.observation.isin(["exact", "rounded"])]
    return frozenset(series[name] for name in rows.series if name in series)


def refuse_lost(path: TextFile, table: pd.DataFrame, profile: ProfileFile, region: str) -> None:
    """Refuse a history without a row of the city that seems to name it otherwise: all would be dropped without a word.

    It names it otherwise where a region has the city's English name or its districts, is in no tree of regions, or
    holds most of the rows.
    """
    if table.empty or (table.region == region).any():
        return
    counts = table.region.str.partition("/")[0].value_counts()
    counts = counts.drop([regions.nation(), region, str(profile.province)], errors="ignore")
    inside = {name.partition("/")[0] for name in table.region if name.partition("/")[2] in _districts_of(profile)}
    named = [name for name in counts.index if name == profile.title.en.lower().replace(" ", "_")]
    unknown = [name for name in counts.index if not regions.known(name)]
    most = [name for name in counts.index[:1] if 2 * counts[name] > len(table)]
    for other in [*named, *(name for name in counts.index if name in inside), *most, *unknown][:1]:
        raise InputError(
            Said(
                '{place}: no row is of "{region}", but {count} are of "{other}"; if that is this city, write'
                ' region = "{other}" at the top of profile.toml, else give its rows "{region}".',
                place=place(path),
                region=region,
                count=counts[other],
                other=quoted(other),
            )
        )


def _districts_of(profile: ProfileFile) -> set[str]:
    """Return the keys of the districts."""
    return {district.key for district in profile.district}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain dictionaries."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


def quarter_of(date: str) -> int:
    """Return the quarter of YYYY-MM or YYYY-MM-DD."""
    return 4 * int(date[:4]) + (int(date[5:7]) - 1) // _MONTHS


def _first_quarter(period: str) -> int:
    """Return the quarter in which a period begins."""
    end = quarters.period_end(period)
    if end is None or len(period) == len("2024"):
        return 4 * int(period[:4])
    return end - 1 if "H" in period else end
