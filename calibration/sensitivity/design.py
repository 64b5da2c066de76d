"""Which runs a sensitivity analysis needs: the posterior as it is, crossed draws, Sobol's design, Morris's paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats, Ints
from calibration.sensitivity.factors import (
    CHANCE,
    Space,
    corners,
    factors,
    is_lever,
    parts,
    row_at,
    seed_at,
    size_at,
)
from calibration.sensitivity.runs import Run
from sim.streams import Streams

INNER = (0.05, 0.95)
"""Posterior quantiles between which Morris moves a parameter."""
LEVELS = 4
"""Levels of Morris's grid, as usual; a step is two thirds of the range."""


@dataclass(frozen=True, slots=True)
class SensitivityBudget:
    """How many runs each part takes. Rows stand for one enterprise, in the two larger designs for `coarse`."""

    name: str
    members: int  # of the posterior ensemble
    pairs: int  # of crossed draws, sixteen runs each
    base: int  # of Sobol's design, a power of two
    paths: int  # of Morris
    check: int  # runs of the test of independence
    weight: float = 1.0
    coarse: float = 3.0


EFFORTS = {
    "small": SensitivityBudget("small", 120, 8, 16, 2, 32, 3.0, 5.0),
    "usual": SensitivityBudget("usual", 400, 48, 128, 10, 96),
}


@dataclass(frozen=True, slots=True)
class Design:
    """The runs of every stage, in the order in which they are made."""

    posterior: list[Run]
    crossed: list[Run]
    sobol: list[Run]
    morris: list[Run]
    sections: list[Run]  # sections drawn independently, levers at their size

    def stages(self) -> dict[str, list[Run]]:
        """Return the stages by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def design(space: Space, effort: SensitivityBudget, seed: int) -> Design:
    """Return all runs, from the seed alone."""
    return Design(
        posterior(space, effort, seed),
        crossed(space, effort, seed),
        sobol_runs(space, sobol_points(space, effort, seed), seed),
        morris_runs(space, effort, seed),
        [_plain(r) for r in sobol_runs(space, _uniforms("sections", effort.check, len(_columns(space)), seed), seed)],
    )


def posterior(space: Space, effort: SensitivityBudget, seed: int) -> list[Run]:
    """Return the members of a forecast: draw after draw, each with its own seed."""
    rows = space.draws[np.arange(effort.members) % len(space.draws)]
    return [Run(tuple(row.tolist()), seed * 1_000_000 + i) for i, row in enumerate(rows)]


def crossed(space: Space, effort: SensitivityBudget, seed: int) -> list[Run]:
    """Return pairs of draws crossed in all ways: the parameters by part, and the seed; part by part as `parts` has."""
    n, draws = effort.pairs, len(space.draws)
    blocks = [space.columns(names) for names in parts(space).values()]
    # each part in an order of its own, so that parts are independent of each other
    order = [_permuted(f"part{k}", 2 * n, draws, seed) for k in range(len(blocks))]
    out = []
    for i in range(n):
        for second in corners(len(blocks) + 1):
            row = np.empty(len(NAMES))
            for k, columns in enumerate(blocks):
                row[columns] = space.draws[order[k][2 * i + second[k]], columns]
            out.append(Run(tuple(row.tolist()), seed * 1_000_000 + 900_000 + 2 * i + int(second[-1])))
    return out


def _permuted(name: str, n: int, draws: int, seed: int) -> Ints:
    """Return draws in a random order, all before any comes again, (n,)."""
    order = np.argsort(Streams(seed).uniform(f"crossed:{name}", 0, np.arange(draws)))
    return order[np.arange(n) % draws].astype(np.int64)


def sobol_problem(space: Space) -> dict[str, Any]:
    """Return SALib's description of the factors: one column a block of parameters, a lever and chance, in groups."""
    columns = _columns(space)
    return {
        "num_vars": len(columns),
        "names": [name for _, name in columns],
        "groups": [group for group, _ in columns],
        "bounds": [[0.0, 1.0]] * len(columns),
    }


def _columns(space: Space) -> list[tuple[str, str]]:
    """Return group and name of every column of Sobol's design."""
    made = [(f, f.members if is_lever(f) else (f.key,)) for f in factors(space)]
    return [(f.key, name) for f, names in made for name in names]


def sobol_points(space: Space, effort: SensitivityBudget, seed: int) -> Floats:
    """Return Saltelli's design by groups, (base * (groups + 2), columns), scrambled by the seed."""
    from SALib.sample import sobol  # noqa: PLC0415  slow to load

    made: Floats = sobol.sample(sobol_problem(space), effort.base, calc_second_order=False, seed=seed)
    return made


def sobol_runs(space: Space, x: Floats, seed: int) -> list[Run]:
    """Turn points of the unit cube into runs: the draw each block is taken from, sizes of levers, the seed."""
    at = {column: x[:, j] for j, column in enumerate(_columns(space))}
    # every parameter belongs to some block, so nothing of the repeated draw is left
    rows = np.repeat(space.draws[:1], len(x), axis=0)
    for f in factors(space):
        if f.key != CHANCE and not is_lever(f):
            columns = space.columns(f.members)
            rows[:, columns] = space.draws[row_at(at[f.key, f.key], len(space.draws))][:, columns]
    names = [name for group, name in at if group.startswith("levers:")]
    sizes = size_at(np.array([u for (group, _), u in at.items() if group.startswith("levers:")])).reshape(-1, len(x))
    seeds = seed_at(at[CHANCE, CHANCE], seed)
    return [
        Run(tuple(row.tolist()), int(s), tuple(zip(names, size.tolist(), strict=True)))
        for row, s, size in zip(rows, seeds, sizes.T, strict=True)
    ]


def _plain(run: Run) -> Run:
    """Return the run with the levers as the scenario has them."""
    return Run(run.parameters, run.seed)


def morris_problem(space: Space) -> dict[str, Any]:
    """Return SALib's description for Morris: every parameter that keeps its prior, and every lever, by itself."""
    names = [*_free(space), *(f"lever {x.name}" for x in space.levers)]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _free(space: Space) -> list[str]:
    return [name for name in NAMES if name not in space.informed]


def morris_points(space: Space, effort: SensitivityBudget, seed: int) -> Floats:
    """Return Morris's paths, (paths * (factors + 1), factors)."""
    from SALib.sample import morris  # noqa: PLC0415  slow to load

    made: Floats = morris.sample(morris_problem(space), effort.paths, num_levels=LEVELS, seed=seed)
    return made


def morris_runs(space: Space, effort: SensitivityBudget, seed: int) -> list[Run]:
    """Turn Morris's points into runs; all of one path share a seed and a draw of what the data speak of.

    The data tie calibrated parameters to each other: one moved by itself would lead where no draw has been.
    """
    x, free = morris_points(space, effort, seed), _free(space)
    columns, length = space.columns(tuple(free)), x.shape[1] + 1
    path = np.arange(len(x)) // length
    rows = space.draws[_permuted("morris", effort.paths, len(space.draws), seed)[path]]
    inner = INNER[0] + (INNER[1] - INNER[0]) * x[:, : len(free)]
    for j, column in enumerate(columns):
        rows[:, column] = np.quantile(space.draws[:, column], inner[:, j])
    size = size_at(x[:, len(free) :])
    names = [lever.name for lever in space.levers]
    return [
        Run(tuple(row.tolist()), seed * 1_000_000 + 950_000 + int(i), tuple(zip(names, s.tolist(), strict=True)))
        for i, row, s in zip(path, rows, size, strict=True)
    ]


def _uniforms(name: str, n: int, columns: int, seed: int) -> Floats:
    """Return uniforms addressed by the seed and a name, (n, columns)."""
    return Streams(seed).uniform(name, 0, np.arange(n * columns)).reshape(n, columns)
