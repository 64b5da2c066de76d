"""What is on record of a city's institutions: zones named, consortia formed, by quarter."""

from __future__ import annotations

from typing import NamedTuple

from sim.city.city import City


class Fact(NamedTuple):
    """So many of a kind, dated; `district` and `track` are keys, or blank where the record names no place."""

    kind: str
    number: int
    district: object
    track: object


def facts_by_quarter(city: City, as_of: int) -> dict[int, list[Fact]]:
    """Return the city's dated facts up to the origin, by quarter."""
    out: dict[int, list[Fact]] = {}
    columns = (city.events[name].tolist() for name in ("quarter", "kind", "count", "district", "track"))
    for when, kind, count, district, track in zip(*columns, strict=True):
        if when <= as_of:
            out.setdefault(int(when), []).append(Fact(str(kind), int(count), district, track))
    return out
