"""The city's known enterprises (已知企业): its giants by name, with the figures that they have published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import pandera.pandas as pa

from sim import quarter as quarters
from sim.city.history import records, text_column
from sim.inputs.csv import read_table, refuse, refuse_duplicates
from sim.inputs.errors import unknown
from sim.inputs.said import Said
from sim.inputs.shown import quoted

if TYPE_CHECKING:
    from sim.city.schema import ProfileFile
    from sim.inputs.text import TextFile

KNOWN = "known.csv"
"""A city's known enterprises, if its folder has such a file: one row an enterprise and year."""
FIXED = ("zh", "en", "district", "track", "founded", "listed")
"""Columns that are the same in every row of an enterprise."""
_YI = 10_000.0  # 万元 in an 亿元, the unit of annual reports


def _year(*, blank: bool = False) -> pa.Column:
    years = pa.Check.in_range(quarters.FIRST, quarters.LAST, error=f"a year from {quarters.FIRST} to {quarters.LAST}")
    whole = pa.Check(lambda year: year == int(year), element_wise=True, error="a whole year, or a blank")
    return pa.Column(float if blank else int, [whole, years], nullable=blank)


KNOWN_COLUMNS = pa.DataFrameSchema(
    {
        "key": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z0-9_]{0,39}$", error="a name like hikvision")),
        "zh": text_column(blank=False),
        "en": text_column(blank=False),
        "district": text_column(blank=False),
        "track": text_column(blank=False),
        "founded": _year(),
        "listed": _year(blank=True),
        "year": _year(),
        "revenue": pa.Column(float, pa.Check.gt(0, error="more than 0, in 亿元")),
        "employees": pa.Column(float, pa.Check.ge(1, error="1 or more, or a blank"), nullable=True),
        "rd_share": pa.Column(float, pa.Check.in_range(0, 1, error="a share from 0 to 1, or a blank"), nullable=True),
        "grade": pa.Column(str, pa.Check.isin(["A", "B", "C"], error="A, B, C")),
        "source": text_column(blank=False),
        "url": text_column(),
        "note": text_column(),
    },
    strict=True,
)
"""Columns of known.csv. Revenue is in 亿元 at current prices; what is not published is blank."""


class Figures(NamedTuple):
    """What an enterprise has published for a year; None where it has not."""

    year: int
    revenue: float  # 万元
    employees: float | None
    rd_share: float | None  # R&D as a share of revenue


@dataclass(frozen=True, slots=True)
class KnownEnterprise:
    """An enterprise that is known by name.

    Attributes
    ----------
    key, zh, en
        Its name.
    district, track
        Positions in the city's lists.
    founded, listed
        Years; None where it is not listed.
    figures
        What it has published, by year.
    """

    key: str
    zh: str
    en: str
    district: int
    track: int
    founded: int
    listed: int | None
    figures: tuple[Figures, ...]


def last_closed_year(quarter: int) -> int:
    """Return the last calendar year that is over at the end of a quarter."""
    return (quarter + 1) // 4 - 1


def read_known(path: TextFile, profile: ProfileFile) -> tuple[KnownEnterprise, ...]:
    """Read known.csv; every enterprise must have been there, with figures, when the city opens."""
    table = read_table(path, KNOWN_COLUMNS)
    refuse_duplicates(table, ["key", "year"], path)
    rows = records(table)
    first: dict[str, dict[str, Any]] = {}
    for i, row in enumerate(rows):
        complaint = misplaced_in(profile, row) or _dates(row) or _other_than(first.setdefault(row["key"], row), row)
        if complaint:
            raise refuse(path, i, complaint)
    for i, row in enumerate(rows):
        if row is first[row["key"]] and (complaint := _opening(row, rows, profile.start)):
            raise refuse(path, i, complaint)
    together = sorted(rows, key=lambda row: (row["key"], row["year"]))
    return tuple(_enterprise(list(own), profile) for _, own in groupby(together, key=lambda row: row["key"]))


def misplaced_in(profile: ProfileFile, row: Mapping[str, Any]) -> Said | None:
    """Say what is wrong with the district or the track of a row, where it has one."""
    districts, tracks = [d.key for d in profile.district], [t.key for t in profile.track]
    if row.get("district", districts[0]) not in districts:
        return unknown(Said("district"), row["district"], districts)
    if row.get("track", tracks[0]) not in tracks:
        return unknown(Said("track"), row["track"], tracks)
    return None


def _dates(row: dict[str, Any]) -> Said | None:
    """Say what is wrong with the years of a row."""
    for what in ("year", "listed"):
        if row[what] < row["founded"]:  # a blank is not smaller
            return Said(
                "{what} of {key} is {year}, before it was founded in {founded}.",
                what=what,
                key=row["key"],
                year=int(row[what]),
                founded=row["founded"],
            )
    return None


def _other_than(first: dict[str, Any], row: dict[str, Any]) -> Said | None:
    """Say which fixed column of a row contradicts the enterprise's first row."""
    for name in FIXED:
        said, before = (_blank_or(x[name]) for x in (row, first))
        if said != before:
            told = [Said("blank") if x is None else quoted(x) for x in (said, before)]
            return Said(
                "{what} of {key} is {here}, but {first} in its first row; it has one only.",
                what=name,
                key=row["key"],
                here=told[0],
                first=told[1],
            )
    return None


def _opening(first: dict[str, Any], rows: list[dict[str, Any]], start: int) -> Said | None:
    """Say why an enterprise cannot be there when the city opens."""
    closed, opening = last_closed_year(start), quarters.label(start)
    if first["founded"] > closed:
        return Said(
            "{key} was founded in {founded}, after the opening {opening}; only enterprises that were there by then can"
            " be known ones so far: delete its rows.",
            key=first["key"],
            founded=first["founded"],
            opening=opening,
        )
    if min(row["year"] for row in rows if row["key"] == first["key"]) > closed:
        return Said(
            "{key} has no row for {year} or before; the city opens in {opening} and needs its size then.",
            key=first["key"],
            year=closed,
            opening=opening,
        )
    return None


def _blank_or(cell: Any) -> Any:
    """Return a cell, or None for a blank: a blank number equals nothing, not even another."""
    return None if cell in {"", None} or cell != cell else cell  # noqa: PLR0124  the test for not-a-number


def _enterprise(rows: list[dict[str, Any]], profile: ProfileFile) -> KnownEnterprise:
    """Turn the rows of an enterprise, by year, into what the model asks for."""
    one = rows[0]
    districts, tracks = [d.key for d in profile.district], [t.key for t in profile.track]
    year = _blank_or(one["listed"])
    return KnownEnterprise(
        key=one["key"],
        zh=one["zh"],
        en=one["en"],
        district=districts.index(one["district"]),
        track=tracks.index(one["track"]),
        founded=int(one["founded"]),
        listed=None if year is None else int(year),
        figures=tuple(_figures(row) for row in rows),
    )


def _figures(row: dict[str, Any]) -> Figures:
    return Figures(int(row["year"]), row["revenue"] * _YI, _blank_or(row["employees"]), _blank_or(row["rd_share"]))
