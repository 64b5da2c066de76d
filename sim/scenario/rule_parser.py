"""Rules as planners write them: one line of text and tables of changes, checked before anything runs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from sim import quarter
from sim.city.city import City, Goal
from sim.inputs.errors import InputError, listed, meant, standing
from sim.inputs.said import NOTHING, Said
from sim.inputs.toml import at_line, line_of
from sim.levers import Lever
from sim.scenario.levers import current_names, lever_name, lever_of
from sim.scenario.rule import Act, Rule, Subject
from sim.state.indicators import INDICATORS

Entries = dict[str, dict[str, Any]]
"""[[lever]] tables by name."""
Made = TypeVar("Made")

_KEYS = ("name", "when", "then", "otherwise")
_WHEN = re.compile(r"\s*(?P<subject>[^<>=\s]*)\s*(?P<operator>[<>=!]+)\s*(?P<value>[^\s<>=]*)(?P<dates>.*)", re.DOTALL)
# signs as Chinese keyboards and word processors write them
_ASCII = str.maketrans({"≥": ">=", "≤": "<=", "＞": ">", "＜": "<"})
_FORM = '"hnte_first < 200 by 2025Q4"'
_FORMS = Said(
    "{first}, {second} or {third}",
    first=_FORM,
    second='"hnte_first >= 900 since 2025Q1"',
    third='"hnte.newly_recognised < 200 by 2025Q4"',
)
_MAX_NAME = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """One [[rule]] table, with what it takes to read it and to say where it stands."""

    file: str
    text: str  # of the whole file
    number: int  # in its file, from 1
    table: dict[str, Any]
    decision: int | None  # of its file

    @property
    def name(self) -> str:
        """Return the name given, or the file's name and the rule's number."""
        return str(self.table.get("name", f"{self.file.removesuffix('.toml')}:{self.number}"))

    @property
    def touched(self) -> frozenset[str]:
        """Return the levers that it drops or changes, as far as it can be read."""
        parts = [part for part in (self.table.get("then"), self.table.get("otherwise")) if isinstance(part, dict)]
        dropped = [name for part in parts if isinstance(part.get("drop"), list) for name in part["drop"]]
        return frozenset(str(name) for part in (*parts, dropped) for name in part) - {"drop", "lever"}

    def refuse(self, key: str, what: Said | str) -> NoReturn:
        """Raise `InputError` about one key of the rule, naming its line."""
        line = line_of(self.text, ("rule", self.number - 1, *key.split(".")))
        said = Said("rule {number}: {key}: {what}", number=self.number, key=key, what=what)
        raise InputError(at_line(self.file, line, said))


@dataclass(frozen=True, slots=True)
class _When:
    """The line, taken apart."""

    subject: str
    operator: str
    value: float
    since: int | None
    by: int | None


def drafts(file: str, text: str, tables: Sequence[object], decision: int | None) -> list[Draft]:
    """Return the [[rule]] tables of one file, refusing what is no rule by its keys."""
    found = []
    for number, table in enumerate(tables, 1):
        draft = Draft(file, text, number, table if isinstance(table, dict) else {}, decision)
        if not isinstance(table, dict):
            form = Said(
                "a rule is a table: [[rule]], then when = and then =; when is a text such as {forms}.", forms=_FORMS
            )
            draft.refuse("when", form)
        for key in table:
            if key not in _KEYS:
                near, known = meant(key, _KEYS), ", ".join(_KEYS)
                draft.refuse(key, Said("unknown key.{meant} Known: {known}.", meant=near, known=known))
        for key in ("when", "then"):
            if key not in table:
                has = Said("is missing; a rule has when = {form} and then = {{ LEVER = {{ … }} }}.", form=_FORM)
                draft.refuse(key, has)
        name = table.get("name", "-")
        if not isinstance(name, str) or not 0 < len(name.strip()) <= _MAX_NAME:
            draft.refuse("name", Said("write a text of 1 to {most} letters.", most=_MAX_NAME))
        found.append(draft)
    return found


def build_rule(draft: Draft, before: Sequence[tuple[int, Entries]], last: Entries, city: City) -> Rule:
    """Turn one [[rule]] table into a rule, or say exactly what is wrong with it.

    Parameters
    ----------
    draft
        The table.
    before, last
        The levers that hold before each decision, and after the last: those that the rule may change.
    city
        Whose goals, tracks and districts may be named.
    """
    when = _parse(draft)
    subject = _subject(draft, when, city)
    begins = max(draft.decision or 0, subject.since or 0, city.start + 1)
    _check_dates(draft, when, subject, (city.start + 1, begins))
    first = (begins if when.by is None else when.by) + 1
    phases = [levers for until, levers in before if until > first] + [last]
    reading = _Reading(draft, phases, first, city)
    then = reading.act("then")
    otherwise = reading.act("otherwise") if "otherwise" in draft.table else None
    if otherwise is not None and when.by is None:
        said = Said('needs a date at which "when" is judged; write, for instance, … by 2025Q4.')
        draft.refuse("otherwise", said)
    return Rule(
        draft.name, str(draft.table["when"]), subject, when.operator, when.value, when.by, begins, then, otherwise
    )


def _parse(draft: Draft) -> _When:
    """Take the line apart: SUBJECT OPERATOR NUMBER [since QUARTER] [by QUARTER]."""
    text = draft.table["when"]
    found = _WHEN.fullmatch(text.translate(_ASCII)) if isinstance(text, str) else None
    if found is None or not found["subject"]:
        shown = repr(str(text)[:60])
        said = Said("{found} compares nothing; allowed are lines such as {forms}.", found=shown, forms=_FORMS)
        draft.refuse("when", said)
    if found["operator"] not in (">=", ">", "<=", "<"):
        said = Said('"{found}" is no comparison; allowed: >=, >, <=, <.', found=found["operator"])
        draft.refuse("when", said)
    dates = _dates(draft, found["dates"].split())
    value = _number(draft, found["value"])
    return _When(found["subject"], found["operator"], value, dates.get("since"), dates.get("by"))


def _number(draft: Draft, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        share = Said(" Write {text} as a share, such as 0.05.", text=text) if text.endswith("%") else NOTHING
        said = Said('"{found}" is not a number such as 200 or 0.05, without unit or commas.', found=text[:20])
        draft.refuse("when", said + share)
    return value


def _dates(draft: Draft, words: list[str]) -> dict[str, int]:
    """Read "since 2025Q1" and "by 2025Q4", in either order."""
    found: dict[str, int] = {}
    for word, date in zip(words[::2], [*words[1::2], ""], strict=False):
        if word not in ("since", "by"):
            said = Said(
                '"{word}" is not understood.{meant} Allowed after the number: since 2025Q1, by 2025Q4.',
                word=word[:20],
                meant=meant(word, ("since", "by")),
            )
            draft.refuse("when", said)
        if word in found:
            draft.refuse("when", Said('"{word}" is there twice.', word=word))
        try:
            found[word] = quarter.parse(date)
        except InputError as error:
            draft.refuse("when", Said("{where}: {what}", where=word, what=error.said))
    return found


def _subject(draft: Draft, when: _When, city: City) -> Subject:
    """Find the indicator, or the reading of a goal, that the line names."""
    name = when.subject
    if name in INDICATORS:
        counted = "sum" if INDICATORS[name].kind == "flow" else "last"
        if counted == "last" and when.since is not None:
            kind = Said("stock") if INDICATORS[name].kind == "stock" else Said("ratio")
            said = Said(
                '{name} is a {kind}, read at the end of the quarter; "since" is for flows only.', name=name, kind=kind
            )
            draft.refuse("when", said)
        return Subject(name, name, counted, draft.decision if when.since is None else when.since)
    goals = {goal.key: goal for goal in city.goals}
    key, dot, reading = name.partition(".")
    if not dot or key not in goals:
        known = [*INDICATORS, *(f"{g.key}.{r.key}" for g in city.goals for r in g.readings)]
        if key in goals:
            said = Said('"{key}" is a goal; name one of its readings: {known}.', key=key, known=_readings(goals[key]))
            draft.refuse("when", said)
        said = Said(
            'unknown indicator or reading "{name}".{meant} Write an indicator (docs/model.md lists them) or a goal\'s'
            " reading, such as {such}.",
            name=name[:60],
            meant=meant(name, known),
            such=known[len(INDICATORS)],
        )
        draft.refuse("when", said)
    found = next((r for r in goals[key].readings if r.key == reading), None)
    if found is None:
        said = Said(
            'goal "{key}" has no reading "{reading}".{meant} Its readings: {known}.',
            key=key,
            reading=reading[:40],
            meant=meant(reading, [r.key for r in goals[key].readings]),
            known=_readings(goals[key]),
        )
        draft.refuse("when", said)
    if when.since is not None:
        draft.refuse("when", Said('{name} is counted as goals.toml says; leave "since" out.', name=name))
    return Subject(name, found.indicator, found.count, found.since if found.count != "last" else city.start)


def _readings(goal: Goal) -> Said:
    return listed(f"{goal.key}.{r.key}" for r in goal.readings)


def _check_dates(draft: Draft, when: _When, subject: Subject, firsts: tuple[int, int]) -> None:
    """Refuse dates before the first quarter of the run or of the rule, and a question answered before it is asked."""
    run, rule = firsts
    if when.since is not None and when.since < run:
        since, first = quarter.label(when.since), quarter.label(run)
        draft.refuse("when", Said("since {since}: the run's first quarter is {first}.", since=since, first=first))
    if when.by is not None and when.by < rule:
        said = Said(
            "by {by} is before {first}, from which it counts or in which the scenario decides.",
            by=quarter.label(when.by),
            first=quarter.label(rule),
        )
        draft.refuse("when", said)
    if when.by is None and subject.count == "sum" and when.operator in ("<", "<="):
        said = Said("a sum begins at zero, so it is below any number at first; say by when it is judged.")
        draft.refuse("when", said)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the `then` and `otherwise` of one rule are read: against every set of levers they can meet."""

    draft: Draft
    phases: list[Entries]
    first: int  # the first quarter in which the rule can have changed something
    city: City

    def act(self, part: str) -> Act:
        """Return what one part does."""
        table = self.draft.table[part]
        if not isinstance(table, dict) or not table:
            form = Said("must be a table that changes levers, such as {{ fund_seed = {{ budget = 90000 }} }}.")
            self.draft.refuse(part, form)
        rest = dict(table)
        drop, add = self._list(part, rest.pop("drop", []), str), self._list(part, rest.pop("lever", []), dict)
        for name in drop:
            self._meet(part, name)
            if name in rest:
                self.draft.refuse(part, Said('"{name}" is dropped and changed; do one of the two.', name=name))
        change = {name: self._values(part, name, values) for name, values in rest.items()}
        new = tuple(self._new(part, entry) for entry in add)
        if len({lever.name for lever in new}) < len(new):
            self.draft.refuse(part, Said("adds two levers of one name; give each its own."))
        return Act(frozenset(drop), change, new)

    def _list(self, part: str, values: Any, kind: type) -> list[Any]:
        if not isinstance(values, list) or not all(isinstance(x, kind) for x in values):
            form = Said('drop = ["NAME"] lists names of levers, lever = [{{ … }}] lists new levers.')
            self.draft.refuse(part, form)
        return values

    def _meet(self, part: str, name: str) -> list[dict[str, Any]]:
        """Return the tables of a lever that the rule can meet; there must be one."""
        met = [levers[name] for levers in self.phases if name in levers]
        if not met:
            known = {key for levers in self.phases for key in levers}
            shown = listed(sorted(known)) if known else Said("none")
            said = Said("no such lever.{meant} There are: {known}.", meant=meant(name, known), known=shown)
            self.draft.refuse(f"{part}.{name}", said)
        return met

    def _values(self, part: str, name: str, values: object) -> Mapping[str, Any]:
        """Return the changed fields of a lever, checked by building the changed lever."""
        met = self._meet(part, name)
        if not isinstance(values, dict) or {"name", "type"} & values.keys():
            form = Said("must be a table of what changes, such as {{ budget = 90000 }}.")
            self.draft.refuse(f"{part}.{name}", form)
        named = self._told(part, name, lambda: current_names(values))
        made = [self._build(part, name, entry | named) for entry in met]
        return {key: getattr(made[-1], key) for key in named}

    def _new(self, part: str, entry: dict[str, Any]) -> Lever:
        """Return a lever that the rule adds; without a start it starts in the quarter after."""
        with standing(Said("{file}: rule {number}: {part}", file=self.draft.file, number=self.draft.number, part=part)):
            name = lever_name(entry)
        if any(name in levers for levers in self.phases):
            said = Said('a lever named "{name}" is there already; give the new one another name.', name=name)
            self.draft.refuse(part, said)
        return self._build(part, name, {"start": quarter.label(self.first)} | entry)

    def _build(self, part: str, name: str, entry: dict[str, Any]) -> Lever:
        return self._told(part, name, lambda: lever_of(name, entry, self.city))

    def _told(self, part: str, name: str, make: Callable[[], Made]) -> Made:
        """Make something, and say in which rule it stands if that fails."""
        try:
            return make()
        except InputError as error:
            self.draft.refuse(f"{part}.{name}", error.said)
