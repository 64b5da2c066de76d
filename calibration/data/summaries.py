"""The summaries a fit compares: dated counts, counts derived from them, and moments of the evidence.

`observed` says what they should be, `summary` reads them off a run.
"""

from __future__ import annotations

import numpy as np

from agents.table import Floats
from calibration.data.derived import from_province, from_shares, merged
from calibration.data.evidence import evidence
from calibration.data.observations import Observation, counts_of
from sim.city.city import City
from sim.state.indicators import INDICATORS
from sim.state.indicators import NAMES as INDICATOR_NAMES


def observed(city: City, as_of: int) -> list[Observation]:
    """Return the observations a fit as of a quarter may use, in order of name.

    A city with no row of its own gets the moments only: its fit is little more than the prior.

    Raises `InputError` when the city has rows and none is usable.
    """
    own = counts_of(city, as_of)
    own = merged(own, from_shares(city, as_of))
    own = merged(own, from_province(city, as_of, own)) if city.province else own
    return sorted(own + moments(as_of), key=lambda o: o.name)


def moments(as_of: int) -> list[Observation]:
    """Return the moments to calibrate on: M2, M4, M5. M1 is the prior P1 itself, so it is not used twice."""
    return [Observation(m.name, m.indicator, as_of, m.value, m.error, m.source, share=True) for m in evidence()]


def summary(o: Observation, series: Floats, start: int) -> float:
    """Read the simulated counterpart of an observation off a run.

    `series` is (quarters, indicators) whose first row is quarter `start`. Counts are log1p, flows are
    summed over the year, the exit rate is exits over four quarters by the stock, shares are averaged
    over two years.
    """
    at = o.quarter - start
    column = INDICATOR_NAMES.index(o.indicator)
    if o.name == "M2_exit_rate":
        stock = series[at - 3 : at + 1, INDICATOR_NAMES.index("enterprises")].mean()
        return float(series[at - 3 : at + 1, column].sum() / max(stock, 1.0))
    if o.share:
        return float(series[at - 7 : at + 1, column].mean())
    if INDICATORS[o.indicator].kind == "flow":
        return float(np.log1p(series[at - 3 : at + 1, column].sum()))
    # log1p, because counts may be none and their errors are relative
    return float(np.log1p(series[at, column]))


def summaries(observations: list[Observation], series: Floats, start: int) -> Floats:
    """Read all of them off a run, (observations,)."""
    return np.array([summary(o, series, start) for o in observations])
