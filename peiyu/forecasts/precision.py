"""How precisely a question is answered: members, Monte-Carlo error, seed, and who does the work."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs import numbers
from sim.workers import Workers

MC_ERROR, MEMBERS = 0.025, 400
"""Stop when no probability has a larger Monte-Carlo error, or at this many members."""


@dataclass(frozen=True, slots=True)
class Precision:
    """How precisely, from which seed and with how many processes a question is answered."""

    members: int = MEMBERS
    mc_error: float = MC_ERROR
    seed: int = 1
    workers: Workers = Workers(2)

    def checked(self) -> Precision:
        """Return itself, or say which number no run can have. Raises `InputError`."""
        numbers.MEMBERS.check("--members ", self.members)
        numbers.SEED.check("--seed ", self.seed)
        self.workers.check()
        numbers.CHANCE.check("--mc-error ", self.mc_error)
        return self
