"""Which member of one city stands beside which of another: those that have the same luck with what cities share.

Every city was forecast alone. Its members are put in the order of how much its drive grows from the common origin on;
slot by slot, places in these orders are drawn that hang together as the panel of all regions says that the cities do

    place[c] = rank of (R g)[c],    R R = correlation,    g standard normal

(Iman & Conover 1982). No member changes, so every number of one city stays what it is; differences between cities get
the spread that they have in years which are good or bad for all.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import ndtri

from agents.drive import LAST, step_name
from agents.parameters import NAMES
from agents.table import Floats, Ints
from calibration.fit.expected import points_elsewhere
from calibration.panel.data import Point
from calibration.panel.together import correlation
from peiyu.cities.document import Growth, GrowthDifference, Together
from peiyu.forecasts.pipeline import Question
from sim import quarter
from sim.covariance import root
from sim.ensemble.ensemble import Ensemble
from sim.streams import Streams

SHARED = "hnte"
"""The recognition that the panel follows in every region."""
INDICATOR = "hnte_stock"
QUARTERS = 4


def together(asked: list[Question], ensembles: list[Ensemble]) -> Together:
    """Return how fast the cities grow beside one another, from their last origin to the end of what was run."""
    since, until, n = max(q.as_of for q in asked), asked[0].end, min(len(x.values) for x in ensembles)
    years = range((since + 1) // QUARTERS, min(until // QUARTERS, LAST) + 1)
    names = [q.city.name for q in asked]
    known = _known(asked, since)
    hang = correlation(known, [q.city.region for q in asked], (years.start - 1, years.stop - 1))
    luck = np.array([luck_ahead(q.fit.draws, n, years) for q in asked])
    growth = np.array([yearly(x.of(INDICATOR)[:n], since - x.start, until - x.start) for x in ensembles])
    alone, pairs = told(names, growth, beside(luck, hang, Streams(asked[0].seed)))
    return Together(
        since=quarter.label(since), until=quarter.label(until), correlation=hang.tolist(), growth=alone, pairs=pairs
    )


def _known(asked: list[Question], since: int) -> list[Point]:
    """Return what is known of every region at the last origin: what each city knows of all others."""
    points = {p for q in asked for p in points_elsewhere(q.city, since)}
    return sorted(points, key=lambda p: (p.series, p.region, p.time, p.log))


def luck_ahead(draws: Floats, members: int, years: range) -> Floats:
    """Return by how much each member's drive grows over the years, log, (members,)."""
    columns = [NAMES.index(step_name(SHARED, year)) for year in years]
    total = draws[:, columns].sum(axis=1)
    # members beyond the draws begin again with the first
    return np.asarray(total[np.arange(members) % len(draws)])


def beside(luck: Floats, correlation: Floats, streams: Streams) -> Ints:
    """Return which member of each city stands in each slot, (cities, members); `luck` is (cities, members)."""
    cities, members = luck.shape
    normal = np.array([ndtri(streams.uniform("beside", c, np.arange(members))) for c in range(cities)])
    latent = root(correlation) @ normal
    place = latent.argsort(axis=1).argsort(axis=1)
    return np.take_along_axis(luck.argsort(axis=1, kind="stable"), place, axis=1)


def yearly(stock: Floats, start: int, end: int) -> Floats:
    """Return growth a year between two columns of a stock, (members,)."""
    begun = np.maximum(stock[:, start], 1.0)
    return np.asarray((np.maximum(stock[:, end], 1.0) / begun) ** (QUARTERS / (end - start)) - 1.0)


def told(names: list[str], growth: Floats, slots: Ints) -> tuple[list[Growth], list[GrowthDifference]]:
    """Return every city's growth, and of every two cities by how much one's is above the other's, slot by slot."""
    alone = [Growth(city=name, **_spread(x)) for name, x in zip(names, growth, strict=True)]
    matched = np.take_along_axis(growth, slots, axis=1)
    pairs = []
    for a, b in combinations(range(len(names)), 2):
        gap = matched[a] - matched[b]
        pairs.append(GrowthDifference(city=names[a], other=names[b], ahead=float((gap > 0.0).mean()), **_spread(gap)))
    return alone, pairs


def _spread(x: Floats) -> dict[str, float]:
    return dict(zip(("q05", "median", "q95"), map(float, np.quantile(x, (0.05, 0.5, 0.95))), strict=True))
