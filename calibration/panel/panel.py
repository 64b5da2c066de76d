"""The recognition part of the model for many regions at once: who holds a label next year, given who does now.

Certifications of a year are first-timers and renewals of the cohort three years back; the valid stock is what was
certified in three years:

    F[t] = N[t] + q F[t-3],        S[t] = valid_share (F[t] + F[t-1] + F[t-2])

with log N a hierarchy of nation, provinces and cities (`calibration.panel.latent`). Two thirds of next year's stock and
about half of next year's certifications are therefore known today: that is what a curve cannot see. A label
without flows is the same hierarchy with the level itself in place of log N.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import stdtrit

from agents.table import Floats
from calibration.panel.assumptions import Centre, assumptions
from calibration.panel.data import DECEMBER, FLOW, FLOWS, Point
from calibration.panel.latent import (
    Hierarchy,
    Linear,
    Observe,
    Seen,
    Volatility,
    evidence,
    parts,
    posterior_mode,
    sample,
)
from calibration.panel.observe import (
    certified,
    is_recognition,
    observer,
    prior_of,
    seen_of,
    with_country,
    year_share,
)
from sim.city.regions import lineage, nation
from sim.one_thread import one_thread
from sim.streams import Streams

DRAWS = 600
_MIN_RELATIVE_EVIDENCE = 0.02


Branch = tuple[float, float | None, Volatility, Linear]
"""Log evidence, renewal, volatility and linearisation of one point of the grid."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Posterior levels of one label: draws of log first-timers, or of log counts, by region and year."""

    names: list[str]
    first: int  # year of column 0
    renewal: Floats | None  # q of each draw; None for a label without flows
    levels: Floats  # (draws, regions, years)
    source: tuple[Streams, str]  # where its uniforms come from, and their name

    def draws(self, series: str, region: str, year: int, month: int = 12) -> Floats:
        """Return draws of the log of a printed count, (draws,)."""
        r, t = self.names.index(region), year - self.first
        if self.renewal is None:
            share = month / 12.0
            made = (1.0 - share) * self.levels[:, r, t - 1] + share * self.levels[:, r, t]
            return made + self._error(f"{series}:{region}:{year}", assumptions().printed.label_error)
        rounds = assumptions().rounds
        flows = certified(self.levels[:, r, :], self.renewal[:, None])
        if series in FLOWS:
            filings = np.log(rounds.filed_share) + self._error(f"{series}:{region}:{year}", rounds.filed_error)
            return np.asarray(np.log(flows[:, t]) + (filings if series != FLOW else 0.0), dtype=np.float64)
        share = year_share(month)
        valid = np.log(rounds.valid_share)
        logs = np.asarray(valid + np.log(flows[:, t - 2 : t + 1].sum(axis=1)), dtype=np.float64)
        if share < 1.0:
            before = valid + np.log(flows[:, t - 3 : t].sum(axis=1))
            logs = (1.0 - share) * before + share * logs
        error = rounds.stock_error if month == DECEMBER else rounds.mid_year_error
        return logs + self._error(f"{series}:{region}:{year}", error)

    def first_timers(self, region: str, year: int) -> Floats:
        """Return draws of how many firms get the label for the first time in a year, (draws,)."""
        return np.exp(self.levels[:, self.names.index(region), year - self.first])

    def _error(self, what: str, scale: float) -> Floats:
        streams, name = self.source
        # a printed number has an error of its own, addressed by what is printed
        u = streams.uniform(f"{name}:print:{what}", 0, np.arange(len(self.levels)))
        return np.asarray(np.clip(stdtrit(assumptions().movement.degrees, u), -8.0, 8.0) * scale, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Explored:
    """Every volatility of the grid with its evidence, and what all of them share."""

    branches: list[Branch]
    hierarchy: Hierarchy
    seen: Seen
    first: int  # year of column 0
    newest: int  # year of the newest point

    def shares(self) -> Floats:
        """Return the posterior share of every branch, (branches,); those that hardly matter have none."""
        logs = np.array([branch[0] for branch in self.branches])
        # relative to the best, because the evidence itself underflows
        weights = np.exp(logs - logs.max())
        weights = np.where(weights < _MIN_RELATIVE_EVIDENCE, 0.0, weights)
        return np.asarray(weights / weights.sum())


@one_thread()
def fit(
    points: list[Point], regions: Iterable[str], last: int, source: tuple[Streams, str], draws: int = DRAWS
) -> Panel:
    """Fit one label's panel to what is known and carry it to a year.

    `points` are of the high-tech label (flows and stocks) or of one other series; `regions` are forecast too.
    Points more than a window older than the newest are left out: they say nothing about next year.
    """
    return sampled(explore(points, regions, (None, last)), source, draws)


def explore(points: list[Point], regions: Iterable[str], years: tuple[int | None, int]) -> Explored:
    """Return how likely every volatility of the grid is, given what is known.

    The panel's columns run from the first of `years`, or from three years before the oldest point, to the last.
    """
    flowing = is_recognition(points[0].series)
    newest = max(point.year for point in points)
    points = [point for point in points if point.year >= newest - assumptions().window]
    points = with_country(points) if flowing else points
    # three years earlier, since the first number holds renewals of the cohort three years before
    first = min(point.year for point in points) - 3
    first = first if years[0] is None else min(first, years[0])
    lines = lineage({point.region for point in points} | set(regions))
    names = list(lines)
    hierarchy = Hierarchy(names, _within(lines), _scales(names), years[1] - first + 1)
    seen, times, kinds = seen_of(points, names, first)
    movement = assumptions().movement
    base = centre(movement.first_timers if flowing else movement.label)
    qs: list[tuple[float | None, float]] = [(None, 1.0)]
    if flowing:
        qs = [(x.share, x.weight) for x in assumptions().renewal]
    prior = prior_of(seen, times, kinds, hierarchy, base.long_run)
    branches: list[Branch] = []
    for q, weight in qs:
        observe = observer(seen, times, kinds, q)
        branches += [(e + np.log(weight), q, v, at) for e, v, at in _explored(prior, observe, seen, hierarchy, base)]
    return Explored(branches, hierarchy, seen, first, newest)


def _explored(
    prior: Floats, observe: Observe, seen: Seen, h: Hierarchy, base: Volatility
) -> list[tuple[float, Volatility, Linear]]:
    """Return evidence and prior of every volatility of the grid, around the most likely levels of the best of them."""
    grid = [(base.times(own, country), _log_prior((*own, country))) for own, country in _multiples()]
    best = base
    # once to find a good volatility, once more to linearise at the levels that it makes most likely
    for _ in range(2):
        at, _x = posterior_mode(prior, observe, seen, h, best)
        made = parts(at, h, seen.region)
        found = [(evidence(at, made, v) + weight, v, at) for v, weight in grid]
        best = max(found, key=lambda f: f[0])[1]
    return found


def centre(file: Centre) -> Volatility:
    """Return the centre of the volatilities that the file gives."""
    return Volatility(
        file.nation_shock, file.nation_drift, file.nation_passing, file.shock, file.drift, file.passing, file.long_run
    )


def _multiples() -> list[tuple[tuple[float, float, float], float]]:
    """Return the grid that is averaged: multiples of a region's own (shock, drift, passing) and of the nation's."""
    m = assumptions().movement
    own = product(m.shock_multiples, m.drift_multiples, m.passing_multiples)
    return list(product(own, m.nation_multiples))


def _log_prior(multiples: tuple[float, ...]) -> float:
    """Return the log prior weight of multiples of the volatilities: independent, log-normal around one."""
    return -0.5 * float(np.sum((np.log(multiples) / assumptions().movement.multiple_sd) ** 2))


def sampled(explored: Explored, source: tuple[Streams, str], draws: int) -> Panel:
    """Draw from the branches that matter, each as often as its share of the evidence."""
    # of cumulated shares, so that the rounded numbers of draws add up
    ends = np.rint(np.cumsum(explored.shares()) * draws).astype(int)
    levels, renewal, begin = [], [], 0
    for (_, q, v, at), end in zip(explored.branches, ends, strict=True):
        if end > begin:
            draw = (*source, np.arange(begin, end), explored.newest + 1 - explored.first)
            levels.append(sample(at, explored.hierarchy, explored.seen, v, draw))
            renewal.append(np.full(end - begin, q if q is not None else np.nan))
        begin = end
    qs = np.concatenate(renewal)
    known = None if np.isnan(qs).any() else qs
    return Panel(explored.hierarchy.names, explored.first, known, np.concatenate(levels), source)


def _within(lines: dict[str, str | None]) -> Floats:
    names = list(lines)
    out = np.eye(len(names))
    for i, name in enumerate(names):
        above = lines[name]
        while above is not None:
            out[i, names.index(above)] = 1.0
            above = lines[above]
    return out


def _scales(names: list[str]) -> Floats:
    """Return how variable each region's own part is: the country averages its regions out."""
    return np.array([assumptions().movement.country_scale if name == nation() else 1.0 for name in names])
