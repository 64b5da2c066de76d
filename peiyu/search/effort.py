"""How much work a search is: mixes to try, and members at each stage."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs import numbers
from sim.inputs.errors import InputError
from sim.inputs.said import Said


@dataclass(frozen=True, slots=True)
class Effort:
    """How many candidates are tried, and over how many members each stage goes."""

    candidates: int = 200
    screen: int = 32
    race: int = 200
    confirm: int = 200

    def checked(self) -> Effort:
        """Return itself, or raise `InputError` for a number no search can have."""
        numbers.CANDIDATES.check("--candidates ", self.candidates)
        numbers.SCREEN.check("--screen ", self.screen)
        numbers.MEMBERS.check("--members ", self.race)
        if self.screen > self.race:
            raise InputError(
                Said(
                    "--screen {screen}: more members than the finalists have (--members {race}).",
                    screen=self.screen,
                    race=self.race,
                )
            )
        return self
