"""What the panel assumes: `scenarios/common/panel.toml`, every number with its reason, checked at the door."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

import scenarios
from agents.table import added
from sim.city.schema import Key, NotNegative, Part, Positive, Share, StrictFile
from sim.city.series import Grades
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.toml import read_model

FILE = scenarios.FOLDER / "common" / "panel.toml"
Month = Annotated[int, Field(ge=1, le=12)]
Months = Annotated[int, Field(ge=0, le=36)]
Multiples = Annotated[list[Positive], Field(min_length=1)]
Growth = Annotated[float, Field(ge=-1, le=1)]
"""Of the log, a year."""
_ROUNDING = 1e-9


class Publication(StrictFile):
    """[publication]: when a number could be read."""

    known_by_month: Month
    months_after_year: Months
    months_after_other: Months
    goal_month: Month


class Printed(StrictFile):
    """[printed]: how far a printed count is off."""

    flow_error: Positive
    inferred_error: NotNegative
    proposed_error: NotNegative
    country_error: Positive
    label_error: Positive
    bound_gap: NotNegative
    bound_error: Positive
    grade_error: Grades


class Rounds(StrictFile):
    """[rounds]: what a label that is certified once a year, for three years, prints."""

    valid_share: Share
    stock_error: Positive
    filed_share: Share
    filed_error: Positive
    growth_before: Annotated[float, Field(gt=0, le=1)]
    month_share: Annotated[float, Field(ge=0, le=1 / 9)]
    late_shares: Annotated[list[Part], Field(min_length=3, max_length=3)]
    mid_year_error: Positive

    @model_validator(mode="after")
    def _rising(self) -> Self:
        """Ask for a stock that never falls back within the year and is complete in December."""
        shares = [9 * self.month_share, *self.late_shares]
        if shares[-1] != 1.0 or any(a > b for a, b in pairwise(shares)):
            raise InputError(
                Said(
                    "late_shares are {found}; they must rise from September's {first} to 1.",
                    found=self.late_shares,
                    first=f"{shares[0]:g}",
                )
            )
        return self


class Renewal(StrictFile):
    """One [[renewal]]."""

    share: Annotated[float, Field(ge=0, lt=1)]
    weight: Share


class StartPrior(StrictFile):
    """[start]: where the prior of log levels lies."""

    level_sd: Positive
    stock_over_level: NotNegative
    flow_over_level: NotNegative
    region_over_part: NotNegative


class Centre(StrictFile):
    """[movement.first_timers], [movement.label]: the centre of the yearly volatilities, and the long-run growth."""

    nation_shock: Positive
    nation_drift: Positive
    nation_passing: Positive
    shock: Positive
    drift: Positive
    passing: Positive
    long_run: Growth


class Movement(StrictFile):
    """[movement]: how log levels move."""

    fade: Annotated[float, Field(ge=0, lt=1)]
    degrees: Annotated[float, Field(gt=2, le=1000)]
    country_scale: Positive
    multiple_sd: Positive
    shock_multiples: Multiples
    drift_multiples: Multiples
    passing_multiples: Multiples
    nation_multiples: Multiples
    first_timers: Centre
    label: Centre


class Goals(StrictFile):
    """[goals]: how settled goals are judged."""

    base_error: Positive


class Assumptions(StrictFile):
    """All of panel.toml."""

    own_files: list[Key]
    window: Annotated[int, Field(ge=1, le=100)]
    publication: Publication
    printed: Printed
    rounds: Rounds
    renewal: Annotated[list[Renewal], Field(min_length=1)]
    start: StartPrior
    movement: Movement
    goals: Goals

    @model_validator(mode="after")
    def _weighed(self) -> Self:
        """Ask for prior weights that are shares of one."""
        total = added(x.weight for x in self.renewal)
        if abs(total - 1.0) > _ROUNDING:
            raise InputError(
                Said("the weights of renewal add up to {total}; they must add up to 1.", total=f"{total:g}")
            )
        return self


@cache
def assumptions() -> Assumptions:
    """Read the file, once."""
    return read_model(FILE, Assumptions)
