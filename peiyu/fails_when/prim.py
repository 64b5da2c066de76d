"""PRIM: finds the box of inputs in which an outcome is most common, by peeling a little off again and again.

The patient rule induction method of Friedman and Fisher (1999), as Bryant and Lempert (2010) use it to discover
scenarios: peel, choose a box on the way, paste back what was peeled too much, and drop what chance explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import special

from agents.table import Bools, Floats, Ints

PEEL = 0.05
"""Share of the members in a box that one peel takes off, and one paste puts back."""
MIN_INSIDE = 20
"""Members below which a box is not peeled further."""
LEAST_COVERAGE = 0.4
"""Share of the hits that a box must hold: a small corner where the outcome is certain is no answer."""
ALPHA = 0.01
"""A limit that chance gives more often than this, by its quasi-p value, is dropped."""
MAX_LIMITED = 3
"""Inputs that a box may limit: more cannot be said in a sentence."""


@dataclass(frozen=True, slots=True)
class Box:
    """Limits of every input, (inputs,), both included; infinite where there is none."""

    low: Floats
    high: Floats

    @classmethod
    def whole(cls, inputs: int) -> Self:
        """Return the box without limits."""
        return cls(np.full(inputs, -np.inf), np.full(inputs, np.inf))

    @property
    def limited(self) -> Ints:
        """Positions of the inputs that are limited."""
        return np.flatnonzero(np.isfinite(self.low) | np.isfinite(self.high))

    def inside(self, x: Floats) -> Bools:
        """Tell which rows of (members, inputs) lie in the box."""
        at = self.limited
        return np.all((x[:, at] >= self.low[at]) & (x[:, at] <= self.high[at]), axis=1)

    def with_limits(self, j: int, low: float, high: float) -> Box:
        """Return the box with other limits of input `j`."""
        lows, highs = self.low.copy(), self.high.copy()
        lows[j], highs[j] = low, high
        return Box(lows, highs)

    def among(self, columns: Ints, inputs: int) -> Box:
        """Return a box of some inputs as one of all of them, the others free."""
        whole = Box.whole(inputs)
        whole.low[columns], whole.high[columns] = self.low, self.high
        return whole

    def without(self, j: int) -> Box:
        """Return the box with input `j` free."""
        return self.with_limits(j, -np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class BoxShare:
    """How a box stands to the outcome.

    Attributes
    ----------
    mass
        BoxShare of the members that lie in it.
    density
        BoxShare of the members in it that have the outcome; not a number when it is empty.
    coverage
        BoxShare of the members with the outcome that lie in it.
    """

    mass: float
    density: float
    coverage: float
    members: int
    hits: int


def share(inside: Bools, hit: Bools) -> BoxShare:
    """Return how a box stands to the outcome, given who is inside."""
    members, hits, every = int(inside.sum()), int((inside & hit).sum()), int(hit.sum())
    density = hits / members if members else float("nan")
    return BoxShare(members / len(hit), density, hits / every if every else float("nan"), members, hits)


def merit(inside: Bools, hit: Bools) -> float:
    """Return (density - base rate) * sqrt(mass): how far a box stands out, against what chance gives its size.

    Zero for nobody, for everyone, and for a box with too few of the hits. Of Kloesgen's (1996) measures the one that
    goes with the binomial test: a box may be small if it is dense, and less dense if it is large.
    """
    members, hits, every = int(inside.sum()), int((inside & hit).sum()), int(hit.sum())
    if members == 0 or hits < LEAST_COVERAGE * every:
        return 0.0
    return (hits / members - every / len(hit)) * float(np.sqrt(members / len(hit)))


def quasi_p(box: Box, j: int, x: Floats, hit: Bools) -> float:
    """Return the chance of as many hits in the box if limiting input `j` did nothing (Bryant and Lempert 2010).

    Binomial: as many members as the box has, each a hit at the density of the box without that limit.
    """
    inside, wider = box.inside(x), box.without(j).inside(x)
    n, hits = int(inside.sum()), int((inside & hit).sum())
    if hits == 0:
        return 1.0
    return float(special.bdtrc(hits - 1, n, float(hit[wider].mean())))


def peeled(x: Floats, hit: Bools) -> list[Box]:
    """Return the boxes from the whole space inward: each peel leaves the highest share of hits that one peel can."""
    box, inside = Box.whole(x.shape[1]), np.ones(len(x), bool)
    way = [box]
    while inside.sum() > MIN_INSIDE:
        best = max(_peels(x[inside], hit[inside]), key=lambda found: found[:2], default=None)
        if best is None or best[1] < MIN_INSIDE:
            break
        _, _, j, low, high = best
        box = box.with_limits(j, max(low, box.low[j]), min(high, box.high[j]))
        inside = inside & (x[:, j] >= low) & (x[:, j] <= high)
        way.append(box)
    return way


def _peels(x: Floats, hit: Bools) -> Iterator[tuple[float, int, int, float, float]]:
    """Give every peel of the members in a box: the density and the members it leaves, the input, its new limits."""
    n = len(x)
    off = max(1, int(PEEL * n))
    order = np.argsort(x, axis=0)
    hits = np.cumsum(hit[order], axis=0)  # among the so many lowest
    for j, column in enumerate(np.take_along_axis(x, order, axis=0).T):
        if column[0] == column[-1]:
            continue
        low = column[max(off, int(np.searchsorted(column, column[0], "right")))]
        below = int(np.searchsorted(column, low))
        yield float(hits[-1, j] - hits[below - 1, j]) / (n - below), n - below, j, float(low), np.inf
        high = column[min(n - 1 - off, int(np.searchsorted(column, column[-1])) - 1)]
        kept = int(np.searchsorted(column, high, "right"))
        yield float(hits[kept - 1, j]) / kept, kept, j, -np.inf, float(high)


def chosen(way: list[Box], x: Floats, hit: Bools) -> Box:
    """Return the box of a peeling that stands out most, see `merit`; the larger one of equals."""
    return max(way, key=lambda box: merit(box.inside(x), hit))


def pasted(box: Box, x: Floats, hit: Bools) -> Box:
    """Return the box with every side moved out again, a little at a time, while it stands out more."""
    best = merit(box.inside(x), hit)
    while True:
        wider = max(_pastes(box, x, hit), key=lambda found: found[0], default=None)
        if wider is None or wider[0] <= best:
            return box
        best, box = wider


def _pastes(box: Box, x: Floats, hit: Bools) -> Iterator[tuple[float, Box]]:
    """Give every box that is a step wider on one side, with its merit."""
    step = max(1, int(PEEL * box.inside(x).sum()))
    for j in box.limited:
        column = x[box.without(j).inside(x), j]
        below, above = np.sort(column[column < box.low[j]]), np.sort(column[column > box.high[j]])
        for low in _steps(below[::-1], step, -np.inf) if np.isfinite(box.low[j]) else ():
            wider = box.with_limits(j, low, box.high[j])
            yield merit(wider.inside(x), hit), wider
        for high in _steps(above, step, np.inf) if np.isfinite(box.high[j]) else ():
            wider = box.with_limits(j, box.low[j], high)
            yield merit(wider.inside(x), hit), wider


def _steps(outward: Floats, step: int, end: float) -> tuple[float, ...]:
    """Return the limits that take in one member more, and a whole step more, of those outside."""
    return tuple(float(outward[k - 1]) if k < len(outward) else end for k in {1, step})


def find(x: Floats, hit: Bools) -> Box:
    """Return the box in which the outcome is most common; without limits when there is none.

    While chance explains the weakest limit, or there are more limits than can be said, PRIM is run again on the inputs
    limited so far without the weakest: what a useless input took off is thereby given back.
    """
    columns = np.arange(x.shape[1])
    while len(columns) and hit.any() and not hit.all():
        box = _found(x[:, columns], hit).among(columns, x.shape[1])
        values = {int(j): quasi_p(box, int(j), x, hit) for j in box.limited}
        weakest = max(values, key=lambda j: values[j], default=None)
        if weakest is None or (values[weakest] <= ALPHA and len(values) <= MAX_LIMITED):
            return box
        columns = box.limited[box.limited != weakest]
    return Box.whole(x.shape[1])


def _found(x: Floats, hit: Bools) -> Box:
    """Return the box that is peeled, chosen and pasted."""
    return pasted(chosen(peeled(x, hit), x, hit), x, hit)
