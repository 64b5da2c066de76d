"""Fit a city: draw parameters, run its history, move the draws, and keep the posterior."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.data.summaries import observed, summaries
from calibration.fit.budget import PARTICLES, FitBudget
from calibration.fit.expected import expected_of
from calibration.fit.fit import Fit, Provenance, draws_sha, rounded
from calibration.fit.history import History
from calibration.fit.outlook import Outlook, draws_of, parameters_of
from calibration.fit.pooled import shipped_fits, with_pooled
from calibration.fit.rates import rates_given_record
from calibration.sampler import smc
from sim import quarter
from sim.city.city import City
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.text import read_bytes
from sim.scenario.scenario import Scenario
from sim.versions import source_version
from sim.workers import Workers

MAX_KEPT = 100_000_000
"""Largest generation that is read back, in bytes."""
DRAWS = 400
ONE_IN_TWENTY = 1.645
"""Standard deviations by which a share is off one way with a chance of a twentieth."""
EXCLUDED = 6.0
"""Standard deviations that are not bad luck."""
FRESH_GENERATION = 999
"""Generation number of runs that were not used in the fit."""


@dataclass(frozen=True, slots=True)
class FitProgress:
    """What is told while a fit runs, and where finished generations are kept so that it can resume."""

    simulated: Callable[[int, int], None] = lambda _done, _total: None  # simulations of this generation, of how many
    finished: Callable[[smc.Generation], None] = smc.quiet
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class FitEvidence:
    """What a fit rests on where it is not a city's own: made-up observations, what is expected of the drive."""

    seen: list[Observation]
    outlook: Outlook


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
        draw = parameters_of(draws_of(z[None, :], self.outlook)[0])
        return summaries(list(self.seen), h.series(draw, seed), h.city.start + 1)

    def key(self, particles: int) -> str:
        """Name the fit by everything that decides its bytes."""
        h = self.history
        asked = (h.city.sha, h.scenario.sha, h.as_of, h.weight, self.seen, self.seed, self.outlook)
        parts = (*asked, particles, source_version())
        return hashlib.blake2b("|".join(map(repr, parts)).encode(), digest_size=8).hexdigest()


def evidence_of(city: City, as_of: int, *, borrow: bool | None = None) -> FitEvidence:
    """Return what a fit of a city rests on: its own counts, and what is expected of it before.

    A city borrows what the fits of the shipped cities have learned (`calibration.fit.pooled`), unless its own fit is
    one of them; `borrow` says otherwise.
    """
    outlook, fits = expected_of(city, as_of), shipped_fits()
    if borrow or (borrow is None and city.region not in fits):
        outlook = with_pooled(outlook, {name: fit for name, fit in fits.items() if name != city.region})
    return FitEvidence(observed(city, as_of), outlook)


def calibrate(
    city: City,
    scenario: Scenario,
    as_of: int,
    *,
    effort: FitBudget = FitBudget(),
    watch: FitProgress = FitProgress(),
    evidence: FitEvidence | None = None,
) -> Fit:
    """Return the posterior of a city as of a quarter, under the policy that was in force.

    The same seed gives the same bytes with any number of workers, and after an interruption. `evidence` stands in for
    the city's own observations and for what other regions say of it.
    """
    rests_on = evidence_of(city, as_of) if evidence is None else evidence
    history = History(city, scenario, as_of, effort.weight)
    q = FitTask(history, tuple(rests_on.seen), effort.seed, rests_on.outlook)
    simulate = partial(_simulated, q, effort, watch)
    if watch.kept is not None:
        simulate = partial(_remembered, simulate, watch.kept / q.key(effort.particles))
    start = replace(smc.Start.prior(len(NAMES), effort.particles, effort.seed), refinements=effort.refinements)
    found = smc.posterior(simulate, target(list(q.seen)), start, watch.finished)
    _refuse_misfit(q, found, effort)
    # particles count alike, so the first of them are as good a sample as any
    draws = rounded(rates_given_record(draws_of(found.z[:DRAWS], q.outlook), city, as_of, effort.seed))
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
        outlook=q.outlook,
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
    # what is there but cannot be read is simulated again; of damaged bytes NumPy raises whatever their parser does
    with suppress(Exception):
        kept = np.load(io.BytesIO(read_bytes(path, MAX_KEPT)))
        if isinstance(kept, np.ndarray) and kept.dtype == float and kept.shape[:-1] == (len(z),):
            return kept
    s = simulate(z, generation)
    folder.mkdir(parents=True, exist_ok=True)
    array = io.BytesIO()
    np.save(array, s)
    write_whole(path, array.getvalue())
    return s


def _refuse_misfit(q: FitTask, found: smc.Posterior, effort: FitBudget) -> None:
    """Refuse a fit whose draws do not give back what was observed, naming what they miss and by how much.

    Of fresh runs of every draw, those count that differ from the observed by no more than runs of the truth would
    (`calibration.sampler.smc.accepted`).
    """
    accepted, enough = found.generations[-1].acceptance, effort.min_acceptance
    # a few draws do not tell so well how many would be accepted
    chance = ONE_IN_TWENTY * np.sqrt(accepted * (1.0 - accepted) / len(found.z))
    if accepted + chance >= enough and not _excluded(q, found):
        return
    t = target(list(q.seen))
    gap = t.gap(found.seen)
    spread = np.sqrt(np.diag(t.covariance()) + gap.var(axis=0))
    # what all runs miss in one direction is what the model cannot do
    order = np.argsort(-np.abs(gap.mean(axis=0) / spread), kind="stable")
    missed = [_missed(q.seen[j], float(gap[:, j].mean())) for j in order[:3]]
    odd = int(np.abs(found.z.mean(axis=0)).argmax())
    furthest = missed[0]
    for further in missed[1:]:
        furthest = Said("{before}, {missed}", before=furthest, missed=further)
    refused = Said(
        "{city}: only {accepted} of the draws give back all {n} observations at once ({enough} needed). Furthest"
        " off: {missed}. The prior of {odd} is pushed furthest, {pushed} standard deviations. Check these rows of"
        " history.csv, their errors in series.toml and the prior in agents/parameters.py.",
        city=q.history.city.folder.name,
        accepted=f"{accepted:.0%}",
        n=len(q.seen),
        enough=f"{enough:.0%}",
        missed=furthest,
        odd=NAMES[odd],
        pushed=f"{found.z[:, odd].mean():+.1f}",
    )
    if effort.particles < PARTICLES:
        raise InputError(
            Said(
                "{refused} But first try the usual fit, without --quick: {particles} particles are few for {told}"
                " parameters that the data speak of, and it has {usual}.",
                refused=refused,
                particles=effort.particles,
                told=int(found.informed.sum()),
                usual=PARTICLES,
            )
        )
    raise InputError(refused)


def _excluded(q: FitTask, found: smc.Posterior) -> bool:
    """Tell whether one observation lies where six standard deviations of error and prediction do not reach."""
    t = target(list(q.seen))
    scale = np.sqrt(np.diag(t.covariance()) + found.seen.var(axis=0))
    return bool((np.abs(t.gap(found.seen).mean(axis=0)) > EXCLUDED * scale).any())


def _missed(o: Observation, gap: float) -> Said:
    """Say what was observed and what the fit gives in its place."""
    simulated = o.value + gap if o.share else float(np.expm1(np.log1p(o.value) + gap))
    value, given = f"{o.value:g}", f"{simulated:.4g}"
    return Said("{name} = {value} (the fit gives {given})", name=o.name, value=value, given=given)


def predictive(history: History, fit: Fit, seen: list[Observation], *, members: int, workers: Workers) -> Floats:
    """Run the history of posterior draws again, with fresh seeds, and return summaries, (members, observations)."""
    again = partial(_again, history, fit, tuple(seen))
    return np.array(list(workers.spread(again, range(members))))


def _again(history: History, fit: Fit, seen: tuple[Observation, ...], i: int) -> Floats:
    series = history.series(fit.parameters(i), run_seed(fit.provenance.seed, FRESH_GENERATION, i))
    return summaries(list(seen), series, history.city.start + 1)


def run_seed(seed: int, generation: int, particle: int) -> int:
    """Return the seed of one particle's run."""
    # no two runs share a seed, up to ten thousand generations of a million particles
    return (seed * 10_000 + generation) * 1_000_000 + particle
