"""A finished run as the appendix needs it, read from the store: nothing is run."""

from __future__ import annotations

from dataclasses import dataclass

from agents.table import Floats
from calibration.fit.fit import Fit, load_fit
from sim import quarter
from sim.city.city import City, load_city
from sim.ensemble.ensemble import Ensemble
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import Scenario, load_scenario
from sim.state.indicators import NAMES
from sim.store.reader import Row
from sim.store.results import StoredResults
from sim.store.sound import parsed
from sim.versions import source_version


@dataclass(frozen=True)
class StoredRun:
    """A finished run with the city and scenario it speaks of, and what of them has changed since."""

    store: StoredResults
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

    @property
    def ensemble(self) -> Ensemble:
        """The runs themselves."""
        return Ensemble(str(self.run["scenario"]), self.first, self.values)

    def forecast(self, goal: str, reading: str) -> Row:
        """Return the stored statement about a reading."""
        return next(f for f in self.forecasts if (f["goal"], f["reading"]) == (goal, reading))

    def series(self, indicator: str) -> Floats:
        """Return the runs of an indicator, (members, quarters)."""
        out: Floats = self.values[:, :, NAMES.index(indicator)]
        return out


def read_run(
    store: StoredResults, run_id: str | None, city: str | None = None, scenario: str | None = None
) -> StoredRun:  # fmt: skip
    """Read a finished run back, the one that is meant when none is named.

    Raises `InputError` for a run that is not there or was not finished, and for one whose readings are not
    those of today's code.
    """
    run = the_run(store) if run_id is None else store.run_row(run_id)
    name = run["run_id"]
    forecasts = store.last_forecast(name)
    place = load_city(city or run["city"], known_indicators=frozenset(NAMES))
    _check_readings(store, name, place, forecasts)
    members = int(forecasts[0]["members"])
    joints = store.joints(name, members)
    values = store.whole_series(name, members)
    return StoredRun(store, run, place, _scenario(run, place, scenario), members, forecasts, joints, values,
                  _fit(store, run, place))  # fmt: skip


def the_run(store: StoredResults) -> Row:
    """Return the run that is meant when none is named: the base of comparisons, or a forecast that nobody compared.

    Raises `InputError` listing the choices where these are of several scenarios.
    """
    compared = {run for a in store.analysis_listing() if a.kind == "compare" for run in a.runs[1:]}
    found: dict[tuple[str, str], Row] = {}
    for row in reversed(store.run_listing()):
        if row["run_id"] not in compared and store.finished(row["run_id"]):
            found.setdefault((row["city"], row["scenario"]), row)
    if len(found) > 1:
        every = "; ".join(f"{x['run_id']} ({x['city']}, {x['scenario']}, {x['as_of']})" for x in found.values())
        raise InputError(Said("{path}: which run? Name one: {every}.", path=store.path, every=every))
    return store.run_row(next(iter(found.values()))["run_id"]) if found else store.newest_run()


def _check_readings(store: StoredResults, run_id: str, city: City, forecasts: list[Row]) -> None:
    """Refuse a run of goals that the city's files no longer have, or do not have yet."""
    have = {(f["goal"], f["reading"]) for f in forecasts}
    want = {(g.key, r.key) for g in city.goals for r in g.readings}
    missing = sorted("/".join(x) for x in want ^ have)
    if missing:
        raise InputError(
            Said(
                "{path}: run {run} and the files of {city} differ in {readings}; name the folder the run was made from"
                " with --city, or run peiyu forecast again.",
                path=store.path,
                run=run_id,
                city=city.name,
                readings=", ".join(missing[:3]),
            )
        )


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
        raise InputError(
            Said(
                "{file}: is not the scenario of run {run}; its levers or its dates were changed.",
                file=given,
                run=run["run_id"],
            )
        )
    return None


def _fit(store: StoredResults, run: Row, city: City) -> Fit | None:
    """Return the posterior of the run, if the city still has it, or the store a fit brought forward."""
    try:
        fit = load_fit(city, quarter.parse(str(run["as_of"])))  # the city may have brought its fit forward
    except InputError:
        fit = None
    if fit is not None and fit.provenance.draws_sha == run["fit_sha"]:
        return fit
    for draws, made in store.kept_fits():
        if parsed(store.path, "a kept fit", made).get("draws_sha") == run["fit_sha"]:
            return Fit.read(draws, made)
    return None
