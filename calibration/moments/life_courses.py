"""Watch one run of the model: who was at risk, who left, what every enterprise's years were like.

The watcher steps the real model and only reads it. Enterprises are followed by slot: slots of entrants are
larger than all before them, so the register of everyone ever seen is sorted and its order never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents import growth
from agents.enterprises import NEVER, Stage
from agents.table import Floats, Ints
from sim.model.model import IndustryModel
from sim.state.indicators import NAMES
from sim.state.state import OLDEST, State

ROUNDS = 4
"""Equity rounds whose dates are kept."""


@dataclass(slots=True)
class Register:
    """Everyone ever seen, (n,) in order of slot; quarters are `NEVER` for what did not happen."""

    slot: Ints
    born: Ints
    left: Ints  # quarter of leaving the register
    listed: Ints
    leader: Ints  # first quarter as a leader
    billion: Ints  # first quarter at the city's unicorn valuation or above
    rounds: Ints  # (n, ROUNDS) quarter of each equity round
    staff: Floats  # (n, years) staff when the year closed, NaN where none was closed
    growth: Floats  # (n, years) log growth of staff in that year

    @classmethod
    def blank(cls, n: int, years: int) -> Register:
        """Return a register of `n` enterprises of which nothing is known."""
        never, unknown = np.full(n, NEVER), np.full((n, years), np.nan)
        dates = {name: never.copy() for name in ("slot", "born", "left", "listed", "leader", "billion")}
        return cls(**dates, rounds=np.full((n, ROUNDS), NEVER), staff=unknown, growth=unknown.copy())

    def extend(self, other: Register) -> None:
        """Add the enterprises of `other` at the end."""
        for name in Register.__slots__:
            setattr(self, name, np.concatenate((getattr(self, name), getattr(other, name))))


@dataclass(slots=True)
class Watched:
    """What one run left behind; arrays by quarter begin with the quarter after the opening."""

    start: int  # opening quarter
    end: int
    register: Register
    at_risk: list[Ints] = field(default_factory=list)  # by age in quarters, before anyone left
    exits: list[Ints] = field(default_factory=list)  # by age in quarters
    entries: list[int] = field(default_factory=list)
    final: dict[str, Any] = field(default_factory=dict)  # columns of those on the register at the end
    series: dict[str, Floats] = field(default_factory=dict)  # by indicator, as calibration reads them


FINAL = ("slot", "born", "track", "stage", "dormant", "employees", "growth", "until", "listed")
"""Columns kept of those on the register at the end."""


def watch(model: IndustryModel, end: int) -> Watched:
    """Step a model at its opening to quarter `end`, return what was seen, and let the model go."""
    s, start = model.state, model.quarter
    seen = Watched(start, end, Register.blank(0, end // 4 - start // 4 + 1))
    _meet(s, seen)
    while s.quarter < end:
        # taken before the step: who leaves in it is still at risk in it
        before = np.sort(s.enterprises.slot)
        model.step()
        _count(s, seen, before)
        _note(s, seen)
    e = s.enterprises
    seen.final = {name: getattr(e, name).copy() for name in FINAL}
    seen.final["compute_heavy"] = s.constants.compute_heavy[e.track]
    seen.series = {name: np.asarray(model.datacollector.model_vars[name], float) for name in NAMES}
    model.release()
    return seen


def _meet(s: State, seen: Watched) -> None:
    """Put those met for the first time on the register."""
    e, known = s.enterprises, seen.register
    newest = known.slot[-1] if len(known.slot) else -1
    # rows are in no order (`agents.table`), slots of later queues are larger (`sim.model.founding`)
    rows = np.flatnonzero(e.slot > newest)
    rows = rows[np.argsort(e.slot[rows])]
    new = Register.blank(len(rows), known.staff.shape[1])
    new.slot, new.born = e.slot[rows].astype(np.int64), e.born[rows].astype(np.int64)
    known.extend(new)


def _count(s: State, seen: Watched, before: Ints) -> None:
    """Count who was at risk and who left, by age; register leavers and newcomers.

    An entrant struck off in the quarter of its founding is never met; the model's flows tell how many.
    """
    known = seen.register
    old = np.searchsorted(known.slot, before)
    gone = old[~np.isin(before, s.enterprises.slot, assume_unique=True)]
    known.left[gone] = s.quarter
    met = len(known.slot)
    _meet(s, seen)
    fresh, entries = known.born[met:], int(s.flows["entries"])
    ages = [np.clip(s.quarter - born, 0, OLDEST) for born in (known.born[old], fresh, known.born[gone])]
    risk, new, exits = (np.bincount(age, minlength=OLDEST + 1) for age in ages)
    # counted at age zero: nobody has seen how old they were
    unmet = entries - len(fresh)
    risk, exits = risk + new, exits.copy()
    risk[0] += unmet
    exits[0] += unmet
    seen.at_risk.append(risk)
    seen.exits.append(exits)
    seen.entries.append(entries)


def _note(s: State, seen: Watched) -> None:
    """Note what happened to those on the register this quarter."""
    e, known = s.enterprises, seen.register
    at = np.searchsorted(known.slot, e.slot)
    known.listed[at] = e.listed
    for column, now in (
        (known.leader, e.stage == Stage.LEADER),
        (known.billion, e.valuation >= s.city.leader.unicorn_valuation),
    ):
        rows = at[now]
        # the first quarter stays: a leader that falls back and rises again is no younger
        column[rows] = np.where(column[rows] == NEVER, s.quarter, column[rows])
    closed = np.flatnonzero(e.round_at == s.quarter)
    closed = closed[e.rounds[closed] <= ROUNDS]
    known.rounds[at[closed], e.rounds[closed] - 1] = s.quarter
    rows = growth.closes_now(e.closes, s.quarter)
    rows = rows[~e.dormant[rows]]
    year = s.quarter // 4 - seen.start // 4
    known.staff[at[rows], year] = e.employees[rows]
    known.growth[at[rows], year] = e.growth[rows, 0]
