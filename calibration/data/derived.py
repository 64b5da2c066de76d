"""Counts that no source prints but that follow from two that are printed: shares of a region, flows of a province.

Each says what it was derived from. A derived count never replaces one that is printed for the same year.
"""

from __future__ import annotations

import numpy as np

from calibration.data.observations import Observation, known_by
from sim import quarter
from sim.city.city import City


def from_shares(city: City, as_of: int) -> list[Observation]:
    """Derive counts from the city's share of a region whose total follows from other members' printed counts.

    count = share / share(other) * count(other), averaged in logs over the others printed for the year.
    """
    history, out = known_by(city, city.history, as_of), []
    for series, (count, indicator) in city.series.shares.items():
        shares = history[history.series == series]
        printed = history[(history.series == count) & (history.observation == "exact")].drop_duplicates(
            ["region", "period"]
        )
        for row in shares[shares.region == city.name].itertuples():
            when = quarter.period_end(str(row.period))
            others = shares[(shares.period == row.period) & (shares.region != city.name)]
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


def from_province(city: City, as_of: int, own: list[Observation]) -> list[Observation]:
    """Derive yearly certifications from the province's, at the share that the city had when both are known.

    The national and provincial ups and downs of the recognition drive reach the fit this way.
    """
    rule = city.series.province
    if rule is None:
        return []
    known = known_by(city, city.history, as_of)
    rows = known[(known.region == city.province) & (known.series == rule.flow)]
    flows = {
        when: float(value)
        for period, value in rows[["period", "value"]].itertuples(index=False, name=None)
        if (when := quarter.period_end(str(period))) is not None and "-" not in str(period)
    }
    both = [o for o in own if o.indicator == rule.indicator and o.quarter in flows]
    if not both:
        return []
    # in logs, as errors are relative
    share = float(np.mean([np.log(o.value / flows[o.quarter]) for o in both]))
    taken = {o.quarter for o in own if o.indicator == rule.indicator}
    source = f"{np.exp(share):.3f} of {city.province}'s flow, its share in {quarter.label(both[0].quarter)[:4]}"
    offset = float(np.hypot(city.series.offsets.get(rule.indicator, 0.0), rule.offset))
    return [
        _derived(rule.indicator, when, float(np.exp(share)) * value, rule.error, offset, source)
        for when, value in sorted(flows.items())
        if city.start < when <= as_of and when not in taken
    ]


def _derived(indicator: str, when: int, value: float, error: float, offset: float, source: str) -> Observation:
    """Make a derived observation."""
    return Observation(f"{indicator}@{quarter.label(when)}", indicator, when, value, error, source, offset=offset)


def merged(own: list[Observation], derived: list[Observation]) -> list[Observation]:
    """Return both, a printed count going before a derived one of the same indicator and quarter."""
    there = {o.name for o in own}
    return own + [o for o in derived if o.name not in there]
