"""Scenarios: what a planner writes in TOML, checked before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

import scenarios
from sim import quarter
from sim.city import City
from sim.door import InputError, read_toml, suggest
from sim.levers import LEVERS, Lever
from sim.rules import Fired, Rule, after

_TOP = {"title", "title_en", "question", "question_en", "extends", "start", "end", "lever", "drop", "change"}
_RENAMED = {"budget_wan_per_year": "budget"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """A policy scenario (政策情景): a name, a title, dated levers, a date of decision and adaptive rules.

    Attributes
    ----------
    levers
        Levers as they stand from the (last) decision on, before any rule has acted.
    before
        What holds until then: pairs of a decision's quarter and the levers that hold before it, in order of time.
    rules
        Adaptive rules, in the order of the file, those of the scenario it extends first.
    """

    name: str
    title: dict[str, str]
    question: dict[str, str]
    levers: tuple[Lever, ...]
    sha: str
    text: str
    before: tuple[tuple[int, tuple[Lever, ...]], ...] = ()
    rules: tuple[Rule, ...] = ()

    def levers_in(self, now: int, fired: Iterable[Fired] = ()) -> tuple[Lever, ...]:
        """Return the levers that hold in a quarter, in force or not, given the rules that have acted before it."""
        standing = next((levers for until, levers in self.before if now < until), self.levers)
        return after(standing, self.rules, (x for x in fired if x.quarter < now))


def load_scenario(name: str | Path, city: City) -> Scenario:
    """Read and check one scenario, by shipped name or by file, for a city.

    Raises `InputError` saying which file and lever is wrong, what is allowed and what was probably meant.
    """
    path = find_scenario(name)
    entries, doc, texts = _gather(path, ())
    levers = tuple(_build(path, label, entry, city) for label, entry in entries.items())
    digest = hashlib.blake2b("\0".join(texts).encode(), digest_size=16).hexdigest()
    title = {"zh": doc["title"], "en": doc.get("title_en", doc["title"])}
    question = {"zh": doc.get("question", ""), "en": doc.get("question_en", doc.get("question", ""))}
    return Scenario(path.stem, title, question, levers, digest, texts[-1])


def shipped_scenarios() -> list[str]:
    """Return the names of the scenarios that come with the program."""
    return sorted(p.stem for p in scenarios.FOLDER.glob("*.toml"))


def find_scenario(name: str | Path) -> Path:
    """Turn a shipped name or a path into the path of an existing scenario file."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise InputError(f"{path}: no such scenario file.{suggest(path.stem, shipped_scenarios())}")
        return path
    shipped = scenarios.FOLDER / f"{name}.toml"
    if not shipped.is_file():
        known = shipped_scenarios()
        raise InputError(
            f'scenario "{name}" is neither shipped nor a .toml file.{suggest(str(name), known)}'
            f" Shipped: {', '.join(known)}."
        )
    return shipped


def _gather(path: Path, seen: tuple[Path, ...]) -> tuple[dict[str, dict[str, Any]], dict[str, Any], list[str]]:
    """Return levers by name, the top document and all texts, parents first."""
    if path in seen:
        raise InputError(f'{path.name}: "extends" goes round in a circle: {" -> ".join(p.stem for p in seen)}.')
    doc = read_toml(path)
    _check_top(path, doc)
    entries: dict[str, dict[str, Any]] = {}
    texts: list[str] = []
    if "extends" in doc:
        parent = path.with_name(f"{doc['extends']}.toml")
        entries, _, texts = _gather(parent if parent.is_file() else _shipped_parent(path, doc), (*seen, path))
    _edit(path, entries, doc)
    for i, entry in enumerate(doc.get("lever", []), 1):
        if "type" not in entry:
            raise InputError(f'{path.name}: lever {i}: "type" is missing; known: {", ".join(sorted(LEVERS))}.')
        name = str(entry.get("name", entry["type"]))
        if name in entries:
            raise InputError(f'{path.name}: lever {i}: a lever named "{name}" is there already; give it another name.')
        entries[name] = entry
    return entries, doc, [*texts, path.read_text("utf8")]


def _shipped_parent(path: Path, doc: dict[str, Any]) -> Path:
    try:
        return find_scenario(str(doc["extends"]))
    except InputError as error:
        raise InputError(f"{path.name}: extends: {error}") from None


def _edit(path: Path, entries: dict[str, dict[str, Any]], doc: dict[str, Any]) -> None:
    """Drop and change levers of the scenario that is extended."""
    for name in doc.get("drop", []):
        if name not in entries:
            raise InputError(f'{path.name}: drop "{name}": no such lever.{suggest(name, entries)}')
        del entries[name]
    for name, change in doc.get("change", {}).items():
        if name not in entries:
            raise InputError(f"{path.name}: change.{name}: no such lever.{suggest(name, entries)}")
        if not isinstance(change, dict):
            raise InputError(f'{path.name}: change.{name} must be a table, such as {{ end = "2026Q4" }}.')
        entries[name] = entries[name] | change


def _check_top(path: Path, doc: dict[str, Any]) -> None:
    for key in doc:
        if key not in _TOP:
            raise InputError(f'{path.name}: unknown key "{key}".{suggest(key, _TOP)} Known: {", ".join(sorted(_TOP))}.')
    if not isinstance(doc.get("title"), str):
        raise InputError(f'{path.name}: "title" is missing or not a text.')
    for key, kind in (("lever", list), ("drop", list), ("change", dict)):
        if not isinstance(doc.get(key, kind()), kind):
            raise InputError(f'{path.name}: "{key}" must be {"a list" if kind is list else "a table"}.')


def _build(path: Path, name: str, entry: dict[str, Any], city: City) -> Lever:
    """Turn one [[lever]] table into a lever, or say exactly what is wrong with it."""
    where = f'{path.name}: lever "{name}"'
    given = {_RENAMED.get(k, k): v for k, v in entry.items() if k != "type"} | {"name": name}
    kind = entry["type"]
    if kind not in LEVERS:
        raise InputError(
            f'{where}: unknown lever "{kind}".{suggest(str(kind), LEVERS)} Known: {", ".join(sorted(LEVERS))}.'
        )
    for end in ("start", "end"):
        if end not in given:
            raise InputError(f'{where}: "{end}" is missing; write a quarter like "2025Q1".')
        given[end] = _quarter(where, end, given[end])
    if given["end"] < given["start"]:
        raise InputError(
            f"{where}: ends in {quarter.label(given['end'])}, before it starts in {quarter.label(given['start'])}."
        )
    given["eligible"] = _codes(where, dict(given.get("eligible", {})), city)
    try:
        made: Lever = TypeAdapter(LEVERS[kind]).validate_python(given)
    except ValidationError as error:
        raise InputError(f"{where}: {_first(error, LEVERS[kind])}") from None
    return _sane(where, made)


def _quarter(where: str, key: str, value: object) -> int:
    try:
        return quarter.parse(str(value))
    except InputError as error:
        raise InputError(f"{where}: {key}: {error}") from None


def _codes(where: str, eligible: dict[str, Any], city: City) -> dict[str, Any]:
    """Turn track and district keys into the city's codes."""
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


def _first(error: ValidationError, kind: type[Lever]) -> str:
    """Return the first finding of pydantic as one sentence of ours."""
    unknown = ("unexpected_keyword_argument", "extra_forbidden")
    found = min(error.errors(), key=lambda e: e["type"] not in unknown)  # a misspelt key explains a missing one
    key = ".".join(str(x) for x in found["loc"])
    if found["type"] in unknown:
        known = sorted(set(kind.__dataclass_fields__) - {"eligible"}) if "." not in key else []
        return (
            f'unknown key "{key}".{suggest(key.rsplit(".", 1)[-1], known)} A {kind.__name__} takes {", ".join(known)}.'
        )
    if found["type"] in ("missing", "missing_argument"):
        return f'"{key}" is missing.'
    return f"{key} = {found['input']!r}: {found['msg'].lower()}."


def _sane(where: str, made: Lever) -> Lever:
    """Refuse numbers no lever can have."""
    for key, value in ((f, getattr(made, f)) for f in made.__dataclass_fields__):
        if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
            unit = " 万元 a year" if key == "budget" else ""
            raise InputError(f"{where}: {key} = {value} is negative; write zero or more{unit}.")
    shares = ("rate", "public_share", "reach", "compute_share")
    for key in shares:
        if getattr(made, key, 0.0) > 1.0:
            raise InputError(
                f"{where}: {key} = {getattr(made, key)} is more than one; write a share such as 0.3 for 30 %."
            )
    if not made.source.strip():
        raise InputError(f'{where}: "source" is empty; say where the number can be checked, or "assumption: ...".')
    return made
