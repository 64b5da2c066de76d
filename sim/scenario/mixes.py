"""Lever mixes: a scenario with each named lever made larger, smaller or left out.

A size of 1.5 is one and a half times the programme: its yearly budget, and with it what the budget buys. A size of
zero leaves the lever out. Where a scenario decides later, its mixes differ from the decision on. A lever that an
adaptive rule changes is not varied, so that the rule says what holds and the mix says the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isclose, isfinite, nan

from sim.inputs.errors import InputError, listed, meant
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.scenario.ranges import RANGES
from sim.scenario.scenario import Scenario

LARGEST = 3.0
"""Usual upper end of a lever's size: three times the scenario's."""
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MAX_STEPS = 12


@dataclass(frozen=True, slots=True)
class Range:
    """How far one lever may be made smaller or larger, as a multiple of its size in the scenario."""

    lever: str
    low: float
    high: float
    step: float
    costed: bool  # whether the scenario says what it costs

    def grid(self) -> list[float]:
        """Return the sizes that are tried, smallest first."""
        count = round((self.high - self.low) / self.step)
        return [round(self.low + i * self.step, 9) for i in range(count + 1)]


def step_of(low: float, high: float) -> float:
    """Return the finest round step that divides a range into at most twelve parts, else a twelfth of it."""
    for step in STEPS:
        parts = (high - low) / step
        if parts <= MAX_STEPS and round(parts) and isclose(parts, round(parts)):
            return step
    return (high - low) / MAX_STEPS


def usual_ranges(scenario: Scenario) -> list[Range]:
    """Return zero to three times the size for every lever whose cost the scenario knows, and which no rule changes."""
    ruled = by_rules(scenario)
    levers = (x.name for x in scenario.levers if x.budget > 0 and x.name not in ruled)
    return [Range(name, 0.0, LARGEST, step_of(0.0, LARGEST), True) for name in levers]


def by_rules(scenario: Scenario) -> dict[str, str]:
    """Return the levers that adaptive rules change or drop, each with the name of the rule."""
    acts = [(rule.name, act) for rule in scenario.rules for act in (rule.then, rule.otherwise) if act is not None]
    return {lever: rule for rule, act in acts for lever in (*act.change, *sorted(act.drop))}


def range_of(text: str, scenario: Scenario) -> Range:
    """Read "fund_seedling=0..3".

    Raises `InputError` for an unknown lever, for one that a rule changes, for what is no range, and for an empty one.
    """
    name, equals, span = (part.strip() for part in text.partition("="))
    levers, ruled = {x.name: x for x in scenario.levers}, by_rules(scenario)
    if name not in levers:
        raise InputError(
            Said(
                '--lever {text}: no lever "{name}" in {scenario}.{meant} It has {levers}.',
                text=text,
                name=name,
                scenario=scenario.name,
                meant=meant(name, levers),
                levers=listed(levers),
            )
        )
    if name in ruled:
        raise InputError(
            Said(
                '--lever {text}: rule "{rule}" of {scenario} changes {name}; leave it out here.',
                text=text,
                rule=ruled[name],
                scenario=scenario.name,
                name=name,
            )
        )
    low, dots, high = span.partition("..")
    try:
        ends = float(low), float(high)
    except ValueError:
        ends = nan, nan
    if not (equals and dots and all(map(isfinite, ends))):
        raise InputError(Said("--lever {text}: write a range of sizes, such as {name}=0..3.", text=text, name=name))
    if not 0.0 <= ends[0] < ends[1]:
        raise InputError(
            Said(
                "--lever {text}: an empty range; write zero or more, then something larger, as {name}=0..3.",
                text=text,
                name=name,
            )
        )
    RANGES["size"].check(Said("--lever {text}: the size would be ", text=quoted(text)), ends[1] * levers[name].size)
    return Range(name, *ends, step_of(*ends), levers[name].budget > 0)


def mixed(scenario: Scenario, sizes: Mapping[str, float]) -> Scenario:
    """Return the scenario with the named levers at these multiples of their size; at zero a lever is left out."""
    kept = ((x, sizes.get(x.name, 1.0)) for x in scenario.levers)
    levers = tuple(replace(x, size=x.size * by) for x, by in kept if by > 0.0)
    text = json.dumps([scenario.sha, sorted(sizes.items())])
    sha = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return replace(scenario, name=f"mix_{sha[:8]}", levers=levers, sha=sha)
