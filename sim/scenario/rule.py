"""Adaptive rules (适应性规则): what a scenario changes by itself when an indicator says so, and when each acted.

A rule looks at numbers the model has reported, at the end of a quarter, and changes levers from the next
quarter on. It draws nothing and never touches an enterprise, so scenarios stay comparable enterprise by enterprise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agents.table import added
from sim import quarter
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.levers.base import Lever

OPERATORS: dict[str, Callable[[Any, float], Any]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
"""Comparisons by their sign, of a number or of an array with a number."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What a run has reported so far."""

    series: Mapping[str, Sequence[float]]  # by indicator, from the quarter after the opening
    start: int  # the opening quarter
    parted: int  # the first quarter under this scenario
    quarter: int  # the last quarter reported


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at: an indicator, counted as readings are; `since` None is the scenario's first quarter."""

    text: str
    indicator: str
    count: str  # "last", "sum" or "change"
    since: int | None

    def value(self, reported: Reported) -> float:
        """Return the count at the end of the quarter, from what has been reported."""
        series = reported.series[self.indicator]
        first = max((reported.parted if self.since is None else self.since) - reported.start - 1, 0)
        if self.count == "sum":
            return added(series[first:])
        return float(series[-1]) - (float(series[first]) if self.count == "change" else 0.0)


@dataclass(frozen=True, slots=True)
class Act:
    """What a rule does to levers: drop some and set fields of others, by name, and add new ones."""

    drop: frozenset[str] = frozenset()
    change: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    add: tuple[Lever, ...] = ()

    def on(self, levers: Iterable[Lever], first: int) -> tuple[Lever, ...]:
        """Return the levers as they stand from quarter `first` on; what starts anew does not start earlier."""
        kept = [self._changed(x, first) for x in levers if x.name not in self.drop]
        return (*kept, *(replace(x, start=max(x.start, first)) for x in self.add))

    def _changed(self, lever: Lever, first: int) -> Lever:
        values = dict(self.change.get(lever.name, {}))
        if "start" in values:
            values["start"] = max(values["start"], first)
        return replace(lever, **values) if values else lever


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is so, change levers: looked at once, at the end of `by`, or else every quarter until it is."""

    name: str
    when: str  # as written
    subject: Subject
    operator: str
    value: float
    by: int | None
    begins: int  # the first quarter at whose end it may be looked at
    then: Act
    otherwise: Act | None

    def is_due(self, now: int) -> bool:
        """Tell whether the rule is looked at, at the end of a quarter."""
        return now >= self.begins if self.by is None else now == self.by

    def branch(self, reported: Reported) -> str | None:
        """Return which part of the rule acts at the end of this quarter, if any does."""
        if OPERATORS[self.operator](self.subject.value(reported), self.value):
            return "then"
        return None if self.otherwise is None else "otherwise"


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule has acted: at the end of a quarter, by its `then` or its `otherwise`."""

    quarter: int
    rule: str
    branch: str


def fire(rules: Iterable[Rule], fired: Iterable[Fired], reported: Reported) -> list[Fired]:
    """Look at the rules that are due and have not acted, in the order of the file; returns those that act now."""
    done, now = {x.rule for x in fired}, reported.quarter
    due = [rule for rule in rules if rule.name not in done and rule.is_due(now)]
    looked = ((rule.name, rule.branch(reported)) for rule in due)
    return [Fired(now, name, branch) for name, branch in looked if branch is not None]


def after(levers: tuple[Lever, ...], rules: Iterable[Rule], fired: Iterable[Fired]) -> tuple[Lever, ...]:
    """Return the levers after the rules that have acted, in the order in which they did."""
    by_name = {rule.name: rule for rule in rules}
    for x in fired:
        act: Act | None = getattr(by_name[x.rule], x.branch)
        # what a rule does is in force from the quarter after the one in whose numbers it saw its reason
        levers = levers if act is None else act.on(levers, x.quarter + 1)
    return levers


def refuse_past(scenario: str, rules: Iterable[Rule], origin: int) -> None:
    """Raise `InputError` when a rule's quarter has passed before the scenario begins: its outcome is known by then."""
    for rule in rules:
        if rule.by is not None and rule.by <= origin:
            raise InputError(
                Said(
                    'scenario "{scenario}": rule "{rule}": looks at {by}, but it begins after {origin}; write what was'
                    " decided then under [change], or begin earlier (--as-of).",
                    scenario=scenario,
                    rule=rule.name,
                    by=quarter.label(rule.by),
                    origin=quarter.label(origin),
                )
            )
