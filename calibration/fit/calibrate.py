"""Fit a city: draw parameters, run its history, move the draws, and keep the posterior."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from calibration.fit import smc
from calibration.fit.budget import FitBudget
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from calibration.fit.history import History
from calibration.fit.outlook import Outlook, draws_of, parameters_of
from sim import quarter
from sim.city.city import City
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.scenario.scenario import Scenario
from sim.versions import source_version
from sim.workers import Workers

DRAWS = 400
FRESH_GENERATION = 999
"""Generation number of runs that were not used in the fit."""


@dataclass(frozen=True, slots=True)
class FitProgress:
    """What is told while a fit runs, and where finished generations are kept so that it can resume."""

    simulated: Callable[[int, int], None] = lambda _done, _total: None  # simulations of this generation, of how many
    finished: Callable[[smc.Generation], None] = smc.quiet
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class FitTask:
    """What a fit is asked: which history, seen through which observations, from which seed."""

    history: History
    seen: tuple[Observation, ...]
    seed: int
    outlook: Outlook

    def run(self, particle: tuple[Floats, int]) -> Floats:
        """Return the summaries of one particle, given its normal scores and the seed of its run."""
        z, seed = particle
        h = self.history
        return summaries(list(self.seen), h.series(parameters_of(draws_of(z[None, :], self.outlook)[0]), seed), h.city.start + 1)

    def key(self, particles: int) -> str:
        """Name the fit by everything that decides its bytes."""
        h = self.history
        parts = (h.city.sha, h.scenario.sha, h.as_of, h.weight, self.seen, self.seed, self.outlook, particles, source_version())
        return hashlib.blake2b("|".join(map(repr, parts)).encode(), digest_size=8).hexdigest()


def calibrate(
    city: City,
    scenario: Scenario,
    as_of: int,
    *,
    effort: FitBudget = FitBudget(),
    watch: FitProgress = FitProgress(),
    seen: list[Observation] | None = None,
) -> Fit:
    """Return the posterior of a city as of a quarter, under the policy that was in force.

    The same seed gives the same bytes with any number of workers, and after an interruption. `seen` stands in for the
    city's own observations.
    """
    seen = observed(city, as_of) if seen is None else seen
    q = FitTask(History(city, scenario, as_of, effort.weight), tuple(seen), effort.seed, outlook_of(city, as_of))
    simulate = partial(_simulated, q, effort, watch)
    if watch.kept is not None:
        simulate = partial(_remembered, simulate, watch.kept / q.key(effort.particles))
    found = smc.posterior(
        simulate,
        target(list(q.seen)),
        d=len(NAMES),
        particles=effort.particles,
        seed=effort.seed,
        report=watch.finished,
    )
    _check_coverage(q, found)
    # particles count alike, so the first of them are as good a sample as any
    draws = rounded(draws_of(found.z[:DRAWS], q.outlook))
    made = Provenance(
        city.name,
        quarter.label(as_of),
        effort.seed,
        effort.particles,
        len(found.generations),
        effort.weight,
        city.sha,
        draws_sha(draws),
        [o.name for o in q.seen],
        [name for name, told in zip(NAMES, found.informed, strict=True) if told],
        [{k: round(v, 6) for k, v in asdict(g).items()} for g in found.generations],
        q.outlook,
    )
    return Fit(draws, made).stamped(q.history, list(q.seen))


def _simulated(q: FitTask, effort: FitBudget, watch: FitProgress, z: Floats, generation: int) -> Floats:
    """Run every particle of a generation, in order, whoever does it."""
    work = [(row, run_seed(q.seed, generation, i)) for i, row in enumerate(z)]
    out = []
    for row in effort.workers.spread(q.run, work):
        out.append(row)
        watch.simulated(len(out), len(work))
    return np.array(out)


def _remembered(simulate: smc.Simulate, folder: Path, z: Floats, generation: int) -> Floats:
    """Read a generation that an interrupted fit finished, or simulate and keep it."""
    # by the draws themselves: a generation is taken up again only where it would be simulated again
    mark = hashlib.blake2b(z.tobytes(), digest_size=8).hexdigest()
    path = folder / f"generation-{generation:02d}-{mark}.npy"
    if path.is_file():
        return np.asarray(np.load(path))
    s = simulate(z, generation)
    folder.mkdir(parents=True, exist_ok=True)
    array = io.BytesIO()
    np.save(array, s)
    write_whole(path, array.getvalue())
    return s


def _check_coverage(q: FitTask, found: smc.Posterior) -> None:
    """Refuse a fit that ends nowhere near an observation, naming the one it misses and the prior that excludes it.

    Six standard deviations of error and posterior predictive together are not bad luck.
    """
    t = target(list(q.seen))
    gap = t.gap(found.seen).mean(axis=0)
    scale = np.sqrt(np.diag(t.covariance()) + found.seen.var(axis=0))
    worst = int(np.abs(gap / scale).argmax())
    limit = 6.0
    if abs(gap[worst]) <= limit * scale[worst]:
        return
    o = q.seen[worst]
    odd = int(np.abs(found.z.mean(axis=0)).argmax())
    simulated = o.value + gap[worst] if o.share else float(np.expm1(np.log1p(o.value) + gap[worst]))
    raise InputError(
        f"{q.history.city.folder.name}: the priors exclude {o.name} = {o.value:g} (the nearest fit gives"
        f" {simulated:.4g}); the prior of {NAMES[odd]} is pushed furthest, {found.z[:, odd].mean():+.1f} standard"
        f" deviations. Check the row of history.csv ({o.source[:60]}) and the prior in agents/parameters.py."
    )


def outlook_of(city: City, as_of: int) -> Outlook:
    """TEMP."""
    return Outlook.of({})


def predictive(history: History, fit: Fit, seen: list[Observation], *, members: int, workers: Workers) -> Floats:
    """Run the history of posterior draws again, with fresh seeds, and return summaries, (members, observations)."""
    again = partial(_again, history, fit, tuple(seen))
    return np.array(list(workers.spread(again, range(members))))


def _again(history: History, fit: Fit, seen: tuple[Observation, ...], i: int) -> Floats:
    series = history.series(fit.parameters(i), run_seed(fit.provenance.seed, FRESH_GENERATION, i))
    return summaries(list(seen), series, history.city.start + 1)


def run_seed(seed: int, generation: int, particle: int) -> int:
    """Return the seed of one particle's run."""
    # no two runs share a seed, up to a thousand generations of a million particles
    return (seed * 1000 + generation) * 1_000_000 + particle
