"""The model and its comparators at past origins, every one with what was known then, scored on what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from agents.table import Floats
from calibration.backtest import scores, spread
from calibration.backtest.comparators import COMPARATORS
from calibration.panel import panel
from calibration.panel.data import DECEMBER, FLOWS, Point, Row, at_origin, courses, pairs
from calibration.panel.observe import is_recognition
from sim.streams import Streams
from sim.workers import Workers

MODEL, ABM, PANEL = "peiyu", "abm", "recognition_panel"
"""Names of ours: the panel over all regions of a file; of a city the agent model, and the panel beside it."""
OURS = (MODEL, ABM, PANEL)
DIGITS = 6
"""Significant digits of published scores, the same however many processes computed them."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One forecast of one published number, scored on logs; quantiles are counts."""

    region: str
    series: str
    origin: str
    target_period: str
    observed: float
    model: str
    crps: float
    q05: float
    q50: float
    q95: float
    horizon: int
    own_age: float  # years from the region's own last known point to the origin
    wis: float
    pit: float
    coverage50: bool
    coverage80: bool
    coverage90: bool


@dataclass(frozen=True, slots=True)
class BacktestBudget:
    """The seed of every draw, and who does the work."""

    seed: int = 1
    workers: Workers = Workers()


def run(rows: list[Row], origins: list[int] | None, effort: BacktestBudget, progress: Progress) -> list[Pair]:
    """Score every pair of origin and published number, origins in parallel.

    The same seed gives the same numbers with any number of workers.
    """
    asked: dict[int, list[Point]] = defaultdict(list)
    for origin, point in pairs(rows, origins):
        asked[origin].append(point)
    out: list[Pair] = []
    work = partial(score_origin, rows, effort.seed)
    for i, made in enumerate(effort.workers.spread(work, sorted(asked.items())), start=1):
        out += made
        progress(i, len(asked))
    return sorted(out, key=lambda p: (p.series, p.region, p.origin, p.target_period, p.model))


def score_origin(rows: list[Row], seed: int, asked: tuple[int, list[Point]]) -> list[Pair]:
    """Forecast and score the points asked of one origin, with every model."""
    origin, points = asked
    known = at_origin(rows, origin)
    out = _ours(known, origin, points, Streams(seed))
    made = out + theirs(known, origin, points)
    own = courses(known)
    return [replace(p, own_age=_digits(origin - own[p.series][p.region].times[-1])) for p in made]


def groups(points: list[Point]) -> dict[str, list[Point]]:
    """Return points by the panel they belong to: the high-tech label is one, every other series its own."""
    out: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        out["recognition" if is_recognition(point.series) else point.series].append(point)
    return out


def _ours(known: list[Point], origin: int, points: list[Point], streams: Streams) -> list[Pair]:
    """Forecast with the model: one fit per label."""
    data, out = groups(known), []
    for name, mine in groups(points).items():
        last = max(point.year for point in mine)
        # named by label and origin, so that neither workers nor what else is scored change a draw
        fitted = panel.fit(data[name], {p.region for p in mine}, last, (streams, f"{name}:{origin}"))
        out += [scored(p, origin, MODEL, fitted.draws(p.series, p.region, p.year, p.month)) for p in mine]
    return out


def theirs(known: list[Point], origin: int, points: list[Point]) -> list[Pair]:
    """Forecast with every comparator that can be fitted."""
    own = courses(known)
    asked: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        asked[point.series].append(point)
    errors = {
        name: {series: spread.past_errors(comparator, regions) for series, regions in own.items()}
        for name, comparator in COMPARATORS.items()
    }
    out = []
    for series, mine in asked.items():
        for name, comparator in COMPARATORS.items():
            forecast = comparator(own[series])
            width = spread.spread(_relevant(errors[name], series), _relevant(errors["naive"], series))
            for point in mine:
                course = own[series][point.region]
                made = forecast(point.region, course, np.array([point.time]))
                if made is not None:
                    out.append(scored(point, origin, name, width.draws(float(made[0]), point.time - course.times[-1])))
    return out


def _relevant(errors: dict[str, spread.Errors], series: str) -> spread.Errors:
    """Return a series' own past errors, or those of all stocks where a stock has too few."""
    own = errors[series]
    if len(own.error) >= spread.MIN_ERRORS or series in FLOWS:
        return own
    stocks = [e for name, e in errors.items() if name not in FLOWS]
    return spread.Errors(np.concatenate([e.gap for e in stocks]), np.concatenate([e.error for e in stocks]))


def scored(point: Point, origin: int, model: str, draws: Floats) -> Pair:
    """Score one forecast."""
    # draws of a Student t reach far: counts stay within what a float holds
    low, middle, high = np.exp(np.clip(np.quantile(draws, (0.05, 0.5, 0.95)), -20.0, 40.0))
    period = str(point.year) if point.month == DECEMBER else f"{point.year}-{point.month:02d}"
    inside = [scores.covered(draws, point.log, level) for level in scores.LEVELS]
    return Pair(
        region=point.region,
        series=point.series,
        origin=str(origin),
        target_period=period,
        observed=_digits(float(np.exp(point.log))),
        model=model,
        crps=_digits(scores.crps(draws, point.log)),
        q05=_digits(low),
        q50=_digits(middle),
        q95=_digits(high),
        horizon=point.year - origin,
        own_age=0.0,
        wis=_digits(scores.wis(draws, point.log)),
        pit=_digits(scores.pit(draws, point.log)),
        coverage50=inside[0],
        coverage80=inside[1],
        coverage90=inside[2],
    )


def _digits(x: float) -> float:
    return float(f"{x:.{DIGITS}g}")
