"""How a lever mix is judged: which goals it reached in which member, what the ledger paid, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from agents.table import Bools, Floats
from peiyu.forecasts.pipeline import Progress, Question
from sim.city.readings import GoalReading
from sim.ensemble.ensemble import Ensemble, Experiment, Member, series_of
from sim.ensemble.forecast import asked
from sim.ensemble.pool import NODES, effect_weight, poisson_binomial
from sim.ensemble.track_record import of_city
from sim.scenario.mixes import Range, mixed

Mix = tuple[float, ...]
"""The size of every lever that is searched, in the order of the ranges."""
Wanted = tuple[GoalReading, ...]
"""The goals that are to be reached, each with the reading that counts."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What one mix did in every member."""

    mix: Mix
    met: Bools  # (members, goals)
    paid: Floats  # (members, years) 万元, all levers
    recorded: Floats  # (members, states, goals) the record's chances, by what goals have in common

    def and_more(self, other: Scored) -> Scored:
        """Return the same mix over the members of both."""
        met, paid = np.vstack((self.met, other.met)), np.vstack((self.paid, other.paid))
        return Scored(self.mix, met, paid, np.concatenate((self.recorded, other.recorded)))

    def document(self) -> dict[str, object]:
        """Return what a piece in the store holds."""
        met, recorded = self.met.astype(int).tolist(), self.recorded.tolist()
        return {"mix": list(self.mix), "met": met, "paid": self.paid.tolist(), "recorded": recorded}

    @classmethod
    def read(cls, piece: dict[str, list[float]]) -> Scored:
        """Turn what `document` returned back."""
        paid, recorded = (np.array(piece[name], float) for name in ("paid", "recorded"))
        return cls(tuple(piece["mix"]), np.array(piece["met"], bool), paid, recorded)


@dataclass(frozen=True, slots=True)
class Objective:
    """What is asked of a mix: the model's weight in each chosen goal, how many of them, budgets, the chance."""

    weight: Floats  # (goals,) the model's part of each chance, see `sim.ensemble.pool.effect_weight`
    a_year: float = np.inf  # 万元
    in_all: float = np.inf  # 万元
    probability: float | None = None
    at_least: int | None = None  # of the chosen goals; None: all of them

    @property
    def asked(self) -> tuple[float | None, ...]:
        """Return what the user asked for, besides the goals."""
        return self.a_year, self.in_all, self.probability, self.at_least

    @property
    def has_budget(self) -> bool:
        """Tell whether any budget is set."""
        return min(self.a_year, self.in_all) < np.inf

    def _by_state(self, s: Scored) -> Floats:
        """Return the chance of each goal in each member and state, (members, states, goals)."""
        return self.weight * s.met[:, np.newaxis] + (1.0 - self.weight) * s.recorded

    def chances(self, s: Scored) -> Floats:
        """Return the chance of each goal in each member, (members, goals): the outcome, and partly the record's."""
        return self._by_state(s).mean(axis=1)

    def _numbers(self, s: Scored) -> Floats:
        """Return the distribution of the number of goals reached in each member, (members, goals + 1)."""
        chances = self._by_state(s)
        count = poisson_binomial(chances.reshape(-1, chances.shape[2]))
        return count.reshape(*chances.shape[:2], -1).mean(axis=1)

    def together(self, s: Scored) -> Floats:
        """Return the chance that enough of the chosen goals are reached, member by member; its mean is P."""
        enough = len(self.weight) if self.at_least is None else self.at_least
        return self._numbers(s)[:, enough:].sum(axis=1)

    def every(self, s: Scored) -> float:
        """Return P(all, or as many as asked, of the chosen goals are reached)."""
        return float(self.together(s).mean())

    def levels(self, s: Scored) -> dict[int, float]:
        """Return P(at least k of the chosen goals) for every k."""
        count = self._numbers(s).mean(axis=0)
        tail = np.cumsum(count[::-1])[::-1]
        return {k: float(min(tail[k], 1.0)) for k in range(1, len(count))}

    def error(self, s: Scored) -> float:
        """Return the Monte-Carlo error of that, with one hit and one miss added so that 0 and 1 have one too."""
        x = np.concatenate((self.together(s), (0.0, 1.0)))
        return float(x.std() / np.sqrt(len(x)))

    def expected(self, s: Scored) -> float:
        """Return how many of the chosen goals are reached in the mean."""
        return float(self.chances(s).sum(axis=1).mean())

    def over(self, s: Scored) -> float:
        """Return by how much the worse budget is exceeded, as a share of it; zero or less keeps both."""
        return max(float(s.paid.mean(axis=0).max()) / self.a_year, cost(s) / self.in_all) - 1.0

    def keeps(self, s: Scored) -> bool:
        """Tell whether the mean payments keep the yearly and the total budget."""
        return self.over(s) <= 0.0


def cost(s: Scored) -> float:
    """Return what all levers paid from the origin to the horizon, mean over members, 万元."""
    return float(s.paid.sum(axis=1).mean())


def judge_of(wanted: Wanted) -> Objective:
    """Return the judge of chosen goals, which weighs the model as every effect of levers does, asking nothing more."""
    return Objective(np.array([effect_weight(r.basis) for _, r in wanted]))


def evaluate(
    q: Question, wanted: Wanted, ranges: Sequence[Range], mixes: Sequence[Mix], members: Sequence[Member],
    progress: Progress,
) -> list[Scored]:  # fmt: skip
    """Run every mix over the same members: each history once, then a fork for every mix."""
    base = q.scenarios[0]
    tried = tuple(mixed(base, sizes(ranges, mix)) for mix in mixes)
    results = []
    for result in q.workers.spread(partial(_outcome, q.experiment(tried)), members):
        results.append(result)
        progress(len(results) * len(mixes), len(members) * len(mixes))
    out = []
    for i, mix in enumerate(mixes):
        series, paid = (np.stack([r[part][i] for r in results]) for part in (0, 1))
        # together, since what is on record at the origin is what every member has
        ensemble = Ensemble(tried[i].name, q.city.start + 1, series)
        out.append(_scored(q, wanted, mix, ensemble, paid))
    return out


def sizes(ranges: Sequence[Range], mix: Mix) -> dict[str, float]:
    """Return a mix by lever."""
    return {r.lever: x for r, x in zip(ranges, mix, strict=True)}


def _outcome(x: Experiment, member: Member) -> tuple[Floats, Floats]:
    """Run one member under every mix: series, (mixes, quarters, indicators), and payments, (mixes, years)."""
    start = (x.as_of + 1) // 4
    paid = np.zeros((len(x.scenarios), x.end // 4 - start + 1))
    series = []
    for i, (_, model) in enumerate(x.branches(x.history_of(member))):
        series.append(series_of(model.run_to(x.end)))
        for payment in model.state.ledger.closed:
            paid[i, payment.quarter // 4 - start] += payment.amount
    return np.stack(series), paid


def _scored(q: Question, wanted: Wanted, mix: Mix, ensemble: Ensemble, paid: Floats) -> Scored:
    """Judge one mix in all members by the chosen readings."""
    record = of_city(q.city)
    pools = [asked(q.city, about, ensemble, q.as_of, record).pooled() for about in wanted]
    met = np.stack([pool.met(pool.model) for pool in pools], axis=1)
    chances = [pool.met(pool.recorded).mean(axis=2) for pool in pools]
    each = (len(paid), NODES)  # a record that is the same in all members has one row
    return Scored(mix, met, paid, np.stack([np.broadcast_to(c, each) for c in chances], axis=2))
