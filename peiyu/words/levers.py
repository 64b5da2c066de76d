"""How a lever is named for planners, and whom it reaches."""

from __future__ import annotations

from dataclasses import fields

from peiyu.words.loader import words
from peiyu.words.numbers import digits
from sim.city.city import City
from sim.levers import Lever
from sim.levers.base import Eligible
from sim.scenario.scenario import Scenario


def lever_term(cls: type[Lever]) -> str:
    """Return the planners' word for a type of lever, with which its docstring begins."""
    return str(cls.__doc__).partition(": ")[0]


def lever_name(name: str, scenario: Scenario | None, lang: str) -> str:
    """Return what readers call a lever: its own name, or the word for its type where it has none of its own."""
    known = words("lever_names", lang)
    if name in known:
        return known[name]
    found = next((x for x in scenario.levers if x.name == name), None) if scenario else None
    if found is None or lang != "zh":
        return name.replace("_", " ")
    return lever_term(type(found))


def eligibility(city: City, who: Eligible) -> str:
    """Write the conditions a lever sets, each with its value."""
    parts = []
    for f in fields(Eligible):
        value = getattr(who, f.name)
        if value == f.default and f.name != "tracks":
            continue
        if f.name == "districts":
            value = [city.districts[i].key for i in value]
        elif f.name == "tracks" and not isinstance(value, str):
            value = [city.tracks[i].key for i in value]
        said = (
            ", ".join(value) if isinstance(value, list) else digits(value) if isinstance(value, float) else str(value)
        )
        parts.append(f"{f.name} {said}")
    return "; ".join(parts)
