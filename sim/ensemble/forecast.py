"""From an ensemble to a statement about every goal: how far, how sure, by when, and how well known.

Every number about a reading is read off one distribution of its outcome, see `sim.ensemble.pool`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from agents.table import Bools, Floats
from sim import quarter
from sim.city.city import City, Goal, Reading
from sim.city.readings import main_reading
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.ladder import Ladder, ladder_after
from sim.ensemble.pool import Pooled, fortunes, likelihood, missing, poisson_binomial, weight_of
from sim.ensemble.recorded import INFORMED, Known, beside, most, recorded_outcomes, time_left
from sim.ensemble.stated import GoalForecast, Joint
from sim.ensemble.track_record import Ratios, TrackRecord, of_city

_MONTHS = 3  # in a quarter


@dataclass(frozen=True, slots=True)
class Asked:
    """One reading of a goal with everything its forecast rests on."""

    goal: Goal
    reading: Reading
    paths: Floats  # (members, quarters)
    start: int  # quarter of the first column
    as_of: int
    ratios: Ratios
    left: float
    most: float
    main: Asked | None = None  # the goal's main reading, for another one that counts the same events
    below: Asked | None = None  # the reading of the list from which this one's places are named

    @property
    def at_origin(self) -> Floats:
        """The count at the origin, (members,)."""
        return self.paths[:, self.as_of - self.start]

    @property
    def ahead(self) -> Floats:
        """The count from the origin to the deadline, (members, quarters)."""
        return self.paths[:, self.as_of - self.start : self.goal.deadline - self.start + 1]

    def pooled(self) -> Pooled:
        """Return the outcomes at the deadline, of the model and of the record."""
        r = self.reading
        return Pooled(r.operator, r.value, weight_of(r.basis), self.ahead[:, -1], self.recorded())

    def ladder(self) -> Ladder | None:
        """Return how the list below is named by the deadline: since it was first seen, or else from the origin on."""
        if self.below is None:
            return None
        seen = np.flatnonzero(np.median(self.below.paths[:, : self.as_of - self.start + 1], axis=0) > 0.0)
        listed = self.start + int(seen[0]) if len(seen) else self.as_of
        return ladder_after(_MONTHS * (self.goal.deadline - listed))

    def recorded(self) -> Floats:
        """Return the record's outcomes, (members or 1, NODES, DRAWS)."""
        ladder = self.ladder()
        if self.below is not None and ladder is not None:
            x = self.known().start(self.reading)[:, np.newaxis, np.newaxis]
            return np.maximum(x, ladder.named(self.below.recorded(), fortunes()))
        if self.main is not None:
            return beside((self.main.known(), self.main.recorded()), self.reading, self.known())
        return recorded_outcomes(self.reading, self.ratios, self.known())

    def known(self) -> Known:
        """Return what is known of the count besides the record."""
        return Known(self.at_origin, self.ahead[:, -1], self.left, self.most)


def path(reading: Reading, ensemble: Ensemble) -> Floats:
    """Return the reading's count at the end of every quarter, (members, quarters).

    last: the indicator itself; sum: its total since `since`; change: less its value at `since`.
    """
    x = ensemble.of(reading.indicator)
    at = reading.since - ensemble.start
    if reading.count == "sum":
        counted = np.arange(x.shape[1]) >= at
        return np.cumsum(np.where(counted, x, 0.0), axis=1)
    if reading.count == "change":
        return np.where(np.arange(x.shape[1]) >= at, x - x[:, [max(at, 0)]], 0.0)
    return x


def standard_error(hits: Floats | float, n: int) -> Floats | float:
    """Return the Monte-Carlo error of a share, with one hit and one miss added so that 0 and 1 have one too."""
    p = (hits + 1.0) / (n + 2.0)
    return np.sqrt(p * (1.0 - p) / n)


def least_error(goal: GoalForecast, members: int, later: int) -> float:
    """Return the smallest such error that a forecast of `members` can have when there are `later` of them.

    The error is a hump over the hits, so the least is where none of the further members reaches the reading, or all.
    """
    hits = round(goal.model_probability * members)
    ends = (float(standard_error(h, later)) for h in (hits, hits + later - members))
    return _asked_for(goal) * min(ends)


def model_error(goal: GoalForecast, members: int) -> float:
    """Return the Monte-Carlo error of the model's own chance, which every effect and every path rests on.

    Where nothing informs the model of a reading, half of it: its chance is then an assumption's.
    """
    return _asked_for(goal) * float(standard_error(round(goal.model_probability * members), members))


def _asked_for(goal: GoalForecast) -> float:
    return 1.0 if goal.basis in INFORMED else 0.5


def forecast_goals(city: City, ensemble: Ensemble, as_of: int) -> list[GoalForecast]:
    """Return the forecast of every goal and reading."""
    record = of_city(city)
    return [
        _forecast(asked(city, (goal, reading), ensemble, as_of, record), ensemble)
        for goal in city.goals
        for reading in goal.readings
    ]


def asked(
    city: City, about: tuple[Goal, Reading], ensemble: Ensemble, as_of: int, record: TrackRecord
) -> Asked:  # fmt: skip
    """Return a reading with what its forecast rests on."""
    goal, reading = about
    ratios = record.get(reading.decided_by, record[None])
    main = main_reading(goal)
    beside_it = reading is not main and {reading.basis, main.basis} <= INFORMED
    lower = next((r for r in goal.readings if r.key == reading.climbs_from), None)
    return Asked(
        goal, reading, path(reading, ensemble), ensemble.start, as_of, ratios, time_left(city, goal, as_of),
        most(city, reading), asked(city, (goal, main), ensemble, as_of, record) if beside_it else None,
        None if lower is None else asked(city, (goal, lower), ensemble, as_of, record),
    )  # fmt: skip


def _forecast(x: Asked, ensemble: Ensemble) -> GoalForecast:
    goal, r, pool = x.goal, x.reading, x.pooled()
    q05, median, q95 = pool.interval()
    early, usual = _first_passage(x, pool)
    lacking = missing(r.operator, r.value, x.at_origin)
    low, high = _by_thirds(x, pool, ensemble)
    ladder = x.ladder()
    return GoalForecast(
        goal.key, r.key, r.operator, r.value, quarter.label(goal.deadline), q05, median, q95,
        probability=pool.probability,
        mc_error=_error(pool),
        evidence=r.evidence,
        primary=r.primary,
        model_probability=pool.model_share,
        base_rate=x.ratios.rate if ladder is None else ladder.share,
        first_passage=usual,
        first_passage_early=early,
        still_needed=float(np.median(lacking)) / max(goal.deadline - x.as_of, 1),
        shortfall=pool.shortfall,
        basis=rests_on(r),
        likelihood=likelihood(pool.probability),
        model_weight=pool.weight,
        record_n=x.ratios.goals if ladder is None else ladder.listed,
        record_rate=pool.record_share,
        record_own=x.ratios.own or ladder is not None,
        hangs_low=low,
        hangs_high=high,
    )  # fmt: skip


def rests_on(reading: Reading) -> str:
    """Return what the published number rests on: the record, where the model has no weight for it."""
    return "record" if reading.basis in INFORMED and not weight_of(reading.basis) else reading.basis


def _error(pool: Pooled) -> float:
    """Return the Monte-Carlo error of the probability: of the model's share, and of members' counts at the origin."""
    n = len(pool.model)
    of_model = pool.weight * float(standard_error(float(pool.met(pool.model).sum()), n))
    of_record = float(pool.met(pool.recorded).mean(axis=(1, 2)).std()) / np.sqrt(n)
    return of_model + (1.0 - pool.weight) * float(of_record)


def _by_thirds(x: Asked, pool: Pooled, ensemble: Ensemble) -> tuple[float | None, float | None]:
    """Return the model's P in the lowest and highest third of members by what the reading hangs on at the origin."""
    if x.reading.hangs_on is None:
        return None, None
    by = ensemble.of(x.reading.hangs_on)[:, x.as_of - ensemble.start]
    third = len(by) // 3
    if third == 0:
        return None, None
    met, order = pool.met(pool.model), np.argsort(by, kind="stable")
    return float(met[order[:third]].mean()), float(met[order[-third:]].mean())


def _first_passage(x: Asked, pool: Pooled) -> tuple[str | None, str | None]:
    """Return the quarters by which a twentieth and a half of the outcomes have reached the reading."""
    # once reached is reached: a count that falls back later does not take first passage away
    model = np.maximum.accumulate(pool.met(x.ahead), axis=1).mean(axis=0)
    record = np.array([met.mean() for met in _reached_evenly(x, pool)])
    share = np.round(pool.weight * model + (1.0 - pool.weight) * record, 12)
    found = []
    for level in (0.05, 0.5):
        at = np.flatnonzero(share >= level)
        found.append(quarter.label(x.as_of + int(at[0])) if len(at) else None)
    return found[0], found[1]


def _reached_evenly(x: Asked, pool: Pooled) -> Iterator[Bools]:
    """Give, quarter by quarter, which of the record's outcomes have been reached, going evenly from the origin."""
    start = x.known().start(x.reading)
    # a member's own count, where the outcomes are the same in all of them, is taken in the middle
    start = np.full(1, np.median(start)) if len(pool.recorded) == 1 else start
    begin = start[:, np.newaxis, np.newaxis]
    last = x.goal.deadline - x.as_of
    reached = np.zeros(pool.recorded.shape, bool)
    for t in range(last + 1):
        gone = t / max(last, 1)
        reached |= pool.met(pool.recorded if t == last else begin + gone * (pool.recorded - begin))
        yield reached


def joint(city: City, ensemble: Ensemble, as_of: int) -> Joint:
    """Return P(all primary readings) and P(at least k), from the same outcomes.

    Given a member and a state of what the city's goals have in common, each reading has a chance of its own; the
    number reached is then Poisson-binomial, averaged over both, so the marginals equal the published ones.
    """
    record = of_city(city)
    about = [(goal, main_reading(goal)) for goal in city.goals]
    chances = [asked(city, x, ensemble, as_of, record).pooled().chances() for x in about]
    return joint_of(np.stack([c.ravel() for c in chances], axis=1))


def joint_of(chances: Floats) -> Joint:
    """Return the joint probabilities of chances, (members and states, goals)."""
    count = poisson_binomial(chances).mean(axis=0)
    # P(at least k) sums from the top; over all outcomes rounding may pass one
    tail = np.cumsum(count[::-1])[::-1]
    return Joint(float(count[-1]), {k: float(min(tail[k], 1.0)) for k in range(1, len(count))})
