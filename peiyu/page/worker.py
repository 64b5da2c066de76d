"""What a warm process does: it keeps members' states at the origin and runs scenarios from them."""

from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from agents.table import Floats
from agents.terms import Terms
from peiyu.page.life import OneRun, watched
from sim.ensemble.ensemble import Experiment, Member, Trajectory, run_on, series_of
from sim.model.model import IndustryModel
from sim.scenario.rule import Fired
from sim.scenario.scenario import Scenario

LEVEL = 1
"""Of compression: a state of 17 MB becomes 6.6 MB, and 0.05 s are spent on it at every run."""


class Ran(NamedTuple):
    """One member under one scenario."""

    series: Floats  # (quarters, indicators) from the quarter after the opening
    spent: dict[tuple[str, int], float]  # 万元 by lever and year
    acts: tuple[Fired, ...]  # adaptive rules that have acted


class _Pack(pickle.Pickler):
    """Writes a state without what all of them share."""

    def __init__(self, file: io.BytesIO, shared: dict[int, str]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.shared = shared

    def persistent_id(self, obj: object) -> str | None:
        return self.shared.get(id(obj))


class _Unpack(pickle.Unpickler):
    """Reads a state and puts back what all of them share."""

    def __init__(self, file: io.BytesIO, shared: dict[str, object]) -> None:
        super().__init__(file)
        self.shared = shared

    def persistent_load(self, pid: str) -> object:
        return self.shared[pid]


@dataclass
class Shelf:
    """The states that one process keeps, as bytes: a living one takes twice the memory, and every run copies it."""

    experiment: Experiment
    most: int
    raw: int = 0  # members below this one are not compressed
    packed: dict[int, bytes] = field(default_factory=dict)  # by member

    def __call__(self, piece: tuple[Callable[..., Any], tuple[object, ...]]) -> Any:
        """Do one of the things below: what a worker's task is."""
        what, given = piece
        return what(self, *given)

    @property
    def shared(self) -> dict[str, object]:
        """What is the same in every state, and what is made anew in a quarter before it is read."""
        x = self.experiment
        return {"city": x.city, "history": x.history, "terms": Terms.blank(0), "context": None, "acting": []}

    def state(self, member: Member) -> IndustryModel:
        """Return a member's state at the origin to run on from; it is made when it is not kept."""
        self.make(member)
        packed = self.packed.get(member.index)
        if packed is None:  # there is no room for it
            return self.experiment.history_of(member)
        as_it_was = packed if member.index < self.raw else zlib.decompress(packed)
        model: IndustryModel = _Unpack(io.BytesIO(as_it_was), self.shared).load()
        return model

    def make(self, member: Member) -> None:
        """Keep a member's state, if there is room: every answer begins with the first members, so the last give way."""
        if member.index in self.packed or (len(self.packed) >= self.most and member.index > max(self.packed)):
            return
        self.packed[member.index] = self._pack(self.experiment.history_of(member), member.index)
        if len(self.packed) > self.most:
            del self.packed[max(self.packed)]

    def _pack(self, model: IndustryModel, member: int) -> bytes:
        x, file = self.experiment, io.BytesIO()
        theirs = {"city": x.city, "history": x.history, "terms": model.terms, "context": model.context}
        _Pack(file, {id(thing): name for name, thing in (theirs | {"acting": model.acting}).items()}).dump(model)
        model.release()
        return file.getvalue() if member < self.raw else zlib.compress(file.getbuffer(), LEVEL)


def warm(shelf: Shelf, member: Member) -> None:
    """Make a state before anybody asks."""
    shelf.make(member)


def run(shelf: Shelf, scenario: Scenario, member: Member, end: int) -> Ran:
    """Run one member under one scenario to a quarter."""
    model = shelf.state(member).turn_to(scenario).run_to(end)
    spent: dict[tuple[str, int], float] = {}
    for payment in model.state.ledger.closed:
        key = payment.lever, payment.quarter // 4
        spent[key] = spent.get(key, 0.0) + payment.amount
    made = Ran(series_of(model), spent, tuple(model.fired))
    model.release()
    return made


def compare(shelf: Shelf, scenarios: tuple[Scenario, ...], member: Member) -> list[Trajectory]:
    """Run one member under scenarios as `peiyu forecast` and `peiyu compare` do, the first of them the base."""
    return run_on(replace(shelf.experiment, scenarios=scenarios), member, shelf.state(member))


def watch(shelf: Shelf, scenario: Scenario, member: Member) -> OneRun:
    """Run one member under a scenario and keep what is seen of its enterprises, quarter by quarter."""
    model = shelf.state(member).turn_to(scenario)
    seen = watched(model, shelf.experiment.end)
    model.release()
    return seen
