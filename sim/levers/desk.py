"""What a lever's office has on its desk this quarter: the date, the money, the rules, the draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from agents.enterprises import Enterprises
from agents.parameters import Parameters
from agents.table import Bools, Floats, Ints
from sim.ledger import Ledger


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
    works: Bools


@dataclass(slots=True)
class Desk:
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
    promises: dict[str, tuple[Ints, Floats]] = field(default_factory=dict)  # lever -> rows, 万元 of equity offered
    _rows: dict[object, Ints] = field(default_factory=dict)

    def age(self, enterprises: Enterprises, rows: Ints | slice) -> Ints:
        """Return ages in quarters."""
        return self.quarter - enterprises.born[rows]

    def remembered(self, key: object, find: Callable[[], Ints]) -> Ints:
        """Return rows found earlier this quarter under the same key, or find them now."""
        if key not in self._rows:
            self._rows[key] = find()
        return self._rows[key]


def allocate(claim: Floats, priority: Floats, pool: float) -> Floats:
    """Grant claims in order of priority until the pool is empty, (n,), 万元.

    The claim that meets the end of the pool gets what is left. Ties go to the earlier row.
    """
    granted = np.zeros_like(claim)
    rows = np.flatnonzero(claim > 0)
    if not len(rows) or pool <= 0.0:
        return granted
    served = int(pool / claim[rows].min()) + 1  # no more than this many can get anything
    if served < len(rows):
        first = np.argpartition(-priority[rows], served)[:served]
        rows = rows[np.sort(first)]
    order = rows[np.argsort(-priority[rows], kind="stable")]
    before = np.cumsum(claim[order]) - claim[order]
    granted[order] = np.clip(pool - before, 0.0, claim[order])
    return granted
