"""Levers as planners write them: one TOML table becomes one checked lever, or one sentence about what is wrong."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError, listed, suggest
from sim.inputs.shown import quoted
from sim.levers import LEVERS, Lever
from sim.levers.base import Eligible
from sim.scenario.ranges import check_numbers

_RENAMED = {
    "budget_wan_per_year": "budget",
    "push": "size",
    "release": "size",
    "projects": "size",
    "batch_size": "size",
}
"""Keys of older scenario files and what they are called now."""


def current_names(where: str, table: dict[str, Any]) -> dict[str, Any]:
    """Return a table with its keys as they are called now; raises `InputError` when one thing is there twice."""
    renamed: dict[str, Any] = {}
    written: dict[str, str] = {}
    for key, value in table.items():
        now = _RENAMED.get(key, key)
        if now in renamed:
            raise InputError(f'{where}: "{written[now]}" and "{key}" both mean {now}; keep {now} and drop the other.')
        renamed[now], written[now] = value, key
    return renamed


def build_lever(file: str, name: str, entry: dict[str, Any], city: City) -> Lever:
    """Turn one [[lever]] table into a lever; raises `InputError` saying exactly what is wrong with it."""
    where = f'{file}: lever "{quoted(name)}"'
    refuse_missing_type(where, entry)
    given = current_names(where, {k: v for k, v in entry.items() if k != "type"}) | {"name": name}
    kind = str(entry["type"])
    if kind not in LEVERS:
        raise InputError(
            f'{where}: unknown lever "{quoted(kind)}".{suggest(kind, LEVERS)} Known: {listed(sorted(LEVERS))}.'
        )
    for end in ("start", "end"):
        if end not in given:
            raise InputError(f'{where}: "{end}" is missing; write a quarter like "2025Q1".')
        given[end] = _quarter(where, end, given[end])
    if given["end"] < given["start"]:
        raise InputError(
            f"{where}: ends in {quarter.label(given['end'])}, before it starts in {quarter.label(given['start'])}."
        )
    check_numbers(where, given)
    given["eligible"] = _codes(where, given.get("eligible", {}), city)
    try:
        made: Lever = _contract(kind).validate_python(given)
    except ValidationError as error:
        raise InputError(f"{where}: {_first(error, LEVERS[kind])}") from None
    return _sane(where, made, city)


MAX_NAME = 80
"""Letters of a name of a lever."""


def lever_name(where: str, entry: dict[str, Any]) -> str:
    """Return the name of a [[lever]] table, its type if it has none. Raises `InputError` for what is no name."""
    name = entry.get("name", entry.get("type", "lever"))
    if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME:
        raise InputError(f"{where}: name = {quoted(repr(name))}: write a text of 1 to {MAX_NAME} letters.")
    return name


@cache
def _contract(kind: str) -> TypeAdapter[Any]:
    """Return what checks a type of lever; made once, because making it takes longer than a hundred checks."""
    return TypeAdapter(LEVERS[kind])


def refuse_missing_type(where: str, entry: object) -> None:
    """Raise `InputError` when a [[lever]] table does not say which lever it is."""
    if not isinstance(entry, dict) or "type" not in entry:
        raise InputError(f'{where}: "type" is missing; known: {listed(sorted(LEVERS))}.')
    if not isinstance(entry["type"], str):
        raise InputError(f"{where}: unknown lever {quoted(entry['type'])}; known: {listed(sorted(LEVERS))}.")


def _quarter(where: str, key: str, value: object) -> int:
    try:
        return quarter.parse(str(value))
    except InputError as error:
        raise InputError(f"{where}: {key}: {error}") from None


def _codes(where: str, given: object, city: City) -> dict[str, Any]:
    """Turn track and district keys into the city's codes."""
    if not isinstance(given, dict) or not isinstance(given.get("districts", []), list):
        own = city.districts[0].key
        raise InputError(f'{where}: eligible is a table such as {{ tracks = "future", districts = ["{own}"] }}.')
    eligible: dict[str, Any] = dict(given)
    try:
        if isinstance(eligible.get("tracks"), list):
            eligible["tracks"] = tuple(city.track_index(t) for t in eligible["tracks"])
        if "districts" in eligible:
            eligible["districts"] = tuple(city.district_index(d) for d in eligible["districts"])
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    known = [rule.key for rule in city.rules]
    if eligible.get("recognised", "") not in ("", *known):
        word = str(eligible["recognised"])
        meant = f"{suggest(word, known)} Known: {listed(known)}."
        raise InputError(f'{where}: unknown recognition "{quoted(word)}".{meant}')
    return eligible


def _first(error: ValidationError, kind: type[Lever]) -> str:
    """Return the first finding of pydantic as one sentence of ours."""
    unknown = ("unexpected_keyword_argument", "extra_forbidden")
    found = min(error.errors(), key=lambda e: e["type"] not in unknown)  # a misspelt key explains a missing one
    key = quoted(".".join(str(x) for x in found["loc"]))
    if found["type"] in unknown:
        inside = "." in key
        known = sorted(f.name for f in fields(Eligible if inside else kind))
        takes = "eligible" if inside else f"A {kind.__name__}"
        return f'unknown key "{key}".{suggest(key.rsplit(".", 1)[-1], known)} {takes} takes {listed(known)}.'
    if found["type"] in ("missing", "missing_argument"):
        return f'"{key}" is missing.'
    return f"{key} = {quoted(repr(found['input']))}: {quoted(found['msg'].lower(), 200)}."


def _sane(where: str, made: Lever, city: City) -> Lever:
    """Refuse a lever without a source, and one that rewards a recognition nobody gives."""
    known = [rule.key for rule in city.rules]
    named = getattr(made, "recognition", known[0])
    if named not in known:
        meant = f"{suggest(named, known)} Known: {listed(known)}."
        raise InputError(f'{where}: unknown recognition "{quoted(named)}".{meant}')
    if not made.source.strip():
        raise InputError(f'{where}: "source" is empty; say where the number can be checked, or "assumption: ...".')
    return made
