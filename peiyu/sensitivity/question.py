"""What the user asks of a sensitivity analysis: how much work, and which readings in full."""

from __future__ import annotations

from calibration.sensitivity.design import EFFORTS, SensitivityBudget
from peiyu.sensitivity.document import SensitivityDocument
from sim.city.city import City
from sim.city.readings import main_readings
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said


def effort_named(name: str) -> SensitivityBudget:
    """Return an effort by name. Raises `InputError`."""
    if name not in EFFORTS:
        raise InputError(
            Said(
                "--effort {name}: unknown.{near} Known: {known}.",
                name=name,
                near=meant(name, EFFORTS),
                known=", ".join(EFFORTS),
            )
        )
    return EFFORTS[name]


def only(document: SensitivityDocument, city: City, asked: list[str]) -> SensitivityDocument:
    """Return the document with the readings asked for, or the main reading of every goal."""
    wanted = asked or [f"{g.key}/{r.key}" for g, r in main_readings(city)]
    rows = [row for row in document.readings if f"{row.goal}/{row.reading}" in wanted]
    return document.model_copy(update={"readings": rows})
