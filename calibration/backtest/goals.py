"""P(reached) of settled goals, asked at the month each was set, with what was known then.

Where the model carries the series, its probability and the record of goals are averaged as log odds: the model
knows the region's growth, the record knows that departments set goals they expect to reach. Elsewhere the base rate
of the kind of goal stands alone. Records hold only goals settled before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import expit, logit

from agents.table import Floats
from calibration.backtest import scores
from calibration.backtest.backtest import BacktestBudget, Progress
from calibration.backtest.settled import SettledGoal
from calibration.panel import panel
from calibration.panel.assumptions import assumptions
from calibration.panel.data import FLOWS, STOCK, Point, Row, courses, known_points
from calibration.panel.observe import is_recognition
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
    basis: str  # model or base rate
    model_probability: float | None
    base_rate: float  # of all goals settled before
    kind_rate: float  # of those of its kind
    required_growth: float  # what the rule says: 1, 0, or the base rate where it has no base


def run(rows: list[Row], goals: list[SettledGoal], effort: BacktestBudget, progress: Progress) -> list[GoalScore]:
    """Score every goal; the same seed gives the same numbers with any number of workers."""
    out: list[GoalScore] = []
    for made in effort.workers.spread(partial(score, rows, goals, effort.seed), goals):
        out.append(made)
        progress(len(out), len(goals))
    return out


def score(rows: list[Row], goals: list[SettledGoal], seed: int, goal: SettledGoal) -> GoalScore:
    """Return the probability of one goal with what was known when it was set, and its score."""
    # only what had been settled when the goal was set, so that no outcome is known ahead of its time
    record = [other for other in goals if other.settled <= goal.set_by]
    rate = kind_rate(goal.kind, record)
    overall = overall_rate(record)
    points = known_for(goal, rows)
    ours = model_probability(goal, points, Streams(seed))
    probability = rate if ours is None else combined(ours, rate)
    return GoalScore(
        goal.name, goal.origin, round(probability, 4), int(goal.hit), round(scores.brier(probability, goal.hit), 4),
        goal.kind, goal.region, goal.series, goal.target, goal.deadline, "base rate" if ours is None else "model",
        None if ours is None else round(ours, 4), round(overall, 4), round(rate, 4),
        round(required_growth(goal, points, overall), 4),
    )  # fmt: skip


def kind_rate(kind: str, record: list[SettledGoal]) -> float:
    """Return the share of goals of a kind that were reached, drawn towards that of all kinds."""
    mine, prior = [g.hit for g in record if g.kind == kind], assumptions().goals.prior_goals
    return (sum(mine) + prior * overall_rate(record)) / (len(mine) + prior)


def overall_rate(record: list[SettledGoal]) -> float:
    """Return the share of all goals that were reached, drawn towards one half: "always the base rate"."""
    prior = assumptions().goals.prior_goals
    return (sum(g.hit for g in record) + 0.5 * prior) / (len(record) + prior)


def combined(model: float, record: float) -> float:
    """Average two probabilities as log odds, neither taken for certain."""
    least = assumptions().goals.least_probability
    return float(expit(0.5 * sum(logit(np.clip(p, least, 1.0 - least)) for p in (model, record))))


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


def model_probability(goal: SettledGoal, points: list[Point], streams: Streams) -> float | None:
    """Return the share of posterior draws that reach a goal, None where the region's label is not known at all."""
    if not any(p.region == goal.region and p.bound == "none" for p in points):
        return None
    newest = max(p.year for p in points)
    fitted = panel.fit(points, {goal.region}, max(goal.deadline, newest), (streams, f"goal:{goal.name}:{goal.origin}"))
    if goal.series == NEW:
        return float((fitted.first_timers(goal.region, goal.deadline) >= goal.target).mean())
    if goal.series == NET:
        ends = [np.exp(fitted.draws(STOCK, goal.region, year)) for year in (goal.deadline - 1, goal.deadline)]
        return float((ends[1] - ends[0] >= goal.target).mean())
    return float((_peak(fitted, goal) >= np.log(goal.target)).mean())


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
