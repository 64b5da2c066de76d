"""Gross, additional and net: three numbers for every effect of policy.

An enterprise is supported when a lever has reached it since the scenarios parted, or when it came to the city in
this scenario only. Gross counts the supported enterprises that meet a goal's reading. Additional is gross less the
supported that meet it in the first scenario too: the same enterprise's life without the levers, by common random
numbers. Net is the paired difference of the totals, so what rivals and other districts lose is in it.

Additional never exceeds gross: it is gross less a count, in every member. What happens to the enterprises that no
lever reached has two names: those that meet the reading only with the levers are spillover (one enterprise's support
helps another, as where founding pulls founding), those that meet it only without are displaced. So in every member

    net = additional + spillover - displaced.

Where displacement is the only way in which support reaches others, spillover is nothing but for single enterprises:
one that is pushed below one threshold may stay clear of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.enterprises import Origin as Came
from agents.table import Bools, Floats, Ints, among

if TYPE_CHECKING:
    from sim.city.city import City, Goal, Reading
    from sim.ensemble.record import Enumerated, Key, Record

Leaks = dict[str, float]
"""What support paid for that is not an effect, by name."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The enterprises of one reading in one member, against the first scenario."""

    goal: str
    reading: str
    gross: float
    additional: float
    spillover: float  # reached by no lever, and meet the reading in this scenario only
    displaced: float  # reached by no lever, and meet the reading in the first scenario only


@dataclass(frozen=True, slots=True)
class Part:
    """The three numbers of a main reading within one district or track, in one member."""

    goal: str
    reading: str
    axis: str  # "district" or "track"
    code: str  # the city's key
    gross: float
    additional: float
    net: float


@dataclass(frozen=True, slots=True)
class _Sides:
    """Who meets a reading with the levers, and in the first scenario, and who of them is supported."""

    with_it: Enumerated
    without: Enumerated
    supported: Bools  # of with_it
    anyway: Bools  # of without

    def bystanders(self) -> tuple[int, int]:
        """Count the enterprises that no lever reached and that meet the reading only with the levers, and only without.

        Whoever meets it in both scenarios is in neither count, so what is left is their part of the net effect.
        """
        here, there = self.with_it.slot[~self.supported], self.without.slot[~self.anyway]
        both = len(np.intersect1d(here, there, assume_unique=True))
        return len(here) - both, len(there) - both

    def split(self, axis: str, size: int, weight: float) -> Floats:
        """Return gross, additional and net by district or track, (3, size)."""
        a, b = getattr(self.with_it, axis), getattr(self.without, axis)
        gross = np.bincount(a[self.supported], minlength=size)
        additional = gross - np.bincount(b[self.anyway], minlength=size)
        net = np.bincount(a, minlength=size) - np.bincount(b, minlength=size)
        return weight * np.stack((gross, additional, net)).astype(float)


def tally(city: City, record: Record, first: Record) -> tuple[list[Tally], list[Part]]:
    """Return the numbers of every reading that counts enterprises, and where they are for the main ones."""
    tallies, parts = [], []
    reached = {deadline: _reached(record, first, deadline) for deadline in record.standing}
    for goal, reading in _counted(city, record):
        sides = _sides((goal.key, reading.key), goal.deadline, reached[goal.deadline], (record, first))
        gross = record.weight * float(sides.supported.sum())
        additional = gross - record.weight * float(sides.anyway.sum())
        spillover, displaced = (record.weight * n for n in sides.bystanders())
        tallies.append(Tally(goal.key, reading.key, gross, additional, spillover, displaced))
        if reading.primary:
            parts += _parts(city, (goal.key, reading.key), sides, record.weight)
    return tallies, parts


def _reached(record: Record, first: Record, deadline: int) -> Ints:
    """Return who of those that meet any reading in either run a lever had reached by the deadline, in order."""
    met = [x.slot for r in (record, first) for x in r.standing[deadline].met.values()]
    # the empty array is for readings that nobody meets: nothing cannot be concatenated
    slots = np.unique(np.concatenate([np.zeros(0, np.int64), *met]))
    return slots[record.was_reached(slots, deadline)]


def _counted(city: City, record: Record) -> list[tuple[Goal, Reading]]:
    met = {key for standing in record.standing.values() for key in standing.met}
    return [(goal, r) for goal in city.goals for r in goal.readings if (goal.key, r.key) in met]


def _sides(key: Key, deadline: int, reached: Ints, runs: tuple[Record, Record]) -> _Sides:
    """Tell apart who is supported among those that meet a reading; `reached` are slots in order."""
    record, first = runs
    with_it, without = record.standing[deadline].met[key], first.standing[deadline].met[key]
    only_here = among(with_it.slot, record.newcomers) & ~among(with_it.slot, first.newcomers)
    return _Sides(with_it, without, among(with_it.slot, reached) | only_here, among(without.slot, reached))


def _parts(city: City, key: tuple[str, str], sides: _Sides, weight: float) -> list[Part]:
    """Return the parts that are not nothing."""
    codes = {"district": [d.key for d in city.districts], "track": [t.key for t in city.tracks]}
    out = []
    for axis, names in codes.items():
        for name, column in zip(names, sides.split(axis, len(names), weight).T, strict=True):
            if column.any():
                out.append(Part(*key, axis, name, *(float(x) for x in column)))
    return out


def leaks(city: City, record: Record, first: Record) -> Leaks:
    """Return what support paid for that is no effect: lapsed and deadweight vouchers, relabelling, moved tenants.

    Relabelled R&D is that of supported holders of the high-tech label, a year, at the last deadline. Tenants of zones
    are those who came in this scenario only (created, or attracted from outside the city), those who are elsewhere in
    the city in the first scenario (moved), and those who stand in the same district there too (standing).
    """
    deadline = max(goal.deadline for goal in city.goals)
    here, there = record.standing[deadline], first.standing[deadline]
    tenants = np.flatnonzero(here.zone > 0)
    slots = here.slot[tenants]
    only_here = among(slots, record.newcomers) & ~among(slots, first.newcomers)
    outside = here.origin[tenants] == Came.ATTRACTED
    at, both = there.rows(slots)
    moved = both.copy()
    moved[both] = there.district[at[both]] != here.district[tenants[both]]
    counts = {
        "tenants": np.ones(len(tenants), bool),
        "tenants_created": only_here & ~outside,
        "tenants_attracted": only_here & outside,
        "tenants_moved": moved,
        "tenants_standing": ~only_here & ~moved,
    }
    return {
        **{name: float(x) for name, x in sorted(record.vouchers.items())},
        "relabelled_wan": record.weight * float(here.relabelled.sum()),
        "relabelled_enterprises": record.weight * float((here.relabelled > 0).sum()),
        **{name: record.weight * float(x.sum()) for name, x in counts.items()},
    }
