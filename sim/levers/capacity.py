"""More than usual of what an office brings about itself: it saturates, and each more costs more than the last.

Levers that name zones, form consortia or release scenes have a size relative to the usual number. An office has only
so many districts, reviewers and candidates, so twice the size is less than twice the number; how far it can go, and
what it costs, is in `scenarios/common/capacity.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

import scenarios
from sim.city.schema import Key, NotNegative, StrictFile, Text
from sim.inputs.toml import read_model
from sim.levers.base import Lever
from sim.levers.context import QuarterContext

FILE = scenarios.FOLDER / "common" / "capacity.toml"
MoreThanOne = Annotated[float, Field(gt=1, allow_inf_nan=False)]


class Capacity(StrictFile):
    """One [[capacity]]: how far the office of a lever can go, and what that takes."""

    lever: Key
    limit: MoreThanOne  # times the usual number
    running_cost: NotNegative  # 万元 a year at the usual number
    cost_power: MoreThanOne
    why: Text

    def reached(self, size: float) -> float:
        """Return how many times the usual number an office of a size brings about: nothing, one, at most the limit.

        A Michaelis-Menten curve through (1, 1): size * limit / (size + limit - 1).
        """
        return size * self.limit / (size + self.limit - 1.0)

    def surcharge(self, size: float) -> float:
        """Return what a size above one takes beside the scenario's own money, 万元 a year."""
        return max(self.running_cost * (size**self.cost_power - 1.0), 0.0)


class CapacityFile(StrictFile):
    """`capacity.toml`."""

    capacity: list[Capacity]


@cache
def capacities() -> dict[str, Capacity]:
    """Read the capacity of every office, by lever."""
    return {x.lever: x for x in read_model(FILE, CapacityFile).capacity}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLever(Lever):
    """A lever that asks an office for a number of events of one count, relative to the usual number."""

    counts: ClassVar[str]  # the count it pushes, as in `sim.city.events`
    office: ClassVar[str]  # whose capacity it is

    @property
    def capacity(self) -> Capacity:
        """How far its office can go."""
        return capacities()[self.office]

    def push(self, quarter: int) -> float:
        """Return how many times the usual rate it brings about in a quarter."""
        return self.capacity.reached(self.size) * self.strength(quarter)

    def surcharge(self, quarter: int) -> float:
        """Return what its office takes in a quarter beside the scenario's own money, 万元."""
        return self.capacity.surcharge(self.size) / 4.0 * self.strength(quarter)

    def pool(self, quarter: int) -> float:
        """Return what may be spent in a quarter: the scenario's own money, and what the office takes, 万元."""
        return Lever.pool(self, quarter) + self.surcharge(quarter)

    def pay_office(self, context: QuarterContext) -> None:
        """Pay what the office takes, before anybody else is paid."""
        context.ledger.pay_city(self.name, self.surcharge(context.quarter))
