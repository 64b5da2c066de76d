"""A city's outlook: its size as its profile says, its drive as all other regions say, before its own numbers are seen.

The panel gives the yearly changes of the city's log first-timers, its own rows left out; the model's pool grows by
itself, so that much of the change is not the drive's. Labels without flows have steps as volatile as the panel
finds the label elsewhere. A city of which nobody knows a region around it has what is believed of any city.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple

import numpy as np

from agents.drive import WALKS
from agents.parameters import PRIORS
from agents.table import Floats
from calibration.fit.outlook import Outlook
from calibration.panel.data import PanelFiles, Point, Row, known_points, read_rows
from calibration.panel.latent import Volatility
from calibration.panel.observe import is_recognition
from calibration.panel.prior import elsewhere, increments, volatilities
from sim.city.city import City
from sim.streams import Streams

DRAWS = 1000
FLOWING = "hnte"
"""The recognition whose yearly certifications are published, province by province."""
LAST_QUARTER = 4


def expected_of(city: City, as_of: int) -> Outlook:
    """Return the outlook of a city with what was known of other regions at a quarter."""
    points = points_elsewhere(city, as_of)
    moments: dict[str, tuple[Floats, Floats]] = {}
    if any(is_recognition(p.series) for p in points):
        years = WALKS[FLOWING].years()
        made = increments(points, city.region, years, (Streams(1), f"outlook:{city.region}:{as_of}"), DRAWS)
        growth = float(PRIORS["entry_growth"].value(np.array(0.5)))
        moments[FLOWING] = made.mean(axis=0) - growth, np.cov(made.T)
    indicators = city.series.indicators
    known = {p.series for p in points}
    fitted = [s for s in indicators if s in known and indicators[s].removesuffix("_stock") in set(WALKS) - {FLOWING}]
    for series, volatility in volatilities([p for p in points if p.series in fitted], city.region).items():
        kind = indicators[series].removesuffix("_stock")
        moments[kind] = WALKS[kind].mean(), _covariance(kind, volatility)
    return Outlook.of(moments, float(city.opening.enterprises))


def points_elsewhere(city: City, as_of: int) -> list[Point]:
    """Return what was known of other regions: the city's own file first, what all cities share besides."""
    rows, known, last = _rows_elsewhere(city, as_of)
    return elsewhere(known_points(rows, known, last), city.region)


def sha_elsewhere(city: City, as_of: int) -> str:
    """Return a hash of what the outlook rests on: the numbers that count, wherever they are written."""
    rows, known, last = _rows_elsewhere(city, as_of)
    told = sorted(_told(row) for row in rows if row.known <= known and row.time <= last)
    return hashlib.blake2b("\n".join(told).encode(), digest_size=8).hexdigest()


def _rows_elsewhere(city: City, as_of: int) -> tuple[list[Row], int, float]:
    """Return the rows of other regions, each once, the month in which they had to be known, and their last date."""
    month = 3 * (as_of % 4 + 1)
    known = 12 * (as_of // 4) + month - 1 + 3 * city.series.errors.publication_lag
    rows = read_rows(PanelFiles.of_city(city.folder, city.region))
    others = [r for r in dict.fromkeys(rows) if r.region.partition("/")[0] != city.region]
    return others, known, as_of // 4 + (month - 12) / 12.0


def _told(row: Row) -> str:
    """Return a row as text; other processors round the last digits of its error differently."""
    return " ".join(f"{x:.9g}" if isinstance(x, float) else str(x) for x in astuple(row))


def _covariance(kind: str, v: Volatility) -> Floats:
    """Return the covariance of a label's steps with the drift and the shocks that the panel finds."""
    k = np.arange(len(WALKS[kind].years()))
    drift, shock = np.hypot(v.nation_drift, v.drift), np.hypot(v.nation_shock, v.shock)
    return np.asarray(drift**2 * WALKS[kind].fade ** np.abs(k[:, None] - k[None, :]) + shock**2 * np.eye(len(k)))
