"""Which forecasts a review compares: those named, or of one scenario the earliest, the last before now, and now's.

One run named alone is the forecast of now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.table import Floats
from calibration.data.observations import usual_origin
from peiyu.screen.next import USUAL_OUT, next_command
from sim import quarter
from sim.city.city import City, load_city
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.state.indicators import NAMES
from sim.store.reader import Row
from sim.store.results import StoredResults


@dataclass(frozen=True)
class PastForecast:
    """A finished run as a review needs it: what it stated, and its members."""

    run: Row
    members: int
    rows: dict[tuple[str, str], Row]  # by goal and reading
    values: Floats  # (members, quarters, indicators)

    @property
    def id(self) -> str:
        """The run id."""
        return str(self.run["run_id"])

    @property
    def as_of(self) -> int:
        """The origin."""
        return quarter.parse(self.run["as_of"])

    @property
    def first(self) -> int:
        """The quarter of the first row of the values."""
        return quarter.parse(self.run["horizon"]) + 1 - self.values.shape[1]


def chosen(store: StoredResults, runs: Sequence[str], place: str | None) -> tuple[City, list[PastForecast]]:
    """Return the city and the forecasts to compare, the earliest origin first.

    Raises `InputError` where they cannot be compared: fewer than two origins, two of one origin, two cities, an
    unfinished run.
    """
    rows = [store.run_row(run) for run in runs]
    city = load_city(place or _city_of(store, rows), known_indicators=frozenset(NAMES))
    for row in rows:
        if row["city"] != city.name:
            raise InputError(
                Said(
                    "{run} is a forecast of {other} and not of {city}; review runs of one city.",
                    run=row["run_id"],
                    other=row["city"],
                    city=city.name,
                )
            )
    ids = list(runs) if len(runs) > 1 else before(store, runs[0] if runs else _newest(store, city))
    found = sorted((_read(store, run) for run in ids), key=lambda f: f.as_of)
    _refuse_one_origin(city, found, store)
    return city, found


def before(store: StoredResults, newest: str) -> list[str]:
    """Return a run and, of its city and scenario, the forecasts of the earliest and the last origin before it.

    Of several with one origin the one with most members counts, and of these the one that was made first.
    """
    run = store.run_row(newest)
    mine = [r for r in store.finished_of_city(newest) if r["scenario"] == run["scenario"]]
    best: dict[int, Row] = {}
    for row in mine:
        at = quarter.parse(row["as_of"])
        if at < quarter.parse(run["as_of"]) and (at not in best or row["members"] > best[at]["members"]):
            best[at] = row
    ends = dict.fromkeys([min(best), max(best)]) if best else {}
    return [*(str(best[at]["run_id"]) for at in ends), newest]


def _city_of(store: StoredResults, rows: list[Row]) -> str:
    """Return the city of the first run named, else the only one of which the store has a finished forecast."""
    if rows:
        return str(rows[0]["city"])
    newest = store.newest_run()
    cities = sorted({str(row["city"]) for row in store.run_listing() if store.finished(row["run_id"])})
    if len(cities) > 1:
        raise InputError(
            Said(
                "{path}: which city? Name one with --city, or name the runs: {cities}.",
                path=store.path,
                cities=", ".join(cities),
            )
        )
    return str(newest["city"])


def _newest(store: StoredResults, city: City) -> str:
    """Return the forecast of now: the latest origin, of the plan if there is one of it, made last."""
    mine = [r for r in store.run_listing() if r["city"] == city.name and store.finished(r["run_id"])]
    if not mine:
        raise InputError(
            Said("{path}: no finished forecast of {city}; run peiyu forecast first.", path=store.path, city=city.name)
        )
    of_plan = [r for r in mine if r["scenario"] == city.plan]
    return str(max(of_plan or mine, key=lambda r: (quarter.parse(r["as_of"]), r["created"]))["run_id"])


def _read(store: StoredResults, run_id: str) -> PastForecast:
    """Read a finished run. Raises `InputError` for one that is not there or was not finished."""
    stated = store.last_forecast(run_id)
    members = int(stated[0]["members"])
    rows = {(row["goal"], row["reading"]): row for row in stated}
    return PastForecast(store.run_row(run_id), members, rows, np.asarray(store.whole_series(run_id, members)))


def _refuse_one_origin(city: City, found: list[PastForecast], store: StoredResults) -> None:
    """Refuse forecasts of which two start from one quarter, or fewer than two."""
    at: dict[int, str] = {}
    for f in found:
        if f.as_of in at:
            raise InputError(
                Said(
                    "{first} and {second} both start from {quarter}; name one forecast for each origin.",
                    first=at[f.as_of],
                    second=f.id,
                    quarter=quarter.label(f.as_of),
                )
            )
        at[f.as_of] = f.id
    if len(at) > 1:
        return
    origin, start = found[0].as_of, usual_origin(city)
    more = f" --as-of {quarter.label(start)}" if start < origin else ""
    again = next_command("forecast", city, USUAL_OUT) + more
    raise InputError(
        Said(
            "{path}: a review needs forecasts of {city} from two origins, and there is none before {run}, which starts"
            " from {origin}; run {again} for another.",
            path=store.path,
            city=city.name,
            run=found[0].id,
            origin=quarter.label(origin),
            again=again,
        )
    )
