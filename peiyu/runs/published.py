"""What was last published of what a goal counts: of the tracks themselves, or of the same thing in the whole city."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.data.observations import known_by
from sim import quarter
from sim.city.city import City

CITY_WIDE = {
    "future_enterprises": "enterprises", "future_hnte_new": "hnte_first", "future_hnte_stock": "hnte_stock",
    "future_tech_centres_new": "tech_centres_new", "future_tech_centres_stock": "tech_centres_stock",
    "future_unicorns": "unicorns",
}  # fmt: skip
"""The number of the whole city beside that of the tracks."""
CITY, TRACKS = "city", "tracks"
KINDS = ("exact", "rounded")
"""Numbers, not bounds."""


@dataclass(frozen=True, slots=True)
class Published:
    """A published number: what it counts, of which period, and where it stands."""

    value: float
    scope: str  # CITY or TRACKS
    period: str
    title: str
    publisher: str


def last_published(city: City, indicator: str, as_of: int) -> Published | None:
    """Return the newest number of an indicator that was known at the origin, or of its like in the whole city."""
    for name in (indicator, CITY_WIDE.get(indicator, indicator)):
        series = [s for s, speaks_of in city.series.indicators.items() if speaks_of == name]
        rows = city.history[(city.history.region == city.region) & city.history.series.isin(series)]
        rows = known_by(city, rows[rows.observation.isin(KINDS)], as_of)
        ends = [(quarter.period_end(str(p)), i) for i, p in zip(rows.index, rows.period, strict=True)]
        found = [(end, i) for end, i in ends if end is not None and end <= as_of]
        if found:
            newest = rows.loc[[i for end, i in found if end == max(found)[0]]].sort_values(["grade", "as_of"]).iloc[0]
            where = str(newest.source_title), str(newest.publisher)
            scope = TRACKS if name.startswith("future_") else CITY
            return Published(float(newest.value), scope, str(newest.period), *where)
    return None


def publication_month(city: City, indicator: str, period: int) -> tuple[int, int] | None:
    """Return year and month in which the number of a quarter is usually out, by how late earlier ones were.

    Numbers without a month of publication, or without a dated period, do not count; none is known without any.
    """
    names = {indicator, CITY_WIDE.get(indicator)}
    series = [s for s, speaks_of in city.series.indicators.items() if speaks_of in names]
    rows = city.history[(city.history.region == city.region) & city.history.series.isin(series)]
    ends = [(quarter.period_end(str(p)), str(d)) for p, d in zip(rows.period, rows.as_of, strict=True)]
    late = [_months(d) - 3 * (end + 1) for end, d in ends if end is not None and len(d) >= len("2024-06")]
    late = sorted(x for x in late if x >= 0)
    if not late:
        return None
    at = 3 * (period + 1) + late[(len(late) - 1) // 2]
    return at // 12, at % 12 + 1


def next_publication(city: City, indicator: str, as_of: int) -> tuple[int, tuple[int, int]] | None:
    """Return the year's end whose number comes out next after the origin, and when it usually does."""
    last = as_of - (as_of + 1) % 4
    for year_end in (last, last + 4):
        at = publication_month(city, indicator, year_end)
        if at is not None and 12 * at[0] + at[1] - 1 >= 3 * (as_of + 1):
            return year_end, at
    return None


def _months(date: str) -> int:
    """Count the months up to one that a date names."""
    return 12 * int(date[:4]) + int(date[5:7]) - 1
