"""Which goals a new number can move, and what to run so that it does."""

from __future__ import annotations

from calibration.data.coverage import coverage_end
from calibration.fit.fit import BASE, Provenance
from peiyu.observations.draft import RecordRow
from sim import quarter
from sim.city.city import City
from sim.city.readings import GoalReading, every_reading
from sim.inputs.json_text import MAX_JSON
from sim.inputs.text import is_file, opened

_HNTE = ("future_hnte_new", "future_hnte_stock")
_CENTRES = ("future_tech_centres_new", "future_tech_centres_stock")
_LEADERS = ("future_unicorns", "future_revenue_leaders", "future_listed_leaders")
SPEAKS_OF = {
    "hnte_stock": _HNTE,
    "hnte_first": _HNTE,
    "hnte_certified": _HNTE,
    "future_hnte_new": _HNTE,
    "future_hnte_stock": _HNTE,
    "tech_centres_new": _CENTRES,
    "future_tech_centres_new": _CENTRES,
    "future_tech_centres_stock": _CENTRES,
    "unicorns": _LEADERS,
    "future_unicorns": _LEADERS,
    "future_listed": (*_HNTE, *_CENTRES, *_LEADERS, "key_results"),
    "scenes_released": ("scenes_completed",),
    "zones_designated": ("zones_built", "zone_districts"),
    "zones_provincial": ("zone_districts",),
}
"""What an indicator speaks of beside itself: the same label in the future tracks, or the next step of the same."""


def moved(city: City, row: RecordRow) -> list[GoalReading]:
    """Return the readings whose forecast depends on what a row says."""
    told = {*row.indicators, *(x for name in row.indicators[:1] for x in SPEAKS_OF.get(name, ()))}
    return [(goal, r) for goal, r in every_reading(city) if r.indicator in told]


def next_command(city: City, after: City, row: RecordRow) -> str:
    """Return the command that brings the number into the forecast: an update where the fit is older, else a new fit."""
    place = city.on_command_line
    fitted = _fitted_to(city)
    if fitted is None or row.quarter is None or row.quarter <= fitted:
        return f"peiyu calibrate --city {place}"
    return f"peiyu forecast --city {place} --as-of {quarter.label(max(row.quarter, coverage_end(after)))}"


def _fitted_to(city: City) -> int | None:
    """Return the origin of the city's fit, if there is one."""
    path = city.folder / f"{BASE}.json"
    return quarter.parse(Provenance.read(opened(path, MAX_JSON)).as_of) if is_file(path) else None
