"""What the user asks of a search: chances, budgets and the ranges of levers, checked before anything runs."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from peiyu.search.objective import Objective, Wanted
from sim.city.city import City
from sim.city.readings import main_readings, readings_named
from sim.inputs.errors import InputError
from sim.inputs.numbers import CHANCE, SPENT
from sim.inputs.said import Said
from sim.scenario.mixes import Range, range_of, usual_ranges
from sim.scenario.scenario import Scenario


def wanted_of(city: City, words: list[str]) -> Wanted:
    """Return the readings that the user names, or the main reading of every goal. Raises `InputError`."""
    return tuple(readings_named(city, words) if words else main_readings(city))


def asked(
    judge: Objective, at_least: int | None, probability: float | None, budgets: tuple[float | None, float | None]
) -> Objective:
    """Return the judge with what the user asks for. Raises `InputError` for what cannot be asked."""
    goals = len(judge.weight)
    if at_least is not None and not 1 <= at_least <= goals:
        raise InputError(
            Said(
                "--at-least {at_least}: {goals} goals are chosen; write a number from 1 to {goals}.",
                at_least=at_least,
                goals=goals,
            )
        )
    if probability is not None:
        CHANCE.check("--probability ", probability)
    for name, money in zip(("--budget-year", "--budget"), budgets, strict=True):
        if money is not None:
            SPENT.check(f"{name} ", money)
    a_year, in_all = (inf if x is None else x for x in budgets)
    return replace(judge, a_year=a_year, in_all=in_all, probability=probability, at_least=at_least)


def ranges_of(words: list[str], scenario: Scenario) -> tuple[Range, ...]:
    """Return the ranges that the user names, or the usual ones. Raises `InputError`."""
    ranges = [range_of(word, scenario) for word in words] or usual_ranges(scenario)
    if not ranges:
        raise InputError(
            Said(
                "{scenario}: no lever with a budget that a search could vary; name levers with --lever, or another"
                " scenario with --scenario.",
                scenario=scenario.name,
            )
        )
    names = [r.lever for r in ranges]
    for name in names:
        if names.count(name) > 1:
            raise InputError(Said("--lever {name}: is there twice; write one range for it.", name=name))
    return tuple(ranges)
