"""What a forecast is sensitive to: runs everything, analyses every reading, and keeps one document in the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from agents.parameters import acting_by
from agents.table import Floats, Ints
from calibration.data.summaries import observed
from calibration.sensitivity.design import (
    Design,
    SensitivityBudget,
    design,
    morris_points,
    morris_problem,
    sobol_problem,
)
from calibration.sensitivity.factors import CHANCE, Space, factors, parts
from calibration.sensitivity.indices import MIN_OF_EACH, Z, distance, morris_moves, singles, sobol_indices, telling
from calibration.sensitivity.information import linear_share
from calibration.sensitivity.runs import Bench, Datum, Laboratory, Progress, candidates, tasks_of
from calibration.sensitivity.variance_budget import LEVELS, budget
from peiyu.forecasts.pipeline import Question
from peiyu.sensitivity.document import SensitivityDocument
from peiyu.sensitivity.information import information
from peiyu.words.evidence import outside_document
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import every_reading
from sim.scenario.evidence import evidenced, outside_evidence
from sim.scenario.rule import OPERATORS
from sim.scenario.scenario import load_scenario
from sim.store.store import Store
from sim.streams import Streams

VERSION = 3
KEEP = 8
"""Parameters and moves that the document lists for each reading."""
TOGETHER = "together"
HALVES = 40


@dataclass(frozen=True, slots=True)
class Results:
    """Outcomes of every stage, (runs, outcomes), with what they were made from."""

    question: Question
    effort: SensitivityBudget
    space: Space
    plan: Design
    points: Floats  # of Morris's paths, in the unit cube
    data: tuple[Datum, ...]
    posterior: Floats
    crossed: Floats
    sobol: Floats
    morris: Floats
    sections: Floats


def analyse(q: Question, effort: SensitivityBudget, store: Store, progress: Progress) -> SensitivityDocument:
    """Return the document of a sensitivity analysis, read from the store where it was made before."""
    key, run_id = key_of(q, effort), q.run_id(q.scenarios[0])
    found = [a for a in store.kept(SensitivityDocument, run_id) if a.key == key]
    if found:
        return found[0].document
    results = made(q, effort, store, progress)
    document = described(results)
    store.keep(document, key, q.city.name, [run_id])
    return document


def key_of(q: Question, effort: SensitivityBudget) -> str:
    """Name an analysis by everything that decides its numbers."""
    return _hashed(VERSION, runs_key(q, effort))


def runs_key(q: Question, effort: SensitivityBudget) -> str:
    """Name the runs of an analysis, which stay good when only what is made of them changes."""
    return _hashed(q.run_id(q.scenarios[0]), json.dumps(asdict(effort), sort_keys=True), version("salib"))


def _hashed(*parts: object) -> str:
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).hexdigest()


def made(q: Question, effort: SensitivityBudget, store: Store, progress: Progress) -> Results:
    """Run what the store does not have."""
    space = Space.of(q.fit, q.scenarios[0], q.as_of)
    plan = design(space, effort, q.seed)
    stages = plan.stages()
    count = {name: len(tasks_of(runs)) for name, runs in stages.items()}
    lab = Laboratory(store, runs_key(q, effort), q.workers, progress, sum(count.values()))
    history = load_scenario(q.city.in_force, q.city)
    fine = Bench(q.city, history, q.scenarios[0], q.as_of, q.end, effort.weight)
    coarse = replace(fine, weight=effort.coarse)
    data = candidates(q.city, q.as_of)
    full = replace(fine, data=data, past=tuple(observed(q.city, q.as_of)))
    benches = {"posterior": full, "sobol": coarse, "morris": coarse}
    outcomes, before = {}, 0
    for name, runs in stages.items():
        outcomes[name] = lab.run(name, benches.get(name, fine), runs, before)
        before += count[name]
    return Results(q, effort, space, plan, morris_points(space, effort, q.seed), data, **outcomes)


def described(r: Results) -> SensitivityDocument:
    """Return the whole document."""
    q, space = r.question, r.space
    seed = max(q.seed, 1)  # SALib takes 0 for no seed
    asked = every_reading(q.city)
    outside = outside_evidence(q.scenarios[0], evidenced(q.city))
    rows = [_reading(r, i, goal, reading, seed) for i, (goal, reading) in enumerate(asked)]
    document = rounded(
        {
            "city": q.city.name,
            "scenario": q.scenarios[0].name,
            "run_id": q.run_id(q.scenarios[0]),
            "as_of": quarter.label(q.as_of),
            "draws": q.fit.provenance.draws_sha,
            "seed": q.seed,
            "effort": asdict(r.effort),
            "runs": {name: len(runs) for name, runs in r.plan.stages().items()},
            "parts": [{"part": name, "parameters": list(names)} for name, names in parts(space).items()],
            "factors": [{"factor": f.key, "members": list(f.members)} for f in factors(space)],
            "unsized_levers": unsized(r),
            "outside_evidence": bool(outside),
            "levers_outside_evidence": outside_document(outside),
            "readings": rows,
        }
    )
    return SensitivityDocument.model_validate(document)


def unsized(r: Results) -> list[str]:
    """Return the levers in force after the origin of which nothing has a size that could be changed."""
    sized = {x.name for x in r.space.levers}
    return [x.name for x in r.question.scenarios[0].levers if x.end > r.question.as_of and x.name not in sized]


def _reading(r: Results, at: int, goal: Goal, reading: Reading, seed: int) -> dict[str, Any]:
    """Return everything about one reading."""
    y = r.posterior[:, at]
    hit = _met(reading, y)
    q05, median, q95 = np.quantile(y, (0.05, 0.5, 0.95))
    return {
        "goal": goal.key,
        "reading": reading.key,
        "primary": reading.primary,
        "evidence": reading.evidence,
        "operator": reading.operator,
        "value": reading.value,
        "deadline": quarter.label(goal.deadline),
        "model_probability": float(hit.mean()),
        "mean": float(y.mean()),
        "sd": float(y.std()),
        "q05": float(q05),
        "median": float(median),
        "q95": float(q95),
        "budget": _budgets(r, at, reading, seed),
        "observation": _observation(r, y, hit, seed),
        "sobol": _sobol(r, at, reading, seed),
        "morris": _morris(r, at, reading, seed),
        "parameters": _parameters(r.plan, goal.deadline // 4, (y, hit), seed),
        "information": information(goal, r.data, _data_of(r), (y, hit), seed),
        "independence": _independence(r, at),
    }


def _met(reading: Reading, y: Floats) -> Floats:
    return OPERATORS[reading.operator](y, reading.value).astype(float)


def _budgets(r: Results, at: int, reading: Reading, seed: int) -> dict[str, Any]:
    """Return the variance budget of the count and of being reached, with how many pairs of draws differ in it.

    Shares rest on the pairs that differ: with few of them there is no budget, and intervals of few are too narrow.
    """
    names = (*parts(r.space), CHANCE, TOGETHER)
    y = r.crossed[:, at].reshape(r.effort.pairs, -1)
    found: dict[str, Any] = {"pairs": r.effort.pairs}
    for outcome, x in (("count", y), ("hit", _met(reading, y))):
        differ = int((np.ptp(x, axis=1) > 0.0).sum())
        enough = differ >= min(MIN_OF_EACH, r.effort.pairs)
        found[outcome] = [asdict(s) for s in budget(x, names, seed)] if enough else None
        found[f"{outcome}_pairs"] = differ
    return found


def _observation(r: Results, y: Floats, hit: Floats, seed: int) -> dict[str, Any]:
    """Return the share of the variance that would go if the observed history were known without error.

    The ensemble's members differ in the history they lived, within what observations leave open. What that history
    explains of the outcome would be gone if it were known exactly. Linear and out of sample, so a lower bound.
    """
    past = r.posterior[:, len(every_reading(r.question.city)) + len(r.data) :]
    if not past.shape[1]:
        return {"count": None, "hit": None}
    both = np.column_stack([y, hit])
    centre = linear_share(past, both)
    error = np.std([linear_share(past[h], both[h]) for h in _halves(len(y), seed)], axis=0, ddof=1)
    names = ("count", "hit") if telling(hit) else ("count",)
    found = {
        name: {"at_least": float(centre[k]), "half": float(Z * error[k])}
        for k, name in enumerate(names)
        if np.isfinite(centre[k])
    }
    return {"count": None, "hit": None} | found


def _halves(n: int, seed: int) -> list[Ints]:
    """Return random halves of the members: a statistic varies over halves of one sample as over whole samples."""
    streams, at = Streams(seed), np.arange(n)
    return [np.argsort(streams.uniform("half", i, at))[: n // 2] for i in range(HALVES)]


def _sobol(r: Results, at: int, reading: Reading, seed: int) -> dict[str, Any]:
    """Return Sobol's indices of the count and of being reached."""
    problem, y = sobol_problem(r.space), r.sobol[:, at]
    hit = _met(reading, y)
    reached = sobol_indices(problem, hit, seed, chance=CHANCE) if telling(hit) else None
    return {
        "count": [asdict(x) for x in sobol_indices(problem, y, seed)] or None,
        "hit": reached and [asdict(x) for x in reached],
    }


def _morris(r: Results, at: int, reading: Reading, seed: int) -> dict[str, Any]:
    """Return the largest of Morris's moves, of the count and of being reached."""
    problem, y = morris_problem(r.space), r.morris[:, at]
    hit = _met(reading, y)
    reached = morris_moves(problem, r.points, hit, seed)[:KEEP] if telling(hit) else None
    return {
        "count": [asdict(m) for m in morris_moves(problem, r.points, y, seed)[:KEEP]] or None,
        "hit": reached and [asdict(m) for m in reached],
    }


def _parameters(plan: Design, year: int, outcome: tuple[Floats, Floats], seed: int) -> dict[str, Any]:
    """Return first-order shares of single parameters in the posterior as it is, of those that could act by the year."""
    y, hit = outcome
    # what does not vary explains nothing
    draws = np.where(acting_by(year), [run.parameters for run in plan.posterior], 0.0)
    return {
        "count": [asdict(s) for s in singles(draws, y, seed, KEEP)] or None,
        "hit": [asdict(s) for s in singles(draws, hit, seed, KEEP)] if telling(hit) else None,
    }


def _data_of(r: Results) -> Floats:
    first = len(every_reading(r.question.city))
    return r.posterior[:, first : first + len(r.data)]


def _independence(r: Results, at: int) -> dict[str, Any]:
    """Compare the outcome under inputs drawn independently with the outcome under the posterior as it is."""
    whole = r.posterior[:, at]
    compared = {"parts": r.crossed[:, at], "sections": r.sections[:, at]}
    low, high = LEVELS
    return {
        name: {
            "mean": float(y.mean()),
            "sd": float(y.std()),
            "q05": float(np.quantile(y, low)),
            "q95": float(np.quantile(y, high)),
            "distance": distance(y, whole),
        }
        for name, y in compared.items()
    }


def rounded(document: Any) -> Any:
    """Return the document with numbers to six digits; what is not a number is null."""
    if isinstance(document, dict):
        return {key: rounded(x) for key, x in document.items()}
    if isinstance(document, list):
        return [rounded(x) for x in document]
    if isinstance(document, float):
        return float(f"{document:.6g}") if np.isfinite(document) else None
    return document
