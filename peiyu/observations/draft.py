"""What a planner says was published, turned into a row of history.csv or events.csv, or refused in one sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sim import quarter
from sim.city.city import City
from sim.city.events import COUNT_OF, KINDS, read_by
from sim.city.history import published
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.state.indicators import INDICATORS

ANNOUNCED = ("_target", "_expected")
"""Endings of series that speak of the future; they are never observations."""
_YEAR = 4  # letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who says so, since when, and how far to trust it."""

    title: str
    url: str = ""
    quote: str = ""
    as_of: str = ""  # when it was published; today where it is not said
    note: str = ""
    grade: str = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """A published count of a series."""

    series: str
    region: str
    period: str
    value: float
    observation: str = "exact"
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """So many events of a kind in a quarter, and up to when the record of the kind is known."""

    kind: str
    quarter: str
    count: int
    district: str = ""
    track: str = ""
    covered_to: str = ""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A row to be added to a file of the city, and what it speaks of."""

    file: str
    cells: dict[str, str]
    indicators: tuple[str, ...]  # it is a number of the first; none where the model reads none
    quarter: int | None  # it speaks of; None for a span of years


def number_row(city: City, x: NewNumber, source: Source, today: date) -> RecordRow:
    """Return the row of a published number. Raises `InputError` for what cannot be one."""
    _refuse_series(city, x.series)
    _refuse_region(city, x.region)
    end = quarter.period_end(x.period)
    if end is not None and not x.series.endswith(ANNOUNCED):
        _refuse_later(f"--period {x.period}", x.period, end, today)
    history = published(city.history, city.region)
    rows = history[history.series == x.series]
    indicator = indicator_of(city, x.series)
    cells = {
        "series": x.series,
        "region": x.region,
        "period": x.period,
        "value": str(x.value),
        "unit": x.unit or _usual(rows.unit.tolist()) or ("firms" if _counts_firms(indicator) else "units"),
        "kind": _usual(rows.kind.tolist()) or (INDICATORS[indicator].kind if indicator else "stock"),
        "observation": x.observation,
        "dated": "stated",
        "grade": source.grade,
    }
    found = (indicator,) if indicator else ()
    return RecordRow("history.csv", cells | _sourced(source, today, "source_title"), found, end)


def event_row(city: City, x: NewEvent, source: Source, today: date) -> RecordRow:
    """Return the row of dated events. Raises `InputError` for what cannot be one."""
    if x.kind not in KINDS:
        raise InputError(
            Said(
                "--event {kind}: unknown kind of event.{near} Known: {known}.",
                kind=x.kind,
                near=meant(x.kind, KINDS),
                known=", ".join(KINDS),
            )
        )
    when = quarter.parse_named("--quarter", x.quarter)
    if when > quarter_of(today):
        raise InputError(
            Said(
                "--quarter {quarter}: is after today, {today}; write what has happened.", quarter=x.quarter, today=today
            )
        )
    if x.count < 0:
        raise InputError(Said("--count {count}: a count is 0 or more.", count=x.count))
    if x.kind in COUNT_OF and not x.covered_to and not is_covered(city, x.kind, when):
        raise InputError(_uncovered(x, last_covered(city, x.kind)))
    if x.covered_to:
        _refuse_coverage(x, when, today)
    cells = {"quarter": x.quarter, "kind": x.kind, "count": str(x.count), "district": x.district, "track": x.track}
    return RecordRow("events.csv", cells | _sourced(source, today, "source"), read_by(x.kind), when)


def _uncovered(x: NewEvent, last: int | None) -> Said:
    """Say that nobody knows whether an event is the only one of its kind and quarter."""
    if last is None:
        return Said(
            "--event {kind}: its record has no date up to which it is known, and {quarter} is not covered; add"
            " --covered-to {quarter} if you know of all of them up to then.",
            kind=x.kind,
            quarter=x.quarter,
        )
    return Said(
        "--event {kind}: its record is known up to {last} only, and {quarter} is not covered; add --covered-to"
        " {quarter} if you know of all of them up to then.",
        kind=x.kind,
        last=quarter.label(last),
        quarter=x.quarter,
    )


def is_covered(city: City, kind: str, when: int) -> bool:
    """Tell whether the record of a kind of event is known in a quarter."""
    return any(x.since <= when <= x.to for x in city.series.covered if x.event == kind and x.to is not None)


def last_covered(city: City, kind: str) -> int | None:
    """Return the last quarter in which the record of a kind is known, if there is one."""
    return max((x.to for x in city.series.covered if x.event == kind and x.to is not None), default=None)


def indicator_of(city: City, series: str) -> str | None:
    """Return the indicator that a series speaks of, or none where the model reads none."""
    shares = {name: indicator for name, (_, indicator) in city.series.shares.items()}
    return (city.series.indicators | shares).get(series)


def quarter_of(day: date) -> int:
    """Return the quarter of a day."""
    return 4 * day.year + (day.month - 1) // 3


def _refuse_series(city: City, series: str) -> None:
    read = [*city.series.indicators, *city.series.shares]
    there = published(city.history, city.region).series.unique()
    if series not in {*read, *there}:
        raise InputError(
            Said(
                "--series {series}: unknown series.{near} The model reads {read}.",
                series=series,
                near=meant(series, [*read, *there]),
                read=", ".join(read),
            )
        )


def _refuse_region(city: City, region: str) -> None:
    districts = [f"{city.region}/{d.key}" for d in city.districts]
    known = {city.region, *districts, *published(city.history, city.region).region}
    known |= {city.province} if city.province else set()
    if region not in known:
        raise InputError(
            Said(
                "--region {region}: unknown region.{near} The city is {city}, a district {district}.",
                region=region,
                near=meant(region, sorted(known)),
                city=city.region,
                district=districts[0],
            )
        )


def _refuse_coverage(x: NewEvent, when: int, today: date) -> None:
    to = quarter.parse_named("--covered-to", x.covered_to)
    if x.kind not in COUNT_OF:
        none = Said("--covered-to {to}: {kind} needs no coverage; leave it out.", to=x.covered_to, kind=x.kind)
        raise InputError(none)
    if to < when:
        raise InputError(
            Said("--covered-to {to}: is before the event of {quarter}.", to=x.covered_to, quarter=x.quarter)
        )
    if to > quarter_of(today):
        raise InputError(
            Said("--covered-to {to}: is after today, {today}; nobody knows yet.", to=x.covered_to, today=today)
        )


def _refuse_later(what: str, period: str, end: int, today: date) -> None:
    try:
        last = _last_day(period, end)
    except ValueError:
        none = Said("{what}: there is no such day; write one of the calendar, as 2025-11-30.", what=what)
        raise InputError(none) from None
    if last > today:
        raise InputError(
            Said(
                "{what}: ends after today, {today}; write what is over, or the day up to which it counts.",
                what=what,
                today=today,
            )
        )


def _last_day(period: str, end: int) -> date:
    """Return a day by which a period is over: a date itself, else the first of its month or of its last month.

    Raises `ValueError` for a date that is not in the calendar.
    """
    year, _, rest = period.partition("-")
    month, _, day = rest.partition("-")
    if month.isdigit():  # a number may speak of the month that it was published in
        return date(int(year), int(month), int(day or 1))
    return date(end // 4, 3 * (end % 4) + 3, 1)


def _sourced(source: Source, today: date, title: str) -> dict[str, str]:
    """Return the cells that say who says so."""
    if not source.title.strip():
        raise InputError(Said("--source: is empty; say where a reader can check it."))
    as_of = source.as_of or f"{today:%Y-%m-%d}"
    end = quarter.period_end(as_of)
    if end is None or len(as_of) == _YEAR:
        raise InputError(Said("--published {as_of}: write the day or month of publication, as 2026-03.", as_of=as_of))
    _refuse_later(f"--published {as_of}", as_of, end, today)
    return {title: source.title, "url": source.url, "quote": source.quote, "as_of": as_of, "note": source.note}


def _usual(words: list[str]) -> str:
    return Counter(words).most_common(1)[0][0] if words else ""


def _counts_firms(indicator: str | None) -> bool:
    return indicator is not None and INDICATORS[indicator].unit == "家"
