"""Which levers of a scenario are larger or smaller than any evidence speaks of.

What a lever does is known from programmes of about its size. A lever that is left out needs no evidence; one of ten
times the size does, and there is none, so whoever shows such a size says so in the same words everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import inf, log

from pydantic import BaseModel, ConfigDict

import scenarios
from agents.table import added
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.inputs.toml import read_model
from sim.levers import Lever
from sim.scenario.coalitions import differing
from sim.scenario.scenario import Scenario, load_scenario

COMMON = scenarios.FOLDER / "common" / "evidence.toml"


class Bounds(BaseModel):
    """Multiples of the evidenced size between which there is evidence."""

    model_config = ConfigDict(extra="forbid")

    low: float
    high: float
    why: str
    source: str

    def hold(self, times: float) -> bool:
        """Tell whether a multiple of the evidenced size is inside."""
        return self.low <= times <= self.high


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: Bounds


@cache
def bounds() -> Bounds:
    """Read between which sizes there is evidence."""
    return read_model(COMMON, _File).size


def outside_evidence(
    scenario: Scenario, published: tuple[Lever, ...], among: Iterable[str] | None = None
) -> dict[str, float]:
    """Return the levers whose size is outside the evidence, with the multiple that is farthest out.

    Parameters
    ----------
    scenario
        Its levers as decided, and as its rules may change them.
    published
        The levers of evidenced size, from `evidenced`.
    among
        Names of the levers to look at; all if left out.
    """
    wanted = None if among is None else set(among)
    out: dict[str, float] = {}
    for levers in _ever(scenario):
        for x in levers:
            if wanted is None or x.name in wanted:
                times = _farthest(x, levers, published)
                if not bounds().hold(times):
                    out[x.name] = max(times, out.get(x.name, times), key=_distance)
    return out


def evidenced(city: City) -> tuple[Lever, ...]:
    """Return the levers of the size that evidence speaks of: the city's plan as published, then those in force.

    They are as large as was published, or as programmes like them have been.
    """
    in_force, plan = (load_scenario(name, city).levers for name in (city.in_force, city.plan))
    named = {x.name for x in plan}
    return (*plan, *(x for x in in_force if x.name not in named))


def differing_outside(base: Scenario, scenario: Scenario, city: City) -> dict[str, float]:
    """Return the levers outside the evidence, in either scenario, among those in which the two differ."""
    try:
        names = differing(base, scenario)
    except InputError:  # levers that rules change: any may differ
        names = None
    published = evidenced(city)
    return outside_evidence(base, published, names) | outside_evidence(scenario, published, names)


def _ever(scenario: Scenario) -> list[tuple[Lever, ...]]:
    """Return the levers that may hold at some time: before and after decisions, and after each rule alone."""
    standing = [*(levers for _, levers in scenario.before), scenario.levers]
    acts = [act for rule in scenario.rules for act in (rule.then, rule.otherwise) if act is not None]
    return [*standing, *(act.on(scenario.levers, 0) for act in acts)]


def _farthest(lever: Lever, levers: Iterable[Lever], published: tuple[Lever, ...]) -> float:
    """Return the multiple farthest from one among a lever's money, size and payments; one where nothing is published.

    A lever that was not published by name shares the size of its type: what all of that type come to counts.
    """
    same = [x for x in published if x.name == lever.name and type(x) is type(lever)]
    alike = same or [x for x in published if type(x) is type(lever)]
    if not alike:
        return 1.0
    mine = [lever] if same else [x for x in levers if type(x) is type(lever)]
    one, usual = lever.amounts(), alike[0].amounts()
    money = added(x.amounts()["money"] for x in mine), added(x.amounts()["money"] for x in alike)
    pairs = {key: (one[key], usual[key]) for key in one} | {"money": money}
    return max((_ratio(*pair) for pair in pairs.values()), key=_distance)


def _ratio(size: float, usual: float) -> float:
    """Return size over usual size: one for what is left out, no limit for what was never published."""
    return 1.0 if size in (0.0, usual) else size / usual if usual > 0.0 else inf


def _distance(times: float) -> float:
    return inf if times == inf else abs(log(times))
