"""A reduced model: the recognition of high-tech enterprises as a yearly recursion, for thousands of runs a second.

    first_t = (eligible_t - valid_{t-1}) (1 - exp(-apply exp(drive_t))),   flow_t = first_t + renewal flow_{t-3},
    valid_t = flow_t + flow_{t-1} + flow_{t-2},   eligible_t = share pool exp(growth (t - 2012))

with the counting noise of a Poisson number. It has the shape of the full model's answer to the parameters that the
history speaks of, so the machinery of calibration can be proved on it: simulation-based calibration, recovery,
and a cross-check against another package.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from agents.drive import WALKS, step_name
from agents.parameters import PRIORS
from agents.table import Floats
from calibration.data.target import Target
from sim.streams import Streams

FIRST, LAST = 2012, 2024
STEPS = tuple(step_name("hnte", year) for year in range(FIRST + 1, LAST + 1))
NAMES = ("opening_pool", "entry_growth", "hnte_apply", "renewal", *STEPS)
"""Parameters, with the priors they have in the full model; the steps hang together as in any city."""
ELIGIBLE, OPENING_FLOW = 0.45, 510.0
STOCKS, FLOWS = (2015, 2017, 2018, 2021, 2024), (2018, 2020, 2022)
"""Years whose valid stocks and certifications are summaries."""
ERROR = 0.05


def simulate(z: Floats, key: int, generation: int) -> Floats:
    """Return log stocks and log flows of every particle, (n, 8), with counting noise addressed by `key`."""
    p = {name: PRIORS[name].value(ndtr(z[:, j])) for j, name in enumerate(NAMES)}
    drive = np.cumsum(_steps(z[:, len(NAMES) - len(STEPS) :]), axis=1)
    flow = {year: np.full(len(z), OPENING_FLOW) for year in range(FIRST - 2, FIRST + 1)}
    streams, at = Streams(key), np.arange(len(z))
    for year in range(FIRST + 1, LAST + 1):
        level = drive[:, year - FIRST - 1]
        eligible = ELIGIBLE * p["opening_pool"] * np.exp(p["entry_growth"] * (year - FIRST))
        free = np.maximum(eligible - flow[year - 1] - flow[year - 2] - flow[year - 3], 1.0)
        # far out in a prior the drive would overflow; at 20 everybody applies long since
        expected = free * -np.expm1(-p["hnte_apply"] * np.exp(np.minimum(level, 20.0))) + p["renewal"] * flow[year - 3]
        noise = ndtri(streams.uniform(f"count:{generation}", year, at))
        # a Poisson number by its Gaussian, which a uniform turns into for all particles at once
        flow[year] = np.maximum(expected + np.sqrt(expected) * noise, 1.0)
    stocks = [np.log(flow[y] + flow[y - 1] + flow[y - 2]) for y in STOCKS]
    return np.column_stack([*stocks, *(np.log(flow[y]) for y in FLOWS)])


def _steps(z: Floats) -> Floats:
    """Return the yearly steps of every particle, (n, years)."""
    walk, n = WALKS["hnte"], z.shape[1]
    return np.asarray(walk.mean()[:n] + z @ np.linalg.cholesky(walk.covariance()[:n, :n]).T)


def observed(z: Floats, key: int) -> Target:
    """Return what one city with these normal scores, (d,), would have published: its run, seen with an error of 5 %."""
    truth = simulate(z[None, :], key, 0)[0]
    made = Target.plain(truth, np.full(len(truth), ERROR))
    return Target.plain(truth + made.noise(Streams(key), 1, 1)[0], made.error)
