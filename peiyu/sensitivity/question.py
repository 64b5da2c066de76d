"""What the user asks of a sensitivity analysis: how much work, and which readings in full."""

from __future__ import annotations

from typing import Any

from calibration.sensitivity.design import EFFORTS, Effort
from sim.city.city import City
from sim.inputs.errors import InputError, suggest


def effort_named(name: str) -> Effort:
    """Return an effort by name. Raises `InputError`."""
    if name not in EFFORTS:
        raise InputError(f"--effort {name}: unknown.{suggest(name, EFFORTS)} Known: {', '.join(EFFORTS)}.")
    return EFFORTS[name]


def chosen(city: City, asked: list[str]) -> list[str]:
    """Return the readings asked for as "goal/reading"; a goal alone means its main reading. Raises `InputError`."""
    known = {f"{g.key}/{r.key}" for g in city.goals for r in g.readings}
    primary = {g.key: f"{g.key}/{r.key}" for g in city.goals for r in g.readings if r.primary}
    names = [primary.get(text, text) for text in asked]
    for name in names:
        if name not in known:
            near = suggest(name, [*primary, *sorted(known)])
            raise InputError(
                f"--goal {name}: no such goal or reading of {city.name}.{near} Goals: {', '.join(primary)}."
            )
    return list(dict.fromkeys(names))


def only(document: dict[str, Any], city: City, asked: list[str]) -> dict[str, Any]:
    """Return the document with the readings asked for, or the main reading of every goal."""
    wanted = asked or [f"{g.key}/{r.key}" for g in city.goals for r in g.readings if r.primary]
    rows = [row for row in document["readings"] if f"{row['goal']}/{row['reading']}" in wanted]
    return document | {"readings": rows}
