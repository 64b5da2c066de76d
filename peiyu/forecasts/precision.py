"""How precisely a question is answered: members, Monte-Carlo error, seed, and who does the work."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs.errors import InputError
from sim.workers import Workers

MC_ERROR, MEMBERS = 0.025, 400
"""Stop when no probability has a larger Monte-Carlo error, or at this many members."""
MOST_MEMBERS = 100_000
"""More would take days, and tell chances apart that no planner can."""


@dataclass(frozen=True, slots=True)
class Precision:
    """How precisely, from which seed and with how many processes a question is answered."""

    members: int = MEMBERS
    mc_error: float = MC_ERROR
    seed: int = 1
    workers: Workers = Workers(2)

    def checked(self) -> Precision:
        """Return itself, or say which number no run can have. Raises `InputError`."""
        if self.members < 1:
            raise InputError(f"--members {self.members}: write a number from 1 up; {MEMBERS} is the usual.")
        if self.members > MOST_MEMBERS:
            raise InputError(f"--members {self.members}: write {MOST_MEMBERS} or fewer; {MEMBERS} is the usual.")
        self.workers.check()
        if not 0.0 < self.mc_error < 1.0:
            raise InputError(f"--mc-error {self.mc_error}: write a number between 0 and 1, such as {MC_ERROR}.")
        return self
