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
    cost_wan: float  # paid by the plan's levers less by the baseline's, from the origin on, mean over members


class CityGoalRow(GoalRow):
    """The main reading of one goal of a city: its forecast under the plan, and what the plan changes."""

    city: str
    zh: str
    en: str
    delta_probability: float  # plan less baseline, over the same members
    delta_ci90: list[float]
    net: float  # units, plan less baseline
    net_ci90: list[float]


class CitiesDocument(Document):
    """The JSON document of `peiyu cities`."""

    kind: ClassVar[str] = "cities"
    cities: list[CityRow]
    goals: list[CityGoalRow]
    left_out: dict[str, str]  # cities that could not be forecast, with the reason

    def frame(self) -> pd.DataFrame:
        """Return one row per city and main reading."""
        return pd.DataFrame([row.plain() for row in self.goals])
