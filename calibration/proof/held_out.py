"""Does it help a city to borrow from others? Each shipped city is forecast from the other cities' fits alone.

Every draw is run through the held-out city's history twice, with the same scores and the same luck: once from the
prior of any city, once from the prior that the other cities' fits make of it. Nothing of the held-out city's own
counts is used but the size that its profile states. What the national evidence says of growth and closing (the moments)
reaches a new city in its own fit, so both sides have it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from agents.parameters import NAMES
from agents.table import Floats
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
Progress = Callable[[int, int], None]


def held_out(
    fits: dict[str, Fit], *, draws: int = 200, seed: int = 1, workers: Workers = Workers(), progress: Progress
) -> pd.DataFrame:
    """Return one row per held-out city and count: observed, 5, 50, 95 %, CRPS of both priors, on the scale of log1p.

    Columns: city, name, observed, flat_q05 ... flat_crps, flat_inside, pooled_q05 ... pooled_crps, pooled_inside. The
    errors of the published numbers are added to what a run gives before the two are compared.
    """
    rows: list[dict[str, object]] = []
    for done, name in enumerate(fits):
        progress(done, len(fits))
        others = {other: fit for other, fit in fits.items() if other != name}
        rows += _of_city(load_city(name), fits[name], others, draws, (seed, workers))
    progress(len(fits), len(fits))
    return pd.DataFrame(rows)


def _of_city(
    city: City, fit: Fit, others: dict[str, Fit], draws: int, how: tuple[int, Workers]
) -> list[dict[str, object]]:
    """Compare both priors over the counts of one city."""
    seed, as_of = how[0], quarter.parse(fit.provenance.as_of)
    seen = [o for o in observed(city, as_of) if not o.share]
    told = pooled_scores(others.values(), leave=())
    national = {name: told[name] for name in BY_MOMENTS if name in told}
    history = History(city, load_scenario(city.in_force, city), as_of, max(WEIGHT, fit.provenance.weight))
    z = smc.prior_scores(Streams(seed), HELD_OUT, draws, len(NAMES))
    noise = target(seen).noise(Streams(seed), HELD_OUT, draws)
    sides = {
        kind: _runs(history, seen, replace(fit.outlook, pooled=pooled), z, how) + noise
        for kind, pooled in (("flat", national), ("pooled", told))
    }
    return [
        {"city": city.name, "name": o.name, "observed": _y(o)}
        | {f"{kind}_{k}": v for kind, s in sides.items() for k, v in _against(s[:, j], _y(o)).items()}
        for j, o in enumerate(seen)
        if o.bound == "none"
    ]


def _runs(
    history: History, seen: list[Observation], outlook: Outlook, z: Floats, how: tuple[int, Workers]
) -> Floats:
    """Run every draw through the history and return its counts, (draws, observations)."""
    seed, workers = how
    work = [(row, run_seed(seed, HELD_OUT, i)) for i, row in enumerate(draws_of(z, outlook))]
    return np.array(list(workers.spread(partial(run_summaries, history, tuple(seen)), work)))


def _y(o: Observation) -> float:
    return float(np.log1p(o.value))


def _against(draws: Floats, y: float) -> dict[str, float | bool]:
    q05, q50, q95 = np.quantile(draws, [0.05, 0.5, 0.95])
    return {"q05": q05, "q50": q50, "q95": q95, "crps": crps(draws, y), "inside": covered(draws, y, LEVEL)}
