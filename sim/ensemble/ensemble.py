"""Many members of one scenario or several: the history once, then a fork per scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from agents.parameters import Parameters
from agents.table import Floats
from sim import quarter
from sim.city.city import City
from sim.ensemble.effects import Leaks, Part, Tally, leaks, tally
from sim.ensemble.outcome_effects import Moved, moved
from sim.ensemble.record import Record, follow, origin_of
from sim.levers.ledger import Payment
from sim.model.model import IndustryModel
from sim.scenario.rule import Fired
from sim.scenario.scenario import Scenario
from sim.state.indicators import NAMES
from sim.workers import Workers


@dataclass(frozen=True, slots=True)
class Member:
    """One parameter draw and one seed, the same for every scenario."""

    index: int
    parameters: Parameters
    seed: int


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One member under one scenario; `series` is (quarters, indicators) from the quarter after the opening."""

    member: int
    scenario: str
    series: Floats
    ledger: list[Payment]
    tallies: list[Tally]  # against the first scenario of the experiment; empty for the first itself
    parts: list[Part] = field(default_factory=list)  # likewise
    leaks: Leaks = field(default_factory=dict)
    outcomes: list[Moved] = field(default_factory=list)  # against the first scenario, by year; likewise
    acts: tuple[Fired, ...] = ()  # adaptive rules that have acted
    ladder: Floats = field(default_factory=lambda: np.zeros((0, 0)))  # (rungs, rungs), from the origin to the end


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is run: a city, its history's policy, scenarios that part at `as_of`, and the last quarter."""

    city: City
    history: Scenario
    scenarios: tuple[Scenario, ...]
    as_of: int
    end: int
    weight: float = 1.0
    kept_from: int = 0  # nobody asks for the numbers of earlier quarters

    def reports_from(self) -> int:
        """Return the first quarter of which a number is asked: one to keep, or one that a rule looks back to."""
        looked_at = (rule.subject.since for scenario in self.scenarios for rule in scenario.rules)
        return min([self.kept_from, *(q for q in looked_at if q is not None)])

    def history_of(self, member: Member) -> IndustryModel:
        """Run one member to where the scenarios part."""
        p, seed = member.parameters, member.seed
        model = IndustryModel(self.city, self.history, p, seed=seed, as_of=self.as_of, weight=self.weight)
        model.reports_from = self.reports_from()
        model.run_to(self.as_of)
        model.state.ledger.closed = []  # every fork copies the whole state, and the old pages are not asked for again
        return model

    def branches(self, root: IndustryModel) -> Iterator[tuple[Scenario, IndustryModel]]:
        """Give every scenario a model to run on from where they part, and let go of it before the next.

        The last scenario takes `root` over, the others go on from copies.
        """
        for at, scenario in enumerate(self.scenarios, 1):
            model = root.fork(scenario) if at < len(self.scenarios) else root.turn_to(scenario)
            # one at a time: a model is large, and let go of before the next is copied
            yield scenario, model
            model.release()


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Results of one scenario; `values` is (members, quarters, indicators), its first quarter is `start`."""

    scenario: str
    start: int
    values: Floats

    def minus(self, baseline: Ensemble) -> Ensemble:
        """Return the effect of this scenario, member by member, over the same seeds."""
        return Ensemble(self.scenario, self.start, self.values - baseline.values)

    def of(self, indicator: str) -> Floats:
        """Return one indicator, (members, quarters)."""
        return self.values[:, :, NAMES.index(indicator)]

    def quantiles(self, levels: Sequence[float] = (0.05, 0.5, 0.95)) -> pd.DataFrame:
        """Return quantiles, one row per quarter and indicator."""
        q = np.quantile(self.values, levels, axis=0)
        quarters = [quarter.label(self.start + i) for i in range(self.values.shape[1])]
        index = pd.MultiIndex.from_product([quarters, list(NAMES)], names=["quarter", "indicator"])
        return pd.DataFrame(q.reshape(len(levels), -1).T, index=index, columns=list(levels))


def run_member(experiment: Experiment, member: Member) -> list[Trajectory]:
    """Run one member: the history to `as_of`, then each scenario from the same state to `end`."""
    return run_on(experiment, member, experiment.history_of(member))


def run_on(experiment: Experiment, member: Member, root: IndustryModel) -> list[Trajectory]:
    """Run each scenario from a member's state at `as_of`, which the last of them takes over, to `end`."""
    x, origin = experiment, origin_of(root.state)
    out: list[Trajectory] = []
    first: Record | None = None
    for scenario, model in x.branches(root):
        record = follow(model, x.end, origin, compared=len(x.scenarios) > 1)
        tallies, parts = ([], []) if first is None else tally(x.city, record, first)
        outcomes = [] if first is None else moved(record, first)
        lost = leaks(x.city, record, record if first is None else first)
        run = (member.index, scenario.name, series_of(model), model.state.ledger.closed)
        out.append(Trajectory(*run, tallies, parts, lost, outcomes, tuple(model.fired), record.ladder))
        first = record if first is None else first
    return out


def series_of(model: IndustryModel) -> Floats:
    """Return everything the model has reported so far, (quarters, indicators); NaN where it was not asked."""
    columns = model.datacollector.model_vars
    return np.column_stack([np.asarray(columns[name], float) for name in NAMES])


def run_members(
    experiment: Experiment, members: Sequence[Member], *, workers: Workers = Workers()
) -> Iterator[list[Trajectory]]:
    """Run members, whoever does the work, and give results in the order of the members."""
    return workers.spread(partial(run_member, experiment), members)


def run_ensemble(
    experiment: Experiment,
    members: Sequence[Member],
    *,
    workers: Workers = Workers(),
) -> list[Ensemble]:
    """Run every member under every scenario; returns one `Ensemble` per scenario."""
    results = list(run_members(experiment, members, workers=workers))
    return [
        Ensemble(s.name, experiment.city.start + 1, np.stack([r[i].series for r in results]))
        for i, s in enumerate(experiment.scenarios)
    ]
