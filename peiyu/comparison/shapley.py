"""Sharing an effect of several levers among them: Shapley values, exact for a few and sampled for many.

A lever's share is what it adds on joining the others, averaged over all orders of joining. The shares add up to the
whole, and a lever that changes nothing gets nothing (Shapley 1953).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np

from agents.table import Floats
from sim.streams import Streams


def members_of(coalition: int, players: int) -> list[int]:
    """Return who is in a coalition: those whose bit is set."""
    return [i for i in range(players) if coalition >> i & 1]


def exact(values: Floats) -> Floats:
    """Return every player's share, (players, ...), from the value of every coalition, (2 ** players, ...).

    The coalition of row k has the players whose bit is set in k. With n players, joining a coalition of size s
    carries the weight s! (n - s - 1)! / n!.
    """
    players = (len(values) - 1).bit_length()
    shares = np.zeros((players, *values.shape[1:]))
    for coalition in range(len(values)):
        size = coalition.bit_count()
        weight = factorial(size) * factorial(max(players - size - 1, 0)) / factorial(players)
        for i in range(players):
            if not coalition >> i & 1:
                shares[i] += weight * (values[coalition | 1 << i] - values[coalition])
    return shares


def order_of_joining(players: int, seed: int, member: int) -> list[int]:
    """Draw the order in which the players join in one member: every order is as likely as another."""
    return [int(i) for i in np.argsort(Streams(seed).uniform("order_of_joining", member, np.arange(players)))]


def along(order: Sequence[int], values: Floats) -> Floats:
    """Return what every player adds on joining in this order, (players, ...).

    Row k of `values`, (players + 1, ...), is the value once the first k of the order have joined. Averaged over
    drawn orders this is the Shapley value, without bias; for each order the parts add up to the whole.
    """
    added = np.empty((len(order), *values.shape[1:]))
    added[list(order)] = np.diff(values, axis=0)
    return added
