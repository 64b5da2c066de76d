"""Counts that no source prints but that follow from two that are printed: shares of a region, flows of a province.

Each says what it was derived from. A derived count never replaces one that is printed for the same year.
"""

from __future__ import annotations

import numpy as np

from calibration.data.observations import GRADE_ERROR, LIST_OFFSET, Observation, known_by
from sim import quarter
from sim.city.city import City

SHARES = {
    "hte_stock_share_yrd": ("hte_stock", "hnte_stock"),
    "hte_new_share_yrd": ("hte_proposed_flow", "hnte_certified"),
}
"""Series with shares of a larger region, the count that some of its members print, and the indicator."""
PROVINCE_FLOW = "hte_proposed_flow"
PROVINCE_ERROR, PROVINCE_OFFSET = 0.06, 0.06
"""How far a city's share of its province's certifications moves from year to year, and how far the share that is
known is off; assumptions: with one constant share the province's flows give Hangzhou's printed stocks of 2021,
2023 and 2024 within 6 %."""


def from_shares(city: City, as_of: int) -> list[Observation]:
    """Derive counts from the city's share of a region whose total follows from other members' printed counts.

    count = share / share(other) * count(other), averaged in logs over the others printed for the year.
    """
    history, out = known_by(city.history, as_of), []
    for series, (count, indicator) in SHARES.items():
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
            error = float(np.hypot(GRADE_ERROR["C"], implied.std()))
            source = f"derived from shares: {row.url}"
            out.append(_derived(indicator, when, float(np.exp(implied.mean())), error, source))
    return out


def from_province(city: City, as_of: int, own: list[Observation]) -> list[Observation]:
    """Derive yearly certifications from the province's, at the share that the city had when both are known.

    The national and provincial ups and downs of the recognition drive reach the fit this way.
    """
    known = known_by(city.history, as_of)
    rows = known[(known.region == city.province) & (known.series == PROVINCE_FLOW)]
    flows = {
        when: float(value)
        for period, value in rows[["period", "value"]].itertuples(index=False, name=None)
        if (when := quarter.period_end(str(period))) is not None and "-" not in str(period)
    }
    both = [o for o in own if o.indicator == "hnte_certified" and o.quarter in flows]
    if not both:
        return []
    share = float(np.mean([np.log(o.value / flows[o.quarter]) for o in both]))
    taken = {o.quarter for o in own if o.indicator == "hnte_certified"}
    source = f"{np.exp(share):.3f} of {city.province}'s flow, its share in {quarter.label(both[0].quarter)[:4]}"
    return [
        _derived("hnte_certified", when, float(np.exp(share)) * value, PROVINCE_ERROR, source, PROVINCE_OFFSET)
        for when, value in sorted(flows.items())
        if city.start < when <= as_of and when not in taken
    ]


def _derived(
    indicator: str, when: int, value: float, error: float, source: str, offset: float = 0.0
) -> Observation:
    """Make a derived observation."""
    shared = float(np.hypot(LIST_OFFSET.get(indicator, 0.0), offset))
    return Observation(
        f"{indicator}@{quarter.label(when)}", indicator, when, value, error, source, offset=shared
    )


def merged(own: list[Observation], derived: list[Observation]) -> list[Observation]:
    """Return both, a printed count going before a derived one of the same indicator and quarter."""
    there = {o.name for o in own}
    return own + [o for o in derived if o.name not in there]
