"""`peiyu search`: the cheapest lever mix that reaches chosen goals, found on few members and confirmed on fresh ones.

Three stages over common random numbers: every candidate on few members, the finalists on more of the same, and what
is left of them on fresh parameter draws with fresh seeds. Only the last stage is what a winner is worth; how much
the earlier ones promised beyond that is its optimism. Each generation is kept in the store when it is finished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import numpy as np

from agents.parameters import NAMES, Parameters
from agents.table import Bools, Floats
from peiyu.forecasts.pipeline import Progress, Question, silent
from peiyu.search.effort import Effort
from peiyu.search.objective import Mix, Objective, Scored, Wanted, cost, evaluate
from peiyu.search.propose import explore
from peiyu.search.select import Regret, finalists, good_enough, influential, regret, thirds
from peiyu.words.numbers import count
from sim.ensemble.ensemble import Member
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.levers import Lever
from sim.scenario.evidence import evidenced
from sim.scenario.mixes import Range
from sim.store.store import Store

FINALISTS, CONFIRMED = 8, 6
"""Mixes that go on to more members, and on to fresh ones."""
INFLUENTIAL = 2
"""Parameters whose thirds are the groups of the regret table."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched: a question whose one scenario is varied, the goals, the ranges, the budgets, the effort."""

    q: Question
    wanted: Wanted
    ranges: tuple[Range, ...]
    judge: Objective
    effort: Effort = Effort()

    def key(self) -> str:
        """Name the search by everything that decides its numbers."""
        parts = (
            self.q.run_id(self.q.scenarios[0]), [(g.key, r.key) for g, r in self.wanted], self.ranges,
            self.judge.asked, self.effort, version("optuna"), version("peiyu"),
        )  # fmt: skip
        return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()

    def members(self, first: int, last: int, *, fresh: bool = False) -> list[Member]:
        """Return members by number; fresh ones have draws and seeds that no earlier stage has used."""
        seed, skip = (self.q.seed + 1, self.effort.race) if fresh else (self.q.seed, 0)
        return [self.q.fit.member(skip + i, seed) for i in range(first, last)]


@dataclass(frozen=True, slots=True)
class Finalist:
    """A mix with what each stage said of it."""

    screened: Scored
    raced: Scored
    confirmed: Scored

    @property
    def mix(self) -> Mix:
        """Return the sizes of its levers."""
        return self.screened.mix

    def optimism(self, judge: Objective, of: Callable[[Finalist], Scored]) -> float:
        """Return by how much an earlier stage promised more than fresh members give."""
        return judge.every(of(self)) - judge.every(self.confirmed)


@dataclass(frozen=True)
class Findings:
    """What a search found; `winner` is None when no mix reaches the chance asked for."""

    search: Search
    tried: list[Scored]
    finalists: list[Finalist]
    groups: list[str]
    regret: Regret
    winner: Finalist | None
    robust: Finalist

    @cached_property
    def published(self) -> tuple[Lever, ...]:
        """Levers of the size that evidence speaks of."""
        return evidenced(self.search.q.city)


def run(search: Search, store: Store, progress: Progress = silent) -> Findings:
    """Search, race and confirm; what is in the store already is read.

    Raises `InputError` when even the smallest mix is dearer than a budget.
    """
    judge, effort = search.judge, search.effort
    kept = _Kept(search, store, progress)
    few = search.members(0, effort.screen)
    if judge.has_budget:
        smallest = tuple(r.grid()[0] for r in search.ranges)
        _refuse_impossible(judge, *kept.scored("smallest", [smallest], few))
    tried = explore(
        search.ranges, judge, effort.candidates, search.q.seed, lambda name, mixes: kept.scored(name, mixes, few)
    )
    raced = finalists(judge, tried, FINALISTS)
    if effort.race > effort.screen:
        more = kept.scored("race", [s.mix for s in raced], search.members(effort.screen, effort.race))
        raced = [a.and_more(b) for a, b in zip(raced, more, strict=True)]
    left = finalists(judge, raced, CONFIRMED)
    fresh = kept.scored("confirm", [s.mix for s in left], search.members(0, effort.confirm, fresh=True))
    screened = {s.mix: s for s in tried}
    ends = [Finalist(screened[a.mix], a, b) for a, b in zip(left, fresh, strict=True)]
    return _judged(search, tried, ends)


def _judged(search: Search, tried: list[Scored], ends: list[Finalist]) -> Findings:
    """Choose the winner and the robust choice."""
    judge = search.judge
    groups, names = _groups(search, ends)
    table = regret(judge, [f.confirmed for f in ends], groups)
    robust = ends[table.robust([cost(f.confirmed) for f in ends])]
    enough = [f for f in ends if good_enough(judge, f.raced) and good_enough(judge, f.confirmed)]
    winner = robust if judge.probability is None else min(enough, key=lambda f: cost(f.confirmed), default=None)
    return Findings(search, tried, ends, names, table, winner, robust)


def _groups(search: Search, ends: list[Finalist]) -> tuple[dict[str, Bools], list[str]]:
    """Return groups of the fresh members: thirds of the parameters that mattered most on the members before them."""
    wanted = len(search.wanted)
    before = search.members(0, search.effort.race)
    outcome = np.mean([search.judge.chances(f.raced).sum(axis=1) for f in ends], axis=0) / wanted
    informed = [NAMES.index(name) for name in search.q.fit.provenance.informed if name in NAMES]
    columns = np.array(informed or range(len(NAMES)))
    names = [NAMES[j] for j in influential(drawn(before), outcome, columns, INFLUENTIAL)]
    fresh = drawn(search.members(0, search.effort.confirm, fresh=True))
    split = {name: thirds(fresh[:, NAMES.index(name)]) for name in names}
    made = {f"{name}:{third}": x for name, parts in split.items() for third, x in enumerate(parts, 1)}
    return {name: x for name, x in made.items() if x.any()}, names


def drawn(members: Sequence[Member]) -> Floats:
    """Return the parameters of members, (members, parameters)."""
    return np.array([_row(m.parameters) for m in members])


def _row(p: Parameters) -> list[float]:
    return [float(getattr(p, name)) for name in NAMES]


def _refuse_impossible(judge: Objective, smallest: Scored) -> None:
    """Raise `InputError` when the smallest mix breaks a budget, because then every mix does."""
    if not judge.keeps(smallest):
        dearest = float(smallest.paid.mean(axis=0).max())
        raise InputError(
            Said(
                "no mix keeps the budgets: the smallest pays {all} 万元 in all and {dearest} 万元 in its dearest year;"
                " raise --budget or --budget-year, or let more levers go down to zero with --lever.",
                all=count(cost(smallest)),
                dearest=count(dearest),
            )
        )


class _Kept:
    """Scores mixes, or reads from the store what was scored before under the same name; says how far it is."""

    def __init__(self, search: Search, store: Store, progress: Progress) -> None:
        self._search, self._store, self._progress = search, store, progress
        self._key = search.key()
        self._pieces = store.pieces(self._key)
        e = search.effort
        self._done, self._all = 0, e.candidates * e.screen + FINALISTS * (e.race - e.screen) + CONFIRMED * e.confirm

    def scored(self, name: str, mixes: list[Mix], members: Sequence[Member]) -> list[Scored]:
        """Return the mixes scored over the members."""
        found = [Scored.read(x) for x in self._pieces.get(name, [])]
        if [s.mix for s in found] != mixes:
            x, done = self._search, self._done
            found = evaluate(
                x.q, x.wanted, x.ranges, mixes, members, lambda now, _all: self._progress(done + now, self._all)
            )
            self._store.keep_piece(self._key, name, [s.document() for s in found])
        self._done += len(mixes) * len(members)
        return found
