"""Warm workers: processes that keep the members' states at the origin, so that only the years ahead are run."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import active_children, get_context
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from peiyu.page import worker
from peiyu.page.life import OneRun
from peiyu.page.worker import Ran
from sim.ensemble.ensemble import Experiment, Member, Trajectory
from sim.scenario.scenario import Scenario

STATE_MB, PROCESS_MB, SHARE, MOST_MB = 7.0, 400.0, 0.25, 3000.0
"""What a kept state takes, what a process takes besides; the part of the machine's free memory that all of them
together may take, and the most whatever is free."""
MOST_PROCESSES, MOST_STATES = 4, 256
KEPT = 4000
"""Results of a member under a scenario that are kept, about 40 kB each."""
Result = TypeVar("Result")


@dataclass
class Pool:
    """Processes of which each keeps its own members; the same member always goes to the same one."""

    experiment: Experiment
    processes: int
    states: int  # kept in each process
    _hands: list[ProcessPoolExecutor] = field(default_factory=list)
    _kept: OrderedDict[tuple[str, int, int], Ran] = field(default_factory=OrderedDict)
    _asked: dict[tuple[str, int, int], asyncio.Future[Ran]] = field(default_factory=dict)
    _children: list[BaseProcess] = field(default_factory=list)
    _busy: int = 0  # questions that wait for a member now

    @classmethod
    def fitting(cls, experiment: Experiment) -> Pool:
        """Return a pool as large as this machine allows."""
        processes = max(1, min(os.cpu_count() or 1, MOST_PROCESSES))
        room = min(SHARE * _free_mb(), MOST_MB) - PROCESS_MB * (processes + 1)
        return cls(experiment, processes, max(4, min(int(room / STATE_MB), MOST_STATES) // processes))

    def start(self) -> None:
        """Start the processes; each reads the model while the page is already there."""
        before = set(active_children())
        for _ in range(self.processes):
            given = (self.experiment, self.states)
            self._hands.append(ProcessPoolExecutor(1, get_context("spawn"), worker.begin, given))
            self._hands[-1].submit(int)
        self._children = [child for child in active_children() if child not in before]

    def stop(self) -> None:
        """End the processes, in the middle of a member too."""
        for hand in self._hands:
            hand.shutdown(wait=False, cancel_futures=True)
        for child in self._children:
            child.terminate()
        self._hands.clear()

    async def warm(self, members: Iterable[Member]) -> None:
        """Have states made before anybody asks, one at a time in each process; who asks goes first."""

        async def one_after_the_other(mine: list[Member]) -> None:
            for member in mine:
                while self._busy:
                    await asyncio.sleep(0.2)
                await self._do(worker.warm, member)

        shares: dict[int, list[Member]] = {}
        for member in members:
            shares.setdefault(member.index % self.processes, []).append(member)
        await asyncio.gather(*map(one_after_the_other, shares.values()))

    async def outcome(self, scenario: Scenario, member: Member, horizon: int | None = None) -> Ran:
        """Return one member under a scenario to a horizon, the question's unless another is given.

        Who asks for the same waits for the same.
        """
        end = horizon or self.experiment.end
        key = scenario.sha, member.index, end
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(self._do(worker.run, member, scenario, end))
            self._asked[key].add_done_callback(lambda made: self._keep(key, made))
        # whoever else waits for it still gets it when one planner moves on
        return await self._waited(asyncio.shield(self._asked[key]))

    async def compared(self, scenarios: tuple[Scenario, ...], member: Member) -> list[Trajectory]:
        """Return one member under scenarios, the later ones against the first, as a comparison keeps it."""
        return await self._waited(self._do(worker.compare, member, scenarios))

    async def watched(self, scenario: Scenario, member: Member) -> OneRun:
        """Return what is seen of one member quarter by quarter."""
        return await self._waited(self._do(worker.watch, member, scenario))

    async def _waited(self, made: Any) -> Any:
        self._busy += 1
        try:
            return await made
        finally:
            self._busy -= 1

    async def _do(self, what: Callable[..., Result], member: Member, *given: object) -> Result:
        hand = self._hands[member.index % len(self._hands)]
        return await asyncio.wrap_future(hand.submit(what, *given, member))

    def _keep(self, key: tuple[str, int, int], made: asyncio.Future[Ran]) -> None:
        del self._asked[key]
        if made.cancelled() or made.exception() is not None:
            return
        self._kept[key] = made.result()
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _free_mb() -> float:
    """Return the memory that is free on this machine, or a cautious guess."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (ValueError, OSError, AttributeError):
        return 4000.0
