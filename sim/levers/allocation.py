"""Who gets what of a pool that does not suffice: claims in order of priority, until it is empty."""

from __future__ import annotations

import numpy as np

from agents.compiled import compiled
from agents.table import Floats, Ints, rows_where

_PRUNE_FROM = 2**12
"""Claimants from which on it saves time to look who is too far behind before they are ranked."""


def allocate(claim: Floats, priority: Floats, pool: float) -> Floats:
    """Grant claims in order of priority until the pool is empty, (n,), 万元.

    The claim that meets the end of the pool gets what is left. Ties go to the earlier row.
    """
    granted = np.zeros(len(claim))
    waiting = _pruned(claim, priority, pool) if len(claim) > _PRUNE_FROM else rows_where(claim > 0.0)
    _grant(waiting, claim, priority, pool, granted)
    return granted


def _pruned(claim: Floats, priority: Floats, pool: float) -> Ints:
    """Return the claims, but for those so far behind that even the smallest claims would empty the pool before."""
    waiting = rows_where(claim > 0.0)
    # at most one claim more than the pool holds of the smallest is granted, and one more for the rounding of sums
    behind = len(waiting) - 2 - int(min(pool / claim[waiting].min(initial=np.inf), len(waiting)))
    if behind <= 0:
        return waiting
    ranks = priority[waiting]
    return waiting[ranks >= np.partition(ranks, behind)[behind]]


@compiled
def _grant(waiting: Ints, claim: Floats, priority: Floats, pool: float, granted: Floats) -> None:
    """Grant the claims that wait, one after the other."""
    # a heap, not a sort: only the claims that the pool reaches are put in order
    for i in range(len(waiting) // 2 - 1, -1, -1):
        _sift_down(waiting, priority, i, len(waiting))
    asked, left = 0.0, len(waiting)
    while left > 0 and asked < pool:
        first = waiting[0]
        asked += claim[first]
        granted[first] = min(max(pool - (asked - claim[first]), 0.0), claim[first])
        left -= 1
        waiting[0] = waiting[left]
        _sift_down(waiting, priority, 0, left)


@compiled
def _sift_down(waiting: Ints, priority: Floats, i: int, n: int) -> None:
    """Let the row at place `i` sink until nobody below it comes before it: the first `n` places are a heap."""
    while True:
        best = i
        for j in (2 * i + 1, 2 * i + 2):
            if j < n:
                ahead = priority[waiting[j]] - priority[waiting[best]]
                if ahead > 0.0 or (ahead == 0.0 and waiting[j] < waiting[best]):
                    best = j
        if best == i:
            return
        waiting[i], waiting[best] = waiting[best], waiting[i]
        i = best
