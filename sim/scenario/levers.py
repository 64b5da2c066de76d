"""Levers as planners write them: one TOML table becomes one checked lever, or one sentence about what is wrong."""

from __future__ import annotations

import math
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError, suggest
from sim.inputs.shown import quoted
from sim.levers import LEVERS, Lever
from sim.levers.base import Eligible

_RENAMED = {
    "budget_wan_per_year": "budget",
    "push": "size",
    "release": "size",
    "projects": "size",
    "batch_size": "size",
}
"""Keys of older scenario files and what they are called now."""

_LARGEST: dict[str, tuple[float, str]] = {
    "budget": (1e8, "万元 a year (1,000 bn CNY)"),
    "size": (20.0, "times what is written"),
    "ramp_quarters": (80.0, "quarters"),
    "platforms": (1000.0, "a year"),
    "support": (1e6, "万元 a year in all"),
    "max_age_years": (1e6, "years"),
    "min_age_years": (1e3, "years"),
    "max_employees": (1e9, "persons"),
    "max_revenue": (1e12, "万元 a year"),
    "min_rd_intensity": (10.0, "of revenue"),
    "ticket": (1e6, "万元 a deal"),
}
"""The largest number that each key of a lever takes, with its unit; what is not named is money a case."""
_A_CASE = (1e5, "万元 a case (1 bn CNY)")
_SHARES = frozenset({"rate", "public_share", "reach", "compute_share", "share"})


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
    where = f'{file}: lever "{name}"'
    refuse_missing_type(where, entry)
    given = current_names(where, {k: v for k, v in entry.items() if k != "type"}) | {"name": name}
    kind = str(entry["type"])
    if kind not in LEVERS:
        raise InputError(f'{where}: unknown lever "{kind}".{suggest(kind, LEVERS)} Known: {", ".join(sorted(LEVERS))}.')
    for end in ("start", "end"):
        if end not in given:
            raise InputError(f'{where}: "{end}" is missing; write a quarter like "2025Q1".')
        given[end] = _quarter(where, end, given[end])
    if given["end"] < given["start"]:
        raise InputError(
            f"{where}: ends in {quarter.label(given['end'])}, before it starts in {quarter.label(given['start'])}."
        )
    given["eligible"] = _codes(where, given.get("eligible", {}), city)
    _refuse_other_kinds(where, given, LEVERS[kind])
    _refuse_other_kinds(where, given["eligible"], Eligible, "eligible.")
    try:
        made: Lever = _contract(kind).validate_python(given)
    except ValidationError as error:
        raise InputError(f"{where}: {_first(error, LEVERS[kind])}") from None
    return _sane(where, made)


@cache
def _contract(kind: str) -> TypeAdapter[Any]:
    """Return what checks a type of lever; made once, because making it takes longer than a hundred checks."""
    return TypeAdapter(LEVERS[kind])


def refuse_missing_type(where: str, entry: object) -> None:
    """Raise `InputError` when a [[lever]] table does not say which lever it is."""
    if not isinstance(entry, dict) or "type" not in entry:
        raise InputError(f'{where}: "type" is missing; known: {", ".join(sorted(LEVERS))}.')


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
        raise InputError(f'{where}: unknown recognition "{word}".{suggest(word, known)} Known: {", ".join(known)}.')
    return eligible


def _refuse_other_kinds(where: str, given: dict[str, Any], kind: type, inside: str = "") -> None:
    """Refuse a number that is no number, or out of its range: true is not 1, and "150000" is a text."""
    numbers = {f.name: str(f.type) for f in fields(kind) if str(f.type) in ("float", "int")}
    for key in (k for k in given if k in numbers and k not in ("start", "end")):
        value = given[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            raise InputError(f"{where}: {inside}{key} = {quoted(repr(value))} is not a number; write one such as 1500.")
        if found := _out_of_range(key, float(value)):
            shown = float(value) if numbers[key] == "float" else value
            raise InputError(f"{where}: {inside}{key} = {shown} {found}")


def _out_of_range(key: str, value: float) -> str:
    """Say what is wrong with a number and what is allowed, or nothing."""
    top, unit = (1.0, "") if key in _SHARES else _LARGEST.get(key, _A_CASE)
    if value < 0.0:
        return f"is negative; write zero or more{' 万元 a year' if key == 'budget' else ''}."
    if value > top and key in _SHARES:
        return "is more than one; write a share such as 0.3 for 30 %."
    return f"is too large; write at most {top:,.0f} {unit}." if value > top else ""


def _first(error: ValidationError, kind: type[Lever]) -> str:
    """Return the first finding of pydantic as one sentence of ours."""
    unknown = ("unexpected_keyword_argument", "extra_forbidden")
    found = min(error.errors(), key=lambda e: e["type"] not in unknown)  # a misspelt key explains a missing one
    key = ".".join(str(x) for x in found["loc"])
    if found["type"] in unknown:
        known = sorted({f.name for f in fields(kind)} - {"name"}) if "." not in key else []
        known = known or [f.name for f in fields(Eligible)]
        near = suggest(key.rsplit(".", 1)[-1], known)
        return f'unknown key "{quoted(key)}".{near} A {kind.__name__} takes {", ".join(known)}.'
    if found["type"] in ("missing", "missing_argument"):
        return f'"{key}" is missing.'
    return f"{key} = {quoted(repr(found['input']))}: {found['msg'].lower()}."


def _sane(where: str, made: Lever) -> Lever:
    """Refuse a lever that nobody answers for."""
    if not made.source.strip():
        raise InputError(f'{where}: "source" is empty; say where the number can be checked, or "assumption: ...".')
    return made
