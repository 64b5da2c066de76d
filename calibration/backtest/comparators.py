"""The forecasts to beat: each is fitted to what an origin knows and given a spread from its own past errors.

All work on logs of a region's own series. A model that needs more points than a series has is left out for
it, and scored on the pairs it can forecast. None draws: quantiles of a Student t stand for draws.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from agents.table import Floats, added
from calibration.panel.data import Course

Panel = Mapping[str, Course]
"""One series of every region."""
Forecast = Callable[[str, Course, Floats], Floats | None]
"""Turns a region, its course and later times into logs, or None where the model cannot be fitted."""
Comparator = Callable[[Panel], Forecast]
"""Fits what a model shares across regions."""

_MIN_YEARLY_POINTS = 5
"""Consecutive yearly points that ETS and ARIMA need; fewer leave no degree of freedom."""
_MIN_CURVE_POINTS = 4
"""Points a three-parameter curve needs."""
_CURVE_RATES = np.geomspace(0.03, 1.5, 24)
_DAMPING = 0.85
_SMOOTHINGS = tuple((a, b) for a in (0.5, 0.7, 0.85, 1.0) for b in (0.1, 0.3, 0.6, 1.0))


def naive(_panel: Panel) -> Forecast:
    """Carry the last value forward."""
    return lambda _region, course, times: np.full(len(times), course.logs[-1])


def drift(_panel: Panel) -> Forecast:
    """Go on at the mean growth between the first and the last point (a random walk with drift)."""

    def forecast(_region: str, course: Course, times: Floats) -> Floats | None:
        return course.logs[-1] + _mean_growth(course) * (times - course.times[-1])

    return forecast


def damped(panel: Panel) -> Forecast:
    """Smooth level and trend, and damp the trend (Gardner & McKenzie 1985), with gaps between points.

    The two smoothing constants are those of the least one-step errors over all regions known at the origin:
    a series of three points cannot choose its own.
    """
    best = min(_SMOOTHINGS, key=lambda s: added(_smoothed(course, s)[2] for course in panel.values()))

    def forecast(_region: str, course: Course, times: Floats) -> Floats | None:
        level, trend, _ = _smoothed(course, best)
        return level + trend * _damped_years(times - course.times[-1])

    return forecast


def _damped_years(gap: Floats | float) -> Floats:
    """Return phi + phi^2 + ... over a gap in years, for whole and broken years."""
    return np.asarray(_DAMPING * (1.0 - _DAMPING ** np.asarray(gap, dtype=float)) / (1.0 - _DAMPING))


def _smoothed(course: Course, constants: tuple[float, float]) -> tuple[float, float, float]:
    """Return the last level and trend and the sum of squared one-step errors."""
    alpha, beta = constants
    level, trend, loss = course.logs[0], _first_growth(course), 0.0
    for i in range(1, len(course.times)):
        gap = course.times[i] - course.times[i - 1]
        expected = level + trend * float(_damped_years(gap))
        error = course.logs[i] - expected
        # the first step starts from a trend that was taken from its own end, so it is no forecast
        loss += error * error * (i > 1)
        level = expected + alpha * error
        trend = trend * _DAMPING**gap + beta * alpha * error / gap
    return level, trend, loss


def _first_growth(course: Course) -> float:
    return (course.logs[1] - course.logs[0]) / (course.times[1] - course.times[0]) if len(course.times) > 1 else 0.0


def _mean_growth(course: Course) -> float:
    return (course.logs[-1] - course.logs[0]) / (course.times[-1] - course.times[0]) if len(course.times) > 1 else 0.0


def ets(_panel: Panel) -> Forecast:
    """Fit statsmodels' exponential smoothing with a damped trend to a yearly series."""
    return _yearly(_ets)


def arima(_panel: Panel) -> Forecast:
    """Fit ARIMA(1,1,0) with drift to a yearly series, as statsmodels' autoregression of the growth rates."""
    return _yearly(_arima)


def _yearly(fit: Callable[[tuple[float, ...]], Floats]) -> Forecast:
    """Apply a model of whole years to the last consecutive yearly points, if there are enough."""

    def forecast(_region: str, course: Course, times: Floats) -> Floats | None:
        logs = _consecutive(course)
        ahead = times - course.times[-1]
        if len(logs) < _MIN_YEARLY_POINTS or (ahead % 1.0).any():
            return None
        return fit(logs)[ahead.astype(int) - 1]

    return forecast


def _consecutive(course: Course) -> tuple[float, ...]:
    """Return the logs of the longest run of yearly steps that ends at the last point."""
    first = len(course.times) - 1
    while first > 0 and course.times[first] - course.times[first - 1] == 1.0:
        first -= 1
    return course.logs[first:]


_MAX_HORIZON = 12
"""Years ahead that a fit is carried; kept with it, since one fit serves all horizons."""
_MIN_HEURISTIC_POINTS = 10
"""Points from which statsmodels can choose its own starting values."""
_MIN_VARIATION = 1e-9
_MIN_GROUPS = 3
"""Regions below which departures from the mean have no variance to speak of."""


@lru_cache(maxsize=100_000)
def _ets(logs: tuple[float, ...]) -> Floats:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # noqa: PLC0415  slow to import, and every command would wait

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # short series do not always converge; the errors tell
        start = {"initialization_method": "heuristic"} if len(logs) >= _MIN_HEURISTIC_POINTS else _from_first(logs)
        model = ExponentialSmoothing(np.array(logs), trend="add", damped_trend=True, **start)
        return np.asarray(model.fit(optimized=True).forecast(_MAX_HORIZON))


def _from_first(logs: tuple[float, ...]) -> dict[str, Any]:
    """Start a short series at its first point and first growth."""
    return {"initialization_method": "known", "initial_level": logs[0], "initial_trend": logs[1] - logs[0]}


@lru_cache(maxsize=100_000)
def _arima(logs: tuple[float, ...]) -> Floats:
    growth = np.diff(np.array(logs))
    if np.ptp(growth) < _MIN_VARIATION:
        return logs[-1] + growth[-1] * np.arange(1, _MAX_HORIZON + 1)
    from statsmodels.tsa.ar_model import AutoReg  # noqa: PLC0415  slow to import, and every command would wait

    fitted = AutoReg(growth, lags=1, trend="c").fit()
    slope = float(np.clip(fitted.params[1], -0.95, 0.95))  # an explosive fit to four rates is noise
    mean = float(growth.mean()) if slope != fitted.params[1] else float(fitted.params[0] / (1.0 - slope))
    ahead = mean + (growth[-1] - mean) * slope ** np.arange(1, _MAX_HORIZON + 1)
    return logs[-1] + np.cumsum(ahead)


def gompertz(_panel: Panel) -> Forecast:
    """Fit log y = a - b exp(-c t), growth that slows exponentially (b >= 0)."""
    return _curve(lambda c, t: -np.exp(-c * t)[None, :])


def logistic(_panel: Panel) -> Forecast:
    """Fit log y = a - log(1 + exp(-c (t - t0))), growth that slows as the ceiling nears."""
    return _curve(lambda c, t: -np.logaddexp(0.0, -c * (t[None, :] - np.linspace(-15.0, 15.0, 31)[:, None])))


def _curve(shape: Callable[[float, Floats], Floats]) -> Forecast:
    """Fit a growth curve by least squares over a grid of its non-linear parameters."""

    def forecast(_region: str, course: Course, times: Floats) -> Floats | None:
        if len(course.times) < _MIN_CURVE_POINTS:
            return None
        return _fit_curve(shape, course, times)

    return forecast


def _fit_curve(shape: Callable[[float, Floats], Floats], course: Course, times: Floats) -> Floats:
    t, y = np.array(course.times) - course.times[-1], np.array(course.logs)
    ahead = times - course.times[-1]
    best, loss = np.full(len(times), y[-1]), np.inf
    for c in _CURVE_RATES:
        past, future = shape(float(c), t), shape(float(c), ahead)
        for x, f in zip(past, future, strict=True):
            free = len(past) == 1  # Gompertz has a slope; the logistic curve's is one
            # a shape that is flat over the points explains nothing; growth never turns down
            slope = max(float(np.cov(x, y)[0, 1] / max(x.var(ddof=1), 1e-12)), 0.0) if free else 1.0
            # the best height is the mean of what is left, so that its variance is the mean squared error
            left = y - slope * x
            if (now := float(left.var())) < loss:
                best, loss = left.mean() + slope * f, now
    return best


def pooled(panel: Panel) -> Forecast:
    """Let growth rates vary around a common mean by region (statsmodels' mixed model, partial pooling).

    Rates are weighted alike; where the mixed model cannot be fitted (one rate a region, no variation), every
    region grows at the mean.
    """
    rates = [
        (region, (course.logs[i] - course.logs[i - 1]) / (course.times[i] - course.times[i - 1]))
        for region, course in panel.items()
        for i in range(1, len(course.times))
    ]
    mean, own = _mixed(tuple(rates))

    def forecast(region: str, course: Course, times: Floats) -> Floats | None:
        return course.logs[-1] + (mean + own.get(region, 0.0)) * (times - course.times[-1])

    return forecast


def pooled_damped(panel: Panel) -> Forecast:
    """Damp the pooled growth: the strongest simple rival, growth shared by all regions that fades."""
    undamped = pooled(panel)

    def forecast(region: str, course: Course, times: Floats) -> Floats | None:
        after_one = undamped(region, course, np.array([course.times[-1] + 1.0]))
        growth = 0.0 if after_one is None else float(after_one[0]) - course.logs[-1]
        return course.logs[-1] + growth * _damped_years(times - course.times[-1])

    return forecast


@lru_cache(maxsize=10_000)
def _mixed(rates: tuple[tuple[str, float], ...]) -> tuple[float, dict[str, float]]:
    """Return the common growth rate and each region's departure from it."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # noqa: PLC0415  slow to import, and every command would wait

    if not rates:
        return 0.0, {}
    frame = pd.DataFrame(rates, columns=["region", "growth"])
    mean = float(frame.growth.mean())
    # one rate a region leaves nothing to tell its departure from its noise
    if (
        frame.region.nunique() == len(frame)
        or frame.region.nunique() < _MIN_GROUPS
        or frame.growth.std() < _MIN_VARIATION
    ):
        return mean, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a variance at its bound is an answer: no departures
        try:
            fitted = MixedLM(frame.growth.to_numpy(), np.ones((len(frame), 1)), groups=frame.region.to_numpy()).fit()
            effects = {str(r): float(np.asarray(e)[0]) for r, e in fitted.random_effects.items()}
            return float(fitted.params[0]), effects
        except (np.linalg.LinAlgError, ValueError):
            return mean, {}


COMPARATORS: dict[str, Comparator] = {
    "naive": naive,
    "drift": drift,
    "damped_trend": damped,
    "ets": ets,
    "arima": arima,
    "gompertz": gompertz,
    "logistic": logistic,
    "pooled_growth": pooled,
    "pooled_damped": pooled_damped,
}
