"""A finished run as the appendix needs it, read from the store: nothing is run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.table import Floats
from calibration.fit.fit import Fit, load_fit
from sim import quarter
from sim.city.city import City, load_city
from sim.inputs.errors import InputError, suggest
from sim.scenario.scenario import Scenario, load_scenario
from sim.state.indicators import NAMES
from sim.store.database import query
from sim.store.store import Store
from sim.versions import source_version

Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A finished run with the city and scenario it speaks of, and what of them has changed since."""

    store: Store
    run: Row  # the row of the table of runs
    city: City
    scenario: Scenario | None  # none when its file is not to be had, or is not the one that ran
    members: int
    forecasts: list[Row]
    joints: dict[int, float]
    values: Floats  # (members, quarters, indicators)
    fit: Fit | None  # none when the posterior of the run is not to be had

    @property
    def id(self) -> str:
        """The run id."""
        return str(self.run["run_id"])

    @property
    def first(self) -> int:
        """The quarter of the first row of the values."""
        return quarter.parse(self.run["horizon"]) + 1 - self.values.shape[1]

    @property
    def as_of(self) -> int:
        """The origin."""
        return quarter.parse(self.run["as_of"])

    @property
    def code_changed(self) -> bool:
        """Tell whether the model's code is no longer that of the run."""
        return bool(self.run["code"] != source_version())

    @property
    def city_changed(self) -> bool:
        """Tell whether the city's files are no longer those of the run."""
        return bool(self.city.sha != self.run["data_sha"])

    def forecast(self, goal: str, reading: str) -> Row:
        """Return the stored statement about a reading."""
        return next(f for f in self.forecasts if (f["goal"], f["reading"]) == (goal, reading))

    def series(self, indicator: str) -> Floats:
        """Return the runs of an indicator, (members, quarters)."""
        out: Floats = self.values[:, :, NAMES.index(indicator)]
        return out


def read_run(store: Store, run_id: str | None, city: str | None = None, scenario: str | None = None) -> Stored:
    """Read a finished run back, the newest one when none is named.

    Raises `InputError` for a run that is not there or was not finished, and for one whose readings are not
    those of today's code.
    """
    run = _run(store, run_id)
    name = run["run_id"]
    sql = "SELECT * FROM forecasts WHERE run_id = ? AND members = (SELECT max(members) FROM forecasts WHERE run_id = ?)"
    forecasts = list(query(store.db, sql, (name, name)))
    if not forecasts:
        raise InputError(f"{store.path}: run {name} was not finished; run the same forecast again to finish it.")
    place = load_city(city or run["city"], known_indicators=frozenset(NAMES))
    _check_readings(store, name, place, forecasts)
    members = int(forecasts[0]["members"])
    sql = "SELECT at_least, probability FROM joints WHERE run_id = ? AND members = ?"
    joints = {int(k): float(p) for k, p in store.db.execute(sql, (name, members))}
    values = _values(store, name, members)
    return Stored(store, run, place, _scenario(run, place, scenario), members, forecasts, joints, values,
                  _fit(store, run, place))  # fmt: skip


def _run(store: Store, run_id: str | None) -> Row:
    finished = "EXISTS (SELECT 1 FROM forecasts f WHERE f.run_id = r.run_id)"
    runs = list(query(store.db, f"SELECT r.*, {finished} AS done FROM runs r ORDER BY created DESC, r.rowid DESC"))
    if run_id is None:
        done = [row for row in runs if row["done"]]
        if not done:
            raise InputError(f"{store.path}: no finished run; run peiyu forecast first.")
        return dict(done[0])
    for row in runs:
        if row["run_id"] == run_id:
            return dict(row)
    known = [row["run_id"] for row in runs]
    raise InputError(f'{store.path}: no run "{run_id}".{suggest(run_id, known)} peiyu show lists the runs.')


def _check_readings(store: Store, run_id: str, city: City, forecasts: list[Row]) -> None:
    """Refuse a run of goals that the city's files no longer have, or do not have yet."""
    have = {(f["goal"], f["reading"]) for f in forecasts}
    want = {(g.key, r.key) for g in city.goals for r in g.readings}
    missing = sorted("/".join(x) for x in want ^ have)
    if missing:
        raise InputError(
            f"{store.path}: run {run_id} and the files of {city.name} differ in {', '.join(missing[:3])}; name the"
            " folder the run was made from with --city, or run peiyu forecast again."
        )


def _values(store: Store, run_id: str, members: int) -> Floats:
    """Read the series of a run, (members, quarters, indicators); an older run's lack of an indicator is NaN."""
    sql = "SELECT member, quarter, indicator, value FROM series WHERE run_id = ? AND member < ?"
    rows = list(store.db.execute(sql, (run_id, members)))
    quarters = sorted({row[1] for row in rows})
    column = {name: i for i, name in enumerate(NAMES)}
    line = {name: i for i, name in enumerate(quarters)}
    out = np.full((members, len(quarters), len(NAMES)), np.nan)
    for member, when, indicator, value in rows:
        if indicator in column:
            out[member, line[when], column[indicator]] = value
    return out


def _scenario(run: Row, city: City, given: str | None) -> Scenario | None:
    """Return the scenario's file, if it is still the one that ran. A file named by the user must be."""
    try:
        found = load_scenario(given or run["scenario"], city)
    except InputError:
        if given:
            raise
        return None
    if found.sha == run["scenario_sha"]:
        return found
    if given:
        raise InputError(f"{given}: is not the scenario of run {run['run_id']}; its levers or its dates were changed.")
    return None


def _fit(store: Store, run: Row, city: City) -> Fit | None:
    """Return the posterior of the run, if the city still has it, or the store a fit brought forward."""
    try:
        fit = load_fit(city)
    except InputError:
        fit = None
    if fit is not None and fit.provenance.draws_sha == run["fit_sha"]:
        return fit
    for draws, made in store.db.execute("SELECT draws, provenance FROM kept_fits"):
        if json.loads(made)["draws_sha"] == run["fit_sha"]:
            return Fit.read(draws, made)
    return None


def provenance(s: Stored) -> Row:
    """Return what the store says of how the run's posterior was made."""
    found = s.store.db.execute("SELECT provenance FROM fits WHERE fit_sha = ?", (s.run["fit_sha"],)).fetchone()
    return {} if found is None else dict(json.loads(found[0]))
