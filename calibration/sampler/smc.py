"""Annealed randomised maximum likelihood: every particle is brought to where its history fits its own observations.

Every parameter lives on its normal-score scale z = Phi^-1(F(theta)), on which the prior is N(0, 1). A particle is an
anchor z0 drawn from the prior and an error e drawn for the observations. In every generation the population is run,
slopes G of the summaries on the scores are fitted anew where it stands (`calibration.sampler.slopes`), and each
particle goes to

    z' = z0 - C G' (G C G' + S / t)^-1 (s(z) + G (z0 - z) - e_t - y),    S = R + T

where each particle's G is the population's times what its own last moves have shown of every summary's answer,

the Gauss-Newton step of randomised maximum likelihood (Oliver, He & Reynolds 1996; Chen & Oliver 2012), with R the
observation error, T the simulator's own noise, C the covariance of the anchors and e_t of covariance S / t less the
T that is in s(z) already. The temperature t rises to one as fast as the population's misfit has information for
(Iglesias & Yang 2021). The step begins at the anchor and not at the last place, so that nothing of the way is left in
the end: the fixed point is the same however it was reached, and on a linear-Gaussian model it is the exact posterior.
The weights of the summaries are inverse covariances of error and noise, in which correlated numbers do not count
twice. A particle whose history in the end does not fit its own observations has lost its way, and is left out; on a
linear-Gaussian model how well it fits says nothing of where it is. Parameters of which the data say nothing keep their
prior to the bit. Every draw is addressed by (seed, decision, generation, particle): workers and their order change
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import chdtri, logsumexp, ndtri

from agents.table import Bools, Floats
from calibration.data.target import Target
from calibration.sampler.effort import REFINEMENTS
from calibration.sampler.evidence import Curved, log_evidence, resampled
from calibration.sampler.moves import (
    LONGEST,
    MEMORY,
    PRIOR_WEIGHT,
    Anchors,
    Responses,
    Tempered,
    gap_to_plausible,
    moved,
)
from calibration.sampler.refine import Best, OwnSlopes
from calibration.sampler.slopes import slopes
from sim.streams import Streams

SAMPLER_VERSION = 4
"""Raise it with any change of this module that moves a draw, and of how `calibration.data.target` sees a run."""
NEAREST = 0.5
"""Part of the runs that count fully in the regression while the population is still wide."""
MIN_GENERATIONS, MAX_GENERATIONS = 4, 20
"""Generations to full temperature at least (curvature is followed in steps) and at most."""
REFINED_FROM = 400
"""Generation number of the runs of all refinements."""
REPLICATE_EVERY, REPLICATES_FROM = 10, 500
"""One particle in ten is run twice, for the simulator's noise; those runs have generation numbers from 500 on."""
ACCEPTANCE_TAIL = 0.05
"""A run counts as accepted when its distance from the observed is not in this upper tail of chi-square."""
LOST_TAIL, MOST_LOST = 0.01, 0.5
"""A particle whose misfit is in this upper tail of chi-square has not come home; none is left out if so many are."""

Simulate = Callable[[Floats, int], Floats]
"""Turns normal scores, (particles, d), and a generation number into summaries, (particles, k)."""


@dataclass(frozen=True, slots=True)
class Generation:
    """How one generation went, before its move."""

    number: int
    done: float  # t, the part of the data's information used so far
    tolerance: float  # a of the move that follows; 1/a is its step; 0 in the last, which does not move
    acceptance: float  # part of the runs that fit the observed within the error
    effective: float  # effective sample size that weighing instead of moving would have left


@dataclass(frozen=True, slots=True)
class Posterior:
    """A sample of the posterior, and how it was found."""

    z: Floats  # (particles that came home, d) normal scores, equally weighted
    seen: Floats  # (particles, k) their summaries: the posterior predictive, without observation error
    informed: Bools  # (d,) parameters that the summaries say something about
    home: Bools  # (particles,) which of those that set out have come home
    generations: tuple[Generation, ...]


def settings() -> dict[str, float]:
    """Return the numbers above, by which a fit is known."""
    return {
        "nearest": NEAREST,
        "min_generations": MIN_GENERATIONS,
        "max_generations": MAX_GENERATIONS,
        "refinements": REFINEMENTS,
        "memory": MEMORY,
        "prior_weight": PRIOR_WEIGHT,
        "longest": LONGEST,
        "replicate_every": REPLICATE_EVERY,
        "replicates_from": REPLICATES_FROM,
        "acceptance_tail": ACCEPTANCE_TAIL,
        "lost_tail": LOST_TAIL,
    }


def quiet(_generation: Generation) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a population begins: its anchors, their covariance, the name of its draws, and how far it has to go."""

    z: Floats  # (particles, d)
    covariance: Floats  # (d, d)
    streams: Streams
    min_generations: int = MIN_GENERATIONS
    refinements: int = REFINEMENTS

    @classmethod
    def prior(cls, d: int, particles: int, seed: int) -> Start:
        """Begin with draws from the prior."""
        streams = Streams(seed)
        return cls(prior_scores(streams, 0, particles, d), np.eye(d), streams)


def posterior(
    simulate: Simulate, target: Target, start: Start, report: Callable[[Generation], None] = quiet
) -> Posterior:
    """Return a sample of the posterior of a population given the target.

    `simulate` must depend on its arguments only, so that any number of workers gives the same bytes.
    """
    run = _Run(simulate, target, start, Anchors.of(start.z, start.covariance, target, start.streams), report)
    z, slope, noise = run.anneal(start.z)
    best = run.refine(z, slope, noise)
    fits = _misfit(target.gap(best.s - run.anchors.error), target.covariance() + noise)
    home = fits <= chdtri(len(target.value), LOST_TAIL)
    # where most are lost, the target is what the model cannot do: the caller sees it in how few runs agree
    home |= home.mean() < MOST_LOST
    told = np.any(slope != 0.0, axis=1)
    z = run.counted(best.z[home], told, target.covariance() + noise)
    s = run.look(z, len(run.history), noise)
    return Posterior(z, s, told, home, tuple(run.history))


@dataclass(slots=True)
class _Run:
    """One search for a posterior: what it asks, and how its generations went."""

    simulate: Simulate
    target: Target
    start: Start
    anchors: Anchors
    report: Callable[[Generation], None]
    history: list[Generation] = field(default_factory=list)
    runs: list[tuple[Floats, Floats]] = field(default_factory=list)

    def anneal(self, z: Floats) -> tuple[Floats, Floats, Floats]:
        """Bring the population to full temperature; return it, its slopes and the simulator's noise."""
        done, k = 0.0, len(self.target.value)
        slope, answer = np.zeros((z.shape[1], k)), Responses.none(len(z), k)
        for number in range(MAX_GENERATIONS):
            s = self.ask(z, number)
            noise = _simulator_noise(self.ask, z, s, number)
            misfit = _misfit(self.target.gap(s), noise + self.target.covariance())
            step = min(_step(misfit, k, done), self._longest(done, number))
            self._tell(_diagnostics(number, (done, step), misfit, accepted(s, self.target, noise)))
            done = min(done + step, 1.0)
            answer.learn(z, s, slope, np.diag(noise))
            slope = slopes(z, s, _nearness(s, self.target), slope)
            z = moved((z, s), slope, answer.factor(), self.anchors, Tempered(self.target, noise, done))
            # steps are a sum of floats, which need not end at one exactly
            if done > 1.0 - 1e-9:
                break
        return z, slope, noise

    def _longest(self, done: float, number: int) -> float:
        """Return the longest step of a generation: the last of the fewest is not taken early."""
        left = self.start.min_generations - number
        return max((1.0 - done) / left, 1.0 / self.start.min_generations) if left > 1 else 1.0

    def refine(self, z: Floats, slope: Floats, noise: Floats) -> Best:
        """Let every particle go where its own history fits, with slopes of its own (`calibration.sampler.refine`)."""
        own, error, anchors = OwnSlopes.of(slope, len(z)), self.target.covariance() + noise, self.anchors
        # the same runs' luck in every refinement
        best = self._judged(z, self.look(z, REFINED_FROM, noise), error)
        for _ in range(self.start.refinements - 1):
            ahead = own.ahead(best.z, best.s, anchors.z)
            gap = gap_to_plausible(ahead - anchors.error, self.target, anchors.keeps)
            wanted = anchors.z - own.pulled(gap, anchors.covariance, error)
            z = best.z + best.length[:, None] * np.clip(wanted - best.z, -LONGEST, LONGEST)
            s = self.look(z, REFINED_FROM, noise)
            own.learn(z - best.z, s - best.s)
            best.judge(z, s, self._judged(z, s, error).objective)
        return best

    def counted(self, z: Floats, told: Bools, error: Floats) -> Floats:
        """Return the particles, each as often as it counts (`calibration.sampler.evidence`)."""
        covariance = self.anchors.covariance
        z_all, s_all = (np.vstack(part) for part in zip(*self.runs, strict=True))
        around = self.anchors.z.mean(axis=0), covariance
        weight = log_evidence(z, Curved.of(z_all, s_all, told), around, (self.target, error))
        kept = resampled(weight, float(self.start.streams.uniform("resample", 0, np.arange(1))[0]))
        # of what has nothing to do with the data, every particle keeps its own
        own = ~told & ~np.any(covariance[told] != 0.0, axis=0)
        return np.where(own, z, z[kept])

    def ask(self, z: Floats, generation: int) -> Floats:
        """Run a population with luck of its own, and keep what it gave."""
        s = self.simulate(z, generation)
        # once a particle has moved by what its luck was, runs of that luck would say that the move brought it
        self.runs.append((z, s))
        return s

    def _judged(self, z: Floats, s: Floats, error: Floats) -> Best:
        """Return particles with their objective: how far from the anchor, and how far from its observations."""
        away = z - self.anchors.z
        far = np.einsum("nd,dn->n", away, np.linalg.pinv(self.anchors.covariance, hermitian=True) @ away.T)
        return Best.of(z, s, far + _misfit(self.target.gap(s - self.anchors.error), error))

    def look(self, z: Floats, generation: int, noise: Floats) -> Floats:
        """Run the population at full temperature and tell how near it is; return the summaries."""
        s = self.simulate(z, generation)
        misfit = _misfit(self.target.gap(s), noise + self.target.covariance())
        self._tell(_diagnostics(len(self.history), (1.0, 0.0), misfit, accepted(s, self.target, noise)))
        return s

    def _tell(self, generation: Generation) -> None:
        self.history.append(generation)
        self.report(generation)


def prior_scores(streams: Streams, generation: int, n: int, d: int) -> Floats:
    """Draw normal scores from the prior, (n, d)."""
    at = np.arange(n)
    return ndtri(np.column_stack([streams.uniform(f"prior:{j}", generation, at) for j in range(d)]))


def _simulator_noise(simulate: Simulate, z: Floats, s: Floats, number: int) -> Floats:
    """Return the covariance of the simulator's own noise, (k, k): one particle in ten is run a second time.

    Half of its off-diagonal is kept: a tenth of the particles tells the variances better than the correlations.
    """
    # evenly through the population: those whose first run came near would differ from their second by more than luck
    rows = np.arange(0, len(z), REPLICATE_EVERY)
    apart = simulate(z[rows], REPLICATES_FROM + number) - s[rows]
    # two runs differ by twice the noise of one
    noise = 0.5 * apart.T @ apart / len(rows)
    return 0.5 * noise + 0.5 * np.diag(np.diag(noise))


def _distance(s: Floats, target: Target) -> Floats:
    """Return how far every run is from the observed, in the population's standard deviations, (n,)."""
    return np.sqrt(((target.gap(s) / (s.std(axis=0) + 1e-12)) ** 2).mean(axis=1))


def _misfit(gap: Floats, error: Floats) -> Floats:
    """Return gap' error^-1 gap of every particle, (n,)."""
    return np.einsum("ij,ji->i", gap, np.linalg.solve(error, gap.T))


def _step(misfit: Floats, k: int, done: float) -> float:
    """Return how much more of the data's information the next move may use: k / median of the misfit.

    With M = gap' S^-1 gap this is the data-misfit controller of Iglesias & Yang (2021), which a few runs far out do
    not slow down.
    """
    nothing = 1e-12  # of a misfit
    return float(min(k / max(float(np.median(misfit)), nothing), 1.0 - done))


def accepted(s: Floats, target: Target, noise: Floats) -> float:
    """Return the part of runs, (n, k), that differ from the observed by no more than runs of the truth would.

    What was observed had luck of its own, and so has every run: with the right parameters they differ by the error of
    observation and twice the simulator's noise, gap' (R + 2 T)^-1 gap is chi-square, and 95 % are accepted.
    """
    far = _misfit(target.gap(s), target.covariance() + 2.0 * noise)
    return float((far <= chdtri(len(target.value), ACCEPTANCE_TAIL)).mean())


def _diagnostics(number: int, way: tuple[float, float], misfit: Floats, accepted: float) -> Generation:
    done, step = way
    weight = -0.5 * step * misfit
    # Kish's effective sample size, in logs because the weights of poor runs underflow
    effective = float(np.exp(2.0 * logsumexp(weight) - logsumexp(2.0 * weight)))
    return Generation(number, done, 1.0 / step if step else 0.0, accepted, effective)


def _nearness(s: Floats, target: Target) -> Floats:
    """Return how much every run counts in the regression, (n,): Epanechnikov by distance to the observed."""
    distance = _distance(s, target)
    width = np.quantile(distance, NEAREST) * 2.0 + 1e-12
    # no weight is zero, so that the regression stays determined however few runs are near
    return np.asarray(np.maximum(1.0 - (distance / width) ** 2, 0.0) + 0.05)
