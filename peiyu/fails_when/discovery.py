"""Scenario discovery: where, among many inputs, an outcome is most common, and whether that holds for other members.

PRIM (`peiyu.fails_when.prim`) on the inputs that tell hits from misses at all, as often as there are boxes to find,
each time on the members that no earlier box holds. A box counts only if it holds for members it was not found on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from agents.table import Bools, Floats, Ints
from peiyu.fails_when.prim import MIN_INSIDE, Box, BoxShare, find, quasi_p, share
from sim.streams import Streams

SCREEN = 0.01
"""An input is offered to PRIM if chance would part its hits from its misses so far with less than this probability."""
SCREEN_INSIDE = 0.002
"""The same for inputs that tell hits from misses only within a box of others; stricter, as the box was chosen."""
MAX_OFFERED = 12
"""Inputs offered to PRIM, those that part hits from misses most."""
FOLDS = 10
"""Parts of the cross-validation: each is judged by the box found on the nine others."""
RESAMPLES = 20
"""Resamples in which the box is looked for again."""
HOLDS = 0.01
"""A box holds if chance alone would give as many hits in the parts left out with less than this probability."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limited input of a box.

    Attributes
    ----------
    low, high
        Values between which it lies in the box, infinite where there is no limit.
    alone
        BoxShare of all members that keep this limit.
    quasi_p
        Chance of as many hits if this limit did nothing, see `peiyu.fails_when.prim.quasi_p`.
    reproduced
        BoxShare of resamples whose box limits the input too.
    """

    column: int
    low: float
    high: float
    alone: float
    quasi_p: float
    reproduced: float


@dataclass(frozen=True, slots=True)
class Region:
    """A box that holds, among the members that no earlier box has.

    Attributes
    ----------
    found
        How it stands to the outcome on the members that it was found on; mass and coverage are of all members.
    elsewhere
        The same on members left out while it was looked for.
    base
        BoxShare of hits among the members it was looked for on.
    chance
        Chance of as many hits among members left out if the box did nothing, or, after the first, if it were no
        denser than all members together.
    members
        Positions of the members that it was looked for on.
    """

    box: Box
    limits: tuple[Limit, ...]
    found: BoxShare
    elsewhere: BoxShare
    base: float
    chance: float
    members: Ints


@dataclass(frozen=True, slots=True)
class Discovery:
    """The boxes that hold, the one that stands out most first, and the one after them that does not."""

    regions: tuple[Region, ...]
    refused: Region | None  # a box on the members it was found on, but not on others
    base: float


def discover(x: Floats, hit: Bools, groups: Ints, boxes: int, seed: int) -> Discovery:
    """Look for up to so many boxes of (members, inputs) in which `hit`, (members,), is more common than elsewhere.

    Members of the same group, such as those of one parameter draw, are always left out together.
    """
    regions: list[Region] = []
    rest = np.arange(len(x))
    refused = None
    while len(regions) < boxes and refused is None:
        region = _region(x, hit, groups, rest, seed)
        if region is None:
            break
        if region.chance < HOLDS:
            regions.append(region)
            rest = rest[~region.box.inside(x[rest])]
        else:
            refused = region
    return Discovery(tuple(regions), refused, float(hit.mean()))


def _region(x: Floats, hit: Bools, groups: Ints, rest: Ints, seed: int) -> Region | None:
    """Look for one box among the members `rest`; nothing when there is none on them."""
    here, told, whose = x[rest], hit[rest], groups[rest]
    if len(rest) < MIN_INSIDE or told.all() or not told.any():
        return None
    box = screened_box(here, told)
    if not len(box.limited):
        return None
    out = left_out(here, told, whose, seed)
    again = reproduced(here, told, whose, seed)
    limits = tuple(
        Limit(int(j), float(box.low[j]), float(box.high[j]), _alone(box, int(j), x), quasi_p(box, int(j), here, told),
              float(again[j]))
        for j in box.limited
    )  # fmt: skip
    base = float(told.mean())
    found, elsewhere = (_of_all(share(inside, told), hit) for inside in (box.inside(here), out))
    return Region(box, limits, found, elsewhere, base, chance_of(elsewhere, max(base, float(hit.mean()))), rest)


def _of_all(s: BoxShare, hit: Bools) -> BoxShare:
    """Return the share with its mass and coverage of all members, those in earlier boxes included."""
    return BoxShare(s.members / len(hit), s.density, s.hits / max(int(hit.sum()), 1), s.members, s.hits)


def _alone(box: Box, j: int, x: Floats) -> float:
    return float(((x[:, j] >= box.low[j]) & (x[:, j] <= box.high[j])).mean())


def chance_of(s: BoxShare, base: float) -> float:
    """Return the chance of at least so many hits among so many members if each is a hit at the base rate."""
    return float(special.bdtrc(s.hits - 1, s.members, base)) if s.hits else 1.0


def screened_box(x: Floats, hit: Bools) -> Box:
    """Return the box that PRIM finds in the inputs that tell hits from misses at all.

    Inputs that do so only within that box are then offered too.
    """
    box = _box_of(telling(x, hit, SCREEN), x, hit)
    if not len(box.limited):
        return box
    inside = box.inside(x)
    more = telling(x[inside], hit[inside], SCREEN_INSIDE)
    return _box_of(np.union1d(box.limited, more), x, hit) if len(more) else box


def _box_of(columns: Ints, x: Floats, hit: Bools) -> Box:
    """Return PRIM's box of some inputs as one of all of them."""
    return find(x[:, columns], hit).among(columns, x.shape[1]) if len(columns) else Box.whole(x.shape[1])


def telling(x: Floats, hit: Bools, level: float) -> Ints:
    """Return the inputs whose values among hits and misses differ by more than chance gives, the clearest first.

    Kolmogorov and Smirnov's test, so that an input tells whether its hits lie low, high or in the middle.
    """
    hits, n = int(hit.sum()), len(hit)
    if not 0 < hits < n:
        return np.zeros(0, np.int64)
    order = np.argsort(x, axis=0, kind="stable")
    ordered = np.take_along_axis(x, order, axis=0)
    gap = np.abs(np.cumsum(np.where(hit[order], 1.0 / hits, -1.0 / (n - hits)), axis=0))
    last = np.vstack([ordered[1:] > ordered[:-1], np.ones((1, x.shape[1]), bool)])  # equal values count together
    furthest = np.where(last, gap, 0.0).max(axis=0)
    p = special.kolmogorov(furthest * np.sqrt(hits * (n - hits) / n))
    ranked = np.argsort(p, kind="stable")[:MAX_OFFERED]
    return ranked[p[ranked] < level]


def left_out(x: Floats, hit: Bools, groups: Ints, seed: int) -> Bools:
    """Tell which members lie in the box that is found without their part of the members, (members,)."""
    inside = np.zeros(len(x), bool)
    part = _parts(groups, seed)
    for k in range(FOLDS):
        out = part == k
        if out.any() and not out.all():
            box = screened_box(x[~out], hit[~out])
            inside[out] = box.inside(x[out]) if len(box.limited) else False
    return inside


def _parts(groups: Ints, seed: int) -> Ints:
    """Divide members into parts of about the same size, whole groups at a time, (members,)."""
    names, at = np.unique(groups, return_inverse=True)
    rank = np.argsort(np.argsort(Streams(seed).uniform("fold", 0, names)))
    return np.asarray(rank[at] % FOLDS)


def reproduced(x: Floats, hit: Bools, groups: Ints, seed: int) -> Floats:
    """Return in which share of the resamples, drawn with whole groups, the box limits each input, (inputs,)."""
    names, at = np.unique(groups, return_inverse=True)
    rows = [np.flatnonzero(at == k) for k in range(len(names))]
    streams, counts = Streams(seed), np.zeros(x.shape[1])
    for b in range(RESAMPLES):
        u = streams.uniform("resample", b, np.arange(len(names)))
        chosen = np.concatenate([rows[k] for k in np.minimum((u * len(names)).astype(int), len(names) - 1)])
        counts[screened_box(x[chosen], hit[chosen]).limited] += 1.0
    return counts / RESAMPLES


def spread_evenly(rows: int, names: tuple[str, ...], seed: int) -> Floats:
    """Return a Latin hypercube of uniforms, (rows, names): each name's values lie one in each of `rows` equal parts."""
    streams, at = Streams(seed), np.arange(rows)
    columns = []
    for name in names:
        part = np.argsort(streams.uniform(f"part:{name}", 0, at))
        columns.append((part + streams.uniform(f"within:{name}", 0, at)) / rows)
    return np.column_stack(columns) if columns else np.zeros((rows, 0))
