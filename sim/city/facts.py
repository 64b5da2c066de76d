"""What is on record of a city's institutions, and up to when silence means that nothing happened.

Each kind of event is covered for certain quarters. In these, up to the origin, the record is all there is, unless it is
said to be incomplete; in all others after the count begins, what happened is not known, and rates stand for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from sim.city.city import City
from sim.city.events import COUNT_OF
from sim.city.known import KnownEnterprise, last_closed_year


class Fact(NamedTuple):
    """So many of a kind, dated; `district` and `track` are keys, or blank where the record names no place."""

    kind: str
    number: int
    district: object
    track: object


class CoveredSpan(NamedTuple):
    """Quarters, both included, of which the record tells: everything, or a part where it is not complete."""

    first: int
    last: int
    complete: bool
    at_once: bool  # what is on record in its last quarter is of all of it
    batch: float  # so many events tell of their rate as much as one that comes alone


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What was on record at an origin.

    Attributes
    ----------
    facts
        Dated facts, by quarter.
    spans
        Quarters that are covered, by count.
    begins
        First quarter that counts, by count: before it there was no such thing, or nobody counted.
    otherwise
        The same for counts of which the city says nothing: the quarter after the origin.
    """

    facts: dict[int, list[Fact]]
    spans: dict[str, tuple[CoveredSpan, ...]]
    begins: dict[str, int]
    otherwise: int

    def number(self, count: str, quarter: int) -> int:
        """Return how many of a count are on record in a quarter."""
        return int(sum(f.number for f in self.facts.get(quarter, ()) if COUNT_OF.get(f.kind) == count))

    def covers(self, count: str, quarter: int) -> bool:
        """Tell whether all of a count is on record in a quarter."""
        return any(x.complete for x in self._telling(count, quarter))

    def unseen(self, count: str, quarter: int, seen: float) -> float:
        """Return the part of a rate that runs beside the record: none where it is complete, all where it is silent.

        `seen` is the share of events that an incomplete record holds.
        """
        if quarter < self.begins.get(count, self.otherwise):
            return 0.0
        if self.covers(count, quarter):
            return 0.0
        return 1.0 - seen if self._telling(count, quarter) else 1.0

    def _telling(self, count: str, quarter: int) -> list[CoveredSpan]:
        return [x for x in self.spans.get(count, ()) if x.first <= quarter <= x.last]


def public_record(city: City, as_of: int) -> PublicRecord:
    """Return what is on record up to an origin; later coverage is of no use, as later facts are not known."""
    spans: dict[str, tuple[CoveredSpan, ...]] = {}
    begins: dict[str, int] = {}
    for x in city.series.covered:
        count = COUNT_OF[x.event]
        begins[count] = min(begins.get(count, x.since), x.since)
        if x.to is not None and (x.to if x.at_once else x.since) <= as_of:
            span = CoveredSpan(x.since, min(x.to, as_of), x.complete, x.at_once, x.batch)
            spans[count] = (*spans.get(count, ()), span)
    return PublicRecord(facts_by_quarter(city, as_of), spans, begins, as_of + 1)


def facts_by_quarter(city: City, as_of: int) -> dict[int, list[Fact]]:
    """Return the city's dated facts up to the origin, by quarter."""
    out: dict[int, list[Fact]] = {}
    columns = (city.events[name].tolist() for name in ("quarter", "kind", "count", "district", "track"))
    for when, kind, count, district, track in zip(*columns, strict=True):
        if when <= as_of:
            out.setdefault(int(when), []).append(Fact(str(kind), int(count), district, track))
    return out


def published(city: City, as_of: int) -> tuple[KnownEnterprise, ...]:
    """Return the known enterprises with the figures that were published by an origin.

    Those of a year are known from the second quarter of the next, when annual reports are out. What the city opens
    with is always known, as its profile is.
    """
    opening = last_closed_year(city.start)
    seen, listed_by = max(last_closed_year(as_of - 2), opening), max(last_closed_year(as_of), opening)
    return tuple(
        replace(
            x,
            figures=tuple(f for f in x.figures if f.year <= seen),
            listed=x.listed if x.listed is not None and x.listed <= listed_by else None,
        )
        for x in city.known
    )
