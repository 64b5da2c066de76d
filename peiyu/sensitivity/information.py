"""Which number to publish first: for one reading, the data that would take most off its uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.table import Floats
from calibration.sensitivity.indices import RESAMPLES, Z, telling
from calibration.sensitivity.information import bins, explained, narrowing, permutation_threshold, seen
from calibration.sensitivity.runs import Datum
from calibration.sensitivity.variance_budget import resampled
from sim import quarter
from sim.city.city import Goal

KEEP = 8
"""Data that the document lists for each reading, each of another indicator."""
SOON = 4
"""Quarters after the origin within which a datum counts as soon: the first year-end."""


def information(
    goal: Goal, data: tuple[Datum, ...], values: Floats, outcome: tuple[Floats, Floats], seed: int
) -> dict[str, Any]:
    """Return the data that tell most about a goal before its deadline, best first, and the best of the first year.

    Of each indicator there is the quarter that tells most. The best of many is told too much by luck; what luck alone
    would give stands beside it.
    """
    y, hit = outcome
    if not np.ptp(y) > 0.0:
        return {"best": None, "soon": None, "best_by_luck": None, "soon_by_luck": None}
    both = np.column_stack([y, hit])
    origin = min(d.quarter for d in data) - 1
    ranked = []
    for k, d in enumerate(data):
        if d.quarter < goal.deadline and np.ptp(values[:, k]) > 0.0:
            x = seen(values[:, k], d.error, d.name, seed)
            ranked.append((float(explained(bins(x), both)[0]), d, x))
    ranked.sort(key=lambda found: -found[0])
    soon = [found for found in ranked if found[1].quarter <= origin + SOON]
    told: dict[str, Any] = {}
    for name, found in (("best", ranked), ("soon", soon)):
        first = {d.indicator: (d, x) for _, d, x in reversed(found)}  # of each indicator the quarter that tells most
        best = [(d, x) for _, d, x in found if first[d.indicator][0] == d]
        told[name] = [_datum(d, x, both, seed) for d, x in best[:KEEP]] or None
        told[f"{name}_by_luck"] = permutation_threshold([bins(x) for _, _, x in found], y, seed) if found else None
    return told


def _datum(d: Datum, x: Floats, both: Floats, seed: int) -> dict[str, Any]:
    """Return what one datum tells, with 90 % intervals over the members."""
    told = telling(both[:, 1])
    both = both if told else both[:, :1]
    centre = explained(bins(x), both)
    again = np.array([explained(bins(x[rows]), both[rows]) for rows in resampled(len(x), RESAMPLES, seed)])
    half = Z * again.std(axis=0, ddof=1)
    brier = float(both[:, -1].var())
    return {
        "datum": d.name,
        "indicator": d.indicator,
        "quarter": quarter.label(d.quarter),
        "error": d.error,
        "variance_cut": float(centre[0]),
        "variance_cut_half": float(half[0]),
        "interval_cut": narrowing(bins(x), both[:, 0], seed),
        "brier_cut": float(centre[-1]) * brier if told else None,
        "brier_cut_half": float(half[-1]) * brier if told else None,
    }
