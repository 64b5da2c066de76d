"""Why a forecast changed between two reviews: data, policy, model, luck.

The old question is asked again step by step until it is the new one, over the same members:

    model    the old question answered by today's code and posterior, less the old answer
    data     the same with the new origin and what became known by then
    policy   the same with the new scenario
    luck     the new answer, with its own seed and members, less the last step

Each step is an ordinary run in the store, so nothing is run twice, and the four parts add up to the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Progress, silent
from peiyu.forecasts.precision import Precision
from peiyu.runs.change_document import ChangeDocument, ChangeRow
from peiyu.words.numbers import score
from sim.city.city import load_city
from sim.city.files import find_folder
from sim.city.shelf import scenario_names
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.store.results import StoredResults
from sim.store.store import Store
from sim.workers import Workers

PARTS = ("model", "data", "policy", "luck")


@dataclass(frozen=True, slots=True)
class StoredForecast:
    """What the store says of a finished run."""

    run_id: str
    city: str
    scenario: str
    as_of: str
    seed: int
    members: int
    probability: dict[tuple[str, str], float]  # by goal and reading
    outlook: dict[tuple[str, str], tuple[float, float]]  # median at the deadline, and what is needed a quarter


@dataclass(frozen=True, slots=True)
class Change:
    """The change of every reading's probability between two runs, and its parts."""

    old: StoredForecast
    new: StoredForecast
    rows: list[ChangeRow]

    def frame(self) -> pd.DataFrame:
        """Return one row per goal and reading."""
        return pd.DataFrame([row.plain() for row in self.rows])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format=score)

    def document(self) -> ChangeDocument:
        """Return what `peiyu change --json` prints."""
        return ChangeDocument(old=self.old.run_id, new=self.new.run_id, parts=list(PARTS), goals=self.rows)


def stored(store: StoredResults, run_id: str) -> StoredForecast:
    """Read a finished run back. Raises `InputError` for a run that is not there or was not finished."""
    run, rows = store.run_row(run_id), store.last_forecast(run_id)
    chances, outlook = {}, {}
    for row in rows:
        key = row["goal"], row["reading"]
        chances[key], outlook[key] = float(row["probability"]), (float(row["median"]), float(row["still_needed"]))
    about = run["city"], run["scenario"], run["as_of"], run["seed"], rows[0]["members"]
    return StoredForecast(run_id, *about, chances, outlook)


def explain(
    store: Store,
    old_id: str,
    new_id: str,
    *,
    city: str | None = None,
    workers: Workers = Workers(),
    progress: Progress = silent,
) -> Change:
    """Return what of the change between two stored runs is model, data, policy and luck.

    `city` is the folder of the runs' city where it is not a shipped one. Raises `InputError` for runs of different
    cities, a folder of another one, an unfinished run, or a scenario that the city does not have.
    """
    old, new = stored(store, old_id), stored(store, new_id)
    if old.city != new.city:
        raise InputError(
            Said(
                "{old} is a forecast of {old_city}, {new} of {new_city}; compare runs of one city.",
                old=old_id,
                old_city=old.city,
                new=new_id,
                new_city=new.city,
            )
        )
    folder = city or old.city
    known = scenario_names(find_folder(folder))
    named = load_city(folder).name
    if named != old.city:
        raise InputError(
            Said(
                "{run} is a forecast of {city}, and --city names {named}; name the folder that the run was made from.",
                run=old_id, city=old.city, named=named,
            )
        )  # fmt: skip
    for run in (old, new):
        if run.scenario not in known:
            raise InputError(
                Said(
                    'run {run}: its scenario "{scenario}" is not in the folder of {city}, so it cannot be asked again.',
                    run=run.run_id,
                    scenario=run.scenario,
                    city=old.city,
                )
            )

    def ask(scenario: str, as_of: str) -> dict[tuple[str, str], float]:
        precision = Precision(old.members, 1e-9, old.seed, workers)
        q = pipeline.ask(folder, [scenario], as_of=as_of, precision=precision)
        (answer,) = pipeline.answer(q, store, progress)
        return {(g.goal, g.reading): g.probability for g in answer.goals}

    chain = [
        old.probability,
        ask(old.scenario, old.as_of),
        ask(old.scenario, new.as_of),
        ask(new.scenario, new.as_of),
        new.probability,
    ]
    asked = [key for key in new.probability if all(key in step for step in chain)]
    rows = [_row(key, [step[key] for step in chain], old.outlook[key], new.outlook[key]) for key in asked]
    result = Change(old, new, rows)
    store.keep(result.document(), f"{old_id}_{new_id}", new.city, [old_id, new_id])
    return result


def _row(
    key: tuple[str, str], steps: list[float], then: tuple[float, float], now: tuple[float, float]
) -> ChangeRow:  # fmt: skip
    model, data, policy, luck = (after - before for before, after in pairwise(steps))
    return ChangeRow(
        goal=key[0], reading=key[1], old=steps[0], model=model, data=data, policy=policy, luck=luck, new=steps[-1],
        old_median=then[0], new_median=now[0], old_needed=then[1], new_needed=now[1],
    )  # fmt: skip
