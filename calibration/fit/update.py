"""Bring a fit forward: move its draws to what became known since, with the moves of a fit and without fitting again.

The draws of the fit are where the population starts. Every draw runs on to the new quarter under the policy in force,
with the facts on record, and goes where its own run agrees with what was published since (`calibration.sampler`): its
parameters, and with them what it holds of the years since the origin, which are parameters too. As in a fit, a draw
that has lost its way is left out, and the others count by how likely the new numbers are around them. Draws move and
are not weighed by how well they agree, so nothing collapses; where those that are left still do not agree, the message
says so and asks for a new fit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from calibration.fit.calibrate import run_seed
from calibration.fit.fit import Fit, draws_sha, rounded
from calibration.fit.history import History
from calibration.fit.outlook import Outlook, draws_of, parameters_of, scores_of
from calibration.fit.rates import rates_given_record
from calibration.sampler import smc
from sim import quarter
from sim.city.city import City
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.scenario import Scenario
from sim.streams import Streams
from sim.workers import Workers

WEIGHT = 6.0
"""Least enterprises a row stands for while moving: a few new numbers need less than a fit."""
MIN_GENERATIONS, REFINEMENTS = 2, 3
"""An update begins where the fit has ended, so it has less far to go."""
FIRST_SEED = 2_000
"""Run seeds of an update begin here, past those of every generation of a fit and of its checks."""
MIN_EFFECTIVE, FEW_EFFECTIVE = 20.0, 200.0
"""Draws that must agree with the new numbers; below the second a new fit is recommended."""
AGREEMENT = 1.0 - smc.ACCEPTANCE_TAIL

Progress = Callable[[int, int], None]


def quiet(_done: int, _total: int) -> None:
    """Report nothing."""


def new_observations(city: City, since: int, as_of: int) -> list[Observation]:
    """Return what a fit as of `as_of` may use and one as of `since` could not: later periods, later publications."""
    before = {o.name: o for o in observed(city, since)}
    return [o for o in observed(city, as_of) if not o.share and o != before.get(o.name)]


@dataclass(frozen=True, slots=True)
class _Again:
    """Runs of a population, told apart by generation."""

    history: History
    seen: tuple[Observation, ...]
    outlook: Outlook
    seed: int
    workers: Workers
    progress: Progress

    def __call__(self, z: Floats, generation: int) -> Floats:
        """Return the summaries of every particle."""
        draws = draws_of(z, self.outlook)
        work = [(row, run_seed(self.seed, FIRST_SEED + generation, i)) for i, row in enumerate(draws)]
        out = []
        for row in self.workers.spread(partial(run_summaries, self.history, self.seen), work):
            out.append(row)
            self.progress(len(out), len(work))
        return np.array(out)


def run_summaries(history: History, seen: tuple[Observation, ...], work: tuple[Floats, int]) -> Floats:
    """Run one draw through a history, given the draw and the seed of its run, and return its summaries."""
    draw, seed = work
    return summaries(list(seen), history.series(parameters_of(draw), seed), history.city.start + 1)


def brought_forward(
    city: City, fit: Fit, in_force: Scenario, as_of: int, *, workers: Workers = Workers(), progress: Progress = quiet
) -> Fit:
    """Return the fit as of a later quarter: its draws, moved to agree with what became known since.

    Raises `InputError` when too few draws agree with it even then.
    """
    seen = new_observations(city, quarter.parse(fit.provenance.as_of), as_of)
    outlook = fit.outlook
    history = History(city, in_force, as_of, max(WEIGHT, fit.provenance.weight))
    made = replace(fit.provenance, as_of=quarter.label(as_of))
    if not seen:
        draws = rounded(rates_given_record(fit.draws, city, as_of, fit.provenance.seed))
        return Fit(draws, replace(made, draws_sha=draws_sha(draws))).stamped(history, observed(city, as_of))
    z = scores_of(fit.draws, outlook)
    streams = Streams(run_seed(fit.provenance.seed, FIRST_SEED - 1, 0))
    start = smc.Start(z, np.cov(z.T), streams, MIN_GENERATIONS, REFINEMENTS)
    again = _Again(history, tuple(seen), outlook, fit.provenance.seed, workers, progress)
    found = smc.posterior(again, target(seen), start, smc.quiet)
    # one that counts twice says no more than one
    effective = min(found.generations[-1].acceptance / AGREEMENT, 1.0) * len(np.unique(found.z, axis=0))
    if effective < MIN_EFFECTIVE:
        raise InputError(
            Said(
                "--as-of {as_of}: {n} of {draws} draws agree with what was published since {since} ({seen}); fit again"
                " with: peiyu calibrate --city {city} --as-of {as_of}",
                as_of=quarter.label(as_of),
                n=f"{effective:.0f}",
                draws=len(z),
                since=fit.provenance.as_of,
                seen=", ".join(o.name for o in seen),
                city=city.on_command_line,
            )
        )
    draws = rounded(rates_given_record(draws_of(found.z, outlook), city, as_of, fit.provenance.seed))
    informed = {name for name, told in zip(NAMES, found.informed, strict=True) if told}
    made = replace(
        made,
        draws_sha=draws_sha(draws),
        observations=sorted({*fit.provenance.observations, *(o.name for o in seen)}),
        informed=[name for name in NAMES if name in informed or name in fit.provenance.informed],
        steps=[*fit.provenance.steps, *({k: round(v, 6) for k, v in asdict(g).items()} for g in found.generations)],
        effective=round(effective, 1),
    )
    return Fit(draws, made).stamped(history, observed(city, as_of))
