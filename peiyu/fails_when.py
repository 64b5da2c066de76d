"""`peiyu fails-when`: under which parameters and lever sizes a goal is missed, or reached, one box at a time.

The members of a stored forecast are looked through as they are; for lever sizes, members of their own are run, each
with its own sizes. Boxes are found by `sim.discovery` and kept only where they hold for members left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from agents.parameters import NAMES
from agents.table import Bools, Floats, Ints
from calibration.fit import code_version
from peiyu import pipeline
from peiyu.change import stored
from peiyu.fails_when_words import sentence_of_box, sentence_without
from peiyu.parameter_words import unit_of
from peiyu.pipeline import Progress, Question
from sim import quarter
from sim.city import Goal, Reading
from sim.discovery import Discovery, Region, discover, spread_evenly
from sim.door import InputError
from sim.ensemble import Ensemble, Experiment, Member, run_member
from sim.forecast import OPERATORS, path
from sim.mixes import mixed
from sim.scenario import Scenario, load_scenario
from sim.store import Analysis, Store
from sim.workers import Workers

KIND, VERSION = "fails_when", 1
RARE = 0.05
"""A goal that fewer members miss, or reach, than this share is not asked for a box."""
FEWEST_OF_EACH = 20
"""Members that must miss the goal, and that must reach it, for a box to be asked."""
LARGEST = 2.0
"""Lever sizes go from nothing to twice the scenario's."""
LANGS = ("zh", "en")
Asked = tuple[Goal, Reading]


@dataclass(frozen=True, slots=True)
class How:
    """What is asked of the members: missed or reached, at most how many boxes, how many members with lever sizes."""

    reaches: bool = False
    boxes: int = 2
    levers: int = 0

    def checked(self) -> How:
        """Return itself, or raise `InputError` for a number that nothing can be found with."""
        if self.boxes < 1:
            raise InputError(f"--boxes {self.boxes}: write a number from 1 up; 2 is the usual.")
        if self.levers < 0 or 0 < self.levers < 2 * FEWEST_OF_EACH:
            raise InputError(
                f"--levers {self.levers}: write how many members to run with lever sizes of their own,"
                f" {2 * FEWEST_OF_EACH} or more, such as 400; 0 for none."
            )
        return self


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


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one reading."""

    goal: Goal
    reading: Reading
    hit: Bools  # (members,)
    discovery: Discovery | None  # None where no box was asked


@dataclass(frozen=True, slots=True)
class Result:
    """Everything found, with what it was found on."""

    question: Question
    how: How
    cases: Cases
    found: tuple[Found, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario that was asked about."""
        return self.question.scenarios[0]

    def document(self) -> dict[str, Any]:
        """Return the JSON document of `peiyu fails-when --json`."""
        q = self.question
        boxes = [_box(self, f, k) for f in self.found for k in range(len(f.discovery.regions) if f.discovery else 0)]
        return {
            "city": q.city.name,
            "scenario": self.scenario.name,
            "run_id": q.run_id(self.scenario),
            "as_of": quarter.label(q.as_of),
            "seed": q.seed,
            "members": len(self.cases.x),
            "outcome": "reached" if self.how.reaches else "missed",
            "levers": ", ".join(self.cases.levers),
            "boxes": boxes,
            "without_box": [_without(self, f) for f in self.found if not (f.discovery and f.discovery.regions)],
        }


def question_of(
    store: Store, run_id: str, city: str, scenario: str, workers: Workers = Workers()
) -> tuple[Question, int]:
    """Return the question that a stored run answered, and its members.

    A city or scenario that is a file is named by it; one that is shipped the run names itself. Raises `InputError`
    for a run that is not there, was not finished, or was made with something that has changed since.
    """
    old = stored(store, run_id)
    ((weight,),) = store.db.execute("SELECT weight FROM runs WHERE run_id = ?", (run_id,)).fetchall()
    place = city if city.rstrip("/").endswith(f"/{old.city}") else old.city
    policy = scenario if scenario.endswith(f"{old.scenario}.toml") else old.scenario
    precision = pipeline.Precision(old.members, seed=old.seed, workers=workers)
    q = replace(pipeline.ask(place, [policy], as_of=old.as_of, precision=precision), weight=weight)
    q = pipeline.up_to_date(q, store)
    if q.run_id(q.scenarios[0]) != run_id:
        raise InputError(
            f"run {run_id}: the posterior, the code, the city or the scenario has changed since, so its parameters are"
            f" no longer known; run: peiyu forecast --city {place} --scenario {policy}"
        )
    return q, old.members


def readings(q: Question) -> list[Asked]:
    """Return every reading with its goal, in the order of the plan."""
    return [(goal, r) for goal in q.city.goals for r in goal.readings]


def of_forecast(q: Question, store: Store, members: int) -> Cases:
    """Return the stored members of a forecast: their parameters and what every reading counted."""
    start = q.city.start + 1
    values = store.series(q.run_id(q.scenarios[0]), members, start, q.first)
    ensemble = Ensemble(q.scenarios[0].name, start, values)
    counts = [path(r, ensemble)[:, goal.deadline - start] for goal, r in readings(q)]
    return Cases(*_drawn(q, members), (), np.column_stack(counts))


def _drawn(q: Question, members: int) -> tuple[Floats, Ints]:
    groups = np.arange(members) % len(q.fit.draws)
    return q.fit.draws[groups], groups


def of_levers(q: Question, store: Store, members: int, progress: Progress = pipeline.silent) -> Cases:
    """Run members that each have their own lever sizes, from nothing to twice the scenario's; stored ones are read."""
    names = tuple(x.name for x in q.scenarios[0].levers if x.end > q.as_of)
    sizes = LARGEST * spread_evenly(members, names, q.seed)
    parts = (q.run_id(q.scenarios[0]), members, LARGEST, code_version(), "levers", VERSION)
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
    history = load_scenario(q.city.in_force, q.city)
    (t,) = run_member(Experiment(q.city, history, (scenario,), q.as_of, q.end, q.weight), member)
    start = q.city.start + 1
    one = Ensemble(scenario.name, start, t.series[None])
    return [float(path(r, one)[0, goal.deadline - start]) for goal, r in readings(q)]


def analyse(
    q: Question, cases: Cases, asked: Sequence[Asked] | None, how: How, progress: Progress = pipeline.silent
) -> Result:
    """Look for boxes of every reading asked for; without any, of every main reading."""
    wanted = [(g, r) for g, r in readings(q) if (r.primary if asked is None else (g, r) in asked)]
    hits = [_hit(q, cases, pair, how) for pair in wanted]
    found: list[Found] = []
    look = partial(_look, cases, how.boxes, q.seed)
    for (goal, reading), hit, seen in zip(wanted, hits, q.workers.spread(look, hits), strict=True):
        found.append(Found(goal, reading, hit, seen))
        progress(len(found), len(wanted))
    return Result(q, how, cases, tuple(found))


def _hit(q: Question, cases: Cases, asked: Asked, how: How) -> Bools:
    goal, reading = asked
    met = OPERATORS[reading.operator](cases.counts[:, readings(q).index((goal, reading))], reading.value)
    return met if how.reaches else ~met


def _look(cases: Cases, boxes: int, seed: int, hit: Bools) -> Discovery | None:
    """Look for the boxes of one reading; None where hits or misses are too rare for one."""
    if not answerable(hit):
        return None
    moving = np.flatnonzero(np.ptp(cases.x, axis=0) > 0.0)
    return _at(discover(cases.x[:, moving], hit, cases.groups, boxes, seed), moving, cases.x.shape[1])


def _at(d: Discovery, columns: Ints, inputs: int) -> Discovery:
    """Return what was found among some inputs as found among all."""

    def moved(region: Region) -> Region:
        limits = tuple(replace(limit, column=int(columns[limit.column])) for limit in region.limits)
        return replace(region, limits=limits, box=region.box.among(columns, inputs))

    return Discovery(tuple(map(moved, d.regions)), None if d.refused is None else moved(d.refused), d.base)


def answerable(hit: Bools) -> bool:
    """Tell whether enough members miss a goal, and enough reach it, to ask where they do."""
    share, few = float(hit.mean()), int(min(hit.sum(), (~hit).sum()))
    return RARE <= share <= 1.0 - RARE and few >= FEWEST_OF_EACH


def keep(result: Result, store: Store, asked: Sequence[Asked] | None) -> dict[str, Any]:
    """Write the document to the store and return it."""
    document, q = result.document(), result.question
    run_id = q.run_id(result.scenario)
    names = None if asked is None else [(g.key, r.key) for g, r in asked]
    parts = (VERSION, run_id, len(result.cases.x), result.how, names)
    key = hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
    store.keep_analysis(Analysis(KIND, key, q.city.name, [run_id], document))
    return document


def _about(result: Result, f: Found) -> dict[str, Any]:
    """Return what the document says of a reading itself."""
    return {
        "goal": f.goal.key,
        "reading": f.reading.key,
        "operator": f.reading.operator,
        "value": f.reading.value,
        "deadline": quarter.label(f.goal.deadline),
        "evidence": f.reading.evidence,
        "share": float(f.hit.mean()),
        "outcome": "reached" if result.how.reaches else "missed",
    }


def _box(result: Result, f: Found, k: int) -> dict[str, Any]:
    """Return one box of a reading."""
    assert f.discovery is not None
    region = f.discovery.regions[k]
    row = _about(result, f) | {
        "box": k + 1,
        "base_rate": region.base,
        "mass": region.found.mass,
        "density": region.found.density,
        "coverage": region.found.coverage,
        "mass_left_out": region.elsewhere.mass,
        "density_left_out": region.elsewhere.density,
        "coverage_left_out": region.elsewhere.coverage,
        "chance": region.chance,
        "limits": _limits(result, region),
    }
    said = {f"sentence_{lang}": sentence_of_box(row, (f.goal, f.reading), result.scenario, lang) for lang in LANGS}
    return said | row


def _limits(result: Result, region: Region) -> list[dict[str, Any]]:
    names, levers = result.cases.inputs, result.cases.levers
    return [
        {
            "input": names[x.column],
            "kind": "lever" if names[x.column] in levers else "parameter",
            "unit": "size" if names[x.column] in levers else unit_of(names[x.column]),
            "low": x.low if isfinite(x.low) else None,
            "high": x.high if isfinite(x.high) else None,
            "alone": x.alone,
            "quasi_p": x.quasi_p,
            "reproduced": x.reproduced,
        }
        for x in sorted(region.limits, key=lambda x: x.quasi_p)
    ]


def _without(result: Result, f: Found) -> dict[str, Any]:
    """Return what is said of a reading for which no box is reported, and why."""
    refused = f.discovery.refused if f.discovery else None
    reason = "rare" if f.discovery is None else "none" if refused is None else "does_not_hold"
    row = _about(result, f) | {"reason": reason, "members": len(f.hit), "hits": int(f.hit.sum())}
    if refused is not None:
        out = refused.elsewhere.density if refused.elsewhere.members else None
        row |= {"density": refused.found.density, "density_left_out": out}
    return {f"sentence_{lang}": sentence_without(row, (f.goal, f.reading), lang) for lang in LANGS} | row
