"""What a warm process does: it keeps members' states at the origin and runs scenarios from them."""

from __future__ import annotations

import io
import os
import pickle
import time
import zlib
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import NamedTuple

from agents.table import Floats
from agents.terms import Terms
from peiyu.page.life import OneRun, watched
from sim.ensemble.ensemble import Experiment, Member, Trajectory, run_on, series_of
from sim.model.model import IndustryModel
from sim.one_thread import one_thread
from sim.scenario.rule import Fired
from sim.scenario.scenario import Scenario

LEVEL = 1
"""Of compression: a state of 17 MB becomes 6.6 MB, and 0.05 s are spent on it at every run."""
LOOKED_AFTER = 1.0
"""Seconds."""


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
    packed: dict[int, bytes] = field(default_factory=dict)  # by member

    @property
    def shared(self) -> dict[str, object]:
        """What is the same in every state, and what is made anew in a quarter before it is read."""
        x = self.experiment
        return {"city": x.city, "history": x.history, "terms": Terms.blank(0), "context": None, "acting": []}

    def state(self, member: Member) -> IndustryModel:
        """Return a member's state at the origin to run on from; it is made when it is not kept."""
        packed = self.packed.get(member.index)
        if packed is None:
            packed = self._pack(self.experiment.history_of(member))
            self._keep(member.index, packed)
        model: IndustryModel = _Unpack(io.BytesIO(zlib.decompress(packed)), self.shared).load()
        return model

    def _keep(self, member: int, packed: bytes) -> None:
        # every answer begins with the first members, so the last ones give way
        self.packed[member] = packed
        if len(self.packed) > self.most:
            del self.packed[max(self.packed)]

    def _pack(self, model: IndustryModel) -> bytes:
        x, file = self.experiment, io.BytesIO()
        theirs = {"city": x.city, "history": x.history, "terms": model.terms, "context": model.context}
        _Pack(file, {id(thing): name for name, thing in (theirs | {"acting": model.acting}).items()}).dump(model)
        model.release()
        return zlib.compress(file.getbuffer(), LEVEL)


_shelves: list[Shelf] = []
"""Of this process; one, put there when it starts."""


def begin(experiment: Experiment, most: int) -> None:
    """Start with an empty shelf. All quarters of the history are reported: a rule may look back to any."""
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _shelves[:] = [Shelf(replace(experiment, kept_from=experiment.city.start), most)]


def _end_with(parent: int) -> None:
    """End this process when the server is gone: killed, it could not say so."""
    while os.getppid() == parent:
        time.sleep(LOOKED_AFTER)
    os._exit(1)


def warm(member: Member) -> None:
    """Make a state before anybody asks."""
    with one_thread():
        _shelves[0].state(member)


def run(scenario: Scenario, end: int, member: Member) -> Ran:
    """Run one member under one scenario to a quarter."""
    with one_thread():
        model = _shelves[0].state(member).turn_to(scenario).run_to(end)
    spent: dict[tuple[str, int], float] = {}
    for payment in model.state.ledger.closed:
        key = payment.lever, payment.quarter // 4
        spent[key] = spent.get(key, 0.0) + payment.amount
    made = Ran(series_of(model), spent, tuple(model.fired))
    model.release()
    return made


def compare(scenarios: tuple[Scenario, ...], member: Member) -> list[Trajectory]:
    """Run one member under scenarios as `peiyu forecast` and `peiyu compare` do, the first of them the base."""
    shelf = _shelves[0]
    with one_thread():
        return run_on(replace(shelf.experiment, scenarios=scenarios), member, shelf.state(member))


def watch(scenario: Scenario, member: Member) -> OneRun:
    """Run one member under a scenario and keep what is seen of its enterprises, quarter by quarter."""
    shelf = _shelves[0]
    with one_thread():
        model = shelf.state(member).turn_to(scenario)
        seen = watched(model, shelf.experiment.end)
    model.release()
    return seen
