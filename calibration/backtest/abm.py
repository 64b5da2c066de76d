"""The model of enterprises itself at past origins: fitted to what was known then, run on, scored on what came.

It stands beside the recognition panel and the comparators, on the same numbers: every later published count of the
city's own series that the model carries, if one of that series was known by then: of the others no rival can speak.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from agents.table import Floats
from calibration.backtest.backtest import ABM, PANEL, Pair, groups, scored, theirs
from calibration.fit.budget import FitBudget
from calibration.fit.calibrate import FitProgress, calibrate, run_seed
from calibration.fit.fit import Fit
from calibration.panel import panel
from calibration.panel.data import PanelFiles, Point, at_origin, courses, read_rows, targets
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import series_of
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario, load_scenario
from sim.state.indicators import INDICATORS, NAMES
from sim.streams import Streams

ORIGINS = (2018, 2020, 2021, 2022)
"""Years at whose end the model stands: before, in, after and well after the doubling plan."""
MEMBERS = 300
FORECAST_GENERATION = 3_000
"""Generation number of the runs ahead."""
HALF = 0.5
"""Stands for a count of none, which has no log."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class AbmBudget:
    """How much work it may be: a fit for every origin, members of every forecast."""

    fit: FitBudget = FitBudget(particles=200, weight=6.0, refinements=8, min_acceptance=0.0)
    members: int = MEMBERS
    kept: Path | None = None  # where finished generations of the fits are kept


def run(city: City, origins: tuple[int, ...], budget: AbmBudget, progress: Progress) -> list[Pair]:
    """Score the model at every origin, beside the panel and the comparators; the same seed gives the same numbers."""
    out: list[Pair] = []
    for done, origin in enumerate(origins, 1):
        out += at(city, origin, budget)
        progress(done, len(origins))
    return sorted(out, key=lambda p: (p.series, p.region, p.origin, p.target_period, p.model))


def at(city: City, origin: int, budget: AbmBudget) -> list[Pair]:
    """Score one origin."""
    rows = read_rows(PanelFiles.of_city(city.folder, city.region))
    own = [p for p in targets(rows) if p.region == city.region and p.series in city.series.indicators]
    known = at_origin(rows, origin)
    before = {(p.series, p.region) for p in known if p.bound == "none"}
    asked = [p for p in own if p.year > origin and (p.series, p.region) in before]
    if not asked:
        return []
    as_of = 4 * origin + 3
    in_force = load_scenario(city.in_force, city)
    fit = calibrate(city, in_force, as_of, effort=budget.fit, watch=FitProgress(kept=budget.kept))
    last = max(p.year for p in asked)
    ahead = _Ahead(city, in_force, fit, as_of, 4 * last + 3, budget.fit.weight)
    runs = np.array(list(budget.fit.workers.spread(ahead, range(budget.members))))
    made = [scored(p, origin, ABM, _printed(city, p, runs, budget.fit.seed)) for p in asked]
    made += _panel(known, origin, asked) + theirs(known, origin, asked)
    ages = {(s, r): origin - c.times[-1] for s, by in courses(known).items() for r, c in by.items()}
    label = quarter.label(as_of)
    return [replace(p, origin=label, own_age=round(ages[p.series, p.region], 6)) for p in made]


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Runs of a fit beyond its origin, under the policy that was in force, with what was on record by then."""

    city: City
    scenario: Scenario
    fit: Fit
    as_of: int
    end: int
    weight: float

    def __call__(self, i: int) -> Floats:
        """Return a member's indicators by year: sums of flows, ends of stocks and ratios, (quarters, indicators)."""
        seed = run_seed(self.fit.provenance.seed, FORECAST_GENERATION, i)
        model = IndustryModel(
            self.city, self.scenario, self.fit.parameters(i), seed=seed, as_of=self.as_of, weight=self.weight
        ).run_to(self.end)
        series = series_of(model)
        model.release()
        return series


def _printed(city: City, point: Point, runs: Floats, seed: int) -> Floats:
    """Return draws of the log of a number as it would be printed: what the members hold, seen with the list's error."""
    indicator = city.series.indicators[point.series]
    column, at_ = NAMES.index(indicator), 4 * point.year + (point.month - 1) // 3 - city.start - 1
    is_flow = INDICATORS[indicator].kind == "flow"
    count = runs[:, at_ - 3 : at_ + 1, column].sum(axis=1) if is_flow else runs[:, at_, column]
    lists = city.series
    error = np.hypot.reduce([point.error, lists.offsets.get(indicator, 0.0), lists.roll_out_errors.get(indicator, 0.0)])
    u = Streams(seed).uniform(f"print:{point.series}:{point.year}:{point.month}", 0, np.arange(len(runs)))
    return np.asarray(np.log(np.maximum(count, HALF)) + error * ndtri(u))


def _panel(known: list[Point], origin: int, points: list[Point]) -> list[Pair]:
    """Forecast with the recognition panel, fitted to all regions."""
    data, out = groups(known), []
    for name, mine in groups(points).items():
        last = max(p.year for p in mine)
        fitted = panel.fit(data[name], {p.region for p in mine}, last, (Streams(1), f"{name}:{origin}"))
        out += [scored(p, origin, PANEL, fitted.draws(p.series, p.region, p.year, p.month)) for p in mine]
    return out
