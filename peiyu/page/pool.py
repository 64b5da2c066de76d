"""Warm workers: processes that keep the members' states at the origin, so that only the years ahead are run.

They are workers as everywhere (`sim.processes`), but named: a member always goes to the one that has its state, and
what is asked next is decided here, so that a question that nobody waits for any more is dropped before it begins.
"""

from __future__ import annotations

import asyncio
import os
import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from peiyu.page import worker
from peiyu.page.hand import Hand
from peiyu.page.life import OneRun
from peiyu.page.turns import LAST, Turn, Turns
from peiyu.page.worker import Ran, Shelf
from sim.ensemble.ensemble import Experiment, Member, Trajectory
from sim.processes import pickled
from sim.scenario.scenario import Scenario

STATE_MB, RAW_MB, MOST_RAW = 7.0, 18.0, 40
"""What a kept state takes packed, and as it is; so many of the first members, with whom every answer begins, are kept
as they are and run on from in two thirds of the time."""
PROCESS_MB, SHARE, MOST_MB = 440.0, 0.4, 2900.0
"""What a process takes besides; the part of the machine's free memory that all of them together may take, and the most
whatever is free."""
MOST_PROCESSES, MOST_STATES, LEAST_STATES = 4, 256, 4
KEPT, KEPT_LIVES = 4000, 12
"""Results of a member under a scenario that are kept, about 25 kB each; and members seen quarter by quarter, 1 MB."""
Key = tuple[object, ...]


@dataclass(eq=False, slots=True)
class Wish:
    """One member to be run, and all who wait for it."""

    key: Key
    index: int  # of the member
    piece: tuple[Callable[..., Any], tuple[object, ...]]
    made: asyncio.Future[Any]
    turns: list[Turn] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, int, int]:
        """That of whoever goes first of those who wait."""
        return *min(turn.rank for turn in self.turns), self.index


@dataclass
class Pool:
    """Processes of which each keeps its own members; the same member always goes to the same one."""

    experiment: Experiment
    processes: int
    states: int  # kept in each process
    raw: int = 0  # members below this one are kept as they are
    turns: Turns = field(default_factory=Turns)
    _hands: list[Hand] = field(default_factory=list)
    _work: list[asyncio.Task[None]] = field(default_factory=list)
    _wanted: list[list[Wish]] = field(default_factory=list)  # by process
    _came: list[asyncio.Event] = field(default_factory=list)  # likewise: something is wanted
    _open: dict[Key, Wish] = field(default_factory=dict)
    _kept: OrderedDict[Key, Any] = field(default_factory=OrderedDict)
    _lives: OrderedDict[Key, OneRun] = field(default_factory=OrderedDict)

    @classmethod
    def fitting(cls, experiment: Experiment) -> Pool:
        """Return a pool as large as this machine allows."""
        processes = max(1, min(os.cpu_count() or 1, MOST_PROCESSES))
        room = min(SHARE * _free_mb(), MOST_MB) - PROCESS_MB * (processes + 1)
        raw = max(0, min(int(room / RAW_MB), MOST_RAW))
        states = max(LEAST_STATES, min(raw + int((room - raw * RAW_MB) / STATE_MB), MOST_STATES))
        return cls(experiment, processes, states // processes, raw)

    def start(self, hire: Callable[[bytes], Hand] = Hand) -> None:
        """Have the processes ready; each starts, and reads the model, with the first that is wanted of it."""
        # all quarters of the history are reported: a rule may look back to any
        whole = replace(self.experiment, kept_from=self.experiment.city.start)
        task = pickled(Shelf(whole, self.states, self.raw))
        for number in range(self.processes):
            self._hands.append(hire(task))
            self._wanted.append([])
            self._came.append(asyncio.Event())
            self._work.append(asyncio.create_task(self._serve(number)))

    def stop(self) -> None:
        """End the processes, in the middle of a member too; whoever waits for one is cancelled."""
        for task in self._work:
            task.cancel()
        for hand in self._hands:
            hand.end()
        self._hands.clear()
        for queue in self._wanted:
            queue.clear()
        for wish in self._open.values():  # nobody waits for what will not come
            wish.made.cancel()
        self._open.clear()

    async def warm(self, members: Iterable[Member]) -> None:
        """Have states made before anybody asks; who asks goes first."""
        with self.turns.taken(LAST) as turn:
            await asyncio.gather(*(self._done(("warm", m.index), m, (worker.warm, (m,)), turn) for m in members))

    async def outcome(self, scenario: Scenario, member: Member, turn: Turn, horizon: int | None = None) -> Ran:
        """Return one member under a scenario to a horizon, the question's unless another is given."""
        end = horizon or self.experiment.end
        key = scenario.sha, member.index, end
        return await self._remembered(self._kept, KEPT, key, member, (worker.run, (scenario, member, end)), turn)

    async def watched(self, scenario: Scenario, member: Member, turn: Turn) -> OneRun:
        """Return what is seen of one member quarter by quarter."""
        key = "watched", scenario.sha, member.index
        return await self._remembered(self._lives, KEPT_LIVES, key, member, (worker.watch, (scenario, member)), turn)

    async def compared(self, scenarios: tuple[Scenario, ...], member: Member, turn: Turn) -> list[Trajectory]:
        """Return one member under scenarios, the later ones against the first, as a comparison keeps it."""
        key = "compared", *(s.sha for s in scenarios), member.index
        made: list[Trajectory] = await self._done(key, member, (worker.compare, (scenarios, member)), turn)
        return made

    async def _remembered(
        self, kept: OrderedDict[Key, Any], most: int, key: Key, member: Member, piece: Any, turn: Turn
    ) -> Any:  # fmt: skip
        if key not in kept:
            kept[key] = await self._done(key, member, piece, turn)
            while len(kept) > most:
                kept.popitem(last=False)
        kept.move_to_end(key)
        return kept[key]

    async def _done(self, key: Key, member: Member, piece: Any, turn: Turn) -> Any:
        """Wait until something is done, with whoever else waits for it; what nobody waits for is not begun."""
        if key not in self._open:
            number = member.index % self.processes
            self._open[key] = wish = Wish(key, member.index, piece, asyncio.get_running_loop().create_future())
            self._wanted[number].append(wish)
            self._came[number].set()
        wish = self._open[key]
        wish.turns.append(turn)
        try:
            return await asyncio.shield(wish.made)
        finally:
            wish.turns.remove(turn)
            queue = self._wanted[member.index % self.processes]
            if not wish.turns and wish in queue:
                queue.remove(wish)
                del self._open[key]

    async def _serve(self, number: int) -> None:
        """Have one process do what is wanted of it, one after the other."""
        queue, came = self._wanted[number], self._came[number]
        while True:
            while not queue:
                came.clear()
                await came.wait()
            wish = min(queue, key=lambda w: w.rank)
            queue.remove(wish)
            try:
                made = await self._hands[number].do(pickle.dumps(wish.piece))
            except Exception as error:
                wish.made.set_exception(error)
                wish.made.exception()  # whoever waits is told; perhaps nobody does
            else:
                wish.made.set_result(made)
            del self._open[wish.key]


def _free_mb() -> float:
    """Return the memory that is free on this machine, or a cautious guess."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (ValueError, OSError, AttributeError):
        return 4000.0
