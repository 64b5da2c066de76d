"""From names on a command line to a stored forecast: load, run what is not stored yet, state the result."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version

from calibration.data.coverage import coverage_end
from calibration.data.observations import refuse_future
from calibration.fit.fit import Fit, load_fit
from calibration.fit.update import brought_forward
from peiyu.forecasts.precision import MC_ERROR, MEMBERS, Precision
from peiyu.forecasts.result import Forecast, RuleAct
from sim import quarter
from sim.city.city import City, load_city
from sim.ensemble.ensemble import Ensemble, Experiment, run_members
from sim.ensemble.forecast import forecast_goals, joint, least_error, model_error
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import Scenario, load_scenario, refuse_late_dates, refuse_past_dates
from sim.state.indicators import NAMES
from sim.store.made import MADE_PIECE
from sim.store.results import StoredResults
from sim.store.store import RunRecord, Store
from sim.versions import source_version, versions
from sim.workers import Workers

Progress = Callable[[int, int], None]
"""Told after every member: how many are done, of how many."""

FARTHEST = 56
"""Most quarters between the last deadline and the horizon: to 2040 for goals that fall due in 2026."""
BATCH = 50
"""The stopping rule is asked after every so many members."""


@dataclass(frozen=True)
class Question:
    """What is asked: a city, scenarios (the first is the base), an origin, a horizon, and how precisely."""

    city: City
    scenarios: tuple[Scenario, ...]
    fit: Fit
    as_of: int
    end: int
    seed: int = 1
    members: int = MEMBERS
    mc_error: float = MC_ERROR
    workers: Workers = Workers(2)
    weight: float = 1.0

    @cached_property
    def first(self) -> int:
        """The first quarter worth keeping: the origin, or earlier where a reading counts from earlier."""
        return min([self.as_of, *(r.since for g in self.city.goals for r in g.readings if r.count != "last")])

    def experiment(self, scenarios: tuple[Scenario, ...]) -> Experiment:
        """Return what is run to compare scenarios, after the policy that is in force."""
        in_force = load_scenario(self.city.in_force, self.city)
        return Experiment(self.city, in_force, scenarios, self.as_of, self.end, self.weight, self.first)

    def run_id(self, scenario: Scenario) -> str:
        """Name a run by everything that decides its numbers, so that the same question has the same name."""
        parts = (
            self.city.sha,
            scenario.sha,
            self.fit.provenance.draws_sha,
            self.as_of,
            self.end,
            self.seed,
            self.weight,
            source_version(),
        )
        return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=6).hexdigest()

    def record(self, scenario: Scenario) -> RunRecord:
        """Return what the store should know of a run."""
        return RunRecord(
            self.run_id(scenario),
            self.city,
            scenario,
            self.fit.provenance.draws_sha,
            asdict(self.fit.provenance),
            self.as_of,
            self.end,
            self.seed,
            self.weight,
            source_version(),
            version("peiyu"),
        )


def silent(_done: int, _total: int) -> None:
    """Report nothing."""


def ask(
    city: str,
    scenarios: list[str],
    *,
    as_of: str | None = None,
    end: str | None = None,
    precision: Precision = Precision(),
) -> Question:
    """Load and check everything a forecast needs, before anything runs; no scenario named is the city's plan.

    Raises `InputError` for whatever is wrong.
    """
    how = precision.checked()
    place = load_city(city, known_indicators=frozenset(NAMES))
    origin = None if as_of is None else quarter.parse_named("--as-of", as_of)
    if origin is not None and origin <= place.start + 12:
        raise InputError(
            Said(
                "--as-of {asked}: the data of {city} begin in {begin}, and three years are needed before a forecast;"
                " write {enough} or later.",
                asked=as_of,
                city=place.name,
                begin=quarter.label(place.start),
                enough=quarter.label(place.start + 13),
            )
        )
    fit = _usable_fit(place, origin)
    fitted = quarter.parse(fit.provenance.as_of)
    origin = fitted if origin is None else origin
    if origin > fitted:  # up to there the fit itself was let through
        refuse_future(place, origin)
    horizon = _horizon(end, place)
    if origin >= _first_deadline(place):
        raise InputError(
            Said(
                "the goals of {city} fall due in {due}: the origin must lie before that, and not in {origin}.",
                city=place.name,
                due=quarter.label(_first_deadline(place)),
                origin=quarter.label(origin),
            )
        )
    loaded = tuple(load_scenario(name, place) for name in scenarios or [place.plan])
    names = [s.name for s in loaded]
    if len(set(names)) < len(names):
        raise InputError(Said("scenarios {names}: each may be named once.", names=", ".join(names)))
    for scenario in loaded:
        refuse_past_dates(scenario, origin)
        refuse_late_dates(scenario, horizon)
    return Question(place, loaded, fit, origin, horizon, how.seed, how.members, how.mc_error, how.workers)


def _usable_fit(place: City, origin: int | None) -> Fit:
    """Return the newest fit up to an origin; where the record has grown under one brought forward, the city's own.

    That is brought forward anew, with what was entered since. Raises `InputError` as `load_fit` does.
    """
    try:
        return load_fit(place, origin)
    except InputError:
        try:
            first = load_fit(place)
        except InputError:
            first = None
        if first is None or origin is None or quarter.parse(first.provenance.as_of) > origin:
            raise
        return first


def named(scenario: str | None) -> list[str]:
    """Return the scenarios that `ask` is given where one may be named."""
    return [] if scenario is None else [scenario]


def usual_pair(city: str) -> list[str]:
    """Return what is compared when nothing is named: what happens without the plan, and the plan."""
    place = load_city(city)
    return [place.baseline, place.plan]


def _first_deadline(place: City) -> int:
    return min(goal.deadline for goal in place.goals)


def _last_deadline(place: City) -> int:
    return max(goal.deadline for goal in place.goals)


def _horizon(end: str | None, place: City) -> int:
    """Return the last quarter to run to: the last deadline unless one says otherwise. Raises `InputError`."""
    first, last = _last_deadline(place), _last_deadline(place) + FARTHEST
    if end is None:
        return first
    allowed = Said(
        "write a quarter from {first}, when the last goal of {city} falls due, to {last}, as far as what is learnt from"
        " the past carries.",
        first=quarter.label(first),
        city=place.name,
        last=quarter.label(last),
    )
    try:
        horizon = quarter.parse(end)
    except InputError as error:
        raise InputError(Said("--end: {error} Here, {allowed}", error=error.said, allowed=allowed)) from None
    if not first <= horizon <= last:
        raise InputError(Said("--end {end}: {allowed}", end=end, allowed=allowed))
    return horizon


def newest_origin(city: str) -> str:
    """Return the last quarter that a city's data cover, from which a forecast starts unless one says otherwise.

    Not before the city's fit, and before the first of the goals falls due.
    """
    place = load_city(city, known_indicators=frozenset(NAMES))
    first = quarter.parse(load_fit(place).provenance.as_of)
    return quarter.label(max(first, min(coverage_end(place), _first_deadline(place) - 1)))


def up_to_date(q: Question, store: Store, progress: Progress = silent) -> Question:
    """Return the question with its fit brought forward to the origin, kept in the store for the next time."""
    if quarter.parse(q.fit.provenance.as_of) == q.as_of:
        return q
    parts = (q.city.sha, q.fit.provenance.draws_sha, q.as_of, source_version())
    key = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()
    kept = store.kept_fit(key)
    if kept is not None:
        return replace(q, fit=Fit.read(*kept))
    in_force = load_scenario(q.city.in_force, q.city)
    fit = brought_forward(q.city, q.fit, in_force, q.as_of, workers=q.workers, progress=progress)
    store.keep_fit(key, *fit.written())
    return replace(q, fit=fit)


def answer(q: Question, store: Store, progress: Progress = silent) -> list[Forecast]:
    """Return a forecast per scenario, running only the members that the store does not have.

    Members are added in batches until the model's chance of no reading has a Monte-Carlo error above the one asked for.
    """
    q = up_to_date(q, store, progress)
    runs = [q.run_id(s) for s in q.scenarios]
    for s in q.scenarios:
        store.register(q.record(s))
    experiment = q.experiment(q.scenarios)
    forecasts: list[Forecast] = []
    while True:
        done = _next_look(q, forecasts)
        _fill(q, experiment, runs, done, store, progress)
        forecasts = [stored(q, s, done, store) for s in q.scenarios]
        if done >= q.members or max(model_error(g, done) for f in forecasts for g in f.goals) <= q.mc_error:
            break
    progress(done, done)
    for f in forecasts:
        store.save_forecast(f.run_id, f.members, f.goals, f.joint)
        store.keep_piece(f"run/{f.run_id}", MADE_PIECE, {"versions": versions()})
    return forecasts


def _next_look(q: Question, forecasts: list[Forecast]) -> int:
    """Return how many members the next look needs: batches after which nothing could stop are run through.

    Every look makes the workers wait for the slowest of them; what is decided is the same as after every batch.
    """
    done = forecasts[0].members if forecasts else 0
    goals = [g for f in forecasts for g in f.goals]
    ends = range(done + BATCH, q.members, BATCH)
    return next((n for n in ends if all(least_error(g, done, n) <= q.mc_error for g in goals)), q.members)


def _fill(q: Question, x: Experiment, runs: list[str], upto: int, store: Store, progress: Progress) -> None:
    """Run the members below `upto` that are missing, and store each as it is finished."""
    have = store.members_done(runs)
    missing = [q.fit.member(i, q.seed) for i in range(upto) if i not in have]
    results = run_members(x, missing, workers=q.workers)
    for done, (member, result) in enumerate(zip(missing, results, strict=True), upto - len(missing) + 1):
        store.save_member(runs, member.seed, result, q.city.start + 1, q.first)
        progress(done, q.members)


def stored(q: Question, scenario: Scenario, members: int, store: StoredResults) -> Forecast:
    """Return what the first members of a run say, all of which the store has."""
    start, run_id = q.city.start + 1, q.run_id(scenario)
    ensemble = Ensemble(scenario.name, start, store.series(run_id, members, start, q.first))
    goals = forecast_goals(q.city, ensemble, q.as_of)
    acts = tuple(RuleAct(*x) for x in store.effects.rule_acts(run_id, members))
    about = (run_id, q.city, scenario, q.as_of, members, q.seed)
    return Forecast(*about, goals, joint(q.city, ensemble, q.as_of), ensemble, acts)
