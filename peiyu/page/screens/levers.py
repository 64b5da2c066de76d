"""Beside the answer: every lever with where its slider stands, and the form of dates, rules and money."""

from __future__ import annotations

from typing import Any

from peiyu.forecasts.pipeline import Question
from peiyu.page.choice import MOVABLE, Choice
from peiyu.page.rules import MOST_RULES
from peiyu.words.levers import lever_term
from peiyu.words.loader import words
from peiyu.words.names import reading_label
from sim import quarter
from sim.city.city import City
from sim.city.readings import every_reading
from sim.levers import LEVERS
from sim.scenario.evidence import bounds
from sim.scenario.scenario import Scenario

MOST = 3.0
"""Largest size that a slider reaches; the address and a file may say more."""


def levers_of(city: City, scenario: Scenario, base: Scenario, lang: str) -> list[dict[str, Any]]:
    """Return every lever of the base with where its slider stands."""
    now, types = {x.name: x for x in scenario.levers}, [type(x) for x in base.levers]
    known, rows = bounds(), []
    articles, names = city.document.articles, {cls: name for name, cls in LEVERS.items()}
    for x in base.levers:
        here, kind = now.get(x.name, x), type(x)
        rows.append({
            "key": x.name, "term": lever_term(kind) if lang == "zh" else _spaced(kind.__name__),
            "twin": types.count(kind) > 1, "article": articles.get(names[kind]), "place": kind.plan_action,
            "size": _plain(here.size), "was": _plain(x.size),
            "most": max(MOST, here.size), "low": known.low, "high": known.high, "budget": _plain(here.budget),
            "usual": _plain(x.budget), "start": quarter.label(here.start), "end": quarter.label(here.end),
            "start_was": quarter.label(x.start), "end_was": quarter.label(x.end), "source": x.source,
            "assumed": "assumption" in x.source, "ramp": here.ramp_quarters,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["place"], row["key"]))


def _plain(x: float) -> int | float:
    """Return a number as a browser's field writes it."""
    return int(x) if float(x).is_integer() else x


def _spaced(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip().capitalize()


def form_of(choice: Choice, base: Scenario, q: Question, lang: str) -> dict[str, Any]:
    """Return what the form of dates and rules offers: quarters that are to come, readings, and levers."""
    known = [(f"{goal.key}.{r.key}", reading_label(goal, r, lang)) for goal, r in every_reading(q.city)]
    ahead = [quarter.label(x) for x in range(q.as_of + 1, q.end + 1)]
    whats = [(what, words("page", lang)[f"what_{what}"]) for what in MOVABLE]
    names = sorted({x.name for x in base.levers} | {rule.lever for rule in choice.rules})
    return {
        "decide": ahead[1:], "by": ahead[:-1], "subjects": known, "operators": ("<", "<=", ">=", ">"), "levers": names,
        "whats": whats, "origin": q.as_of, "most": MOST_RULES, "rules": [(rule, rule.parts) for rule in choice.rules],
    }  # fmt: skip
