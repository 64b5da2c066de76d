"""The first screen: every goal with its chance, what it rests on, what the moved levers change; risky goals first."""

from __future__ import annotations

from typing import Any

from peiyu.comparison.paired import NORMAL_90
from peiyu.forecasts.outcomes import YearlyOutcome, outcome_label, shown_years
from peiyu.forecasts.result import Forecast
from peiyu.page.desk import Answer, PairedChange
from peiyu.page.screens.compare import none_of
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.levers import lever_term
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import chance, count, interval, points, signed_count
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import main_reading
from sim.ensemble.forecast import GoalForecast
from sim.scenario.evidence import bounds
from sim.scenario.scenario import Scenario

SIGNS = {">=": "≥", "<=": "≤"}
RAMP = 4
"""Quarters in which a lever comes to its full strength unless its file says otherwise."""
BAR = 200.0
"""Width of a chance of one."""
MOST = 3.0
"""Largest size that a slider reaches; the address and a file may say more."""


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
        "outside": outside_words(outside_document(f.outside), lang), "scale": words("likelihood", lang)["scale"],
        **_outcomes(f, lang),
    }  # fmt: skip


def _no_time(f: Forecast, lang: str) -> str:
    """Say how few quarters are left, where they are fewer than a lever's ramp takes."""
    left = max(goal.deadline for goal in f.city.goals) - f.as_of
    told = words("page", lang)["no_time"].format(q=quarter.label(f.as_of), n=left)
    return told if left <= RAMP else ""


def _outcomes(f: Forecast, lang: str) -> dict[str, Any]:
    """Return outcomes year by year, which go beyond the deadline where the page was asked to."""
    found = {(x.indicator, x.year): x for x in f.outcomes}
    years = shown_years(sorted({x.year for x in f.outcomes}))
    names = dict.fromkeys(x.indicator for x in f.outcomes)
    rows = [(name, [found[name, year] for year in years]) for name in names]
    return {
        "years": years,
        "outcomes": [{"name": outcome_label(name, lang), "cells": [_spread(x) for x in cells]} for name, cells in rows],
    }  # fmt: skip


def _spread(x: YearlyOutcome) -> str:
    return f"{count(x.median)} ({interval(x.q05, x.q95)})"


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
        "name": label(r, lang), "main": r.primary, "asked": f"{SIGNS.get(r.operator, r.operator)} {count(r.value)}",
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
    units = f"{w['units']} {signed_count(m.units)} ({interval(*m.units_ci90, signed_count)})"
    if m.members == 0:
        return {"change": w["none_changed"].format(n=members, most=none_of(members)), "units": units, "no_change": True}
    told = f"{points(m.chance)} {w['points']} ({interval(*m.chance_ci90, points)})"
    return {"change": told, "units": units, "no_change": False}


def levers_of(scenario: Scenario, base: Scenario, lang: str) -> list[dict[str, Any]]:
    """Return every lever of the base with where its slider stands."""
    now, types = {x.name: x for x in scenario.levers}, [type(x) for x in base.levers]
    known, rows = bounds(), []
    for x in base.levers:
        here, kind = now.get(x.name, x), type(x)
        rows.append({
            "key": x.name, "term": lever_term(kind) if lang == "zh" else _spaced(kind.__name__),
            "twin": types.count(kind) > 1, "article": kind.plan_action,
            "size": _plain(here.size), "was": _plain(x.size),
            "most": max(MOST, here.size), "low": known.low, "high": known.high, "budget": _plain(here.budget),
            "usual": _plain(x.budget), "start": quarter.label(here.start), "end": quarter.label(here.end),
            "start_was": quarter.label(x.start), "end_was": quarter.label(x.end), "source": x.source,
            "assumed": "assumption" in x.source,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["article"], row["key"]))


def _plain(x: float) -> int | float:
    """Return a number as a browser's field writes it."""
    return int(x) if float(x).is_integer() else x


def _spaced(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()
