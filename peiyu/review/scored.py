"""What was published since an earlier forecast, against what that forecast said of it and against the last value.

A member's count is seen through the error of the list that prints it, as in the backtest; the score is the CRPS of
logged counts, and that of a last value carried forward is its distance, the CRPS of a forecast without a spread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, ndtri

from agents.table import Floats, added
from calibration.backtest.scores import crps, pit
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from peiyu.review.choice import PastForecast
from peiyu.review.document import NumberRow, TallyRow
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.state.indicators import INDICATORS

SHADES = ndtri((np.arange(40) + 0.5) / 40)
"""Equally likely errors of a list in standard deviations, so that nothing is drawn."""
ENDS = (0.05, 0.5, 0.95)
LEVEL = 0.9
"""What an interval is to hold."""
DIGITS = 6
YEAR = 4
"""Quarters of a flow's year."""


@dataclass(frozen=True, slots=True)
class Since:
    """What was published since an origin: later quarters, and how many numbers of earlier ones."""

    ahead: list[Observation]
    older: int
    last: dict[str, Observation]  # by indicator, the newest number known at the origin that is no bound


def since(city: City, origin: int, until: int) -> Since:
    """Return what the city's data say by a quarter and did not say at an origin."""
    then, now = _known(city, origin), _known(city, until)
    new = [o for name, o in now.items() if o != then.get(name)]
    exact = sorted((o for o in then.values() if o.bound == "none"), key=lambda o: o.quarter)
    ahead = sorted((o for o in new if o.quarter > origin), key=lambda o: (o.quarter, o.indicator))
    return Since(ahead, len(new) - len(ahead), {o.indicator: o for o in exact})


def _known(city: City, as_of: int) -> dict[str, Observation]:
    """Return the city's counts as they were known at a quarter; none where none can be used."""
    try:
        return {o.name: o for o in observed(city, as_of) if not o.share}
    except InputError:
        return {}


def scored(city: City, past: PastForecast, new: Since) -> list[NumberRow]:
    """Return every number of a later quarter that the run forecast, in the order of the quarters."""
    found = []
    for o in new.ahead:
        counts = _forecast(past, o)
        if counts is not None:
            found.append(_row(city, past, (o, counts), new.last.get(o.indicator)))
    return found


def _forecast(past: PastForecast, o: Observation) -> Floats | None:
    """Return what the members say of a number, logged, (members,); None where they do not reach it."""
    begins = o.quarter - (YEAR - 1) * (INDICATORS[o.indicator].kind == "flow")
    if begins < past.first or o.quarter >= past.first + past.values.shape[1]:
        return None
    said = np.array([summaries([o], series, past.first)[0] for series in past.values])
    return said if np.isfinite(said).all() else None


def _row(
    city: City, past: PastForecast, about: tuple[Observation, Floats], last: Observation | None
) -> NumberRow:  # fmt: skip
    o, said = about
    error = float(np.sqrt(target([o]).covariance()[0, 0]))
    draws = np.sort((said[:, np.newaxis] + error * SHADES).ravel())
    y, ends = float(np.log1p(o.value)), np.quantile(draws, ENDS, method="hazen")
    low, _, high = (float(x) for x in ends)
    exact = o.bound == "none"
    q05, median, q95 = (round(max(float(np.expm1(x)), 0.0), DIGITS) for x in ends)
    return NumberRow(
        run=past.id, indicator=o.indicator, quarter=quarter.label(o.quarter), bound=o.bound,
        published=round(o.value, DIGITS), known=_known_on(city, o), q05=q05, median=median, q95=q95,
        inside=(o.bound == "lower" or y >= low) and (o.bound == "upper" or y <= high),
        percentile=pit(draws, y) if exact else None, crps=crps(draws, y) if exact else None,
        carried=None if last is None else round(last.value, DIGITS),
        carried_from=None if last is None else quarter.label(last.quarter),
        carried_crps=abs(y - float(np.log1p(last.value))) if exact and last is not None else None,
    )  # fmt: skip


def _known_on(city: City, o: Observation) -> str | None:
    """Return when a number was first published."""
    rows = city.history[city.history.region == city.region]
    of = [city.series.indicators.get(str(s)) == o.indicator for s in rows.series]
    at = [quarter.period_end(str(p)) == o.quarter for p in rows.period]
    dates = rows.as_of[np.array(of, bool) & np.array(at, bool)]
    return str(dates.min()) if len(dates) else None


def tally(past: PastForecast, new: Since, rows: list[NumberRow]) -> TallyRow:
    """Sum up the numbers of one forecast."""
    exact, bounds = [r for r in rows if r.bound == "none"], [r for r in rows if r.bound != "none"]
    pairs = [(r.crps, r.carried_crps) for r in exact if r.crps is not None and r.carried_crps is not None]
    inside, made = sum(r.inside for r in exact), str(past.run["created"])[:7]
    return TallyRow(
        run=past.id, exact=len(exact), exact_inside=inside,
        by_luck=float(bdtr(inside, len(exact), LEVEL)) if exact else None,
        bounds=len(bounds), bounds_inside=sum(r.inside for r in bounds),
        compared=len(pairs), better=sum(ours < theirs for ours, theirs in pairs),
        crps=_mean(ours for ours, _ in pairs), carried_crps=_mean(theirs for _, theirs in pairs),
        out_before=sum(r.known is not None and r.known[:7] <= made for r in rows), older=new.older,
        not_forecast=len(new.ahead) - len(rows),
    )  # fmt: skip


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return added(found) / len(found) if found else None
