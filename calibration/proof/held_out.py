"""Does it help a city to borrow from others? Each shipped city is forecast from the other cities' fits alone.

Every draw is run through the held-out city's history twice, with the same scores and the same luck: once from the
prior of any city, once from the prior that the other cities' fits make of it. Nothing of the held-out city's own
counts is used but the size that its profile states. What the national evidence says of growth and closing (the moments)
reaches a new city in its own fit, so both sides have it here.

The numbers of a city rise and fall together, so that few cities say little of how many should lie inside. How little is
counted too: each city is taken for one of its own draws, whose numbers the intervals hold in nine of ten cases by
construction, in many worlds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from agents.parameters import NAMES
from agents.table import Bools, Floats
from calibration.backtest.scores import covered, crps
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed
from calibration.fit.calibrate import run_seed
from calibration.fit.fit import Fit
from calibration.fit.history import History
from calibration.fit.outlook import Outlook, draws_of
from calibration.fit.pooled import BY_MOMENTS, pooled_scores
from calibration.fit.update import WEIGHT, run_summaries
from calibration.sampler import smc
from sim import quarter
from sim.city.city import City, load_city
from sim.scenario.scenario import load_scenario
from sim.streams import Streams
from sim.workers import Workers

HELD_OUT = 800
"""Generation number of these runs."""
LEVEL = 0.9
SIDES = ("flat", "pooled")
"""From the prior of any city, and from what other cities' fits make of it."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What held-out cities say of both priors.

    `rows` has one row per city and count: city, name, observed, flat_q05 ... flat_crps, flat_inside, pooled_q05 ...
    pooled_crps, pooled_inside, on the scale of log1p. `worlds` says of every row in how many worlds a draw in place of
    the city lies inside: by side, (worlds, rows).
    """

    rows: pd.DataFrame
    worlds: dict[str, Bools]


def held_out(
    fits: dict[str, Fit], *, draws: int = 200, seed: int = 1, workers: Workers = Workers(), progress: Progress
) -> HeldOut:
    """Forecast every city from the fits of the others, and from the prior of any city.

    The errors of the published numbers are added to what a run gives before the two are compared.
    """
    rows: list[dict[str, object]] = []
    inside: dict[str, list[Bools]] = {side: [] for side in SIDES}
    for done, name in enumerate(fits):
        progress(done, len(fits))
        others = {other: fit for other, fit in fits.items() if other != name}
        seen, sides = _of_city(load_city(name), fits[name], others, draws, (seed, workers))
        rows += [
            {"city": name, "name": o.name, "observed": _y(o)}
            | {f"{side}_{k}": v for side, s in sides.items() for k, v in _against(s[:, j], _y(o)).items()}
            for j, o in enumerate(seen)
        ]
        # another order of draws for each city, as if what cities have in common were known
        order = np.argsort(Streams(seed).uniform(f"world {name}", HELD_OUT, np.arange(draws)))
        for side, s in sides.items():
            inside[side].append(within(s)[order])
    progress(len(fits), len(fits))
    return HeldOut(pd.DataFrame(rows), {side: np.hstack(x) for side, x in inside.items()})


def within(draws: Floats) -> Bools:
    """Tell which numbers of every draw lie inside the interval of all draws, (draws, numbers)."""
    low, high = np.quantile(draws, [0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL)], axis=0)
    return (draws >= low) & (draws <= high)


def _of_city(
    city: City, fit: Fit, others: dict[str, Fit], draws: int, how: tuple[int, Workers]
) -> tuple[list[Observation], dict[str, Floats]]:
    """Return the counts of one city and what both priors say of them, by side, (draws, counts)."""
    seed, as_of = how[0], quarter.parse(fit.provenance.as_of)
    seen = [o for o in observed(city, as_of) if not o.share]
    told = pooled_scores(others.values(), leave=())
    national = {name: told[name] for name in BY_MOMENTS if name in told}
    history = History(city, load_scenario(city.in_force, city), as_of, max(WEIGHT, fit.provenance.weight))
    z = smc.prior_scores(Streams(seed), HELD_OUT, draws, len(NAMES))
    noise = target(seen).noise(Streams(seed), HELD_OUT, draws)
    counted = [j for j, o in enumerate(seen) if o.bound == "none"]
    sides = {
        side: (_runs(history, seen, replace(fit.outlook, pooled=pooled), z, how) + noise)[:, counted]
        for side, pooled in zip(SIDES, (national, told), strict=True)
    }
    return [seen[j] for j in counted], sides


def _runs(history: History, seen: list[Observation], outlook: Outlook, z: Floats, how: tuple[int, Workers]) -> Floats:
    """Run every draw through the history and return its counts, (draws, observations)."""
    seed, workers = how
    work = [(row, run_seed(seed, HELD_OUT, i)) for i, row in enumerate(draws_of(z, outlook))]
    return np.array(list(workers.spread(partial(run_summaries, history, tuple(seen)), work)))


def _y(o: Observation) -> float:
    return float(np.log1p(o.value))


def _against(draws: Floats, y: float) -> dict[str, float | bool]:
    q05, q50, q95 = np.quantile(draws, [0.05, 0.5, 0.95])
    return {"q05": q05, "q50": q50, "q95": q95, "crps": crps(draws, y), "inside": covered(draws, y, LEVEL)}
