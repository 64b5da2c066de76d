"""The runs behind a sensitivity analysis: what each is given, what is read off it, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np

from agents.parameters import NAMES, Parameters
from agents.table import Floats
from calibration.data.observations import Observation
from calibration.data.summaries import summaries
from calibration.sensitivity.information import datum_error
from sim import quarter
from sim.city.city import City
from sim.city.readings import every_reading
from sim.ensemble.ensemble import Ensemble, Experiment, Member, run_member
from sim.ensemble.forecast import path
from sim.scenario.mixes import mixed
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS
from sim.state.indicators import NAMES as INDICATOR_NAMES
from sim.store.store import Store
from sim.workers import Workers

Progress = Callable[[int, int], None]
PIECE = 24
"""Histories in one piece of the store: what a stopped analysis may lose."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: a draw of the parameters, a seed, and sizes of levers where they are not those of the scenario."""

    parameters: tuple[float, ...]
    seed: int
    sizes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Runs with the same history, done together: it is run once and forked."""

    parameters: tuple[float, ...]
    seed: int
    sizes: tuple[tuple[tuple[str, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Datum:
    """A number the city could publish: an indicator at a quarter; flows count from the origin."""

    indicator: str
    quarter: int
    error: float  # sd of the log, once published

    @property
    def name(self) -> str:
        """Name it as observations are named."""
        return f"{self.indicator}@{quarter.label(self.quarter)}"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all runs share, and what is read off each: every reading's count at its deadline, data, past summaries."""

    city: City
    history: Scenario
    scenario: Scenario
    as_of: int
    end: int
    weight: float
    data: tuple[Datum, ...] = ()
    past: tuple[Observation, ...] = ()

    def outcomes(self, series: Floats) -> list[float]:
        """Read the outcomes off one run, readings first, then data, then summaries of the past."""
        # the first row of a series is the quarter after the opening
        start = self.city.start + 1
        one = Ensemble(self.scenario.name, start, series[None])
        counts = [float(path(r, one)[0, goal.deadline - start]) for goal, r in every_reading(self.city)]
        data = [self._datum(d, series) for d in self.data]
        past = summaries(list(self.past), series, start).tolist() if self.past else []
        return counts + data + past

    def _datum(self, d: Datum, series: Floats) -> float:
        column = series[:, INDICATOR_NAMES.index(d.indicator)]
        first, at = self.as_of - self.city.start, d.quarter - self.city.start - 1
        return float(column[first : at + 1].sum() if INDICATORS[d.indicator].kind == "flow" else column[at])


def candidates(city: City, as_of: int) -> tuple[Datum, ...]:
    """Return the numbers that could be published: indicators of readings and of the history, by quarter to the last."""
    asked = [r.indicator for _, r in every_reading(city)]
    names = [n for n in dict.fromkeys([*asked, *city.series.indicators.values()]) if INDICATORS[n].kind != "ratio"]
    last = max(goal.deadline for goal in city.goals)
    return tuple(Datum(name, t, datum_error(city.series, name)) for name in names for t in range(as_of + 1, last + 1))


def tasks_of(runs: Sequence[Run]) -> list[Task]:
    """Put neighbouring runs with the same history together; the order stays."""
    made: list[Task] = []
    for run in runs:
        last = made[-1] if made else None
        if last is not None and (last.parameters, last.seed) == (run.parameters, run.seed):
            made[-1] = Task(run.parameters, run.seed, (*last.sizes, run.sizes))
        else:
            made.append(Task(run.parameters, run.seed, (run.sizes,)))
    return made


def perform(bench: Bench, task: Task) -> list[list[float]]:
    """Run a task; returns the outcomes of each of its runs."""
    b = bench
    scenarios = tuple(mixed(b.scenario, dict(sizes)) if sizes else b.scenario for sizes in task.sizes)
    parameters = Parameters(**dict(zip(NAMES, task.parameters, strict=True)))
    member = Member(0, parameters, task.seed)
    done = run_member(Experiment(b.city, b.history, scenarios, b.as_of, b.end, b.weight), member)
    return [b.outcomes(t.series) for t in done]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where runs are made and kept: finished pieces are read, the others run and stored."""

    store: Store
    key: str
    workers: Workers
    progress: Progress
    total: int  # histories of all stages

    def run(self, stage: str, bench: Bench, runs: Sequence[Run], before: int) -> Floats:
        """Return the outcomes of all runs, (runs, outcomes); `before` histories were done in earlier stages."""
        tasks = tasks_of(runs)
        pieces = [tasks[i : i + PIECE] for i in range(0, len(tasks), PIECE)]
        have = self.store.pieces(self.key)
        names = [f"{stage}:{i}" for i in range(len(pieces))]
        # of all pieces that are missing in one go, so that workers do not wait at the end of each
        missing = [task for name, piece in zip(names, pieces, strict=True) if name not in have for task in piece]
        results = self._told(self.workers.spread(partial(perform, bench), missing), before + len(tasks) - len(missing))
        rows: list[list[float]] = []
        for name, piece in zip(names, pieces, strict=True):
            if name in have:
                found = have[name]
            else:
                found = [row for made in islice(results, len(piece)) for row in made]
                self.store.keep_piece(self.key, name, found)
            rows += found
        return np.array(rows, float)

    def _told(self, results: Iterator[list[list[float]]], done: int) -> Iterator[list[list[float]]]:
        """Pass results on and say how far all stages are."""
        for result in results:
            done += 1
            self.progress(done, self.total)
            yield result
