"""The goals of a plan in a review: which have settled since and what was said of them, and what moved of the others.

A reading has settled where the city's record of settled goals has a row with its target and the year of its deadline,
for the goal itself (its key as the series; the main reading) or for the series that the reading counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from calibration.backtest.scores import brier
from peiyu.review.choice import PastForecast
from peiyu.review.document import BrierRow, MovedRow, SettledRow
from peiyu.runs.change_document import ChangeDocument
from sim import quarter
from sim.city.city import City
from sim.city.readings import GoalReading, every_reading, main_readings
from sim.store.reader import Row
from sim.store.results import StoredResults

Outcomes = dict[tuple[str, str], bool]
"""Whether a settled reading was reached, by goal and reading."""


def outcomes(city: City) -> Outcomes:
    """Return the readings that have settled."""
    table = city.settled[city.settled.region == city.region]
    found: Outcomes = {}
    for row in table.itertuples():
        for goal, r in every_reading(city):
            counts = city.series.indicators.get(str(row.series)) == r.indicator
            asked = float(str(row.target_value)) == r.value and int(str(row.deadline)) == goal.deadline // 4
            if asked and (counts or (row.series == goal.key and r.primary)):
                found[goal.key, r.key] = bool(row.hit)
    return found


def settled_rows(past: PastForecast, came: Outcomes) -> list[SettledRow]:
    """Return what a forecast said of every reading that has settled, with its Brier score and those of its parts."""
    return [_settled(past, key, reached) for key, reached in came.items() if key in past.rows]


def _settled(past: PastForecast, key: tuple[str, str], reached: bool) -> SettledRow:
    row = past.rows[key]
    p, record, model = (float(row[k]) for k in ("probability", "record_rate", "model_probability"))
    return SettledRow(
        run=past.id, goal=key[0], reading=key[1], reached=reached, probability=p, record_probability=record,
        model_probability=model, brier=brier(p, reached), record_brier=brier(record, reached),
        model_brier=brier(model, reached),
    )  # fmt: skip


def brier_row(run: str, rows: Sequence[SettledRow]) -> BrierRow:
    """Return the mean scores of a forecast."""
    ours, record, model = (mean(getattr(r, k) for r in rows) for k in ("brier", "record_brier", "model_brier"))
    return BrierRow(
        run=run, readings=len(rows), reached=sum(r.reached for r in rows), brier=ours, record_brier=record,
        model_brier=model,
    )  # fmt: skip


def open_goals(city: City, came: Outcomes) -> list[GoalReading]:
    """Return the goals whose main reading has not settled."""
    return [(g, r) for g, r in main_readings(city) if (g.key, r.key) not in came]


def moved_rows(
    store: StoredResults, city: City, forecasts: Sequence[PastForecast], came: Outcomes
) -> list[MovedRow]:  # fmt: skip
    """Return what every forecast said of the open goals."""
    ends = forecasts[0].id, forecasts[-1].id
    kept = next((a.document for a in store.kept(ChangeDocument) if (a.document.old, a.document.new) == ends), None)
    apart = {(row.goal, row.reading): row for row in kept.goals} if kept else {}
    found = []
    for goal, r in open_goals(city, came):
        said = [f.rows.get((goal.key, r.key)) for f in forecasts]
        why = apart.get((goal.key, r.key))
        found.append(
            MovedRow(
                goal=goal.key, reading=r.key, deadline=quarter.label(goal.deadline),
                probabilities=_column(said, "probability"), medians=_column(said, "median"),
                needed=_column(said, "still_needed"), part=why.main_part if why else None,
                points=float(getattr(why, why.main_part)) if why else None,
            )
        )  # fmt: skip
    return found


def _column(said: Sequence[Row | None], name: str) -> list[float | None]:
    return [None if row is None else float(row[name]) for row in said]
