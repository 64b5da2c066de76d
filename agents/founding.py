"""What a new enterprise is like: its size, quality and R&D habit, all from uniform draws."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from agents.compiled import compiled
from agents.table import Bools, Floats, Ints

HIGHEST_RD = 0.6
"""Nobody spends more of its revenue on R&D for good; an assumption that binds for few."""


def category(u: Floats, shares: Floats) -> Ints:
    """Pick a category per row from cumulative shares: the first whose cumulative share exceeds `u`."""
    return _first_above(u, np.cumsum(shares) / shares.sum())


@compiled
def _first_above(u: Floats, cumulative: Floats) -> Ints:
    """Return the place of the first of few increasing numbers that exceeds each `u`, or the last place."""
    place = np.empty(len(u), np.int64)
    for i in range(len(u)):
        at = 0
        # the last place takes what lies above a sum that rounding has left below one
        while at < len(cumulative) - 1 and cumulative[at] <= u[i]:
            at += 1
        place[i] = at
    return place


def category_by_row(u: Floats, weights: Floats) -> Ints:
    """Pick a category per row from that row's weights, (n, categories)."""
    cumulative = np.cumsum(weights, axis=1)
    # rounding may take u times the sum up to the sum itself: the last category takes it
    return np.minimum((u[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1), weights.shape[1] - 1)


def staff(u: Floats, *, median: float, sigma: float) -> Floats:
    """Return staff at founding, log-normal and at least one person."""
    return np.maximum(median * np.exp(sigma * ndtri(u)), 1.0)


def rd_habit(u: Floats, multiplier: Floats, *, median: float, sigma: float) -> Floats:
    """Return real R&D as a share of revenue, log-normal around the track's level, at most HIGHEST_RD."""
    return np.minimum(median * multiplier * np.exp(sigma * ndtri(u)), HIGHEST_RD)


def age_at_opening(u: Floats, *, growth: float, hazard: Floats) -> Ints:
    """Return ages in quarters of the opening population, at least one.

    In a population whose births grow by `growth` a year and that leave by the hazard by age, the
    number of age a is proportional to exp(-growth a / 4) * survival(a). `hazard` is quarterly, by age.
    """
    survival = np.concatenate(([1.0], np.cumprod(1.0 - hazard[:-1])))
    weight = survival * np.exp(-growth * np.arange(len(hazard)) / 4.0)
    return 1 + category(u, weight)


def enters(u: Floats, chance: Floats, pull: Floats, lift: Floats) -> Bools:
    """Tell which potential entrants are founded: P = chance * pull * exp(lift), all (n,).

    The queue is fixed, so a lever changes who enters but never who is who.
    """
    return u < chance * pull * np.exp(lift)


def placed(lift: Floats, births: Floats, share: Floats) -> Floats:
    """Return the log lift of each cell, (districts, tracks), once what places take from each other is off.

    A place that lifts founding draws some founders who would have founded elsewhere in the city: `share` (P20)
    of what all places of a track gain, taken from every district of the track in proportion to its founders.
    `births` is (districts, tracks), the founders to be expected without lift; `share` is (tracks,).
    """
    lifted = births * np.exp(lift)
    total = lifted.sum(axis=0)
    gained = np.divide((lifted - births).sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    # lifts multiply founders by exp(lift), so to lose a share s of them is log(1 - s)
    return lift + np.log1p(-share * gained)


def agglomeration(stock: Floats, opening: Floats, *, elasticity: float) -> Floats:
    """Return the pull of each cell, (cells,): (stock / opening)^elasticity relative to the city (P23).

    Cells are district x track; an empty cell pulls like the average.
    """
    # relative to the city, because how its whole stock grows is `entry_growth`'s already
    city = max(stock.sum(), 1.0) / max(opening.sum(), 1.0)
    relative = np.where((stock > 0) & (opening > 0), stock / np.maximum(opening, 1.0) / city, 1.0)
    return relative**elasticity


@compiled
def count(district: Ints, track: Ints, stock: Floats) -> Floats:
    """Add every enterprise to the stock of its place, (districts, tracks), and return it."""
    for i in range(len(district)):
        stock[district[i], track[i]] += 1.0
    return stock
