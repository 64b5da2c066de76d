"""Levers as planners write them: one TOML table becomes one checked lever, or one sentence about what is wrong."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError, listed, meant, standing, unknown
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
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


def current_names(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table with its keys as they are called now; raises `InputError` when one thing is there twice."""
    renamed: dict[str, Any] = {}
    written: dict[str, str] = {}
    for key, value in table.items():
        now = _RENAMED.get(key, key)
        if now in renamed:
            raise InputError(
                Said(
                    '"{first}" and "{second}" both mean {key}; keep {key} and drop the other.',
                    first=written[now],
                    second=key,
                    key=now,
                )
            )
        renamed[now], written[now] = value, key
    return renamed


def build_lever(file: str, name: str, entry: dict[str, Any], city: City) -> Lever:
    """Turn one [[lever]] table into a lever; raises `InputError` saying where it stands, and what `lever_of` does."""
    with standing(Said('{file}: lever "{name}"', file=file, name=quoted(name))):
        return lever_of(name, entry, city)


def lever_of(name: str, entry: dict[str, Any], city: City) -> Lever:
    """Turn a [[lever]] table into a lever; raises `InputError` saying exactly what is wrong with it."""
    refuse_missing_type(entry)
    given = current_names({k: v for k, v in entry.items() if k != "type"}) | {"name": name}
    kind = str(entry["type"])
    if kind not in LEVERS:
        raise InputError(unknown(Said("lever"), kind, sorted(LEVERS)))
    for end in ("start", "end"):
        if end not in given:
            raise InputError(Said('"{key}" is missing; write a quarter like "2025Q1".', key=end))
        with standing(end):
            given[end] = quarter.parse(str(given[end]))
    if given["end"] < given["start"]:
        start, end = quarter.label(given["start"]), quarter.label(given["end"])
        raise InputError(Said("ends in {end}, before it starts in {start}.", end=end, start=start))
    check_numbers(given)
    given["eligible"] = _codes(given.get("eligible", {}), city)
    try:
        made: Lever = _contract(kind).validate_python(given)
    except ValidationError as error:
        raise InputError(_first(error, LEVERS[kind])) from None
    return _sane(made, city)


MAX_NAME = 80
"""Letters of a name of a lever."""


def lever_name(entry: dict[str, Any]) -> str:
    """Return the name of a [[lever]] table, its type if it has none. Raises `InputError` for what is no name."""
    name = entry.get("name", entry.get("type", "lever"))
    if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME:
        shown = quoted(repr(name))
        raise InputError(Said("name = {found}: write a text of 1 to {most} letters.", found=shown, most=MAX_NAME))
    return name


@cache
def _contract(kind: str) -> TypeAdapter[Any]:
    """Return what checks a type of lever; made once, because making it takes longer than a hundred checks."""
    return TypeAdapter(LEVERS[kind])


def refuse_missing_type(entry: object) -> None:
    """Raise `InputError` when a [[lever]] table does not say which lever it is."""
    if not isinstance(entry, dict) or "type" not in entry:
        raise InputError(Said('"type" is missing; known: {known}.', known=listed(sorted(LEVERS))))
    if not isinstance(entry["type"], str):
        found = quoted(entry["type"])
        raise InputError(Said("unknown lever {found}; known: {known}.", found=found, known=listed(sorted(LEVERS))))


def _codes(given: object, city: City) -> dict[str, Any]:
    """Turn track and district keys into the city's codes."""
    if not isinstance(given, dict) or not isinstance(given.get("districts", []), list):
        own = city.districts[0].key
        form = Said('eligible is a table such as {{ tracks = "future", districts = ["{own}"] }}.', own=own)
        raise InputError(form)
    eligible: dict[str, Any] = dict(given)
    if isinstance(eligible.get("tracks"), list):
        eligible["tracks"] = tuple(city.track_index(t) for t in eligible["tracks"])
    if "districts" in eligible:
        eligible["districts"] = tuple(city.district_index(d) for d in eligible["districts"])
    known = [rule.key for rule in city.rules]
    if eligible.get("recognised", "") not in ("", *known):
        raise InputError(unknown(Said("recognition"), eligible["recognised"], known))
    return eligible


def _first(error: ValidationError, kind: type[Lever]) -> Said:
    """Return the first finding of pydantic as one sentence of ours."""
    unknown = ("unexpected_keyword_argument", "extra_forbidden")
    found = min(error.errors(), key=lambda e: e["type"] not in unknown)  # a misspelt key explains a missing one
    key = quoted(".".join(str(x) for x in found["loc"]))
    if found["type"] in unknown:
        inside = "." in key
        known = sorted(f.name for f in fields(Eligible if inside else kind))
        near = meant(key.rsplit(".", 1)[-1], known)
        takes = Said("eligible takes") if inside else Said("A {kind} takes", kind=kind.__name__)
        return Said(
            'unknown key "{key}".{meant} {takes} {known}.', key=key, meant=near, takes=takes, known=listed(known)
        )
    if found["type"] in ("missing", "missing_argument"):
        return Said('"{key}" is missing.', key=key)
    shown, reason = quoted(repr(found["input"])), foreign(quoted(found["msg"].lower(), 200))
    return Said("{key} = {found}: {reason}.", key=key, found=shown, reason=reason)


def _sane(made: Lever, city: City) -> Lever:
    """Refuse a lever without a source, and one that rewards a recognition nobody gives."""
    known = [rule.key for rule in city.rules]
    named = getattr(made, "recognition", known[0])
    if named not in known:
        raise InputError(unknown(Said("recognition"), named, known))
    if not made.source.strip():
        raise InputError(Said('"source" is empty; say where the number can be checked, or "assumption: ...".'))
    return made
