"""Scenarios side by side: what each changes about every goal, what it costs, who climbs, and where."""

from __future__ import annotations

from typing import Any

from peiyu.comparison.result import Comparison
from peiyu.comparison.rows import Effect, PartEffect
from peiyu.forecasts.fans import goal_fan
from peiyu.page.charts import Shift, forest, panel
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.indicators import counted_label
from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING, chance, count, interval, points, signed_count
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings
from sim.ensemble.record import RUNGS

NONE_CHANGED = 0.05
"""Of n members none changed: with this chance so rare a change would not have been seen."""


def shown(c: Comparison, lang: str, *, last: bool) -> dict[str, Any]:
    """Return what the comparison's template says."""
    w, base, others = words("page", lang), c.forecasts[0], c.forecasts[1:]
    found = {(e.scenario, e.goal, e.reading): e for e in c.effects}
    asked = main_readings(base.city)
    rows = [
        (label(goal, lang), [x for x in changes if _moves(x)])
        for goal, r in asked
        for changes in [[_change(i, found[f.scenario.name, goal.key, r.key]) for i, f in enumerate(others)]]
    ]
    return {
        "w": w, "members": base.members, "coarse": not last, "base": base.scenario.title[lang],
        "names": [f.scenario.title[lang] for f in others], "runs": [f.run_id for f in c.forecasts],
        "forest": forest([row for row in rows if row[1]]),
        "most": none_of(base.members),
        "unmoved": [name for name, changes in rows if not changes], "all": len(rows),
        "goals": [_goal(c, goal, r, lang) for goal, r in asked],
        "fans": [panel(goal_fan(label(goal, lang), (goal, r), base.ensemble, base.as_of,
                                {f.scenario.title[lang]: f.ensemble for f in others})) for goal, r in asked],
        "costs": _costs(c, lang), "places": _places(c, lang), "ladder": _ladder(c, lang), "joint": _joint(c, lang),
        "outside": [line for f in others for line in outside_words(outside_document(f.outside), f.scenario, lang)],
    }  # fmt: skip


def _moves(x: Shift) -> bool:
    return (x.value, x.low, x.high) != (0.0, 0.0, 0.0)


def _change(i: int, e: Effect) -> Shift:
    return Shift(i, e.delta_probability, *e.ci90)


def _goal(c: Comparison, goal: Goal, r: Reading, lang: str) -> dict[str, Any]:
    """Return a row of the table: the plain chance of every scenario, and what the later ones change."""
    chances = [next(g for g in f.goals if (g.goal, g.reading) == (goal.key, r.key)) for f in c.forecasts]
    effects = [e for e in c.effects if (e.goal, e.reading) == (goal.key, r.key)]
    return {
        "name": label(goal, lang), "reading": counted_label(r, lang),
        "chances": [chance(g.probability) for g in chances],
        "effects": [_effect(e, c.forecasts[0].members, lang) for e in effects],
    }  # fmt: skip


def _effect(e: Effect, members: int, lang: str) -> dict[str, str | bool]:
    w, said = words("page", lang), words("comparison", lang)
    still = e.delta_probability == 0.0 and e.ci90 == (0.0, 0.0)
    change = f"{points(e.delta_probability)} ({interval(*e.ci90, points)})"
    notes = {"several_levers": w["several_levers"]}  # what the terminal's word says of an option means nothing here
    note = notes.get(e.cost_note, said[f"note_{e.cost_note}"]) if e.cost_note else NOTHING
    each = e.cost_per_net_unit_ci90
    cost = note if e.cost_per_net_unit is None else count(e.cost_per_net_unit)
    if still and e.net == 0.0 and e.net_ci90 == (0.0, 0.0):
        told = w["none_changed"].format(n=members, most=none_of(members))
        return {"change": told, "units": "", "assumed": False, "each": "", "still": True}
    return {
        "still": still,
        "change": w["none_changed"].format(n=members, most=none_of(members)) if still else change,
        "units": f"{signed_count(e.net)} ({interval(*e.net_ci90)})", "assumed": e.basis in ("record", "assumption"),
        "each": cost + (f" ({interval(*each)})" if e.cost_per_net_unit is not None and each else ""),
    }  # fmt: skip


def none_of(members: int) -> str:
    """Write the largest share of which so many members would show nothing with a chance of one in twenty."""
    return chance(1.0 - NONE_CHANGED ** (1.0 / members))


def _joint(c: Comparison, lang: str) -> list[dict[str, str]]:
    """Return P(all) and P(most) of every scenario."""
    most = round(0.75 * len(c.forecasts[0].city.goals))
    return [
        {"name": f.scenario.title[lang], "all": chance(f.joint.all), "most": chance(f.joint.at_least[most])}
        for f in c.forecasts
    ]


def _costs(c: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return what each lever paid under every scenario, and the difference with its interval."""
    names = dict.fromkeys(x.lever for x in c.costs)
    by = {(x.scenario, x.lever): x for x in c.costs}
    later = [f.scenario.name for f in c.forecasts[1:]]
    rows = []
    for name in names:
        mine = [by.get((scenario, name)) for scenario in later]
        base = next(x.base_wan for x in mine if x)
        cells = [NOTHING if x is None else f"{count(x.cost_wan)} ({signed_count(x.difference_wan)})" for x in mine]
        rows.append({"name": lever_name(name, c.forecasts[-1].scenario, lang), "base": count(base), "cells": cells})
    return rows


def _places(c: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return the net effect on main readings by district and track, goals that count enterprises only."""
    city, later = c.forecasts[0].city, [f.scenario.name for f in c.forecasts[1:]]
    found = {(p.scenario, p.goal, p.axis, p.code): p for p in c.parts}
    places = [("district", x) for x in city.districts] + [("track", x) for x in city.tracks if x.future]
    out = []
    for goal in city.goals:
        if any(p.goal == goal.key for p in c.parts):
            rows = [
                (label(x, lang), axis, [_part(found.get((s, goal.key, axis, x.key))) for s in later])
                for axis, x in places
            ]
            out.append({"goal": label(goal, lang), "rows": rows})
    return out


def _part(p: PartEffect | None) -> str:
    return NOTHING if p is None else f"{signed_count(p.net)} ({interval(*p.net_ci90)})"


def _ladder(c: Comparison, lang: str) -> list[dict[str, Any]]:
    """Return how many enterprises are on each rung at the end, having been on each at the origin."""
    names = [words("page", lang)[f"rung_{rung}"] for rung in RUNGS]
    flows = [c.ladders[f.scenario.name] for f in c.forecasts]
    size = range(len(RUNGS))
    return [
        {"before": names[i], "after": names[j], "cells": [count(float(flow[i, j])) for flow in flows]}
        for i in size for j in size if (i, j) != (0, 0)
    ]  # fmt: skip
