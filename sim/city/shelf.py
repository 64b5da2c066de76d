"""Where the scenarios of a city are: in its own folder, and in the one that all cities share.

No scenario of one city is found for another, so that no lever, source or word of one ever speaks of the other.
"""

from __future__ import annotations

from pathlib import Path

import scenarios
from sim.inputs.errors import InputError, listed, meant
from sim.inputs.said import Said
from sim.inputs.shown import quoted

SCENARIOS = "scenarios"
"""Folder of a city's own scenarios, inside the city's folder."""

COMMON = scenarios.FOLDER / "common" / SCENARIOS
"""Scenarios that hold for every city."""


def scenario_names(folder: Path) -> list[str]:
    """Return the names of the scenarios a city has: its own and the common ones."""
    return sorted({path.stem for place in (folder / SCENARIOS, COMMON) for path in place.glob("*.toml")})


def scenario_file(name: str, folder: Path) -> Path:
    """Return the file of a scenario by its name, the city's own before a common one; a name is never a path."""
    known = scenario_names(folder)
    if name not in known:
        raise InputError(
            Said(
                '{city} has no scenario "{name}", and it is not a .toml file.{meant} Known: {known}.',
                city=folder.name,
                name=quoted(name),
                meant=meant(name, known),
                known=listed(known),
            )
        )
    own = folder / SCENARIOS / f"{name}.toml"
    return own if own.is_file() else COMMON / own.name
