"""What a planner would run now: one line for each command, at the end of what another has printed."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from peiyu.words.loader import words
from sim.city.files import shipped_cities

if TYPE_CHECKING:
    from peiyu.screen.console import Screen
    from sim.city.city import City

USUAL_CITY, USUAL_OUT = "hangzhou", Path("out")
"""What a command means where nothing is said."""
OF_A_CITY = ("forecast", "compare", "search", "page", "calibrate")
"""Commands that are told which city; the others find the name of a shipped one in the store."""


def next_command(command: str, city: City, out: Path) -> str:
    """Return a command as one types it, with the city and the folder where they are not the usual ones."""
    known = [USUAL_CITY] if command in OF_A_CITY else shipped_cities()
    place = "" if city.on_command_line in known else f" --city {city.on_command_line}"
    return f"peiyu {command}{place}" + ("" if out == USUAL_OUT else f" --out {shlex.quote(str(out))}")


def print_next(console: Screen, commands: Iterable[str], city: City, out: Path) -> None:
    """Print the commands that come next, each with what it is for."""
    w = words("screen", console.lang)
    console.print(w["next"])
    for command in commands:
        console.print(f"  {next_command(command, city, out)}  # {w[f'next_{command}']}", soft_wrap=True)
