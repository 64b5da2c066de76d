"""A district's track: how many are there, and what rivals there take from each other."""

from __future__ import annotations

import numpy as np

from agents.compiled import compiled
from agents.table import Floats, Ints


@compiled
def count(district: Ints, track: Ints, stock: Floats) -> Floats:
    """Add every enterprise to the stock of its place, (districts, tracks), and return it."""
    for i in range(len(district)):
        stock[district[i], track[i]] += 1.0
    return stock


Pair = tuple[Floats, Floats]
"""Of staff and of revenue per head, (n,) each."""


@compiled
def add_up(years: Pair, lifts: Pair, revenue: Floats, district: Ints, track: Ints, share: Floats) -> None:
    """Add a quarter of the yearly lifts to what the year has had so far: own less what rivals' lift takes.

    In every market, a district's track, the revenue-weighted mean lift, times the displacement share (P20), is taken
    from all, so treating everyone nets to 1 - share. `share` is (districts, tracks).
    """
    growth, gain = lifts
    year_growth, year_gain = years
    size, taken = np.zeros(share.shape), np.zeros((2, *share.shape))  # first the lift itself, then what it takes
    for i in range(len(revenue)):
        d, k = district[i], track[i]
        size[d, k] += revenue[i]
        if growth[i] != 0.0:
            taken[0, d, k] += growth[i] * revenue[i]
        if gain[i] != 0.0:
            taken[1, d, k] += gain[i] * revenue[i]
    # a market without revenue takes from nobody
    for which, d, k in np.ndindex(taken.shape):
        if size[d, k] > 0.0:
            taken[which, d, k] = share[d, k] * (taken[which, d, k] / size[d, k])
    for i in range(len(revenue)):
        d, k = district[i], track[i]
        # lifts are yearly rates, and a year has four quarters of them
        year_growth[i] += (growth[i] - taken[0, d, k]) / 4.0
        year_gain[i] += (gain[i] - taken[1, d, k]) / 4.0
