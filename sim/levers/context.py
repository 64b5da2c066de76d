"""What a lever's office has on its desk this quarter: the date, the money, the rules, the draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np

from agents.compiled import compiled
from agents.parameters import Parameters
from agents.table import Bools, Floats, Ints, rows_where
from sim.levers.ledger import Ledger

Array = TypeVar("Array", Ints, Bools)
_MANY = 2**12
"""Claimants from which on it saves time to look who is too far behind before they are ranked."""


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
    uses: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)  # lever -> what holders do with a voucher, 0/1
    _found: dict[object, Any] = field(default_factory=dict)

    def remembered(self, key: object, find: Callable[[], Array]) -> Array:
        """Return rows, or a mask of rows, found earlier this quarter under the same key, or find them now."""
        if key not in self._found:
            self._found[key] = find()
        found: Array = self._found[key]
        return found


def allocate(claim: Floats, priority: Floats, pool: float) -> Floats:
    """Grant claims in order of priority until the pool is empty, (n,), 万元.

    The claim that meets the end of the pool gets what is left. Ties go to the earlier row.
    """
    granted = np.zeros(len(claim))
    waiting = _in_reach(claim, priority, pool) if len(claim) > _MANY else rows_where(claim > 0.0)
    _grant(waiting, claim, priority, pool, granted)
    return granted


def _in_reach(claim: Floats, priority: Floats, pool: float) -> Ints:
    """Return the claims, but for those so far behind that even the smallest claims would empty the pool before."""
    waiting = rows_where(claim > 0.0)
    # at most one claim more than the pool holds of the smallest is granted, and one more for the rounding of sums
    behind = len(waiting) - 2 - int(min(pool / claim[waiting].min(initial=np.inf), len(waiting)))
    if behind <= 0:
        return waiting
    ranks = priority[waiting]
    return waiting[ranks >= np.partition(ranks, behind)[behind]]


@compiled
def _grant(waiting: Ints, claim: Floats, priority: Floats, pool: float, granted: Floats) -> None:
    """Grant the claims that wait, one after the other."""
    for i in range(len(waiting) // 2 - 1, -1, -1):
        _settle_down(waiting, priority, i, len(waiting))
    asked, left = 0.0, len(waiting)
    while left > 0 and asked < pool:
        first = waiting[0]
        asked += claim[first]
        granted[first] = min(max(pool - (asked - claim[first]), 0.0), claim[first])
        left -= 1
        waiting[0] = waiting[left]
        _settle_down(waiting, priority, 0, left)


@compiled
def _settle_down(waiting: Ints, priority: Floats, i: int, n: int) -> None:
    """Let the row at place `i` sink until nobody below it comes before it: the first `n` places are a heap."""
    while True:
        best = i
        for j in (2 * i + 1, 2 * i + 2):
            if j < n:
                ahead = priority[waiting[j]] - priority[waiting[best]]
                if ahead > 0.0 or (ahead == 0.0 and waiting[j] < waiting[best]):
                    best = j
        if best == i:
            return
        waiting[i], waiting[best] = waiting[best], waiting[i]
        i = best
