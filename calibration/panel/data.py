"""History files as a panel: what was published of each region, and what of it was known at an origin."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from calibration.panel.assumptions import assumptions
from sim import quarter
from sim.city.files import CITIES, shipped_cities
from sim.city.history import HISTORY, PANEL
from sim.inputs.csv import header_of, read_table, refuse, refuse_duplicates
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import TextFile, opened, place

FILE = "history.csv"
FLOW = "hte_proposed_flow"
CERTIFIED = "hte_certified_flow"
STOCK = "hte_stock"
FLOWS = (FLOW, CERTIFIED)
"""Yearly flows that are scored; the other scored series are stocks."""
MIN_POINTS = {"flow": 3, "stock": 2}
"""Earlier points a series needs at an origin: two growth rates of a flow, two levels of a stock."""
HORIZONS = (1, 2, 3)
DECEMBER = 12

Bound = Literal["none", "lower", "upper"]
_NOT_DATA = ("_target", "_expected")
_LINK_DATE = re.compile(r"(?<!\d)(20[0-2]\d)[-/_]?(0[1-9]|1[0-2])(?:[-/_]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
_MISSPELT, _MAX_LENGTH_DIFFERENCE = 0.85, 2
"""A name this like a known one, and at most two letters longer or shorter, is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Row:
    """One published number."""

    series: str
    region: str
    kind: str  # flow or stock
    year: int
    month: int  # 12 for a year's number
    value: float
    bound: Bound
    error: float  # sd of the log that grade, rounding and dating leave
    grade: str
    known: int  # month since year 0 in which it could be read

    @property
    def time(self) -> float:
        """Return years, whole at the end of a year."""
        return self.year + (self.month - 12) / 12.0


@dataclass(frozen=True, slots=True)
class Point:
    """What the rows of one region, series and date come to."""

    series: str
    region: str
    kind: str
    year: int
    month: int
    log: float
    error: float
    bound: Bound

    @property
    def time(self) -> float:
        """Return years, whole at the end of a year."""
        return self.year + (self.month - 12) / 12.0


@dataclass(frozen=True, slots=True)
class PanelFiles:
    """Files that make one panel; of the region `own` the first alone speaks."""

    paths: tuple[Path, ...]
    own: str | None = None

    @classmethod
    def of_all(cls) -> PanelFiles:
        """Return the panel that all cities share, with the files of cities that speak there."""
        return cls((PANEL, *(CITIES / name / FILE for name in assumptions().own_files)))

    @classmethod
    def of_city(cls, folder: Path, region: str) -> PanelFiles:
        """Return a city's own file, then the panel that all cities share."""
        others = [path for path in cls.of_all().paths if path != CITIES / region / FILE]
        return cls((folder / FILE, *others), region)

    def speaks(self, path: Path, region: str) -> bool:
        """Tell whether a file's rows of a region count."""
        return path == self.paths[0] or region.partition("/")[0] != self.own

    def records(self) -> Iterator[tuple[TextFile, int, dict[str, Any]]]:
        """Yield every row that counts, of checked tables with or without the column `as_of`, with where it stands."""
        for path in self.paths:
            file = opened(path)
            dated = "as_of" in header_of(file)
            table = read_table(file, HISTORY if dated else HISTORY.remove_columns(["as_of"]))
            refuse_duplicates(table, list(table.columns), file)
            for i, cells in enumerate(table.to_dict("records")):
                record = {str(name): cell for name, cell in cells.items()}
                if self.speaks(path, str(record["region"])):
                    yield file, i, record


def read_rows(files: PanelFiles) -> list[Row]:
    """Read a panel and keep what a forecast may use.

    Raises
    ------
    InputError
        For what cannot be read, negative counts, repeated rows, and series that nobody knows.
    """
    known = {path: _vocabulary(path) for path in files.paths}
    rows: list[Row] = []
    for file, i, record in files.records():
        _check(record, i, file, known[file.path])
        row = _row(record)
        if row is not None:
            rows.append(row)
    if not rows:
        raise InputError(
            Said(
                "{file}: holds no row that can be forecast. Needed: a yearly flow ({flows}) or a stock such as {stock},"
                " with a positive value.",
                file=place(files.paths[0]),
                flows=", ".join(FLOWS),
                stock=STOCK,
            )
        )
    return rows


def _vocabulary(path: Path) -> frozenset[str]:
    """Return the names of series of the panel and the shipped cities, against which slips of the pen are found."""
    shipped = [PANEL, *(CITIES / name / FILE for name in shipped_cities())]
    return frozenset() if path.resolve() in [x.resolve() for x in shipped] else _shipped_names(*shipped)


@cache
def _shipped_names(*shipped: Path) -> frozenset[str]:
    return frozenset(str(name) for x in shipped for name in read_table(x, HISTORY).series)


def _check(record: dict[str, Any], i: int, path: TextFile, known: frozenset[str]) -> None:
    """Refuse a negative count, a number known before its period, and a name that is nearly a known one."""
    series, region, period = record["series"], record["region"], record["period"]
    what = Said("{series} of {region} in {period}", series=series, region=region, period=period)
    if record["value"] < 0 and record["kind"] != "rate" and "net" not in record["series"]:
        value = f"{record['value']:g}"
        raise refuse(path, i, Said("value of {what} is {found}; a count is 0 or more.", what=what, found=value))
    announced = record["series"].endswith(_NOT_DATA)
    if not announced and record.get("as_of", "9999") < record["period"][:4]:
        early = Said("as_of of {what} is {found}, before the period began.", what=what, found=record["as_of"])
        raise refuse(path, i, early)
    base = record["series"].removesuffix("_target").removesuffix("_expected")
    if known and not announced and base not in known and record["kind"] in MIN_POINTS:
        _refuse_misspelt(record, i, path, known)


def _refuse_misspelt(record: dict[str, Any], i: int, path: TextFile, known: frozenset[str]) -> None:
    """Refuse a name a slip away from a known one; any other stock can be forecast, any other flow is left out."""
    name = record["series"]
    closest = _near(name, known)
    if closest and abs(len(closest[0]) - len(name)) <= _MAX_LENGTH_DIFFERENCE:
        misspelt = Said(
            'unknown series "{name}". Did you mean "{near}"? Known: {flows}, {stock}, little_giant_stock, tech_sme_nat'
            " and the other names of the shipped history.",
            name=quoted(name),
            near=closest[0],
            flows=", ".join(FLOWS),
            stock=STOCK,
        )
        raise refuse(path, i, misspelt)


@lru_cache(maxsize=10_000)
def _near(name: str, known: frozenset[str]) -> list[str]:
    """Return the known name that is most like one, if any is."""
    return difflib.get_close_matches(name, sorted(known), n=1, cutoff=_MISSPELT)


def _row(record: dict[str, Any]) -> Row | None:
    """Turn one record into a row, or None for what is no dated count of a scored series."""
    series, kind = str(record["series"]), str(record["kind"])
    scored = series in FLOWS or (kind == "stock" and not series.endswith(_NOT_DATA))
    when = year_month(str(record["period"]))
    if not scored or when is None or record["value"] <= 0 or (series in FLOWS and len(record["period"]) > len("2024")):
        return None
    bound: Bound = {"lower_bound": "lower", "upper_bound": "upper"}.get(record["observation"], "none")  # type: ignore[assignment]
    errors = assumptions().printed
    parts = [errors.grade_error[record["grade"]] if kind == "stock" else errors.flow_error]
    parts += [_rounding(record["value"])] if record["observation"] == "rounded" else []
    parts += [errors.inferred_error] if record["dated"] == "inferred" else []
    return Row(
        series, str(record["region"]), "flow" if series in FLOWS else "stock", *when, float(record["value"]), bound,
        float(np.hypot.reduce(parts)), str(record["grade"]), months_of(record.get("as_of") or assumed_as_of(record)),
    )  # fmt: skip


def year_month(period: str) -> tuple[int, int] | None:
    """Return the year and month in which a period ends; None for a span."""
    end = quarter.period_end(period)
    if end is None:
        return None
    # "2024Q4" has a digit where "2024-04" has its month
    month = period[5:7] if period[4:5] == "-" else ""
    return end // 4, int(month) if month.isdigit() else 3 * (end % 4 + 1)


def _rounding(value: float) -> float:
    """Return the sd of the log that rounding to the last non-zero digit leaves: unit / sqrt(12) / value."""
    whole = f"{value:.0f}"
    unit = 10.0 ** (len(whole) - len(whole.rstrip("0")))
    return float(unit / np.sqrt(12.0) / value)


def months_of(date: str) -> int:
    """Turn YYYY-MM into months since year 0."""
    return 12 * int(date[:4]) + int(date[5:7]) - 1


def assumed_as_of(record: dict[str, Any]) -> str:
    """Return when a number without `as_of` could be known, as the shipped city's SOURCES.md assumes it.

    The date in the address or title, if it is not before the period's end; else some months after a year's end,
    and some after any other period, as `panel.toml` says.
    """
    when = year_month(str(record["period"])) or (int(str(record["period"])[:4]), 12)
    end = 12 * when[0] + when[1] - 1
    for text in (str(record["url"]), str(record["source_title"])):
        dates = [12 * int(y) + int(m) - 1 for y, m in _LINK_DATE.findall(text)]
        # a date before the end of the period cannot be when its number was published
        later = [d for d in dates if d >= end]
        if later:
            return f"{later[0] // 12:04d}-{later[0] % 12 + 1:02d}"
    usual = assumptions().publication
    date = end + (usual.months_after_year if when[1] == DECEMBER else usual.months_after_other)
    return f"{date // 12:04d}-{date % 12 + 1:02d}"


def known_points(rows: Iterable[Row], cutoff: int, last: float = 9999.0) -> list[Point]:
    """Return what was known by a month, of dates up to `last`, rows of one date reconciled.

    Of several rows for one date exact ones count before bounds and the best grade before others; what they
    differ by widens the error, and none is dropped as wrong.
    """
    by_date: dict[tuple[str, str, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row.known <= cutoff and row.time <= last:
            by_date[row.series, row.region, row.year, row.month].append(row)
    return [_reconciled(by_date[key]) for key in sorted(by_date)]


def _reconciled(rows: list[Row]) -> Point:
    """Turn rows of one date into one point."""
    exact = [row for row in rows if row.bound == "none"]
    use = exact or rows
    best = [row for row in use if row.grade == min(row.grade for row in use)]
    logs = np.log([row.value for row in use])
    log = float(np.log([row.value for row in best]).mean())
    bound: Bound = best[0].bound
    if bound == "lower":
        log = float(logs.max())
    # bounds need not agree: a higher one does not make a lower one less sure
    error = float(np.hypot(min(row.error for row in best), logs.std() if exact else 0.0))
    first = rows[0]
    return Point(first.series, first.region, first.kind, first.year, first.month, log, error, bound)


def at_origin(rows: Iterable[Row], origin: int) -> list[Point]:
    """Return what an origin, a year, knows: dates up to its end, published by a month of the year after."""
    return known_points(rows, 12 * (origin + 1) + assumptions().publication.known_by_month - 1, float(origin))


def targets(rows: Iterable[Row]) -> list[Point]:
    """Return what is scored: every reconciled number that is not a bound, with all that is known today."""
    return [point for point in known_points(rows, 10**9) if point.bound == "none"]


@dataclass(frozen=True, slots=True)
class Course:
    """A region's own series as the comparators see it: strictly increasing times and logs, at least one."""

    times: tuple[float, ...]
    logs: tuple[float, ...]


def courses(points: Iterable[Point]) -> dict[str, dict[str, Course]]:
    """Return series -> region -> path; a lower bound counts as a value where it exceeds all before it."""
    grouped: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        grouped[point.series, point.region].append(point)
    out: dict[str, dict[str, Course]] = defaultdict(dict)
    for (series, region), mine in sorted(grouped.items()):
        times: list[float] = []
        logs: list[float] = []
        for point in sorted(mine, key=lambda p: p.time):
            # a bound below what is known already tells nothing new
            news = point.bound == "lower" and point.log > max(logs, default=-np.inf)
            if point.bound == "none" or news:
                times.append(point.time)
                logs.append(point.log)
        if times:
            out[series][region] = Course(tuple(times), tuple(logs))
    return dict(out)


def pairs(rows: list[Row], origins: list[int] | None = None) -> list[tuple[int, Point]]:
    """Return every (origin, scored point): one to three years ahead, enough of the series known by then."""
    scored = targets(rows)
    years = sorted({point.year - h for point in scored for h in HORIZONS})
    out = []
    for origin in [year for year in years if origins is None or year in origins]:
        own = courses(at_origin(rows, origin))
        for point in scored:
            path = own.get(point.series, {}).get(point.region)
            enough = path is not None and len(path.times) >= MIN_POINTS[point.kind]
            if point.year - origin in HORIZONS and enough:
                out.append((origin, point))
    return out


def latest_year(rows: Iterable[Row]) -> int:
    """Return the year of the newest number."""
    return max(row.year for row in rows)
