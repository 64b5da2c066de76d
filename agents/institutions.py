"""The few: pilot zones, funds, voucher programmes, consortia, districts. Each is a real `mesa.Agent`.

They keep status and accounts; what happens to them is decided in `sim.institutions`, with draws
handed in, because nothing in this package draws.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import mesa

from agents.enterprises import NEVER


class Status(IntEnum):
    """How far a pilot zone is: 拟培育, 创建, 建成."""

    POTENTIAL = 0
    CANDIDATE = 1
    BUILDING = 2
    BUILT = 3


class PilotZone(mesa.Agent):
    """A possible pilot zone (先导区): one future track in one district, at most once designated."""

    def __init__(self, model: Any, place: tuple[int, int, int], works: bool) -> None:
        super().__init__(model)
        self.index, self.district, self.track = place
        self.works = works  # whether it helps anybody, fixed for life (P19)
        self.status = Status.POTENTIAL
        self.designated = self.provincial = self.national = self.built = self.due = NEVER

    def designate(self, quarter: int, due: int) -> None:
        """Put the zone on the municipal list of candidates (拟培育)."""
        self.status, self.designated, self.due = Status.CANDIDATE, quarter, due

    @property
    def since(self) -> int:
        """The quarter of its first status at any level, `NEVER` without one."""
        return min((q for q in (self.designated, self.provincial, self.national) if q != NEVER), default=NEVER)

    def advance(self, quarter: int, evaluated: bool) -> None:
        """Start building a year after designation; be recognised as built (建成) once due and evaluated."""
        if self.status == Status.CANDIDATE and quarter >= self.designated + 4:
            self.status = Status.BUILDING
        if self.status == Status.BUILDING and quarter >= self.due and evaluated:
            self.status, self.built = Status.BUILT, quarter


class GuidanceFund(mesa.Agent):
    """A guidance fund tier (政府引导基金): what it has invested, in how many deals."""

    def __init__(self, model: Any, tier: str) -> None:
        super().__init__(model)
        self.tier, self.invested, self.deals = tier, 0.0, 0

    def record(self, invested: float, deals: int) -> None:
        """Add a quarter's closed deals."""
        self.invested += invested
        self.deals += deals


class VoucherProgramme(mesa.Agent):
    """A voucher programme (服务券、算力券): what it has paid, how often."""

    def __init__(self, model: Any, name: str) -> None:
        super().__init__(model)
        self.name, self.paid, self.uses = name, 0.0, 0

    def record(self, paid: float, uses: int) -> None:
        """Add a quarter's redeemed vouchers."""
        self.paid += paid
        self.uses += uses


class Consortium(mesa.Agent):
    """A possible innovation consortium (创新联合体); it exists once `formed`."""

    def __init__(self, model: Any, index: int) -> None:
        super().__init__(model)
        self.index, self.formed, self.lead, self.track = index, NEVER, -1, -1

    def form(self, quarter: int, lead: int, track: int) -> None:
        """Form around the enterprise with slot `lead` in a track (-1: around a university, track unknown)."""
        self.formed, self.lead, self.track = quarter, lead, track


class District(mesa.Agent):
    """A district (区、县、市) and its accounts of enterprises in and out."""

    def __init__(self, model: Any, index: int, key: str) -> None:
        super().__init__(model)
        self.index, self.key = index, key
        self.moved_in = self.moved_out = self.closed = 0
