"""Which region lies in which: cities borrow from their province, districts from their city."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

import scenarios
from sim.city.schema import Key, StrictFile
from sim.inputs.toml import read_model


class _Regions(StrictFile):
    """`regions.toml`: the country, and the cities of each province that have numbers of their own."""

    nation: Key
    province: Annotated[dict[Key, list[Key]], Field(min_length=1)]


_REGIONS = read_model(scenarios.FOLDER / "common" / "regions.toml", _Regions)
NATION = _REGIONS.nation
PROVINCES = tuple(_REGIONS.province)
"""The provinces whose certifications add up to the country's."""
_PARENT = {city: province for province, cities in _REGIONS.province.items() for city in cities}


def parent(region: str) -> str | None:
    """Return the region around a region, or None: a province, the country, a region unknown here."""
    city, slash, _ = region.partition("/")
    return city if slash else _PARENT.get(region)


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
