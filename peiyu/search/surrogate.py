"""What a mix that was not tried would probably do, and so which exchanges of one lever for another are worth trying.

A guess only says what is run next; what is reported of a mix is always from its own runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from agents.table import Floats
from peiyu.search.objective import Mix, Objective, Scored, cost
from peiyu.search.select import good_enough
from sim.scenario.mixes import Range

RIDGE = 0.3
"""How strongly guesses are pulled to no effect, in mixes tried; most levers do little for most goals."""
TIE = 0.1
"""Weight of the goals expected beside the chance asked for, which alone is flat where it is near none."""


def exchanges(
    ranges: Sequence[Range], judge: Objective, tried: Sequence[Scored], start: Scored, count: int
) -> list[Mix]:
    """Return the most promising mixes in which one or two levers have other sizes than in `start`.

    Half are those that would do most for less money, half the cheapest that would still do what is asked.
    """
    known = {s.mix for s in tried}
    pool = [mix for mix in dict.fromkeys(_around(ranges, start.mix)) if mix not in known]
    if not pool:
        return []
    design = _features([s.mix for s in tried])
    worth = _fitted(design, np.array([_value(judge, s) for s in tried]))
    price = _fitted(np.array([s.mix for s in tried]), np.array([cost(s) for s in tried]))
    gain = (_features(pool) - _features([start.mix])) @ worth
    saved = -(np.array(pool) - np.array(start.mix)) @ price
    short = 0.0 if judge.probability is None else _logit(judge.probability, start) - _logit(judge.every(start), start)
    enough = good_enough(judge, start)
    room = 0.0 if enough or judge.in_all == np.inf else cost(start) - judge.in_all
    best = np.lexsort((-saved, -np.where(saved > room, gain, -np.inf)))
    cheapest = np.lexsort((-gain, -np.where(gain >= short, saved, -np.inf)))
    order = [int(i) for pair in zip(best, cheapest, strict=True) for i in pair]
    return [pool[i] for i in dict.fromkeys(order)][:count]


def _around(ranges: Sequence[Range], mix: Mix) -> Iterator[Mix]:
    """Give every mix in which one lever is smaller and at most one other larger, or one is larger."""
    grids = [r.grid() for r in ranges]
    for i, j in product(range(len(mix)), repeat=2):
        for x in grids[i]:
            for y in (y for y in grids[j] if i != j and x < mix[i] and y >= mix[j]):
                yield tuple(x if k == i else y if k == j else size for k, size in enumerate(mix))
            if i == j:
                yield (*mix[:i], x, *mix[i + 1 :])


def _features(mixes: Sequence[Mix]) -> Floats:
    """Return sizes and their roots, because more of a lever gives less and less, (mixes, 2 levers)."""
    x = np.array(mixes)
    return np.hstack((np.sqrt(x), x))


def _fitted(design: Floats, y: Floats) -> Floats:
    """Return coefficients by ridge regression with a free level."""
    x, y = design - design.mean(axis=0), y - y.mean()
    return np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y)


def _value(judge: Objective, s: Scored) -> float:
    return _logit(judge.every(s), s) + TIE * judge.expected(s)


def _logit(p: float, s: Scored) -> float:
    """Return log odds, of a share among the members of `s` with one hit and one miss added."""
    n = len(s.met)
    return float(np.log((n * p + 1.0) / (n * (1.0 - p) + 1.0)))
