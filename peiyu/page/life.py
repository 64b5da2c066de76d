"""What is seen of a single run: its enterprises of future tracks by stage and place, and the life of some of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import NEVER, Origin, Recognition, Stage
from agents.table import Bools, Floats, Ints
from sim.model.model import IndustryModel
from sim.state.census import holds
from sim.state.state import State

FOLLOWED = 400
"""Enterprises whose life is kept: those that rose highest, then those with most support."""


@dataclass(frozen=True, slots=True)
class LifePoint:
    """One enterprise at the end of one quarter; money in 万元."""

    quarter: int
    stage: int
    zone: int  # 1 + position of its pilot zone, 0 outside any
    employees: float
    revenue: float
    rd_spend: float
    equity: float  # raised so far
    support: float  # public money received so far
    labels: tuple[str, ...]
    listed: bool


@dataclass(frozen=True, slots=True)
class Life:
    """One enterprise from the origin to the horizon, or until it left."""

    slot: int
    district: int
    track: int
    origin: str
    born: int
    points: tuple[LifePoint, ...]


@dataclass(frozen=True, slots=True)
class OneRun:
    """One run from the origin on: row i of every array is quarter `first` + i."""

    first: int
    stages: Floats  # (quarters, tracks, stages) enterprises of future tracks
    tenants: Floats  # (quarters, tracks) of them in pilot zones
    paid: tuple[dict[str, float], ...]  # 万元 by lever
    lives: dict[int, Life]  # by slot

    @property
    def quarters(self) -> list[int]:
        """The quarters, in order."""
        return list(range(self.first, self.first + len(self.stages)))

    def at(self, quarter: int) -> list[tuple[Life, LifePoint]]:
        """Return who is followed and there in a quarter."""
        here = ((x, p) for x in self.lives.values() for p in x.points if p.quarter == quarter)
        return sorted(here, key=lambda pair: (-pair[1].stage, -pair[1].revenue))


@dataclass(slots=True)
class _Shot:
    """The register of future tracks at the end of a quarter."""

    quarter: int
    columns: dict[str, Ints | Floats]
    held: Bools  # (n, recognitions)


def watched(model: IndustryModel, end: int) -> OneRun:
    """Run a model to a quarter and return what is seen on the way, from where it stands."""
    first, shots, paid = model.quarter, [_shot(model.state)], [dict[str, float]()]
    while model.quarter < end:
        model.step()
        shots.append(_shot(model.state))
        now = (x for x in model.state.ledger.closed if x.quarter == model.quarter and x.amount > 0.0)
        paid.append({x.lever: x.amount for x in now})
    tracks = len(model.state.city.tracks)
    stages = np.stack([_count(x, tracks) for x in shots]) * model.state.weight
    tenants = np.stack([np.bincount(x.columns["track"][x.columns["zone"] > 0], minlength=tracks) for x in shots])
    lives = {slot: _life(slot, shots) for slot in _followed(shots)}
    return OneRun(first, stages, model.state.weight * tenants.astype(float), tuple(paid), lives)


AMOUNTS = ("employees", "revenue", "rd_spend", "equity", "support")
SEEN = ("slot", "born", "origin", "district", "track", "zone", "stage", "listed", *AMOUNTS)


def _shot(s: State) -> _Shot:
    e = s.enterprises
    rows = np.flatnonzero(e.future & ~e.dormant)
    rows = rows[np.argsort(e.slot[rows])]
    held = np.stack([holds(e, kind, s.quarter)[rows] for kind in Recognition], axis=1)
    return _Shot(s.quarter, {name: getattr(e, name)[rows] for name in SEEN}, held)


def _count(shot: _Shot, tracks: int) -> Floats:
    """Count by track and stage."""
    at = shot.columns["track"].astype(np.int64) * len(Stage) + shot.columns["stage"]
    return np.bincount(at, minlength=tracks * len(Stage)).reshape(tracks, len(Stage)).astype(float)


def _followed(shots: list[_Shot]) -> list[int]:
    """Return the slots whose lives are kept."""
    best: dict[int, tuple[int, float]] = {}
    for shot in shots:
        c = shot.columns
        for slot, stage, support in zip(c["slot"].tolist(), c["stage"].tolist(), c["support"].tolist(), strict=True):
            best[slot] = max(best.get(slot, (0, 0.0)), (stage, support))
    return sorted(best, key=lambda slot: best[slot], reverse=True)[:FOLLOWED]


def _life(slot: int, shots: list[_Shot]) -> Life:
    rows = [(shot, np.flatnonzero(shot.columns["slot"] == slot)) for shot in shots]
    found = [(shot, int(at[0])) for shot, at in rows if len(at)]
    shot, at = found[0]
    c = shot.columns
    about = (int(c["district"][at]), int(c["track"][at]), Origin(int(c["origin"][at])).name.lower(), int(c["born"][at]))
    return Life(slot, *about, tuple(_point(*x) for x in found))


def _point(shot: _Shot, at: int) -> LifePoint:
    c = shot.columns
    employees, revenue, rd_spend, equity, support = (float(c[name][at]) for name in AMOUNTS)
    labels = tuple(kind.name.lower() for kind in Recognition if shot.held[at, kind])
    stage, zone, listed = int(c["stage"][at]), int(c["zone"][at]), bool(c["listed"][at] != NEVER)
    return LifePoint(shot.quarter, stage, zone, employees, revenue, rd_spend, equity, support, labels, listed)
