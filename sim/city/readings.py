"""The readings of a city's goals: all of them, the main ones, and those that a user names."""

from __future__ import annotations

from collections.abc import Sequence

from sim.city.city import City, Goal, Reading
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said

GoalReading = tuple[Goal, Reading]
"""A goal with one of the ways to count it."""


def every_reading(city: City) -> list[GoalReading]:
    """Return every goal with every reading, in the order of the plan."""
    return [(goal, r) for goal in city.goals for r in goal.readings]


def main_reading(goal: Goal) -> Reading:
    """Return the reading by which a goal is judged unless another one is named."""
    return next(r for r in goal.readings if r.primary)


def main_readings(city: City) -> list[GoalReading]:
    """Return every goal with its main reading."""
    return [(goal, main_reading(goal)) for goal in city.goals]


def readings_named(city: City, words: Sequence[str]) -> list[GoalReading]:
    """Read what follows `--goal`: GOAL/READING, or GOAL for its main reading; what is named twice is there once.

    Raises `InputError` for a goal or reading that the city does not have.
    """
    found = [_named(city, word) for word in words]
    return list({(goal.key, r.key): (goal, r) for goal, r in found}.values())


def _named(city: City, word: str) -> GoalReading:
    goals = {g.key: g for g in city.goals}
    key, slash, name = word.partition("/")
    if key not in goals:
        raise InputError(
            Said(
                "--goal {word}: no such goal of {city}.{meant} Goals: {goals}; write GOAL or GOAL/READING.",
                word=word,
                city=city.name,
                meant=meant(key, goals),
                goals=", ".join(goals),
            )
        )
    goal = goals[key]
    if not slash:
        return goal, main_reading(goal)
    readings = {r.key: r for r in goal.readings}
    if name not in readings:
        raise InputError(
            Said(
                "--goal {word}: no such reading.{meant} {goal} has {readings}.",
                word=word,
                meant=meant(word, [f"{key}/{r}" for r in readings]),
                goal=key,
                readings=", ".join(readings),
            )
        )
    return goal, readings[name]
