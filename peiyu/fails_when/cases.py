"""What `peiyu fails-when` looks through: members, what went into each, and what every reading counted.

The members of a stored forecast are read as they are; members with lever sizes of their own are run, and kept one by
one, so that a stopped run goes on where it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats, Ints
from peiyu.fails_when.discovery import spread_evenly
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Progress, Question
from peiyu.forecasts.precision import Precision
from peiyu.runs.change import stored
from sim.city.readings import every_reading
from sim.ensemble.ensemble import Ensemble, Member, run_member
from sim.ensemble.forecast import path
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.mixes import mixed
from sim.store.store import Store
from sim.versions import source_version
from sim.workers import Workers

LARGEST = 2.0
"""Lever sizes go from nothing to twice the scenario's."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class Cases:
    """Members with what went in and what came out."""

    x: Floats  # (members, inputs): parameters, then sizes of levers
    groups: Ints  # (members,): which parameter draw
    levers: tuple[str, ...]
    counts: Floats  # (members, readings): what each reading counted at its deadline, in the order of the plan

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return (*NAMES, *self.levers)


def question_of(store: Store, run_id: str, city: str, scenario: str | None, workers: Workers = Workers()) -> Question:
    """Return the question that a stored run answered, with as many members as it has.

    A city or scenario that is a file is named by it; one that is shipped the run names itself. Raises `InputError`
    for a run that is not there, was not finished, or was made with something that has changed since.
    """
    old = stored(store, run_id)
    place = city if city.rstrip("/").endswith(f"/{old.city}") else old.city
    policy = scenario if scenario and scenario.endswith(f"{old.scenario}.toml") else old.scenario
    precision = Precision(old.members, seed=old.seed, workers=workers)
    asked = pipeline.ask(place, [policy], as_of=old.as_of, precision=precision)
    q = replace(asked, weight=store.run_row(run_id)["weight"])
    q = pipeline.up_to_date(q, store)
    if q.run_id(q.scenarios[0]) != run_id:
        raise InputError(
            Said(
                "run {run}: the posterior, the code, the city or the scenario has changed since, so its parameters are"
                " no longer known; run: peiyu forecast --city {city} --scenario {scenario}",
                run=run_id,
                city=place,
                scenario=policy,
            )
        )
    return q


def of_forecast(q: Question, store: Store, members: int) -> Cases:
    """Return the stored members of a forecast: their parameters and what every reading counted."""
    start = q.city.start + 1
    values = store.series(q.run_id(q.scenarios[0]), members, start, q.first)
    ensemble = Ensemble(q.scenarios[0].name, start, values)
    counts = [path(r, ensemble)[:, goal.deadline - start] for goal, r in every_reading(q.city)]
    return Cases(*_drawn(q, members), (), np.column_stack(counts))


def _drawn(q: Question, members: int) -> tuple[Floats, Ints]:
    groups = np.arange(members) % len(q.fit.draws)
    return q.fit.draws[groups], groups


def of_levers(q: Question, store: Store, members: int, progress: Progress = pipeline.silent) -> Cases:
    """Run members that each have their own lever sizes, from nothing to twice the scenario's; stored ones are read."""
    names = tuple(x.name for x in q.scenarios[0].levers if x.end > q.as_of)
    sizes = LARGEST * spread_evenly(members, names, q.seed)
    parts = (q.run_id(q.scenarios[0]), members, LARGEST, source_version(), "levers", VERSION)
    key = hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()
    have = store.pieces(key)
    missing = [i for i in range(members) if str(i) not in have]
    work = [(q.fit.member(i, q.seed), dict(zip(names, sizes[i].tolist(), strict=True))) for i in missing]
    bare = replace(q, workers=Workers())
    for i, counts in zip(missing, q.workers.spread(partial(_counted, bare), work), strict=True):
        store.keep_piece(key, str(i), counts)
        have[str(i)] = counts
        progress(len(have), members)
    x, groups = _drawn(q, members)
    return Cases(np.column_stack([x, sizes]), groups, names, np.array([have[str(i)] for i in range(members)], float))


def _counted(q: Question, work: tuple[Member, dict[str, float]]) -> list[float]:
    """Run one member with lever sizes of its own; returns what every reading counted."""
    member, sizes = work
    scenario = mixed(q.scenarios[0], sizes)
    (t,) = run_member(q.experiment((scenario,)), member)
    start = q.city.start + 1
    one = Ensemble(scenario.name, start, t.series[None])
    return [float(path(r, one)[0, goal.deadline - start]) for goal, r in every_reading(q.city)]
