"""The library's few public verbs, for notebooks: the same steps as the command line, without printing."""

from __future__ import annotations

from pathlib import Path

from calibration.fit.fit import load_fit
from peiyu.comparison import comparison
from peiyu.comparison.result import Comparison
from peiyu.comparison.split import By
from peiyu.forecasts import pipeline
from peiyu.forecasts.precision import MEMBERS, Precision
from peiyu.forecasts.result import Forecast
from sim import quarter
from sim.city.city import City, load_city
from sim.ensemble import ensemble
from sim.ensemble.ensemble import Ensemble, Experiment
from sim.inputs.numbers import SEED
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario, load_scenario
from sim.store.store import open_store
from sim.workers import Workers

__all__ = [
    "compare",
    "draw",
    "forecast",
    "load_city",
    "load_scenario",
    "open_store",
    "run_ensemble",
    "run_model",
]


def run_model(
    city: City, scenario: Scenario, *, member: int = 0, seed: int = 1, to: str | None = None
) -> IndustryModel:
    """Run one member of the fit through history and then under a scenario; returns the Mesa model."""
    SEED.check("seed = ", seed)
    fit = load_fit(city)
    origin = quarter.parse(fit.provenance.as_of)
    m = fit.member(member, seed)
    horizon = max(g.deadline for g in city.goals) if to is None else quarter.parse(to)
    quarter.refuse_far("to =", horizon, city.start)
    root = IndustryModel(city, load_scenario(city.in_force, city), m.parameters, seed=m.seed, as_of=origin)
    return root.run_to(origin).fork(scenario).run_to(horizon)


def run_ensemble(
    city: City, scenarios: list[Scenario], *, members: int = 50, seed: int = 1, workers: int = 2
) -> list[Ensemble]:
    """Run several members under several scenarios from the same states; nothing is stored."""
    how = Precision(members, seed=seed, workers=Workers(workers)).checked()
    fit = load_fit(city)
    origin = quarter.parse(fit.provenance.as_of)
    horizon = max(g.deadline for g in city.goals)
    x = Experiment(city, load_scenario(city.in_force, city), tuple(scenarios), origin, horizon)
    return ensemble.run_ensemble(x, [fit.member(i, seed) for i in range(members)], workers=how.workers)


def forecast(
    city: str = "hangzhou",
    scenario: str | None = None,
    *,
    members: int = MEMBERS,
    seed: int = 1,
    workers: int = 2,
    db: Path | str = "out/peiyu.db",
    as_of: str | None = None,
) -> Forecast:
    """Forecast every goal of a city under a scenario, its plan unless another is named.

    What the store holds is read, not run again. It starts from the last quarter that the data cover, unless `as_of`
    names another.
    """
    as_of = as_of or pipeline.newest_origin(city)
    precision = Precision(members, seed=seed, workers=Workers(workers))
    q = pipeline.ask(city, pipeline.named(scenario), as_of=as_of, precision=precision)
    with open_store(db) as store:
        return pipeline.answer(q, store)[0]


def compare(
    *scenarios: str,
    city: str = "hangzhou",
    members: int = MEMBERS,
    seed: int = 1,
    workers: int = 2,
    db: Path | str = "out/peiyu.db",
    as_of: str | None = None,
    split: By | None = None,
) -> Comparison:
    """Compare scenarios with the first, member by member; with none, the plan with the city's baseline.

    `split` shares the effects among "kinds" or "levers".
    """
    precision = Precision(members, seed=seed, workers=Workers(workers))
    q = pipeline.ask(city, list(scenarios) or pipeline.usual_pair(city), as_of=as_of, precision=precision)
    with open_store(db) as store:
        result = comparison.compare(q, store)
        return result if split is None else comparison.with_splits(result, q, store, split)


def draw(result: Forecast | Comparison, lang: str = "en") -> object:
    """Draw the figure of a forecast or a comparison, with words in "en" or "zh"; needs matplotlib."""
    return result.plot(lang)
