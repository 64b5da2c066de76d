"""What planners call labels, measures and levers, in Chinese and English, and what the model calls them."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

import scenarios
from sim.city.schema import Decider, Key, StrictFile, Text
from sim.inputs.toml import read_model

FILE = scenarios.FOLDER / "common" / "labels.toml"
Measure = Literal["stock", "new", "certified", "net"]
"""How a label is counted."""


class NameEntry(StrictFile):
    """A name in both languages, with its synonyms."""

    key: Key
    zh: Text
    en: Text
    also: list[Text] = Field(default_factory=list)


class LabelEntry(NameEntry):
    """One [[label]]: its series and indicators by measure, in the city and in future industries."""

    kind: Literal["department_count", "hot_activity", "market_outcome"]
    decided_by: Decider
    series: dict[Measure, Key]
    indicator: dict[Measure, Key]
    future_series: dict[Measure, Key] = Field(default_factory=dict)
    future_indicator: dict[Measure, Key] = Field(default_factory=dict)

    def counted(self, measure: str, future: bool = False) -> str | None:
        """Return the indicator of a measure; a net increase is one of the stock."""
        known = self.future_indicator if future else self.indicator
        return {str(k): v for k, v in known.items()}.get("stock" if measure == "net" else measure)

    def printed(self, measure: str, future: bool = False) -> str | None:
        """Return the series of a measure."""
        known = self.future_series if future else self.series
        return {str(k): v for k, v in known.items()}.get(measure)


class LeverEntry(NameEntry):
    """One [[lever]]: its type, the number that is paid to one, and what stands for numbers nobody wrote."""

    type: Key
    amount: Key | None = None
    standing: dict[Key, str | float]


class Labels(StrictFile):
    """All of labels.toml."""

    measure: Annotated[list[NameEntry], Field(min_length=1)]
    scope: Annotated[list[NameEntry], Field(min_length=1)]
    label: Annotated[list[LabelEntry], Field(min_length=1)]
    lever: Annotated[list[LeverEntry], Field(min_length=1)]


@cache
def labels() -> Labels:
    """Read the file, once."""
    return read_model(FILE, Labels)
