"""The few: pilot zones, funds, voucher programmes, consortia, districts. Each is a real `mesa.Agent`.

They keep status and accounts; what happens to them is decided in `sim.model.institutions`, with draws
handed in, because nothing in this package draws.
"""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Self

import mesa

from agents.enterprises import NEVER


class Status(IntEnum):
    """How far a pilot zone is: 拟培育, 创建, 建成."""

    POTENTIAL = 0
    CANDIDATE = 1
    BUILDING = 2
    BUILT = 3


def push_in_all(anyway: float, push: float) -> float:
    """Return what multiplies a rate: the share of events that happen anyway, and the rest as far as policy pushes."""
    return anyway + (1.0 - anyway) * push


class Institution(mesa.Agent):
    """One of the few. Apart from its model, an institution holds plain values only, which copies may share."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = copy(self)
        # before the model is copied, which holds this agent and would copy it once more
        memo[id(self)] = twin
        twin.model = deepcopy(self.model, memo)
        return twin


class PilotZone(Institution):
    """A possible pilot zone (先导区): one future track in one district, at most once designated."""

    def __init__(self, model: Any, place: tuple[int, int, int], works: bool, slow: float) -> None:
        super().__init__(model)
        self.index, self.district, self.track = place
        self.works = works  # whether it helps anybody, fixed for life (P19)
        self.slow = slow  # how much longer than usual it takes to build, in standard deviations, fixed likewise
        self.status = Status.POTENTIAL
        self.since = NEVER  # the quarter of its first status at any level
        self.designated = self.provincial = self.national = self.built = self.due = NEVER

    def designate(self, quarter: int, due: int) -> None:
        """Put the zone on the municipal list of candidates (拟培育)."""
        self.status, self.designated, self.due = Status.CANDIDATE, quarter, due
        # a zone keeps the quarter of its first status at any level: NEVER is 0, so `or` replaces nothing else
        self.since = self.since or quarter

    def promote(self, level: Literal["provincial", "national"], quarter: int) -> None:
        """Give the zone a status above the city's, unless it has it."""
        if getattr(self, level) == NEVER:
            setattr(self, level, quarter)
            self.since = self.since or quarter

    def build(self, quarter: int) -> None:
        """Recognise the zone as built (建成), whenever it was due; one that was on no list is named with it."""
        if self.designated == NEVER:
            self.designate(quarter, quarter)
        self.status, self.built = Status.BUILT, quarter

    def advance(self, quarter: int, evaluated: bool) -> None:
        """Start building a year after designation; be recognised as built (建成) once due and evaluated."""
        # two steps in one quarter are possible: who was quick is evaluated as soon as building has begun
        if self.status == Status.CANDIDATE and quarter >= self.designated + 4:
            self.status = Status.BUILDING
        if self.status == Status.BUILDING and quarter >= self.due and evaluated:
            self.status, self.built = Status.BUILT, quarter


class FundTier(Institution):
    """A guidance fund tier (政府引导基金): what it has invested, in how many deals."""

    def __init__(self, model: Any, tier: str) -> None:
        super().__init__(model)
        self.tier, self.invested, self.deals = tier, 0.0, 0
        self.on_record = False  # it is on record that it has invested

    def record(self, invested: float, deals: int) -> None:
        """Add a quarter's closed deals."""
        self.invested += invested
        self.deals += deals


class VoucherProgramme(Institution):
    """A voucher programme (服务券、算力券): what it has paid, how often."""

    def __init__(self, model: Any, name: str) -> None:
        super().__init__(model)
        self.name, self.paid, self.uses = name, 0.0, 0

    def record(self, paid: float, uses: int) -> None:
        """Add a quarter's redeemed vouchers."""
        self.paid += paid
        self.uses += uses


class Consortium(Institution):
    """An innovation consortium (创新联合体), from the quarter in which it is formed."""

    def __init__(self, model: Any, formed: int, lead: int, track: int) -> None:
        """Form around the enterprise with slot `lead` in a track (-1: around a university, track unknown)."""
        super().__init__(model)
        self.formed, self.lead, self.track = formed, lead, track


class DistrictAccount(Institution):
    """A district (区、县、市) and its accounts of enterprises in and out."""

    def __init__(self, model: Any, index: int, key: str) -> None:
        super().__init__(model)
        self.index, self.key = index, key
        self.moved_in = self.moved_out = self.closed = 0


@dataclass(slots=True)
class Counts:
    """Running totals of institutional results, and scenes under way."""

    scenes_matched: int = 0  # of this quarter's release; they get their enterprise in the next
    scenes_released: int = 0
    scenes_completed: int = 0
    samples: int = 0
    platforms: int = 0
    scenes_due: dict[int, int] = field(default_factory=dict)  # quarter -> scenes to complete


@dataclass(slots=True)
class Institutions:
    """All of the few in one model, by kind, and what they have brought about so far."""

    model: mesa.Model  # whose agents they are
    pilot_zones: list[PilotZone] = field(default_factory=list)
    funds: dict[str, FundTier] = field(default_factory=dict)  # by tier
    programmes: dict[str, VoucherProgramme] = field(default_factory=dict)  # by name
    consortia: list[Consortium] = field(default_factory=list)
    districts: list[DistrictAccount] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def form_consortium(self, quarter: int, lead: int = -1, track: int = -1) -> None:
        """Form a consortium around the enterprise with slot `lead` in a track; with neither, around a university."""
        self.consortia.append(Consortium(self.model, quarter, lead, track))
