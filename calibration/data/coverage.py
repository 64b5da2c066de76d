"""Up to when the data of a city speak: the last quarter of which anything is known."""

from __future__ import annotations

from sim import quarter
from sim.city.city import City


def coverage_end(city: City) -> int:
    """Return the last quarter that the city's data cover: its own dated counts, and events whose record is known.

    Silence after it is not evidence of nothing, so a forecast begins there. Without data it is the city's opening.
    """
    rows = city.history[city.history.region == city.region]
    rows = rows[rows.series.isin(list(city.series.indicators))]
    ends = [quarter.period_end(str(period)) for period in rows.period]
    known = [end for end in ends if end is not None]
    return max([city.start, *known, *(x.to for x in city.series.covered if x.to is not None)])
