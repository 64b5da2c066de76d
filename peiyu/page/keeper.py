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
from peiyu.page.desk import STAGES, Answer, Desk
from peiyu.page.turns import Turn
from sim.ensemble.ensemble import Trajectory
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import Scenario
from sim.store.results import open_results
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

    async def stored(self, scenario: Scenario, base: Scenario) -> Answer | None:
        """Return the answer that the store has, whatever is being written meanwhile; None if it has none."""

        def read() -> Answer | None:
            if not self.path.is_file():
                return None
            with open_results(self.path) as store:
                return self.desk.stored(scenario, base, store)

        return await asyncio.to_thread(read)

    async def document(self, run: str | None) -> dict[str, object]:
        """Return a finished forecast as `peiyu forecast --json` said it, the newest when none is named.

        Raises `InputError` for a run that is not there, and for one that answers another question than this page does.
        """

        def read() -> dict[str, object]:
            with open_results(self.path) as store:
                row = store.newest_run() if run is None else store.run_row(run)
                scenario = next((s for s in self.desk.scenarios() if s.sha == row["scenario_sha"]), None)
                if scenario is None or self.desk.question.run_id(scenario) != row["run_id"]:
                    raise InputError(
                        Said("run {run} answers another question; see peiyu show {run}.", run=row["run_id"])
                    )
                members = int(store.last_forecast(row["run_id"])[0]["members"])
                return pipeline.stored(self.desk.question, scenario, members, store).document()

        return await asyncio.to_thread(read)

    async def comparisons(self, scenarios: tuple[Scenario, ...], turn: Turn) -> AsyncIterator[tuple[Comparison, bool]]:
        """Give the comparison of scenarios over ever more members, and whether it is the last: fewer may be enough."""
        for turn.look, members in enumerate(STAGES):
            yield await self.comparison(scenarios, members, turn), members == STAGES[-1]

    async def comparison(self, scenarios: tuple[Scenario, ...], members: int, turn: Turn) -> Comparison:
        """Return the comparison of scenarios over the first members, as `peiyu compare --members` has it."""
        q = await self._filled(scenarios, members, turn)
        return await self.ask(lambda store: comparison.compare(q, store))

    async def run(self, scenario: Scenario, members: int, look: int = 0) -> str:
        """Keep a forecast over the first members, as `peiyu forecast --members` does; returns its run id."""
        with self.desk.pool.turns.taken(look) as turn:
            q = await self._filled((scenario,), members, turn)
        return await self.ask(lambda store: pipeline.answer(q, store)[0].run_id)

    async def _filled(self, scenarios: tuple[Scenario, ...], members: int, turn: Turn) -> Question:
        """Have the store filled with the members of scenarios that it lacks; returns the question it can answer."""
        q = replace(self.desk.question, scenarios=scenarios, members=members)
        have = await self.ask(lambda store: _registered(q, store))
        missing = [i for i in range(members) if i not in have]
        async for i, made in self._trajectories(q, missing, turn):
            await self.ask(partial(_saved, q, q.fit.member(i, q.seed).seed, made))
        return q

    async def _trajectories(
        self, q: Question, members: list[int], turn: Turn
    ) -> AsyncIterator[tuple[int, list[Trajectory]]]:  # fmt: skip
        pool = self.desk.pool
        tasks = [asyncio.create_task(pool.compared(q.scenarios, q.fit.member(i, q.seed), turn)) for i in members]
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
