"""How much work a search is: mixes to try, and members at each stage."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs.errors import InputError

FEWEST_CANDIDATES, FEWEST_MEMBERS = 8, 2
"""With fewer there is nothing to choose from, or nothing to compare."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How many candidates are tried, and over how many members each stage goes."""

    candidates: int = 200
    screen: int = 32
    race: int = 200
    confirm: int = 200

    def checked(self) -> Effort:
        """Return itself, or raise `InputError` for a number no search can have."""
        least = {"--candidates": (self.candidates, FEWEST_CANDIDATES), "--screen": (self.screen, FEWEST_MEMBERS)}
        for name, (given, fewest) in least.items():
            if given < fewest:
                raise InputError(f"{name} {given}: write a number from {fewest} up.")
        if self.screen > self.race:
            raise InputError(f"--screen {self.screen}: more members than the finalists have (--members {self.race}).")
        return self
