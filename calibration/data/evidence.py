"""Moments of the evidence that every fit comes close to: `scenarios/common/moments.toml`, checked at the door."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

import scenarios
from sim.city.schema import Positive, Share, StrictFile, Text
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.inputs.toml import read_model
from sim.state.indicators import NAMES

FILE = scenarios.FOLDER / "common" / "moments.toml"


class MomentEntry(StrictFile):
    """One [[moment]]: a share or rate that an indicator should give, and how far the evidence is off."""

    name: Text
    indicator: Text
    value: Share
    error: Positive
    source: Text

    @field_validator("indicator")
    @classmethod
    def _known(cls, indicator: str) -> str:
        """Refuse an indicator that the model does not report."""
        if indicator not in NAMES:
            raise InputError(
                Said(
                    'unknown indicator "{indicator}".{near} Known: {known}.',
                    indicator=indicator,
                    near=meant(indicator, NAMES),
                    known=", ".join(sorted(NAMES)),
                )
            )
        return indicator


class MomentsFile(StrictFile):
    """All of moments.toml."""

    moment: Annotated[list[MomentEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        """Refuse a name used twice: an observation goes by it."""
        names = [m.name for m in self.moment]
        for i, name in enumerate(names):
            if name in names[:i]:
                raise InputError(Said('moment "{name}" is there twice.', name=name))
        return self


@cache
def evidence() -> tuple[MomentEntry, ...]:
    """Read the file, once."""
    return tuple(read_model(FILE, MomentsFile).moment)
