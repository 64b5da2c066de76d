"""P(reached) of settled goals, asked at the month each was set, with what was known then.

What is scored is what is published: the pool of the model's outcomes and of the record of settled goals, by the same
function and with the same prior, the model's weight estimated on the other goals. Records hold only goals settled
before a goal was set; "left out" is the same rule with the record of all other goals, which is what a goal set today
is asked with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from agents.table import Floats
from calibration.backtest import scores
from calibration.backtest.backtest import BacktestBudget, Progress
from calibration.backtest.settled import SettledGoal
from calibration.backtest.weights import Carried, left_one_out
from calibration.panel import panel
from calibration.panel.assumptions import assumptions
from calibration.panel.data import FLOWS, STOCK, Point, Row, courses, known_points
from calibration.panel.observe import is_recognition
from sim.ensemble.pool import Pooled
from sim.ensemble.recorded import settled_like
from sim.ensemble.track_record import track_record
from sim.streams import Streams

NET, NEW = "hte_net_increase", "hte_new"
_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class GoalScore:
    """One settled goal: what was said when it was set, and what came."""

    goal: str
    origin: str
    probability: float
    outcome: int
    brier: float
    kind: str
    region: str
    series: str
    target: float
    deadline: int
    decided_by: str
    basis: str  # model or base rate: whether the model carries the goal's label
    model_probability: float | None
    base_rate: float  # of all goals settled before
    kind_rate: float  # P by the record alone: of those settled before, by who decides
    required_growth: float  # what the rule says: 1, 0, or the base rate where it has no base
    weight: float  # of the model in the pool, estimated on the other goals
    left_out: float  # the probability with the record of all other goals


@dataclass(frozen=True, slots=True)
class _Asked:
    """A goal with what was said of it before any pooling."""

    goal: SettledGoal
    outcomes: Floats | None  # of the model, (draws,); None where it does not carry the goal's label
    required_growth: float

    def pooled(self, record: list[SettledGoal], weight: float) -> Pooled:
        """Return the published distribution of the goal's outcome with a record and a weight of the model."""
        ratios = track_record([g.as_settled() for g in record])[self.goal.decided_by]
        recorded = settled_like(self.goal.target, ratios)
        model = np.zeros(1) if self.outcomes is None else self.outcomes
        return Pooled(">=", self.goal.target, weight if self.outcomes is not None else 0.0, model, recorded)


def run(rows: list[Row], goals: list[SettledGoal], effort: BacktestBudget, progress: Progress) -> list[GoalScore]:
    """Score every goal; the same seed gives the same numbers with any number of workers."""
    asked: list[_Asked] = []
    for made in effort.workers.spread(partial(ask, rows, goals, effort.seed), goals):
        asked.append(made)
        progress(len(asked), len(goals))
    return scored(asked, goals)


def ask(rows: list[Row], goals: list[SettledGoal], seed: int, goal: SettledGoal) -> _Asked:
    """Return what the model and the growth so far said of a goal with what was known when it was set."""
    points = known_for(goal, rows)
    overall = track_record([g.as_settled() for g in _before(goal, goals)])[None].rate
    return _Asked(goal, model_outcomes(goal, points, Streams(seed)), required_growth(goal, points, overall))


def _before(goal: SettledGoal, goals: list[SettledGoal]) -> list[SettledGoal]:
    """Return the goals that had been settled when one was set, so that no outcome is known ahead of its time."""
    return [other for other in goals if other.settled <= goal.set_by]


def scored(asked: list[_Asked], goals: list[SettledGoal]) -> list[GoalScore]:
    """Pool every goal with the weight that the others give, and score it."""
    then = [x.pooled(_before(x.goal, goals), 0.0).record_share for x in asked]
    carried = [
        Carried(float((x.outcomes >= x.goal.target).mean()), record, x.goal.hit)
        for x, record in zip(asked, then, strict=True)
        if x.outcomes is not None
    ]
    weights = iter(left_one_out(carried))
    return [_score(x, goals, next(weights) if x.outcomes is not None else 0.0) for x in asked]


def _score(x: _Asked, goals: list[SettledGoal], weight: float) -> GoalScore:
    g, before = x.goal, _before(x.goal, goals)
    # by its name: what comes back from a worker is another object
    others = [other for other in goals if (other.name, other.set_by) != (g.name, g.set_by)]
    pool = x.pooled(before, weight)
    left_out = x.pooled(others, weight).probability
    carried = x.outcomes is not None
    p = round(pool.probability, 4)
    return GoalScore(
        g.name, g.origin, p, int(g.hit), round(scores.brier(p, g.hit), 4), g.kind, g.region, g.series, g.target,
        g.deadline, g.decided_by, "model" if carried else "base rate",
        round(pool.model_share, 4) if carried else None,
        round(track_record([o.as_settled() for o in before])[None].rate, 4),
        round(pool.record_share, 4), round(x.required_growth, 4), round(weight, 4), round(left_out, 4),
    )  # fmt: skip


def known_for(goal: SettledGoal, rows: list[Row]) -> list[Point]:
    """Return the points of the goal's label that were known when it was set, its own base among them."""
    label = STOCK if goal.series in (NET, NEW) else goal.series
    # months as the years of `Point.time`, which are whole at the end of December
    last = (goal.set_by - 11) / 12.0
    points = [
        p for p in known_points(rows, goal.set_by, last)
        if p.series == label or (is_recognition(label) and is_recognition(p.series))
    ]  # fmt: skip
    if goal.base and 12 * goal.base[0] + goal.base[1] - 1 <= goal.set_by + 1:
        year, month, value = goal.base
        if not any((p.series, p.region, p.year, p.month) == (label, goal.region, year, month) for p in points):
            error = assumptions().goals.base_error
            points.append(Point(label, goal.region, "stock", year, month, float(np.log(value)), error, "none"))
    return points


def model_outcomes(goal: SettledGoal, points: list[Point], streams: Streams) -> Floats | None:
    """Return posterior draws of what becomes of a goal, (draws,), None where the region's label is not known at all."""
    if not any(p.region == goal.region and p.bound == "none" for p in points):
        return None
    newest = max(p.year for p in points)
    fitted = panel.fit(points, {goal.region}, max(goal.deadline, newest), (streams, f"goal:{goal.name}:{goal.origin}"))
    if goal.series == NEW:
        return np.asarray(fitted.first_timers(goal.region, goal.deadline), float)
    if goal.series == NET:
        ends = [np.exp(fitted.draws(STOCK, goal.region, year)) for year in (goal.deadline - 1, goal.deadline)]
        return np.asarray(ends[1] - ends[0], float)
    # there and back through logs must not lose a count that is the goal to the letter
    return np.asarray(np.round(np.exp(_peak(fitted, goal)), 6), float)


def _peak(fitted: panel.Panel, goal: SettledGoal) -> Floats:
    """Return the highest year-end log count from the year a goal was set to its deadline, (draws,)."""
    # a goal counts as reached at the first year-end that reaches it, as in `calibration.backtest.settled`
    years = range(min(goal.set_by // 12, goal.deadline), goal.deadline + 1)
    return np.max([fitted.draws(goal.series, goal.region, year) for year in years], axis=0)


def required_growth(goal: SettledGoal, points: list[Point], rate: float) -> float:
    """Return 1 if growth so far, gone on with, reaches the goal, 0 if not, the base rate without two points.

    Growth so far is the mean of the region's own course, or of all regions' where it has one point.
    """
    label = STOCK if goal.series in (NET, NEW) else goal.series
    known = courses(p for p in points if p.series not in FLOWS).get(label, {})
    own = known.get(goal.region)
    growths = [(c.logs[-1] - c.logs[0]) / (c.times[-1] - c.times[0]) for c in known.values() if len(c.times) > 1]
    if own is None or not growths:
        return rate
    growth = (own.logs[-1] - own.logs[0]) / (own.times[-1] - own.times[0]) if len(own.times) > 1 else np.mean(growths)
    start = own.logs[-1]
    if goal.series in (NET, NEW):
        return float(np.exp(start) * np.expm1(growth) >= goal.target)
    return float(start + growth * (goal.deadline - own.times[-1]) >= np.log(goal.target))


def goals_summary(made: list[GoalScore]) -> dict[str, Any]:
    """Return Brier scores of the model, the base rate and the rule, over all goals and where the model speaks."""
    out: dict[str, Any] = {}
    for name, held in (("all", made), ("with_model", [g for g in made if g.basis == "model"])):
        if not held:
            continue
        came = np.array([bool(g.outcome) for g in held])
        columns = {
            "peiyu": [g.probability for g in held],
            "left_out": [g.left_out for g in held],
            "base_rate": [g.base_rate for g in held],
            "kind_rate": [g.kind_rate for g in held],
            "required_growth": [g.required_growth for g in held],
        }
        alone = [g.probability if g.model_probability is None else g.model_probability for g in held]
        hindsight = float(came.mean())
        out[name] = {"goals": len(held), "reached": int(came.sum())}
        for column, p in (columns | {"model_alone": alone, "hindsight_base_rate": [hindsight] * len(held)}).items():
            out[name][f"brier_{column}"] = round(float(((np.array(p) - came) ** 2).mean()), 4)
        out[name]["reliability"] = scores.reliability(np.array(columns["peiyu"]), came, _EDGES)
    return out
