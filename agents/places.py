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


@compiled
def add_up(year: Floats, lift: Floats, revenue: Floats, district: Ints, track: Ints, share: Floats) -> None:
    """Add a quarter of the yearly lift to what the year has had so far, both (n,): own less what rivals' lift takes.

    In every market, a district's track, the revenue-weighted mean lift, times the displacement share (P20), is taken
    from all, so treating everyone nets to 1 - share. `share` is (districts, tracks).
    """
    lifted, size = np.zeros(share.shape), np.zeros(share.shape)
    for i in range(len(lift)):
        size[district[i], track[i]] += revenue[i]
        if lift[i] != 0.0:
            lifted[district[i], track[i]] += lift[i] * revenue[i]
    taken = np.zeros(share.shape)
    for d in range(len(share)):
        for k in range(share.shape[1]):
            if size[d, k] > 0.0:
                taken[d, k] = share[d, k] * (lifted[d, k] / size[d, k])
    for i in range(len(lift)):
        year[i] += (lift[i] - taken[district[i], track[i]]) / 4.0
