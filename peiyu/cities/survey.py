"""Ask several cities the same: from the newest data, what the plan reaches and what it changes against the baseline.

Members of all cities have the same seeds and run to the last of all deadlines. Each city keeps its own fit, goals,
policies and words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agents.table import added
from peiyu.cities.document import CitiesDocument, CityGoalRow, CityRow
from peiyu.cities.together import together
from peiyu.comparison import comparison
from peiyu.comparison.result import Comparison
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Progress, Question, silent
from peiyu.forecasts.precision import Precision
from peiyu.words.messages import told
from sim import quarter
from sim.city.readings import main_readings
from sim.inputs.errors import InputError
from sim.inputs.said import NOTHING, Said
from sim.state.indicators import INDICATORS
from sim.store.store import Store


def survey(
    cities: Iterable[str],
    store: Store,
    precision: Precision = Precision(),
    progress: Progress = silent,
    *,
    lang: str = "en",
) -> CitiesDocument:
    """Return the goals of every city under its plan, beside its baseline.

    A city without a fit, or whose goals have fallen due, is left out with the reason, told in a language. Raises
    `InputError` when none is left.
    """
    asked: list[Question] = []
    left_out: dict[str, Said | str] = {}
    for city in cities:
        try:
            asked.append(_question(city, precision))
        except InputError as error:
            left_out[city] = error.said
    if not asked:
        raise InputError(_every(left_out.values()))
    end = max(q.end for q in asked)
    asked = [pipeline.up_to_date(replace(q, end=end), store, progress) for q in asked]
    results = [comparison.compare(q, store, progress) for q in asked]
    return CitiesDocument(
        cities=[_row(q, result) for q, result in zip(asked, results, strict=True)],
        goals=[row for q, result in zip(asked, results, strict=True) for row in _goals(q, result)],
        together=together(asked, [result.forecasts[1].ensemble for result in results]) if len(asked) > 1 else None,
        left_out={city: told(why, lang) for city, why in left_out.items()},
    )


def _every(reasons: Iterable[Said | str]) -> Said:
    """Say why one city after the other is left out."""
    every = NOTHING
    for reason in reasons:
        every = Said("{every} {reason}", every=every, reason=reason)
    return every


def _question(city: str, precision: Precision) -> Question:
    origin = pipeline.newest_origin(city)
    return pipeline.ask(city, pipeline.usual_pair(city), as_of=origin, precision=precision)


def _row(q: Question, result: Comparison) -> CityRow:
    base, plan = q.scenarios
    return CityRow(
        city=q.city.name,
        zh=q.city.title["zh"],
        en=q.city.title["en"],
        as_of=quarter.label(q.as_of),
        members=result.forecasts[1].members,
        baseline=base.name,
        plan=plan.name,
        baseline_zh=base.title["zh"],
        baseline_en=base.title["en"],
        plan_zh=plan.title["zh"],
        plan_en=plan.title["en"],
        cost_wan=added(x.difference_wan for x in result.costs if x.scenario == plan.name),
    )


def _goals(q: Question, result: Comparison) -> list[CityGoalRow]:
    """Return the main readings of one city."""
    told = {(g.goal, g.reading): g for g in result.document().scenarios[1].goals}
    effects = {(e.goal, e.reading): e for e in result.effects}
    rows = []
    for goal, reading in main_readings(q.city):
        e = effects[goal.key, reading.key]
        rows.append(
            CityGoalRow(
                **told[goal.key, reading.key].plain(), city=q.city.name, zh=goal.zh, en=goal.en,
                unit=INDICATORS[reading.indicator].unit,
                delta_probability=e.delta_probability, delta_ci90=list(e.ci90), net=e.net, net_ci90=list(e.net_ci90),
            )
        )  # fmt: skip
    return rows
