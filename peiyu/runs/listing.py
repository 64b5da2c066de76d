"""What the store holds, as `peiyu show` tells it: all runs, or one run's last forecast, and the analyses.

Nothing here loads the model: looking something up should take no longer than opening the file.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from peiyu.document.tree import analysis_id
from peiyu.screen.console import Screen, stdout
from peiyu.screen.grid import Grid
from peiyu.screen.lines import say_document, tell
from peiyu.words.loader import words
from peiyu.words.numbers import NOTHING, chance, count, score
from sim.inputs.errors import InputError
from sim.store.reader import Row, StoreReader
from sim.versions import source_version

if TYPE_CHECKING:
    from sim.store.results import StoredResults

WRITTEN = {"probability": chance, "mc_error": score}
"""How the columns of a stored forecast are written that are not counts."""


NUMBERS = ("value", "median", "q05", "q95", "probability", "mc_error")
FORECAST = ("goal", "reading", "operator", *NUMBERS, "evidence", "first_passage")
LESS = ("mc_error", "first_passage", "evidence", "operator", "value", "q05", "q95")
"""Columns of a stored forecast, and what a narrow terminal does without first."""
SHORT = 8
"""Digits of a hash of code that are listed."""


def tell_twins(store: StoredResults, run_ids: list[str], lang: str) -> None:
    """Say on stderr, in one line, which runs of the store asked the same as these of other code."""
    told = [f"{run_id} ↔ {', '.join(twins)}" for run_id in run_ids if (twins := store.twins_of(run_id))]
    if told:
        tell(words("forecast", lang)["other_code"].format("; ".join(told)))


def print_runs(store: StoreReader, lang: str, as_json: bool) -> None:
    """List the runs of a store."""
    rows = store.run_listing()
    codes = [str(row.pop("code")) for row in rows]
    if as_json:
        say_document(rows)
        return
    w = words("show", lang)
    table = Grid(first_to_go=[w[name] for name in ("code", "created", "seed", "city")])
    for name in ("run", "city", "scenario", "as_of", "seed", "members", "created", "code"):
        table.add_column(w[name])
    for row, code in zip(rows, codes, strict=True):
        table.add_row(*(str(x) for x in row.values()), f"{code[:SHORT]}{' ✓' if code == source_version() else ''}")
    screen = stdout(lang)
    screen.table(table)
    _print_analyses(store, None, screen, lang)


def _print_analyses(store: StoreReader, run_id: str | None, screen: Screen, lang: str) -> None:
    """List the stored analyses, of a run or all, with the id that their numbers begin with; nothing if none."""
    rows = [
        (analysis_id(a), a.city, ", ".join(a.runs) or "–", a.created)
        for a in store.analysis_listing(run_id)
    ]
    if not rows:
        return
    table = Grid()
    for name in ("analysis", "city", "runs", "created"):
        table.add_column(words("show", lang)[name], overflow="fold")
    for row in rows:
        table.add_row(*row)
    screen.table(table)


def print_run(store: StoreReader, run_id: str, lang: str, as_json: bool) -> None:
    """Show one run's last forecast as it was stored. Raises `InputError` for a run that is not there."""
    rows = store.last_forecast(run_id)
    if as_json:
        say_document(rows)
        return
    screen = stdout(lang)
    screen.table(_as_planned(store, run_id, rows, lang) or _as_stored(run_id, rows, lang))
    _print_analyses(store, run_id, screen, lang)


def _as_planned(store: StoreReader, run_id: str, rows: list[Row], lang: str) -> Grid | None:
    """Return the table of `peiyu forecast`; None where the city's files are not there or have other goals by now."""
    from peiyu.forecasts.goals_table import goals_table  # noqa: PLC0415  the list of runs needs no city
    from sim.city.city import load_city  # noqa: PLC0415
    from sim.ensemble.stated import GoalForecast  # noqa: PLC0415

    run = store.run_row(run_id)
    try:
        city = load_city(str(run["city"]))
    except InputError:
        return None
    names = [f.name for f in fields(GoalForecast)]
    stated = {(row["goal"], row["reading"]): GoalForecast(**{name: row[name] for name in names}) for row in rows}
    other = stated.keys() != {(g.key, r.key) for g in city.goals for r in g.readings}
    if other or store.city_title(run) != city.title["zh"]:  # two folders may have one name
        return None
    return goals_table(city, stated, lang, run_id)


def _as_stored(run_id: str, rows: list[Row], lang: str) -> Grid:
    """Return the rows as they are, by keys."""
    w = words("show", lang)
    table = Grid(run_id, first_to_go=[w[name] for name in LESS])
    for name in FORECAST:
        table.add_column(w[name], justify="right" if name in NUMBERS else "left")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in FORECAST))
    return table


def _cell(name: str, x: object) -> str:
    """Write a stored value."""
    if not isinstance(x, float):
        return str(x or NOTHING)
    return WRITTEN.get(name, count)(x)
