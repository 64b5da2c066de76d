"""Scenarios: what a planner writes in TOML, checked before anything runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim import quarter
from sim.city.city import City
from sim.city.shelf import scenario_file, scenario_names
from sim.inputs.errors import InputError, meant, standing
from sim.inputs.said import NOTHING, Said
from sim.inputs.shown import quoted
from sim.inputs.text import is_file, opened
from sim.inputs.toml import parsed
from sim.inputs.toml_bounds import MAX_TOML
from sim.levers import Lever
from sim.scenario.levers import build_lever, current_names, lever_name, refuse_missing_type
from sim.scenario.rule import Fired, Rule, after, refuse_past
from sim.scenario.rule_parser import Draft, Entries, build_rule, drafts
from sim.scenario.top import MOST, NAME, TOP, check_top

MAX_PARENTS = 8
"""Most scenarios that extend each other."""


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
    """Read and check one scenario of a city, by its name or by its file.

    Raises `InputError` saying which file and lever is wrong, what is allowed and what was probably meant.
    """
    path = find_scenario(name, city)
    written = _gather(path, (), city)
    doc = written.doc
    return Scenario(
        path.stem,
        {"zh": doc["title"], "en": doc.get("title_en", doc["title"])},
        {"zh": doc.get("question", ""), "en": doc.get("question_en", doc.get("question", ""))},
        _levers(path, written.levers, city),
        hashlib.blake2b("\0".join(written.texts).encode(), digest_size=16).hexdigest(),
        written.texts[-1],
        tuple((until, _levers(path, levers, city)) for until, levers in written.before),
        _rules(written, city),
    )


def refuse_past_dates(scenario: Scenario, origin: int) -> None:
    """Raise `InputError` when a decision, or a rule's date, has passed by the origin, after which scenarios part."""
    decision = scenario.before[-1][0] if scenario.before else origin + 1
    if decision <= origin:
        raise InputError(
            Said(
                'scenario "{name}": decide = {decision}, but it begins after {origin}: write a later quarter, leave'
                " decide out, or begin earlier (--as-of).",
                name=scenario.name,
                decision=quarter.label(decision),
                origin=quarter.label(origin),
            )
        )
    refuse_past(scenario.name, scenario.rules, origin)


def refuse_late_dates(scenario: Scenario, horizon: int) -> None:
    """Raise `InputError` when a decision, or a rule judged at a date, comes too late to change a run to the horizon."""
    decision = scenario.before[-1][0] if scenario.before else horizon
    late: list[tuple[Said | str, int]] = [("decide", decision)] if decision > horizon else []
    late += [
        (Said('rule "{rule}": by', rule=r.name), r.by) for r in scenario.rules if r.by is not None and r.by >= horizon
    ]
    if late:
        what, when = late[0]
        raise InputError(
            Said(
                'scenario "{name}": {what} {when} changes nothing in a run that ends with {horizon}; write an earlier'
                " quarter.",
                name=scenario.name,
                what=what,
                when=quarter.label(when),
                horizon=quarter.label(horizon),
            )
        )


def scenarios_of(city: City) -> list[Scenario]:
    """Return every scenario of a city: its own and the common ones."""
    return [load_scenario(name, city) for name in scenario_names(city.folder)]


def find_scenario(name: str | Path, city: City) -> Path:
    """Turn the name of a city's scenario, or a path, into the path of an existing scenario file."""
    path = Path(name)
    if path.suffix != ".toml":
        return scenario_file(str(name), city.folder)
    if not is_file(path):
        near = meant(path.stem, scenario_names(city.folder))
        raise InputError(Said("{file}: no such scenario file.", file=quoted(path)) + near)
    return path


def parent_of(path: Path, doc: dict[str, Any], city: City) -> Path | None:
    """Return the file of the scenario that one extends, if it does: of that name beside it, or else the city's.

    A copy of a city's scenario may extend the one that it is a copy of.
    """
    if "extends" not in doc:
        return None
    name = str(doc["extends"])
    if not NAME.fullmatch(name):
        raise InputError(
            Said(
                '{file}: extends = "{name}" is not a name; write that of a scenario of the city or of a file beside'
                " this one, without folder and without .toml.",
                file=quoted(path.name),
                name=quoted(name),
            )
        )
    beside = path.with_name(f"{name}.toml")
    if is_file(beside) and beside.resolve() != path.resolve():
        return beside
    with standing(Said("{where}: {what}", where=quoted(path.name), what="extends")):
        return find_scenario(name, city)


@dataclass(frozen=True, slots=True)
class _Written:
    """What a file and those it extends say, as written."""

    levers: Entries = field(default_factory=dict)
    before: tuple[tuple[int, Entries], ...] = ()
    rules: tuple[Draft, ...] = ()
    texts: tuple[str, ...] = ()  # parents first
    doc: dict[str, Any] = field(default_factory=dict)  # of the file itself

    @property
    def decision(self) -> int | None:
        """Return the last decision, from which the levers hold."""
        return self.before[-1][0] if self.before else None

    def until(self, decision: int) -> tuple[tuple[int, Entries], ...]:
        """Return what holds before a decision that is made on top of this."""
        return self.before if decision == self.decision else (*self.before, (decision, self.levers))


def _gather(path: Path, seen: tuple[Path, ...], city: City) -> _Written:
    """Return what a scenario says, with all it extends."""
    if path.resolve() in seen or len(seen) > MAX_PARENTS:
        way = " -> ".join(quoted(p.stem, 20) for p in seen)
        said = Said(
            '{file}: "extends" goes round in a circle, or on for too long: {way}.', file=quoted(path.name), way=way
        )
        raise InputError(said)
    file = opened(path, MAX_TOML)
    doc = parsed(file)
    check_top(path.name, doc)
    seen, above = (*seen, path.resolve()), parent_of(path, doc, city)
    parent = _Written() if above is None else _gather(above, seen, city)
    written = replace(parent, texts=(*parent.texts, file.text), doc=doc)
    if "decide" in doc:
        # until the decision what is extended goes on, or else the policy in force
        going_on = parent if above is not None else _gather(find_scenario(city.in_force, city), seen, city)
        decision = _decision(path, doc["decide"], going_on.decision or city.start + 1)
        texts = (*going_on.texts, file.text)
        written = replace(written, before=going_on.until(decision), rules=going_on.rules, texts=texts)
    return _edited(path, doc, written)


def _decision(path: Path, given: object, earliest: int) -> int:
    """Read the quarter of a decision."""
    with standing(Said("{where}: {what}", where=path.name, what="decide")):
        decision = quarter.parse(str(given))
    if decision < earliest:
        raise InputError(
            Said(
                "{file}: decide = {decision} is before {earliest}, when the run begins or the scenario it extends"
                " decides; write that quarter or a later one.",
                file=path.name,
                decision=quarter.label(decision),
                earliest=quarter.label(earliest),
            )
        )
    return decision


def _edited(path: Path, doc: dict[str, Any], written: _Written) -> _Written:
    """Drop, change and add levers and rules from the decision on."""
    entries, decision = dict(written.levers), written.decision
    rules = _edit(path, entries, doc, written)
    for i, entry in enumerate(doc.get("lever", []), 1):
        with standing(Said("{file}: lever {number}", file=path.name, number=i)):
            refuse_missing_type(entry)
            name = lever_name(entry)
            if name in entries:
                raise InputError(Said('a lever named "{name}" is there already; give it another name.', name=name))
            entries[name] = _not_before(decision, current_names(entry))
    rules = (*rules, *drafts(path.name, written.texts[-1], doc.get("rule", []), decision))
    for i, rule in enumerate(rules):
        if rule.name in entries or rule.name in {x.name for x in rules[:i]}:
            said = Said('a lever or rule named "{name}" is there already; give it another name.', name=rule.name)
            rule.refuse("name", said)
    if max(len(entries), len(rules)) > MOST:
        said = Said("{file}: with what it extends it has more than {most} levers or rules.", file=path.name, most=MOST)
        raise InputError(said)
    return replace(written, levers=entries, rules=rules)


def _not_before(decision: int | None, entry: dict[str, Any]) -> dict[str, Any]:
    """Let what starts before the decision start with it, so that its ramp begins then; wrong dates are told later."""
    try:
        early = decision is not None and quarter.parse(str(entry.get("start"))) < decision
    except InputError:
        return entry
    return entry | {"start": quarter.label(decision)} if early and decision is not None else entry


def _levers(path: Path, entries: Entries, city: City) -> tuple[Lever, ...]:
    return tuple(build_lever(path.name, name, entry, city) for name, entry in entries.items())


def _rules(written: _Written, city: City) -> tuple[Rule, ...]:
    """Build the rules; no two of them may add a lever of the same name."""
    made = tuple(build_rule(draft, written.before, written.levers, city) for draft in written.rules)
    added: set[str] = set()
    for draft, rule in zip(written.rules, made, strict=True):
        acts = [rule.then] if rule.otherwise is None else [rule.then, rule.otherwise]
        names = {x.name for act in acts for x in act.add}
        if twice := names & added:
            said = Said('another rule adds a lever named "{name}"; give this one another name.', name=min(twice))
            draft.refuse("then", said)
        added |= names
    return made


def _edit(path: Path, entries: Entries, doc: dict[str, Any], written: _Written) -> tuple[Draft, ...]:
    """Drop and change levers of the scenario that is extended; returns the rules that are left."""
    rules = {rule.name: rule for rule in written.rules}
    if "decide" in doc:
        _refuse_overruled(doc, written.rules)
    for name in map(str, doc.get("drop", [])):
        if name in entries:
            del entries[name]
        elif name in rules and "decide" not in doc:
            del rules[name]
        else:
            reason = Said("a rule cannot be dropped at a decision.") if name in rules else Said("no such lever.")
            with standing(Said('{file}: drop "{name}"', file=path.name, name=quoted(name))):
                raise InputError(reason + meant(name, [*entries, *rules]))
    for name, change in doc.get("change", {}).items():
        where = f"{path.name}: change.{quoted(name)}"
        with standing(where):
            if name not in entries:
                above = Said(" {name} belongs above the first line in brackets.", name=name) if name in TOP else NOTHING
                raise InputError(Said("no such lever.") + meant(name, entries) + above)
        if not isinstance(change, dict):
            raise InputError(Said('{where} must be a table, such as {{ end = "2026Q4" }}.', where=where))
        with standing(where):
            named = current_names(change)
        entries[name] = entries[name] | _not_before(written.decision, named)
    return tuple(rules.values())


def _refuse_overruled(doc: dict[str, Any], rules: Iterable[Draft]) -> None:
    """Refuse to decide on a lever that a rule of the extended scenario changes: which of the two holds is unclear."""
    new = (x for x in doc.get("lever", []) if isinstance(x, dict))
    decided = {*doc.get("change", {}), *(str(x.get("name", x.get("type"))) for x in new)}
    for rule in rules:
        if both := decided & rule.touched:
            said = Said('changes "{name}", and so does the scenario that extends it and decides later.', name=min(both))
            rule.refuse("then", said)
