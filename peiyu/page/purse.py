"""What a scenario may spend at most, by year from the origin on, and whether it exceeds what the planner allows."""

from __future__ import annotations

from collections.abc import Mapping

from peiyu.words.numbers import count
from sim import quarter
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.levers import Lever
from sim.scenario.rule import Fired
from sim.scenario.scenario import Scenario

SLACK = 0.5
"""万元 by which rounding may exceed a cap."""


def planned(scenario: Scenario, origin: int) -> dict[int, float]:
    """Return the most that may be spent in each year after the origin, 万元, as long as any lever is paid.

    A quarter counts its levers' pools; where rules may act, with them or without, whichever is dearer.
    """
    last = max((x.end for x in _ever(scenario)), default=origin)
    most: dict[int, float] = {}
    for now in range(origin + 1, last + 1):
        standing = scenario.levers_in(now), scenario.levers_in(now, _all_fired(scenario, origin))
        most[now // 4] = most.get(now // 4, 0.0) + max(_pools(levers, now) for levers in standing)
    return most


def refuse_overspent(caps: Mapping[str, float], scenario: Scenario, origin: int) -> None:
    """Raise `InputError` where a scenario may spend more than a cap, naming the year."""
    most = planned(scenario, origin)
    for year, amount in most.items():
        if amount > caps.get("cap", amount) + SLACK:
            raise InputError(
                Said(
                    "{year}: {planned} 万元 planned, over the cap of {cap}; not run.",
                    year=year,
                    planned=count(amount),
                    cap=count(caps["cap"]),
                )
            )
    if sum(most.values()) > caps.get("cap_all", sum(most.values())) + SLACK:
        raise InputError(
            Said(
                "from {first} on {planned} 万元 planned, over the cap of {cap} in all; not run.",
                first=quarter.label(origin + 1),
                planned=count(sum(most.values())),
                cap=count(caps["cap_all"]),
            )
        )


def _pools(levers: tuple[Lever, ...], now: int) -> float:
    return sum(x.pool(now) for x in levers if x.in_force(now))


def _ever(scenario: Scenario) -> tuple[Lever, ...]:
    """Return the levers that may hold at some time."""
    acted = scenario.levers_in(10**6, [Fired(0, rule.name, "then") for rule in scenario.rules])
    return (*(x for _, levers in scenario.before for x in levers), *scenario.levers, *acted)


def _all_fired(scenario: Scenario, origin: int) -> list[Fired]:
    """Return every rule having acted as early as it can."""
    return [Fired(max(rule.by or rule.begins, origin + 1), rule.name, "then") for rule in scenario.rules]
