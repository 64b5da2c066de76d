"""What all other regions say of a city before its own numbers are looked at: the prior of its yearly innovations.

A city whose rows are left out moves as the panel says that regions move: with the nation, with its province, and by
shocks of its own as large as elsewhere. What is fitted to the city's own numbers can then start from here without
counting them twice.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from agents.table import Floats
from calibration.panel.data import Point
from calibration.panel.latent import Volatility
from calibration.panel.observe import is_recognition
from calibration.panel.panel import explore, sampled
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.one_thread import one_thread
from sim.streams import Streams


@one_thread()
def increments(points: list[Point], city: str, years: range, source: tuple[Streams, str], draws: int) -> Floats:
    """Return draws of the yearly changes of a city's log first-timers, from all other regions, (draws, years).

    `points` are all that is known at an origin; those of the city and its districts are left out. Column i is the
    change from the year before `years[i]`. One row is one history and future: changes of neighbouring years hang
    together through drifts that fade and shocks that pass.

    Raises
    ------
    InputError
        Where nothing is known of any other region.
    """
    known = [point for point in elsewhere(points, city) if is_recognition(point.series)]
    if not known:
        raise InputError(
            Said("{city}: no high-tech count of any other region is known, so its prior has no source.", city=city)
        )
    panel = sampled(explore(known, {city}, (years.start - 1, years.stop - 1)), source, draws)
    begin = years.start - 1 - panel.first
    return np.diff(panel.levels[:, panel.names.index(city), begin:], axis=1)


@one_thread()
def volatilities(points: list[Point], city: str) -> dict[str, Volatility]:
    """Return the posterior mean volatility of every label without flows, from all regions but the city."""
    known = [point for point in elsewhere(points, city) if not is_recognition(point.series)]
    labels = {label: [p for p in known if p.series == label] for label in sorted({p.series for p in known})}
    return {label: _mean_volatility(mine) for label, mine in labels.items()}


def elsewhere(points: list[Point], city: str) -> list[Point]:
    """Leave out the points of a city and of its districts."""
    return [point for point in points if point.region.partition("/")[0] != city]


def _mean_volatility(points: list[Point]) -> Volatility:
    explored = explore(points, (), (None, max(point.year for point in points)))
    shares = explored.shares()
    grid = np.array([[getattr(v, f.name) for f in fields(Volatility)] for _, _, v, _ in explored.branches])
    return Volatility(*(float(x) for x in shares @ grid))
