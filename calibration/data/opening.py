"""Whether the opening holds the labels that a profile asks for: a label goes to enterprises that qualify only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Recognition
from agents.parameters import Parameters
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario

ROUNDING = 0.98
"""Part of a label that the opening must hold; the rest is rounding, since a row stands for several enterprises."""
ROWS = 20_000
"""Rows of the opening that is tried."""


@dataclass(frozen=True, slots=True)
class Held:
    """A label of the opening: how many the profile asks for, and how many of the pool qualify."""

    label: str
    asked: int
    held: int
    pool: int

    @property
    def short(self) -> bool:
        """Tell whether fewer hold it than should."""
        return self.held < ROUNDING * self.asked


def opening_labels(city: City) -> list[Held]:
    """Return the labels of the opening, as they are with every parameter at the middle of its prior."""
    weight = max(1.0, city.opening.enterprises / ROWS)
    scenario = load_scenario(city.in_force, city)
    model = IndustryModel(city, scenario, Parameters(), seed=1, as_of=city.start, weight=weight)
    until = model.state.enterprises.until
    pool = round(weight * len(until))
    asked = {Recognition.HNTE: city.opening.hnte, Recognition.TECH_SME: city.opening.tech_sme}
    held = {kind: round(weight * np.count_nonzero(until[:, kind] > city.start)) for kind in asked}
    model.release()
    return [Held(kind.name.lower(), asked[kind], held[kind], pool) for kind in asked]


def refuse_short_opening(city: City) -> None:
    """Raise `InputError` for more labels than there are enterprises that qualify: they were cut without a word."""
    for x in opening_labels(city):
        if x.short:
            raise InputError(
                Said(
                    "{city}/profile.toml: opening: {label} is {asked}, but only {held} of the {pool} enterprises of the"
                    " opening qualify; add enterprises, or write fewer {label}.",
                    city=city.folder.name,
                    label=x.label,
                    asked=f"{x.asked:,}",
                    held=f"{x.held:,}",
                    pool=f"{x.pool:,}",
                )
            )
