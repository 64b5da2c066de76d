"""How far off a comparator was before: the spread of its forecast, from errors known at the origin.

Every comparator is run again at earlier dates inside the data an origin knows. Its errors, over all regions and
for each gap in years, give the scale of a Student t; where its own are too few, those of the last-value
forecast stand in. So no comparator is handicapped by a short series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, stdtrit

from agents.table import Floats
from calibration.backtest.comparators import Comparator, Panel
from calibration.panel.data import Course

DEGREES = 5.0
"""Of the Student t: errors of counts have heavy tails."""
POINTS = 400
"""Quantiles that stand for a distribution."""
MIN_ERRORS = 12
"""Errors a comparator needs for a scale of its own."""
_POWERS = (0.25, 0.5, 0.75, 1.0, 1.25)
_MAX_CUTS = 6
_PRIOR_SCALE = 0.2
_T = stdtrit(DEGREES, (np.arange(POINTS) + 0.5) / POINTS)


@dataclass(frozen=True, slots=True)
class Errors:
    """Errors of one comparator before an origin, with the gap in years of each."""

    gap: Floats
    error: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """Scale of the errors: at one year, and the power of the gap with which it grows."""

    scale: float
    power: float

    def draws(self, mean: float, gap: float) -> Floats:
        """Return equally likely logs around a mean."""
        return mean + self.scale * max(gap, 0.25) ** self.power * _T


def past_errors(comparator: Comparator, panel: Panel) -> Errors:
    """Run a comparator at earlier dates of a panel and compare with what came, within the panel."""
    gaps: list[float] = []
    errors: list[float] = []
    # the last date has nothing after it to be compared with
    cuts = sorted({time for course in panel.values() for time in course.times})[:-1]
    for cut in cuts[-_MAX_CUTS:]:
        sub = {region: early for region, course in panel.items() if (early := _until(course, cut)) is not None}
        fitted = comparator(sub)
        for region, early in sub.items():
            later = np.array(panel[region].times[len(early.times) :])
            if len(early.times) < 2 or not len(later):  # noqa: PLR2004
                continue
            made = fitted(region, early, later)
            if made is not None:
                gaps += list(later - early.times[-1])
                errors += list(np.array(panel[region].logs[len(early.times) :]) - made)
    return Errors(np.array(gaps), np.array(errors))


def _until(course: Course, cut: float) -> Course | None:
    n = int(np.searchsorted(np.array(course.times), cut, side="right"))
    return Course(course.times[:n], course.logs[:n]) if n else None


def spread(own: Errors, fallback: Errors) -> Spread:
    """Return the most likely scale and power of gap, from own errors or from the fallback's."""
    errors = own if len(own.error) >= MIN_ERRORS else fallback if len(fallback.error) else own
    if not len(errors.error):
        return Spread(_PRIOR_SCALE, 0.5)
    # a power is chosen by likelihood, like the scale, because errors of a level and of a trend grow differently
    fitted = [_most_likely(errors, power) for power in _POWERS]
    _, scale, power = max(fitted)
    return Spread(scale, power)


def _most_likely(errors: Errors, power: float) -> tuple[float, float, float]:
    """Return (log likelihood, scale, power) of a Student t, its scale by expectation-maximisation."""
    # errors grow with a power of the gap; scaled to a year they have one scale
    reach = np.maximum(errors.gap, 0.25) ** power
    scaled = errors.error / reach
    variance = max(float((scaled**2).mean()), 1e-6)
    for _ in range(30):
        weight = (DEGREES + 1.0) / (DEGREES + scaled**2 / variance)
        # two prior errors of the usual size keep a handful of lucky ones from looking certain
        variance = (float((weight * scaled**2).sum()) + 2.0 * _PRIOR_SCALE**2) / (len(scaled) + 2.0)
    each = -0.5 * (DEGREES + 1.0) * np.log1p(scaled**2 / variance / DEGREES) - 0.5 * np.log(variance) - np.log(reach)
    constant = gammaln((DEGREES + 1) / 2) - gammaln(DEGREES / 2)
    return float(each.sum() + len(each) * constant), float(np.sqrt(variance)), power
