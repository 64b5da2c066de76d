"""Check a fit against the moments: run members of the posterior, watch them, replay the experiments."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from calibration.fit.fit import Fit
from calibration.moments.life_courses import Watched, watch
from calibration.moments.measures import raw_ages
from calibration.moments.moments import LEVELS, MOMENTS, MomentResult, measured, result
from calibration.moments.replays import Replays
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Member
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS
from sim.workers import Workers

PAST = "past"
"""Under this the context of a check holds the fitted past, by indicator and year."""
REPLAY_WEIGHT = 4.0
"""In a replay a row stands for four enterprises: effects are of single enterprises and need no full city."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is checked: a city under the policy that was in force, from the opening to the origin of its fit."""

    city: City
    history: Scenario
    nothing: Scenario  # no policy from the origin on
    as_of: int


@dataclass(frozen=True, slots=True)
class Check:
    """Every moment, and what else the runs say: quantiles of numbers that have no target."""

    results: list[MomentResult]
    context: dict[str, tuple[float, float, float]]


def check(trial: Trial, fit: Fit, members: int, seed: int, *, workers: Workers, progress: Progress) -> Check:
    """Measure every moment on members of the posterior; the same for any number of workers."""
    rows = []
    who = [fit.member(i, seed) for i in range(members)]
    for row in workers.spread(partial(one_member, trial), who):
        rows.append(row)
        progress(len(rows), members)
    values = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    moments = {x.key for x in MOMENTS}
    context = {key: _quantiles(x) for key, x in values.items() if key not in moments}
    return Check([result(x, values[x.key]) for x in MOMENTS], context)


def one_member(trial: Trial, member: Member) -> dict[str, float]:
    """Run one member through its history and its replays; return moments by key, and context."""
    seen = watch(_model(trial, member, 1.0), trial.as_of)
    root = _model(trial, member, REPLAY_WEIGHT).run_to(trial.as_of)
    replayed = Replays(root, trial.nothing).measure()
    root.release()
    published = set(trial.city.series.indicators.values())
    return measured(seen) | replayed | raw_ages(seen) | fitted_past(seen, published)


def fitted_past(seen: Watched, indicators: Collection[str]) -> dict[str, float]:
    """Return what the run says of published counts at every year's end, a flow over the year, by indicator and year."""
    out = {}
    for name in sorted(x for x in indicators if INDICATORS[x].kind != "ratio"):
        values, back = seen.series[name], 4 if INDICATORS[name].kind == "flow" else 1
        for end in range(len(values), back - 1, -1):
            last = seen.end - (len(values) - end)  # the quarter of the last value summed
            year, ends = quarter.label(last).split("Q")
            if ends == "4":
                out[f"{PAST}/{name}/{year}"] = float(values[end - back : end].sum())
    return out


def _model(trial: Trial, member: Member, weight: float) -> IndustryModel:
    return IndustryModel(
        trial.city, trial.history, member.parameters, seed=member.seed, as_of=trial.as_of, weight=weight
    )


def _quantiles(values: Any) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, LEVELS)
    return float(low), float(middle), float(high)
