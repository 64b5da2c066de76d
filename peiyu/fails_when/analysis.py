"""`peiyu fails-when`: under which parameters and lever sizes a goal is missed, or reached, one box at a time.

The members of a stored forecast are looked through as they are; for lever sizes, members of their own are run, each
with its own sizes. Boxes are found by `peiyu.fails_when.discovery` and kept only where they hold for members left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from agents.parameters import acting_by
from agents.table import Bools, Ints
from peiyu.fails_when.cases import Cases
from peiyu.fails_when.discovery import Discovery, Region, discover
from peiyu.fails_when.document import BoxFacts, BoxRow, FailsWhenDocument, LimitRow, WithoutFacts, WithoutRow
from peiyu.fails_when.terminal import sentence_of_box, sentence_without
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Progress, Question
from peiyu.words.loader import LANGUAGES
from peiyu.words.parameters import rests_on, unit_of
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import GoalReading, every_reading
from sim.inputs import numbers
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.rule import OPERATORS
from sim.scenario.scenario import Scenario
from sim.store.store import Store

VERSION = 2
RARE = 0.05
"""A goal that fewer members miss, or reach, than this share is not asked for a box."""
FEWEST_OF_EACH = 20
"""Members that must miss the goal, and that must reach it, for a box to be asked."""


@dataclass(frozen=True, slots=True)
class How:
    """What is asked of the members: missed or reached, at most how many boxes, how many members with lever sizes."""

    reaches: bool = False
    boxes: int = 2
    levers: int = 0

    def checked(self) -> How:
        """Return itself, or raise `InputError` for a number that nothing can be found with."""
        numbers.BOXES.check("--boxes ", self.boxes)
        if self.levers < 0 or self.levers > numbers.MEMBERS.high or 0 < self.levers < 2 * FEWEST_OF_EACH:
            raise InputError(
                Said(
                    "--levers {levers}: write how many members to run with lever sizes of their own, {fewest} or more,"
                    " such as 400; 0 for none.",
                    levers=self.levers,
                    fewest=2 * FEWEST_OF_EACH,
                )
            )
        return self


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

    def document(self) -> FailsWhenDocument:
        """Return what `peiyu fails-when` writes, prints and keeps."""
        q = self.question
        return FailsWhenDocument(
            city=q.city.name,
            scenario=self.scenario.name,
            run_id=q.run_id(self.scenario),
            as_of=quarter.label(q.as_of),
            seed=q.seed,
            members=len(self.cases.x),
            outcome=_outcome(self.how),
            levers=", ".join(self.cases.levers),
            boxes=[_box(self, f, k) for f in self.found for k in range(len(f.discovery.regions) if f.discovery else 0)],
            without_box=[_without(self, f) for f in self.found if not (f.discovery and f.discovery.regions)],
        )



def analyse(
    q: Question, cases: Cases, asked: Sequence[GoalReading] | None, how: How, progress: Progress = pipeline.silent
) -> Result:
    """Look for boxes of every reading asked for; without any, of every main reading."""
    wanted = [(g, r) for g, r in every_reading(q.city) if (r.primary if asked is None else (g, r) in asked)]
    hits = [_hit(q, cases, pair, how) for pair in wanted]
    found: list[Found] = []
    look = partial(_look, cases, how.boxes, q.seed)
    work = [(hit, goal.deadline // 4) for hit, (goal, _) in zip(hits, wanted, strict=True)]
    for (goal, reading), hit, seen in zip(wanted, hits, q.workers.spread(look, work), strict=True):
        found.append(Found(goal, reading, hit, seen))
        progress(len(found), len(wanted))
    return Result(q, how, cases, tuple(found))


def _hit(q: Question, cases: Cases, asked: GoalReading, how: How) -> Bools:
    goal, reading = asked
    met = OPERATORS[reading.operator](cases.counts[:, every_reading(q.city).index((goal, reading))], reading.value)
    return met if how.reaches else ~met


def _look(cases: Cases, boxes: int, seed: int, asked: tuple[Bools, int]) -> Discovery | None:
    """Look for the boxes of a reading, of which hits and the year are given; None where either outcome is too rare."""
    hit, year = asked
    if not answerable(hit):
        return None
    able = np.append(acting_by(year), np.ones(len(cases.levers), bool))
    moving = np.flatnonzero(able & (np.ptp(cases.x, axis=0) > 0.0))
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


def keep(result: Result, store: Store, asked: Sequence[GoalReading] | None) -> FailsWhenDocument:
    """Write the document to the store and return it."""
    document, q = result.document(), result.question
    run_id = q.run_id(result.scenario)
    names = None if asked is None else [(g.key, r.key) for g, r in asked]
    parts = (VERSION, run_id, len(result.cases.x), result.how, names)
    key = hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()
    store.keep(document, key, q.city.name, [run_id])
    return document


def _outcome(how: How) -> str:
    return "reached" if how.reaches else "missed"


def _about(result: Result, f: Found) -> dict[str, Any]:
    """Return what the document says of a reading itself."""
    return {
        "goal": f.goal.key,
        "reading": f.reading.key,
        "outcome": _outcome(result.how),
        "operator": f.reading.operator,
        "value": f.reading.value,
        "deadline": quarter.label(f.goal.deadline),
        "evidence": f.reading.evidence,
    }


def _box(result: Result, f: Found, k: int) -> BoxRow:
    """Return one box of a reading, what matters most first."""
    assert f.discovery is not None
    region = f.discovery.regions[k]
    facts = BoxFacts(
        **_about(result, f),
        density=region.found.density,
        coverage=region.found.coverage,
        mass=region.found.mass,
        box=k + 1,
        base_rate=region.base,
        mass_left_out=region.elsewhere.mass,
        density_left_out=region.elsewhere.density,
        coverage_left_out=region.elsewhere.coverage,
        chance=region.chance,
        limits=_limits(result, region),
    )
    asked = f.goal, f.reading
    said = {f"sentence_{lang}": sentence_of_box(facts, asked, result.scenario, lang) for lang in LANGUAGES}
    return BoxRow.model_validate(said | facts.plain())


def _limits(result: Result, region: Region) -> list[LimitRow]:
    names, levers = result.cases.inputs, result.cases.levers
    informed = result.question.fit.provenance.informed
    return [
        LimitRow(
            input=names[x.column],
            kind="lever" if names[x.column] in levers else "parameter",
            unit="size" if names[x.column] in levers else unit_of(names[x.column]),
            rests_on="choice" if names[x.column] in levers else rests_on(names[x.column], informed),
            low=x.low if isfinite(x.low) else None,
            high=x.high if isfinite(x.high) else None,
            alone=x.alone,
            quasi_p=x.quasi_p,
            reproduced=x.reproduced,
        )
        for x in sorted(region.limits, key=lambda x: x.quasi_p)
    ]


def _without(result: Result, f: Found) -> WithoutRow:
    """Return what is said of a reading for which no box is reported, and why."""
    refused = f.discovery.refused if f.discovery else None
    row = _about(result, f) | {
        "share": float(f.hit.mean()),
        "hits": int(f.hit.sum()),
        "members": len(f.hit),
        "reason": "rare" if f.discovery is None else "none" if refused is None else "does_not_hold",
    }
    if refused is not None:
        out = refused.elsewhere.density if refused.elsewhere.members else None
        row |= {"density": refused.found.density, "density_left_out": out}
    facts = WithoutFacts.model_validate(row)
    said = {f"sentence_{lang}": sentence_without(facts, (f.goal, f.reading), lang) for lang in LANGUAGES}
    return WithoutRow.model_validate(said | facts.plain())
