"""What the page answers from: a city, fit and origin loaded once; scenarios from choices, answers from members."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

import numpy as np

from peiyu.comparison.paired import at_deadline, chance, interval, share_interval
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import BATCH, Progress, Question, silent
from peiyu.forecasts.result import Forecast, RuleAct
from peiyu.page.choice import Choice
from peiyu.page.pool import Pool
from peiyu.page.turns import Turn
from peiyu.page.worker import Ran
from sim import quarter
from sim.city.city import Goal, Reading
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import forecast_goals, joint, model_error
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import opened, read_text
from sim.inputs.toml import parsed
from sim.inputs.toml_bounds import MAX_TOML
from sim.scenario.rule import Fired
from sim.scenario.scenario import (
    MAX_PARENTS,
    Scenario,
    load_scenario,
    refuse_late_dates,
    refuse_past_dates,
    scenarios_of,
)
from sim.scenario.top import NAME
from sim.store.results import StoredResults
from sim.store.store import Store

STAGES = (20, 60, 128)
"""Members of the coarse answer and of those after it; always the first so many, never whoever finished first."""
LATER = quarter.parse("2030Q4")
"""Up to here outcomes are shown beside the chances: money acts later than a plan's deadline."""
AFTER = len(STAGES)
"""The look of what is shown when an answer is whole: others' answers go first."""
MOST_KEPT = 200
"""Scenarios that planners may keep; the oldest is not dropped, as somebody's link may name it."""
REMEMBERED = 300
"""Scenarios that planners made; a text of one is read in 0.1 s."""
Pair = tuple[Ran, Ran]
"""One member under a scenario and under the base."""


@dataclass(frozen=True, slots=True)
class PairedChange:
    """What a scenario changes about one reading against the base, over the same members."""

    chance: float  # of P through the model's part of it, as `peiyu compare` has it
    chance_ci90: tuple[float, float]
    units: float  # of the count at the deadline
    units_ci90: tuple[float, float]
    members: int  # in which the reading is met under one of the two only


@dataclass(frozen=True, slots=True)
class Answer:
    """What so many members say of a scenario, and of the base under the same members."""

    forecast: Forecast
    base: Forecast
    moved: dict[tuple[str, str], PairedChange]
    spent: dict[int, tuple[float, float]]  # year -> 万元 under the scenario and under the base, means
    last: bool  # whether no larger answer will come


@dataclass
class Desk:
    """One city with everything that answers are made from."""

    question: Question
    pool: Pool
    folder: Path  # scenarios that planners saved or uploaded
    _known: OrderedDict[tuple[str, str], Scenario] = field(default_factory=OrderedDict)  # by name and text

    @classmethod
    def of(cls, q: Question, store: Store, folder: Path, progress: Progress = silent) -> Desk:
        """Answer a question's city from its origin, with its fit brought forward to there."""
        q = pipeline.up_to_date(q, store, progress)
        folder.mkdir(parents=True, exist_ok=True)
        desk = cls(q, Pool.fitting(q.experiment(q.scenarios)), folder)
        desk.scenarios()  # read before the first screen is asked for
        return desk

    def base(self, choice: Choice) -> Scenario:
        """Return the scenario that a choice starts from: a saved one or a shipped one."""
        return self.named(choice.base)

    @cached_property
    def shipped(self) -> dict[str, Scenario]:
        """The city's scenarios that fit the origin, by name."""
        return {s.name: s for s in scenarios_of(self.question.city) if self._fits(s)}

    def named(self, name: str) -> Scenario:
        """Return a scenario by name. Raises `InputError` for one that is not there or does not fit the origin."""
        saved = self.folder / f"{name}.toml"
        if saved.is_file():
            return self._read(read_text(saved, MAX_TOML), saved)
        return self.shipped.get(name) or self._dated(load_scenario(name, self.question.city))

    def scenarios(self) -> list[Scenario]:
        """Return the scenarios one may start from: shipped ones, then those that planners brought."""
        brought = []
        for path in sorted(self.folder.glob("*.toml")):
            with suppress(InputError):  # whoever asks for it by name is told what is wrong
                brought.append(self.named(path.stem))
        return [*self.shipped.values(), *brought]

    def scenario(self, choice: Choice) -> Scenario:
        """Return the scenario that a choice describes: through the same file and the same door as the command line."""
        base = self.base(choice)
        if choice.is_base:
            return base
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            for saved in self._saved_line(choice.base):
                (Path(place) / saved.name).write_text(read_text(saved, MAX_TOML), "utf8")
            return self._read(choice.toml(base.title), Path(place) / f"{choice.name}.toml")

    def keep(self, name: str, raw: bytes, *, new: bool) -> None:
        """Keep a scenario file under a name, if it passes the door; a new one never replaces another."""
        path = self.folder / f"{name}.toml"
        if not NAME.fullmatch(name):
            raise InputError(Said('"{name}" is not a name: write letters, digits, spaces, - and _.', name=quoted(name)))
        if new and (name in self.shipped or path.exists()):
            raise InputError(Said('there is a scenario "{name}" already; write another name.', name=name))
        if not path.is_file() and len(list(self.folder.glob("*.toml"))) >= MOST_KEPT:
            raise InputError(
                Said(
                    "{most} scenarios are kept already; remove some from {folder}/.",
                    most=MOST_KEPT,
                    folder=self.folder.name,
                )
            )
        write_whole(path, raw)
        try:
            self.named(name)
        except InputError:
            path.unlink()
            raise

    def _saved_line(self, name: str) -> Iterator[Path]:
        """Give the saved file of a scenario, and those of the ones it extends."""
        for _ in range(MAX_PARENTS + 1):
            path = self.folder / f"{name}.toml"
            if not NAME.fullmatch(name) or not path.is_file():
                return
            yield path
            name = str(parsed(opened(path, MAX_TOML)).get("extends", ""))

    def _read(self, text: str, path: Path) -> Scenario:
        """Return what a text says as the file `path`, read once as long as it is asked for."""
        key = path.stem, text
        if key not in self._known:
            if not path.is_file():
                path.write_text(text, "utf8")
            self._known[key] = self._dated(load_scenario(path, self.question.city))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    async def answers(self, scenario: Scenario, base: Scenario, turn: Turn, known: int = 0) -> AsyncIterator[Answer]:
        """Give ever larger answers, each over the first so many members, until the stopping rule is content.

        Those over no more members than are `known` already are left out.
        """
        done: list[Pair] = []
        for turn.look, upto in enumerate(_looks(self.question.members)):
            if upto > known:
                done += [pair async for pair in self.pairs(scenario, base, range(len(done), upto), turn)]
                made = await asyncio.to_thread(self.answer, scenario, base, list(done))
                yield made
                if made.last:
                    return

    async def later(self, scenario: Scenario, base: Scenario) -> tuple[Forecast, Forecast]:
        """Return what the first members say of the years after the deadline, under the scenario and under the base."""
        horizon = max(LATER, self.question.end)
        with self.pool.turns.taken(AFTER) as turn:
            done = [pair async for pair in self.pairs(scenario, base, range(STAGES[0]), turn, horizon)]
        ours, theirs = ([pair[side] for pair in done] for side in (0, 1))
        return self._forecast(scenario, ours), self._forecast(base, theirs)

    async def pairs(
        self, scenario: Scenario, base: Scenario, members: range, turn: Turn, horizon: int | None = None
    ) -> AsyncIterator[Pair]:
        """Run members under both scenarios, to a horizon of their own if it is given, and give them in their order."""
        q, pool = self.question, self.pool

        async def both(i: int) -> Pair:
            member = q.fit.member(i, q.seed)
            first = asyncio.create_task(pool.outcome(base, member, turn, horizon))
            try:
                ours = None if scenario.sha == base.sha else await pool.outcome(scenario, member, turn, horizon)
                theirs = await first
            finally:
                first.cancel()
            return theirs if ours is None else ours, theirs

        tasks = [asyncio.create_task(both(i)) for i in members]
        try:
            for task in tasks:
                yield await task
        finally:  # a planner who moves on waits for nobody
            for task in tasks:
                task.cancel()

    def answer(self, scenario: Scenario, base: Scenario, done: list[Pair]) -> Answer:
        """Return what finished members say, by the functions that `peiyu forecast` and `compare` use."""
        ours = self._forecast(scenario, [pair[0] for pair in done])
        theirs = ours if scenario.sha == base.sha else self._forecast(base, [pair[1] for pair in done])
        return self._said(ours, theirs, _spent(done))

    def stored(self, scenario: Scenario, base: Scenario, store: StoredResults) -> Answer | None:
        """Return what the store has of a question, if finished forecasts of both are in it: nothing is run."""
        runs = [self.question.run_id(s) for s in (scenario, base)]
        members = min(store.finished_members(run) for run in runs)
        if members < STAGES[0]:
            return None
        ours = pipeline.stored(self.question, scenario, members, store)
        theirs = ours if scenario.sha == base.sha else pipeline.stored(self.question, base, members, store)
        spent: dict[int, tuple[float, float]] = {}
        for side, run in enumerate(runs):
            for paid in store.mean_payments(run, members):
                year, amount = quarter.parse(paid["quarter"]) // 4, paid["amount_wan"]
                before = spent.get(year, (0.0, 0.0))
                spent[year] = (before[0] + amount, before[1]) if side == 0 else (before[0], before[1] + amount)
        return self._said(ours, theirs, dict(sorted(spent.items())))

    def _said(self, ours: Forecast, theirs: Forecast, spent: dict[int, tuple[float, float]]) -> Answer:
        q, members = self.question, ours.members
        readings = [(goal, r) for goal in q.city.goals for r in goal.readings]
        moved = {(goal.key, r.key): _moved(ours, theirs, goal, r) for goal, r in readings}
        error = max(model_error(g, members) for f in (ours, theirs) for g in f.goals)
        return Answer(ours, theirs, moved, spent, last=error <= q.mc_error or members >= q.members)

    def _forecast(self, scenario: Scenario, outcomes: list[Ran]) -> Forecast:
        q = self.question
        ensemble = Ensemble(scenario.name, q.city.start + 1, np.stack([x.series for x in outcomes]))
        goals = forecast_goals(q.city, ensemble, q.as_of)
        about = (q.run_id(scenario), q.city, scenario, q.as_of, len(outcomes), q.seed)
        acts = _acts([x.acts for x in outcomes])
        return Forecast(*about, goals, joint(q.city, ensemble, q.as_of), ensemble, acts)

    def _dated(self, scenario: Scenario) -> Scenario:
        refuse_past_dates(scenario, self.question.as_of)
        refuse_late_dates(scenario, self.question.end)
        return scenario

    def _fits(self, scenario: Scenario) -> bool:
        try:
            self._dated(scenario)
        except InputError:
            return False
        return True


def _looks(most: int) -> Iterator[int]:
    """Give the members of each look: the coarse ones, then where `peiyu forecast` asks whether they are enough."""
    yield from (n for n in STAGES if n < most)
    for n in count(BATCH, BATCH):
        if n > STAGES[-1]:
            yield min(n, most)
        if n >= most:
            return


def _acts(fired: list[tuple[Fired, ...]]) -> tuple[RuleAct, ...]:
    """Say in which part of the members each rule acted, in order, as the store does."""
    counted = Counter(x for acts in fired for x in acts)
    rows = sorted((quarter.label(x.quarter), x.rule, x.branch, n) for x, n in counted.items())
    return tuple(RuleAct(rule, branch, when, n / len(fired)) for when, rule, branch, n in rows)


def _moved(ours: Forecast, theirs: Forecast, goal: Goal, r: Reading) -> PairedChange:
    here, there = at_deadline(goal, r, ours), at_deadline(goal, r, theirs)
    chances, units = chance(r, here) - chance(r, there), here - there
    changed = int(np.count_nonzero(chances))
    return PairedChange(float(chances.mean()), share_interval(chances), float(units.mean()), interval(units), changed)


def _spent(done: list[Pair]) -> dict[int, tuple[float, float]]:
    """Return what was paid in each year under both, mean over members, 万元."""
    total: dict[int, list[float]] = {}
    for pair in done:
        for side, outcome in enumerate(pair):
            for (_, year), amount in outcome.spent.items():
                total.setdefault(year, [0.0, 0.0])[side] += amount / len(done)
    return {year: (a, b) for year, (a, b) in sorted(total.items())}
