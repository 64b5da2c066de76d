"""What levers work with in a quarter: the date, the money, the rules, the draws, and what is offered to the city."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np

from agents.parameters import Parameters
from agents.table import Bools, Floats, Ints
from sim.levers.ledger import Ledger

Array = TypeVar("Array", Ints, Bools)


@dataclass(slots=True)
class CityTerms:
    """What policy offers the city as a whole this quarter; blank again every quarter."""

    entry_lift: Floats  # (districts, tracks), added to the log probability of founding
    place_lift: Floats  # (districts, tracks), the same by places that draw founders and movers from each other
    attraction_lift: float = 0.0  # added to the log rate of moving in from outside
    spin_off_lift: float = 0.0  # added to the log probability that a spin-off is founded
    listing_lift: float = 0.0  # added to the log rate of listing
    completion_lift: float = 0.0  # added to the log odds that a released scene finds an enterprise
    zone_batch: float = 0.0  # municipal designations this quarter, in batches
    zone_evaluation: bool = False  # candidates that are due are evaluated this quarter
    provincial_push: float = 0.0  # relative to the usual rate of provincial designations
    national_push: float = 0.0  # relative to the usual rate of national designations
    consortia_push: float = 0.0  # relative to the usual number of consortia a year
    scene_push: float = 0.0  # relative to the usual number of scenes a year
    sample_push: float = 0.0  # relative to the usual number of demonstration samples a year
    platform_push: float = 0.0  # relative to the usual number of exchange platforms a year

    @classmethod
    def blank(cls, districts: int, tracks: int) -> Self:
        """Offer nothing."""
        return cls(np.zeros((districts, tracks)), np.zeros((districts, tracks)))


@dataclass(frozen=True, slots=True)
class Zones:
    """The city's possible pilot zones, as columns for the levers; positions as in `Enterprises.zone` - 1."""

    status: Ints  # (zones, levels) quarter of municipal, provincial, national status, 0 = never
    works: Bools  # false as well where there is no status

    @classmethod
    def blank(cls, zones: int) -> Self:
        """Have nothing designated."""
        return cls(np.zeros((zones, 3), np.int64), np.zeros(zones, bool))


@dataclass(slots=True)
class QuarterContext:
    """A quarter's working papers, shared by all levers in force."""

    quarter: int
    parameters: Parameters
    ledger: Ledger
    city: CityTerms
    future: Bools  # (tracks,) is a future-industry track
    compute_heavy: Bools  # (tracks,)
    zones: Zones
    scenes: int  # released last quarter and matched, each waiting for its enterprise
    draw: Callable[[str, Ints], Floats]  # (decision, slots) -> U(0,1)
    projects: int = 0  # key projects on record in this quarter
    projects_unseen: float = 1.0  # part of the usual number of key projects that the record does not speak of
    commitments: dict[str, tuple[Ints, Floats]] = field(default_factory=dict)  # lever -> rows, 万元 of equity offered
    uses: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)  # lever -> what holders do with a voucher, 0/1
    _found: dict[object, Any] = field(default_factory=dict)

    def remembered(self, key: object, find: Callable[[], Array]) -> Array:
        """Return rows, or a mask of rows, found earlier this quarter under the same key, or find them now."""
        if key not in self._found:
            self._found[key] = find()
        found: Array = self._found[key]
        return found
