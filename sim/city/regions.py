"""Which region lies in which: cities borrow from their province, districts from their city."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

import scenarios
from sim.city.schema import Key, StrictFile
from sim.inputs.toml import read_model

FILE = scenarios.FOLDER / "common" / "regions.toml"


class Regions(StrictFile):
    """`regions.toml`: the country, and the cities of each province that have numbers of their own."""

    nation: Key
    province: Annotated[dict[Key, list[Key]], Field(min_length=1)]


@cache
def every_region() -> Regions:
    """Read the file, once."""
    return read_model(FILE, Regions)


def nation() -> str:
    """Return the name of the country."""
    return every_region().nation


def provinces() -> tuple[str, ...]:
    """Return the provinces whose certifications add up to the country's."""
    return tuple(every_region().province)


@cache
def _province_of() -> dict[str, str]:
    """Return the province of every city that has numbers of its own."""
    return {city: province for province, cities in every_region().province.items() for city in cities}


def known(region: str) -> bool:
    """Tell whether a region, or the one around it, is in the tree."""
    city = region.partition("/")[0]
    return city in {nation(), *provinces(), *_province_of()}


def parent(region: str) -> str | None:
    """Return the region around a region, or None: a province, the country, a region unknown here."""
    city, slash, _ = region.partition("/")
    return city if slash else _province_of().get(region)


def lineage(regions: set[str]) -> dict[str, str | None]:
    """Return the parent of every region that is named or lies around one, parents first."""
    found: dict[str, str | None] = {}
    for region in sorted(regions):
        chain = [region]
        while (above := parent(chain[-1])) is not None:
            chain.append(above)
        # from the outermost on, so that a region never comes before the one around it
        for one in reversed(chain):
            found.setdefault(one, parent(one))
    return found
