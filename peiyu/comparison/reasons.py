"""Why nothing is seen: how far along its own path a lever's effect still shows, where a goal is not told apart.

Every type of lever declares its path, the indicators it moves one after the other. Each is measured in the same paired
members, so the sentence says where the effect is lost, and nothing is said where the goal itself has moved.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.table import Floats
from peiyu.comparison.paired import at_deadline, interval, told_apart
from peiyu.forecasts.result import Forecast
from peiyu.words.indicators import indicator_label
from peiyu.words.levers import lever_term
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import interval as span
from peiyu.words.numbers import signed_count
from sim import quarter
from sim.city.readings import main_readings
from sim.inputs.errors import InputError
from sim.levers import LEVERS, Lever
from sim.scenario.coalitions import differing
from sim.state.indicators import INDICATORS


@dataclass(frozen=True, slots=True)
class Step:
    """One indicator on a lever's path, by the last deadline: a flow since the origin, a stock at the end."""

    indicator: str
    net: float
    net_ci90: tuple[float, float]
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """How far one type of lever gets, in a scenario under which some goals are not told apart from none."""

    scenario: str
    type: str
    levers: tuple[str, ...]
    by: str  # the quarter
    steps: tuple[Step, ...]
    stops_at: str | None  # from this indicator on none is told apart; None where the end of the path is
    unmoved: tuple[str, ...]  # goals whose main reading is not told apart


def reasons(base: Forecast, other: Forecast) -> list[Reason]:
    """Return one reason for every type of lever in which a scenario differs, if any goal is not told apart."""
    unmoved = tuple(
        g.key
        for g, r in main_readings(base.city)
        if not told_apart(at_deadline(g, r, other) - at_deadline(g, r, base))
    )
    if not unmoved:
        return []
    by = max(g.deadline for g in base.city.goals)
    out = []
    for kind, names in _differing_types(base, other).items():
        steps = tuple(_step(name, base, other, by) for name in LEVERS[kind].path)
        out.append(Reason(other.scenario.name, kind, names, quarter.label(by), steps, _stop(steps), unmoved))
    return out


def _differing_types(base: Forecast, other: Forecast) -> dict[str, tuple[str, ...]]:
    """Return the levers in which two scenarios differ, by registered type; none where rules change them."""
    try:
        names = differing(base.scenario, other.scenario)
    except InputError:
        return {}
    known: dict[type[Lever], str] = {cls: kind for kind, cls in LEVERS.items()}
    types = {x.name: known[type(x)] for s in (base.scenario, other.scenario) for x in s.levers}
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        found[types[name]] = (*found.get(types[name], ()), name)
    return found


def _stop(steps: tuple[Step, ...]) -> str | None:
    """Return the first indicator from which on none is told apart; None where the last one is."""
    seen = max((i for i, s in enumerate(steps) if s.told_apart), default=-1)
    return None if seen == len(steps) - 1 else steps[seen + 1].indicator


def _step(name: str, base: Forecast, other: Forecast, by: int) -> Step:
    net = _by_then(name, other, by) - _by_then(name, base, by)
    return Step(name, float(net.mean()), interval(net), told_apart(net))


def _by_then(name: str, f: Forecast, by: int) -> Floats:
    """Return a flow's sum since the origin, or what a stock or ratio is in the quarter, (members,)."""
    values, first, end = f.ensemble.of(name), f.as_of + 1 - f.ensemble.start, by - f.ensemble.start
    if INDICATORS[name].kind != "flow":
        return values[:, end]
    total: Floats = values[:, first : end + 1].sum(axis=1)
    return total


def sentence(x: Reason, f: Forecast, lang: str) -> str:
    """Say in one sentence how far a type of lever gets, and what is therefore not told apart."""
    return words("comparison", lang)["why"].format(**_said(x, lang), by=x.by, goals=unmoved_goals(x, f, lang))


def way(x: Reason, lang: str) -> str:
    """Say how far a type of lever gets, in a list under one head."""
    return words("comparison", lang)["way"].format(**_said(x, lang))


def unmoved_goals(x: Reason, f: Forecast, lang: str) -> str:
    """Name the goals whose main reading is not told apart from none."""
    goals = {g.key: label(g, lang) for g in f.city.goals}
    return words("comparison", lang)["comma"].join(goals[key] for key in x.unmoved)


def _said(x: Reason, lang: str) -> dict[str, str]:
    """Return the lever, its way and where it ends, in words."""
    w = words("comparison", lang)
    steps = (f"{indicator_label(s.indicator, lang)} {signed_count(s.net)} ({span(*s.net_ci90)})" for s in x.steps)
    end = w["whole_path"] if x.stops_at is None else w["stops"].format(step=indicator_label(x.stops_at, lang))
    who = lever_term(LEVERS[x.type]) if lang == "zh" else x.type.replace("_", " ")
    return {"lever": who, "way": w["then"].join(steps), "end": end}
