"""The numbers that went into a run, each under the path by which it is found again: levers, priors, posterior, data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd

from agents.parameters import NAMES, Parameters
from calibration.data.observations import known_by
from peiyu.runs import verdicts
from peiyu.runs.published import last_published
from peiyu.runs.stored import StoredRun
from peiyu.words.parameters import is_assumption
from sim import quarter
from sim.city.city import City
from sim.city.history import published
from sim.city.readings import main_readings
from sim.ensemble.forecast import path

PLAN_QUARTERS = 8
"""The time of a plan whose readings name no first quarter: the two years before its deadline."""
ENDS = (0.05, 0.95)
LEVELS = {"q05": 0.05, "median": 0.5, "q95": 0.95}


def given(s: StoredRun) -> dict[str, float]:
    """Return every number that the appendix tells of the inputs of a run, by path."""
    return dict([*_record(s), *_progress(s), *_levers(s), *_priors(), *_posterior(s), *_data(s)])


def _record(s: StoredRun) -> Iterator[tuple[str, float]]:
    yield "members", float(s.members)
    yield "seed", float(s.run["seed"])
    yield "weight", float(s.run["weight"])
    yield "goals", float(len(s.city.goals))
    yield "readings", float(len(s.forecasts))
    yield "readings/no_data", float(sum(f["basis"] not in ("data", "proxy") for f in s.forecasts))
    yield "readings/C", float(sum(f["evidence"] == "C" for f in s.forecasts))
    likelihoods = (s.forecast(g.key, r.key)["likelihood"] for g, r in main_readings(s.city))
    for kind, n in verdicts.counts(map(str, likelihoods)).items():
        yield f"verdict/{kind}", float(n)


def _progress(s: StoredRun) -> Iterator[tuple[str, float]]:
    """Give where every main reading stands at the origin by the model, what of it is done, and the time passed."""
    for goal, r in main_readings(s.city):
        now = float(np.nanmedian(path(r, s.ensemble)[:, s.as_of - s.first])) if s.as_of >= s.first else 0.0
        begins = s.city.start if r.count == "last" else r.since
        begins = max(begins, goal.deadline + 1 - PLAN_QUARTERS)
        passed = (s.as_of + 1 - begins) / (goal.deadline + 1 - begins)
        yield f"present/{goal.key}/{r.key}", now
        if (seen := last_published(s.city, r.indicator, s.as_of)) is not None:
            yield f"published/{goal.key}/{r.key}", seen.value
        yield f"done/{goal.key}/{r.key}", now / r.value if r.value else 1.0
        yield f"elapsed/{goal.key}/{r.key}", min(max(passed, 0.0), 1.0)


def _levers(s: StoredRun) -> Iterator[tuple[str, float]]:
    if s.scenario is None:
        return
    yield "levers", float(len(s.scenario.levers))
    for lever in s.scenario.levers:
        for f in fields(lever):
            value = getattr(lever, f.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"lever/{lever.name}/{f.name}", float(value)


def _priors() -> Iterator[tuple[str, float]]:
    about = Parameters.__dataclass_fields__
    yield "priors", float(len(NAMES))
    yield "priors/assumed", float(sum(is_assumption(about[n].metadata["source"]) for n in NAMES))
    for name in NAMES:
        low, high = (float(x) for x in about[name].metadata["prior"].value(np.array(ENDS)))
        yield f"prior/{name}/q05", low
        yield f"prior/{name}/q95", high


def _posterior(s: StoredRun) -> Iterator[tuple[str, float]]:
    if s.fit is None:
        return
    table = np.quantile(s.fit.draws, list(LEVELS.values()), axis=0)
    for level, row in zip(LEVELS, table, strict=True):
        for name, x in zip(NAMES, row, strict=True):
            yield f"posterior/{name}/{level}", float(x)


def _data(s: StoredRun) -> Iterator[tuple[str, float]]:
    city = s.city
    own, everywhere = city.history[city.history.region == city.region], published(city.history, city.region)
    yield "data/rows", float(len(everywhere))
    yield "data/own", float(len(own))
    yield "data/sources", float(everywhere.source_title.nunique())
    yield "data/events", float(len(city.events))
    yield "data/settled", float(len(city.settled))
    for name, held in used(city).groupby("series"):
        yield f"data/series/{name}", float(len(held))
    for i, n in enumerate(sources(s).n):
        yield f"data/source/{i}", float(n)


def used(city: City) -> pd.DataFrame:
    """Return the rows of the city's own history that a fit may use."""
    return city.history[(city.history.region == city.region) & city.history.series.isin(list(city.series.indicators))]


def sources(s: StoredRun) -> pd.DataFrame:
    """Return the sources of the city's numbers that speak of no later quarter than the origin and were out in time.

    Columns are title, publisher, best grade, date of publication and number of rows.
    """
    rows = known_by(s.city, used(s.city), s.as_of)
    ends = [quarter.period_end(str(p)) for p in rows.period]
    # of no rows, a plain list would be one of columns
    over = pd.Series([e is not None and e <= s.as_of for e in ends], index=rows.index, dtype=bool)
    groups = rows[over].groupby(["source_title", "publisher"])
    return groups.agg(grade=("grade", "min"), known=("as_of", "min"), n=("value", "size")).reset_index()
