"""The known enterprises of a run: who they are, and what their books say in a year of their record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from agents.enterprises import NEVER
from agents.table import Floats, Ints
from sim.city.known import KnownEnterprise
from sim.streams import key_of

FIRST_SLOT = 2**31
"""From here on slots belong to known enterprises: above every slot of a pool, below every one of a queue."""
_APART = 2**28
"""So many places for them, of four slots each."""


class Books(NamedTuple):
    """What the books of known enterprises say of a year, (n,) each."""

    staff: Floats
    revenue: Floats
    rd_share: Floats  # not a number where none was ever published
    listed: Ints  # quarter of listing; never, where it comes later or not at all


def slot_of(key: str) -> int:
    """Return the slot of a known enterprise: its own, whoever else is known; its books close with the calendar year."""
    return FIRST_SLOT + 4 * (int(key_of(0, f"known:{key}", 0)) % _APART) + 3


def ends(x: KnownEnterprise) -> int:
    """Return the last quarter of which an enterprise's figures are published."""
    return 4 * x.figures[-1].year + 3


@dataclass(frozen=True, slots=True)
class KnownEnterprises:
    """Known enterprises in order of slot; figures are those that were published by the origin."""

    slot: Ints
    enterprises: tuple[KnownEnterprise, ...]
    revenue_per_employee: float  # of the city, for who has never published its staff

    @classmethod
    def of(cls, enterprises: tuple[KnownEnterprise, ...], revenue_per_employee: float) -> Self:
        """Give each its slot."""
        ordered = sorted(enterprises, key=lambda x: slot_of(x.key))
        return cls(np.array([slot_of(x.key) for x in ordered], np.int64), tuple(ordered), revenue_per_employee)

    def at(self, slots: Ints) -> list[KnownEnterprise]:
        """Return the enterprises with these slots."""
        return [self.enterprises[i] for i in np.searchsorted(self.slot, slots)]

    def books(self, slots: Ints, year: int) -> Books:
        """Return what was published for a year; between two published years, even growth from one to the other.

        Staff is revenue by revenue per head, which goes on as it was first or last published.
        """
        told = [self._year(x, year) for x in self.at(slots)]
        staff, revenue, rd_share, listed = np.array(told, float).reshape(-1, 4).T
        return Books(staff, revenue, rd_share, listed.astype(np.int64))

    def _year(self, x: KnownEnterprise, year: int) -> tuple[float, float, float, int]:
        """Return staff, revenue, R&D share and quarter of listing as of a year."""
        revenue = np.exp(_between([(f.year, np.log(f.revenue)) for f in x.figures], year))
        heads = [(f.year, np.log(f.revenue / f.employees)) for f in x.figures if f.employees is not None]
        shares = [(f.year, f.rd_share) for f in x.figures if f.rd_share is not None]
        per_head = np.exp(_between(heads, year)) if heads else self.revenue_per_employee
        rd_share = _between(shares, year) if shares else np.nan
        listed = 4 * x.listed + 3 if x.listed is not None and x.listed <= year else NEVER
        return float(revenue / per_head), float(revenue), rd_share, listed


def _between(told: list[tuple[int, float]], year: int) -> float:
    """Return a number of a year by straight lines between the years that are told; outside, the nearest."""
    years, numbers = zip(*told, strict=True)
    return float(np.interp(year, np.array(years, float), np.array(numbers)))
