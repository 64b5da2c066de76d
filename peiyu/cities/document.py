"""What a survey of cities says: every main reading of every city, with its plan against its baseline."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from peiyu.comparison.compare_document import GoalRow
from sim.store.document import Document, Record


class CityRow(Record):
    """One city: from where it is forecast, under what, and what its plan costs beyond its baseline."""

    city: str
    zh: str
    en: str
    as_of: str
    members: int
    baseline: str
    plan: str
    baseline_zh: str
    baseline_en: str
    plan_zh: str
    plan_en: str
    cost_wan: float  # paid by the plan's levers less by the baseline's, from the origin on, mean over members


class CityGoalRow(GoalRow):
    """The main reading of one goal of a city: its forecast under the plan, and what the plan changes."""

    city: str
    zh: str
    en: str
    unit: str  # of the target and of all counts
    delta_probability: float  # plan less baseline, over the same members
    delta_ci90: list[float]
    net: float  # units, plan less baseline
    net_ci90: list[float]


class Growth(Record):
    """How fast a city's valid high-tech enterprises grow a year under its plan, over what all cities have in common."""

    city: str
    q05: float
    median: float
    q95: float


class GrowthDifference(Record):
    """By how much one city grows faster a year than another, in the same years for both."""

    city: str
    other: str
    ahead: float  # share of members in which the first city grows faster
    q05: float
    median: float
    q95: float


class Together(Record):
    """Cities beside one another in years that are good or bad for all of them."""

    since: str  # the last origin among the cities
    until: str  # the last deadline among their goals
    correlation: list[list[float]]  # of what their drives do in between, in the order of `growth`
    growth: list[Growth]
    pairs: list[GrowthDifference]


class CitiesDocument(Document):
    """The JSON document of `peiyu cities`."""

    kind: ClassVar[str] = "cities"
    cities: list[CityRow]
    goals: list[CityGoalRow]
    together: Together | None  # nothing for one city
    left_out: dict[str, str]  # cities that could not be forecast, with the reason

    def frame(self) -> pd.DataFrame:
        """Return one row per city and main reading."""
        return pd.DataFrame([row.plain() for row in self.goals])
