"""Which of the mixes tried go on: the Pareto fronts, the finalists, the winner, and who is regretted least."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats, Ints
from peiyu.search.objective import Objective, Scored, cost

DOUBT = 1.645
"""Standard errors by which a screened chance may fall short of the one asked for and still go on."""


def front(scored: Sequence[Scored], gain: Callable[[Scored], float]) -> list[Scored]:
    """Return the mixes of which none is both cheaper and better, cheapest first; of equals, the first tried."""
    order = sorted(range(len(scored)), key=lambda i: (cost(scored[i]), -gain(scored[i]), i))
    out: list[Scored] = []
    for i in order:
        if not out or gain(scored[i]) > gain(out[-1]):
            out.append(scored[i])
    return out


def good_enough(judge: Objective, s: Scored, doubt: float = 0.0) -> bool:
    """Tell whether a mix keeps the budgets and reaches the chance asked for, give or take some standard errors."""
    wanted = 0.0 if judge.probability is None else judge.probability
    return judge.keeps(s) and judge.every(s) + doubt * judge.error(s) >= wanted


def best_so_far(judge: Objective, scored: Sequence[Scored]) -> list[Scored]:
    """Return where to look further: the cheapest that is good enough, or else the fronts, best first."""
    inside = [s for s in scored if judge.keeps(s)]
    if judge.probability is not None:
        enough = [s for s in inside if good_enough(judge, s)]
        if enough:
            return [min(enough, key=cost)]
    both = [*reversed(front(inside, judge.every)), *reversed(front(inside, judge.expected))]
    return list({s.mix: s for s in both}.values())


def finalists(judge: Objective, scored: Sequence[Scored], count: int) -> list[Scored]:
    """Return the mixes worth more members: the cheapest that may be good enough, and both fronts in turn.

    Few members make many mixes equal, and the front keeps the cheapest of equals. So free places go to the fronts of
    what is left, until there are none: a dearer mix that looked no better may prove to be.
    """
    inside = [s for s in scored if judge.keeps(s)]
    enough: list[Scored] = []
    if judge.probability is not None:
        enough = sorted((s for s in inside if good_enough(judge, s, DOUBT)), key=cost)[: (count + 1) // 2]
    chosen = {s.mix: s for s in enough}
    while len(chosen) < count and (left := [s for s in inside if s.mix not in chosen]):
        fronts = [list(reversed(front(left, gain))) for gain in (judge.every, judge.expected)]
        turns = [f[i] for i in range(max(map(len, fronts))) for f in fronts if i < len(f)]
        chosen |= {s.mix: s for s in turns}
    return list(chosen.values())[:count]


@dataclass(frozen=True, slots=True)
class Regret:
    """What each finalist falls short of the best one in each group of parameter draws."""

    groups: list[str]
    chance: Floats  # (finalists, groups) P(every chosen goal)
    regret: Floats  # (finalists, groups)
    expected_regret: Floats  # (finalists, groups) in goals reached

    def robust(self, costs: Sequence[float]) -> int:
        """Return the finalist with the least largest regret; ties go to expected goals, then to the cheaper."""
        worst, next_worst = (np.round(x.max(axis=1), 9) for x in (self.regret, self.expected_regret))
        return min(range(len(costs)), key=lambda i: (worst[i], next_worst[i], costs[i]))


def regret(judge: Objective, scored: Sequence[Scored], groups: dict[str, Bools]) -> Regret:
    """Return the regret table over groups of members, {name: (members,)}; a member may be in several."""
    every = np.column_stack([judge.together(s) for s in scored])
    expected = np.column_stack([judge.chances(s).sum(axis=1) for s in scored])
    chance, goals = (np.array([x[inside].mean(axis=0) for inside in groups.values()]).T for x in (every, expected))
    return Regret(list(groups), chance, chance.max(axis=0) - chance, goals.max(axis=0) - goals)


def influential(draws: Floats, outcome: Floats, columns: Ints, count: int) -> list[int]:
    """Return the columns of the draws, (members, parameters), that go most with an outcome, by rank correlation."""
    y = _ranks(outcome)
    strength = [abs(float(np.mean(_ranks(draws[:, j]) * y))) for j in columns]
    best = sorted(range(len(columns)), key=lambda k: (-round(strength[k], 12), k))[:count]
    return [int(columns[k]) for k in best]


def _ranks(x: Floats) -> Floats:
    """Return centred ranks of unit length, zero where all are equal; ties share theirs."""
    _, at, counts = np.unique(x, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2.0)[at]
    rank = rank - rank.mean()
    spread = float(rank.std())
    return rank / spread if spread > 0 else rank


def thirds(x: Floats) -> list[Bools]:
    """Split members into the lowest, middle and highest third of a parameter."""
    low, high = np.quantile(x, (1 / 3, 2 / 3))
    return [x <= low, (x > low) & (x <= high), x > high]
