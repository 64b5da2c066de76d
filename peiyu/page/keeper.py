"""The one writer to the store: it keeps what members gave as `peiyu forecast` and `peiyu compare` keep it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from peiyu.comparison import comparison
from peiyu.comparison.result import Comparison
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Question
from peiyu.page.desk import AT_ONCE, Desk
from sim.ensemble.ensemble import Trajectory
from sim.scenario.scenario import Scenario
from sim.store.store import Store, open_store

Result = TypeVar("Result")


@dataclass
class Keeper:
    """A thread of its own with a store of its own; who else reads or writes the file waits for SQLite."""

    desk: Desk
    path: Path
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "keeper"))
    _store: Store | None = None

    async def ask(self, what: Callable[[Store], Result]) -> Result:
        """Do something with the store, after whatever it does now."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: what(self._open()))

    def stop(self) -> None:
        """Close the store after what is being written."""
        self._thread.submit(lambda: self._open().close())
        self._thread.shutdown(wait=True)

    async def comparison(self, scenarios: tuple[Scenario, ...], members: int) -> Comparison:
        """Return the comparison of scenarios over the first members, as `peiyu compare --members` has it."""
        q = await self._filled(scenarios, members)
        return await self.ask(lambda store: comparison.compare(q, store))

    async def run(self, scenario: Scenario, members: int) -> str:
        """Keep a forecast over the first members, as `peiyu forecast --members` does; returns its run id."""
        q = await self._filled((scenario,), members)
        return await self.ask(lambda store: pipeline.answer(q, store)[0].run_id)

    async def _filled(self, scenarios: tuple[Scenario, ...], members: int) -> Question:
        """Have the store filled with the members of scenarios that it lacks; returns the question it can answer."""
        q = replace(self.desk.question, scenarios=scenarios, members=members)
        have = await self.ask(lambda store: _registered(q, store))
        missing = [i for i in range(members) if i not in have]
        async for i, made in self._trajectories(q, missing):
            await self.ask(partial(_saved, q, q.fit.member(i, q.seed).seed, made))
        return q

    async def _trajectories(self, q: Question, members: list[int]) -> AsyncIterator[tuple[int, list[Trajectory]]]:
        waiting = asyncio.Semaphore(AT_ONCE * self.desk.pool.processes)

        async def one(i: int) -> list[Trajectory]:
            async with waiting:
                return await self.desk.pool.compared(q.scenarios, q.fit.member(i, q.seed))

        tasks = [asyncio.create_task(one(i)) for i in members]
        try:
            for i, task in zip(members, tasks, strict=True):
                yield i, await task
        finally:
            for task in tasks:
                task.cancel()

    def _open(self) -> Store:
        if self._store is None:
            self._store = open_store(self.path)
        return self._store


def _registered(q: Question, store: Store) -> set[int]:
    for scenario in q.scenarios:
        store.register(q.record(scenario))
    return store.members_done([q.run_id(s) for s in q.scenarios])


def _saved(q: Question, seed: int, made: list[Trajectory], store: Store) -> None:
    store.save_member([q.run_id(s) for s in q.scenarios], seed, made, q.city.start + 1, q.first)
