"""The first screen: every goal with its chance, what it rests on, what the moved levers change; risky goals first."""

from __future__ import annotations

from typing import Any

from peiyu.comparison.paired import NORMAL_90
from peiyu.forecasts.result import Forecast, RuleAct
from peiyu.page.desk import Answer, PairedChange
from peiyu.page.screens.compare import none_of
from peiyu.page.screens.later import to_the_deadline
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.indicators import counted_label
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import asked, chance, count, interval, points, signed_count
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import main_reading
from sim.ensemble.stated import GoalForecast

RAMP = 4
"""Quarters in which a lever comes to its full strength unless its file says otherwise."""
BAR = 200.0
"""Width of a chance of one."""


def shown(a: Answer, lang: str) -> dict[str, Any]:
    """Return what the answer's template says."""
    w, f = words("page", lang), a.forecast
    goals = f.city.goals
    at_least, most = f.joint.at_least, len(goals) // 2 + 1
    return {
        "w": w, "city": f.city.title[lang], "title": f.scenario.title[lang], "base": a.base.scenario.title[lang],
        "goals": [_goal(a, goal, lang) for goal in sorted(goals, key=lambda g: _main(f, g).probability)],
        "members": f.members, "coarse": not a.last, "moved": f.scenario.sha != a.base.scenario.sha,
        "all": chance(f.joint.all), "origin": quarter.label(f.as_of),
        "expected": w["expected"].format(n=count(round(sum(at_least.values()))), of=len(goals)),
        "half": w["at_least"].format(k=most, of=len(goals), p=chance(at_least[most])),
        "money": [{"year": year, "ours": count(x), "base": count(y)} for year, (x, y) in a.spent.items()],
        "no_time": _no_time(f, lang),
        "outside": outside_words(outside_document(f.outside), f.scenario, lang),
        "scale": words("likelihood", lang)["scale"],
        "later": to_the_deadline(f, lang), "told": _told(a, lang),
        "acts": [_acted(x, lang) for x in f.acts],
    }  # fmt: skip


def _acted(x: RuleAct, lang: str) -> str:
    """Say in how many runs a rule acted, and when."""
    w = words("page", lang)
    return w["acted"].format(rule=x.rule, q=x.quarter, p=chance(x.share), branch=w[f"branch_{x.branch}"])


def _told(a: Answer, lang: str) -> str:
    """Say in one sentence how many goals move, counted on their main readings."""
    w, f = words("page", lang), a.forecast
    goals = f.city.goals
    moved = sum(a.moved[goal.key, main_reading(goal).key].members > 0 for goal in goals)
    told = "some_moved" if moved else "none_moved"
    return w[told].format(k=moved, of=len(goals), n=f.members, most=none_of(f.members))


def _no_time(f: Forecast, lang: str) -> str:
    """Say how few quarters are left, where they are fewer than a lever's ramp takes."""
    left = max(goal.deadline for goal in f.city.goals) - f.as_of
    told = words("page", lang)["no_time"].format(q=quarter.label(f.as_of), n=left)
    return told if left <= RAMP else ""


def _goal(a: Answer, goal: Goal, lang: str) -> dict[str, Any]:
    readings = sorted(goal.readings, key=lambda r: not r.primary)
    return {"name": label(goal, lang), "readings": [_reading(a, goal, r, lang) for r in readings]}


def _main(f: Forecast, goal: Goal) -> GoalForecast:
    return _of(f, goal, main_reading(goal))


def _of(f: Forecast, goal: Goal, r: Reading) -> GoalForecast:
    return next(g for g in f.goals if (g.goal, g.reading) == (goal.key, r.key))


def _reading(a: Answer, goal: Goal, r: Reading, lang: str) -> dict[str, Any]:
    g, said = _of(a.forecast, goal, r), words("likelihood", lang)
    low, high = (min(max(g.probability + side * NORMAL_90 * g.mc_error, 0.0), 1.0) for side in (-1.0, 1.0))
    return {
        "name": counted_label(r, lang), "main": r.primary, "asked": asked(r.operator, r.value),
        "width": BAR * g.probability, "low": BAR * low, "high": BAR * high, "chance": chance(g.probability),
        "whisker": interval(low, high, chance), "word": said[g.likelihood], "kind": g.likelihood,
        "basis": said[g.basis], "basis_why": label_of(r, lang), "hollow": g.basis in ("record", "assumption"),
        "median": count(g.median), "interval": interval(g.q05, g.q95), "model": chance(g.model_probability),
        **_changed(a.moved[goal.key, r.key], a.forecast.members, lang),
    }  # fmt: skip


def label_of(r: Reading, lang: str) -> str:
    """Return what the letter of a reading's evidence means, for whoever points at it."""
    return f"{r.evidence} · {words('forecast', lang)['grades']}"


def _changed(m: PairedChange, members: int, lang: str) -> dict[str, str | bool]:
    """Return what the levers change: points and units with intervals, or how few members say so."""
    w = words("page", lang)
    low, high = m.units_ci90
    # a hundredth of an enterprise, with none in its interval, is nothing that a planner could use
    units = "" if low <= 0.0 <= high else f"{w['units']} {signed_count(m.units)} ({interval(low, high, signed_count)})"
    if m.members == 0:
        return {"change": w["none_changed"].format(n=members, most=none_of(members)), "units": units, "no_change": True}
    told = f"{points(m.chance)} {w['points']} ({interval(*m.chance_ci90, points)})"
    return {"change": told, "units": units, "no_change": False}
