"""Counts that no source prints but that follow from two that are printed: shares of a region.

Each says what it was derived from. A derived count never replaces one that is printed for the same year.
"""

from __future__ import annotations

import numpy as np

from calibration.data.observations import Observation, known_by
from sim import quarter
from sim.city.city import City
from sim.city.history import published


def from_shares(city: City, as_of: int) -> list[Observation]:
    """Derive counts from the city's share of a region whose total follows from other members' printed counts.

    count = share / share(other) * count(other), averaged in logs over the others printed for the year.
    """
    history, out = known_by(city, published(city.history, city.region), as_of), []
    for series, (count, indicator) in city.series.shares.items():
        shares = history[history.series == series]
        printed = history[(history.series == count) & (history.observation == "exact")].drop_duplicates(
            ["region", "period"]
        )
        for row in shares[shares.region == city.region].itertuples():
            when = quarter.period_end(str(row.period))
            others = shares[(shares.period == row.period) & (shares.region != city.region)]
            both = others.merge(printed, on=["region", "period"], suffixes=("_share", "_count"))
            if when is None or not city.start < when <= as_of or both.empty:
                continue
            ratio = both.value_count.to_numpy(float) / both.value_share.to_numpy(float)
            implied = np.log(float(str(row.value)) * ratio)
            # what the others imply need not agree: their spread comes on top of the error of a derived number
            error = float(np.hypot(city.series.errors.grade_error["C"], implied.std()))
            source = f"derived from shares: {row.url}"
            offset = city.series.offsets.get(indicator, 0.0)
            out.append(_derived(indicator, when, float(np.exp(implied.mean())), error, offset, source))
    return out


def _derived(indicator: str, when: int, value: float, error: float, offset: float, source: str) -> Observation:
    """Make a derived observation."""
    return Observation(f"{indicator}@{quarter.label(when)}", indicator, when, value, error, source, offset=offset)


def merged(own: list[Observation], derived: list[Observation]) -> list[Observation]:
    """Return both, a printed count going before a derived one of the same indicator and quarter."""
    there = {o.name for o in own}
    return own + [o for o in derived if o.name not in there]
