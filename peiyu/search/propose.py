"""Which lever mixes are tried: corners first, then NSGA-II's generations, then steps from the best of them.

Optuna proposes one mix after the other and is told a whole generation at once, in the same order, so that who ran
what, and whether some of it was read back from the store, changes nothing. A grid that is small enough is tried
whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

from peiyu.search.objective import Mix, Objective, Scored, cost
from peiyu.search.select import best_so_far, good_enough
from peiyu.search.surrogate import exchanges
from sim.scenario.mixes import Range

GENERATION, SMALLEST_GENERATION = 25, 4
"""Mixes that are proposed, and run over the same histories, together; fewer where few are tried."""
EVOLVED = 0.5
"""Share of the candidates that NSGA-II proposes; the rest are steps from the best of them."""
WAYS: tuple[Callable[[int], int], ...] = (lambda _at: 0, lambda at: at // 2, lambda at: at + 2, lambda at: at - 1)
"""Steps from a good mix: one lever at its smallest, halfway there, two sizes larger, or one size smaller."""
EXCHANGES = 8
"""Guessed exchanges of levers that are tried after every step."""
PATIENCE = 8
"""Generations, or rounds of steps, without any new mix before these are said to be done."""

Score = Callable[[str, list[Mix]], list[Scored]]
"""Runs the mixes of one generation, which has a name, and scores them in their order."""


def explore(ranges: Sequence[Range], judge: Objective, candidates: int, seed: int, score: Score) -> list[Scored]:
    """Try so many different mixes and return them scored, in the order tried."""
    grids = [r.grid() for r in ranges]
    if prod(len(g) for g in grids) <= candidates:
        return _whole(list(product(*grids)), score)
    seen: dict[Mix, Scored] = {}
    _evolve(ranges, judge, seen, (round(EVOLVED * candidates), seed), score)
    _step(ranges, judge, seen, candidates, score)
    _evolve(ranges, judge, seen, (candidates, seed + 1), score)  # what the steps have left
    return list(seen.values())


def _step(ranges: Sequence[Range], judge: Objective, seen: dict[Mix, Scored], most: int, score: Score) -> None:
    """Change one lever of the best mixes after the other, and make together smaller what could be spared alone."""
    turn = idle = 0
    while len(seen) < most and idle < PATIENCE * len(WAYS):
        before = len(seen)
        starts = best_so_far(judge, list(seen.values()))
        start = starts[turn // len(WAYS) % len(starts)]
        near = _near(ranges, start.mix, WAYS[turn % len(WAYS)])
        _try(list(near.values()), f"step {turn}", seen, most, score)
        spared = [i for i, mix in near.items() if mix in seen and _can_spare(judge, seen[mix], start)]
        spared.sort(key=lambda i: (cost(seen[near[i]]), i))
        together = [_joined(start.mix, near, spared[: len(spared) // part]) for part in (1, 2, 4)]
        _try(together, f"step {turn} together", seen, most, score)
        other = exchanges(ranges, judge, list(seen.values()), start, EXCHANGES)
        _try(other, f"step {turn} exchange", seen, most, score)
        idle = 0 if len(seen) > before else idle + 1
        turn += 1


def _try(mixes: list[Mix], name: str, seen: dict[Mix, Scored], most: int, score: Score) -> None:
    """Score those mixes that are new, as far as the number of candidates goes."""
    new = [mix for mix in dict.fromkeys(mixes) if mix not in seen][: most - len(seen)]
    if new:
        seen |= {s.mix: s for s in score(name, new)}


def corners(ranges: Sequence[Range]) -> list[Mix]:
    """Return the scenario itself, the smallest mix, the largest, and each lever alone at its largest."""
    low, high = tuple(r.grid()[0] for r in ranges), tuple(r.grid()[-1] for r in ranges)
    alone = [(*low[:i], high[i], *low[i + 1 :]) for i in range(len(ranges))]
    return list(dict.fromkeys([plain(ranges), low, high, *alone]))


def plain(ranges: Sequence[Range]) -> Mix:
    """Return the mix that is the scenario itself, or the nearest inside the ranges."""
    return tuple(min(r.grid(), key=lambda x: (abs(x - 1.0), x)) for r in ranges)


def _whole(mixes: list[Mix], score: Score) -> list[Scored]:
    pieces = [mixes[i : i + GENERATION] for i in range(0, len(mixes), GENERATION)]
    return [s for i, piece in enumerate(pieces) for s in score(f"grid {i}", piece)]


def _evolve(
    ranges: Sequence[Range], judge: Objective, seen: dict[Mix, Scored], upto: tuple[int, int], score: Score
) -> None:
    """Let NSGA-II, from a seed, propose generations until so many different mixes were tried."""
    wanted, seed = upto
    size = max(SMALLEST_GENERATION, min(GENERATION, wanted))
    study, space = _study(ranges, _first(ranges, judge, seen), size, seed)
    idle = generation = 0
    while len(seen) < wanted and idle < PATIENCE:
        before = len(seen)
        trials = [study.ask(space) for _ in range(size)]
        mixes = [tuple(r.grid()[t.params[r.lever]] for r in ranges) for t in trials]
        _try(mixes, f"generation {seed} {generation}", seen, wanted, score)
        if any(mix not in seen for mix in mixes):  # all that may be tried was tried
            return
        idle = 0 if len(seen) > before else idle + 1
        generation += 1
        for trial, mix in zip(trials, mixes, strict=True):
            for name, excess in _broken(judge, seen[mix]).items():
                trial.set_constraint(name, excess)
            study.tell(trial, [cost(seen[mix]), judge.every(seen[mix]), judge.expected(seen[mix])])


def _first(ranges: Sequence[Range], judge: Objective, seen: dict[Mix, Scored]) -> list[Mix]:
    """Return the mixes with which a study begins: the corners, or the best so far."""
    return [s.mix for s in best_so_far(judge, list(seen.values()))] if seen else corners(ranges)


def _study(ranges: Sequence[Range], first: list[Mix], size: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """Return a study in memory that begins with given mixes, and the space: positions in grids."""
    import optuna  # noqa: PLC0415  half a second that no other command should wait for

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.NSGAIISampler(population_size=size, seed=seed)
    study = optuna.create_study(directions=["minimize", "maximize", "maximize"], sampler=sampler)
    for mix in first[:size]:
        study.enqueue_trial({r.lever: r.grid().index(x) for r, x in zip(ranges, mix, strict=True)})
    space = {r.lever: optuna.distributions.IntDistribution(0, len(r.grid()) - 1) for r in ranges}
    return study, space


def _broken(judge: Objective, s: Scored) -> dict[str, float]:
    """Return how far a mix is from what is asked, zero or less where it is met, as Optuna wants it."""
    short = 0.0 if judge.probability is None else judge.probability - judge.every(s)
    return {"budgets": judge.over(s), "probability": short}


def _can_spare(judge: Objective, s: Scored, start: Scored) -> bool:
    """Tell whether a cheaper mix does what is asked: the chance wanted, or no less than where it came from."""
    if cost(s) >= cost(start):
        return False
    if judge.probability is not None and good_enough(judge, start):
        return good_enough(judge, s)
    return judge.every(s) >= judge.every(start) and judge.expected(s) >= judge.expected(start)


def _near(ranges: Sequence[Range], mix: Mix, way: Callable[[int], int]) -> dict[int, Mix]:
    """Return the mixes in which one lever has another size, by the lever's position."""
    out = {}
    for i, r in enumerate(ranges):
        grid = r.grid()
        x = grid[min(max(way(grid.index(mix[i])), 0), len(grid) - 1)]
        if x != mix[i]:
            out[i] = (*mix[:i], x, *mix[i + 1 :])
    return out


def _joined(mix: Mix, near: dict[int, Mix], levers: list[int]) -> Mix:
    """Return the mix with several levers changed at once."""
    return tuple(near[i][i] if i in levers else x for i, x in enumerate(mix))
