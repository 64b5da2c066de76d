"""`peiyu fails-when`: in which region of parameters and lever sizes a goal is missed, or reached."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import (
    CORES,
    AsOf,
    City,
    Cluster,
    Db,
    Json,
    Lang,
    Members,
    Out,
    Processes,
    Scenario,
    Seed,
    app,
    bar_title,
    default_language,
)
from peiyu.forecasts.precision import MEMBERS, Precision
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.workers import Workers

if TYPE_CHECKING:
    from peiyu.fails_when.analysis import How, Result
    from peiyu.forecasts.pipeline import Question
    from peiyu.screen.progress import Bar
    from sim.city.readings import GoalReading
    from sim.store.store import Store

EXACTLY = 1e-9
"""No probability has so small an error, so that every member asked for is run."""
Goals = Annotated[
    list[str] | None,
    typer.Option("--goal", help="GOAL or GOAL/READING; may be repeated; main readings by default. 目标/口径"),
]
Levers = Annotated[
    int,
    typer.Option(
        "--levers",
        help="Run this many members, each with its own lever sizes. 政策规模各异的成员数",
    ),
]


@app.command("fails-when")
def fails_when_command(
    run: Annotated[str | None, typer.Argument(help="Run id of a forecast; without one, --scenario. 运行编号")] = None,
    city: City = "hangzhou",
    scenario: Scenario = None,
    goals: Goals = None,
    reaches: Annotated[bool, typer.Option("--reaches", help="Ask where it is reached instead. 改问何时达标")] = False,
    boxes: Annotated[int, typer.Option("--boxes", help="Most regions per reading. 每个口径的区域数上限")] = 2,
    levers: Levers = 0,
    as_of: AsOf = None,
    members: Members = MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say in which region of parameters and lever sizes a goal is missed. 找出目标何时不达标."""
    from peiyu.fails_when import analysis, cases
    from peiyu.fails_when.files import write
    from peiyu.fails_when.terminal import print_boxes
    from peiyu.forecasts import pipeline
    from peiyu.screen.progress import Bar
    from sim.city.readings import readings_named
    from sim.store.store import open_store

    how = analysis.How(reaches, boxes, levers).checked()
    precision = Precision(members, EXACTLY, seed, Workers(workers, cluster)).checked()
    place = db or out / "peiyu.db"
    if run is None:
        q = pipeline.ask(city, pipeline.named(scenario), as_of=as_of, precision=precision)
    else:
        with open_store(place, must_exist=True) as store:
            q = cases.question_of(store, run, city, scenario, precision.workers)
    asked = None if goals is None else readings_named(q.city, goals)
    check_folder(out)
    words = str(lang or default_language())
    with open_store(place) as store:
        result = _found(q, store, asked, how, partial(Bar, bar_title(lang, q.city, q.scenarios[0]), words))
        document = analysis.keep(result, store, asked)
    write(result, out, words)
    if as_json:
        say_document(document.plain())
    else:
        print_boxes(document, q.city, q.scenarios[0], words, out)


def _found(q: Question, store: Store, asked: list[GoalReading] | None, how: How, bar: Callable[[], Bar]) -> Result:
    """Run what is not stored, then look for boxes."""
    from peiyu.fails_when import analysis, cases
    from peiyu.forecasts import pipeline

    with bar() as running:
        q = pipeline.up_to_date(q, store, running.update)
        if how.levers:
            found = cases.of_levers(q, store, how.levers, running.update)
        else:
            if not store.members_done([q.run_id(q.scenarios[0])]).issuperset(range(q.members)):
                pipeline.answer(q, store, running.update)
            found = cases.of_forecast(q, store, q.members)
    with bar() as looking:
        return analysis.analyse(q, found, asked, how, looking.update)
