"""`peiyu fails-when`: in which region of parameters and lever sizes a goal is missed, or reached."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

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
    Seed,
    app,
    default_language,
)
from peiyu.fails_when import analysis as fails_when
from peiyu.fails_when import cases as fails_when_cases
from peiyu.fails_when.analysis import How, Result
from peiyu.fails_when.cases import Asked
from peiyu.fails_when.terminal import frame, print_boxes
from peiyu.figures import files as figure_files
from peiyu.forecasts import pipeline
from peiyu.forecasts.pipeline import Question
from peiyu.screen.progress import Bar
from sim.city.city import City as Place
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError, suggest
from sim.store.store import Store, open_store
from sim.workers import Workers

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
    scenario: Annotated[str, typer.Option("--scenario", help="Shipped name or .toml file. 情景")] = "plan_as_written",
    goals: Goals = None,
    reaches: Annotated[bool, typer.Option("--reaches", help="Ask where it is reached instead. 改问何时达标")] = False,
    boxes: Annotated[int, typer.Option("--boxes", help="Most regions per reading. 每个口径的区域数上限")] = 2,
    levers: Levers = 0,
    as_of: AsOf = None,
    members: Members = pipeline.MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say in which region of parameters and lever sizes a goal is missed. 找出目标何时不达标."""
    how = How(reaches, boxes, levers).checked()
    precision = pipeline.Precision(members, EXACTLY, seed, Workers(workers, cluster)).checked()
    place = db or out / "peiyu.db"
    if run is None:
        q = pipeline.ask(city, [scenario], as_of=as_of, precision=precision)
    else:
        q = fails_when_cases.question_of(open_store(place, must_exist=True), run, city, scenario, precision.workers)
    asked = None if goals is None else chosen(q.city, goals)
    check_folder(out)
    store = open_store(place)
    result = _found(q, store, asked, how)
    document = fails_when.keep(result, store, asked)
    words = str(lang or default_language())
    _write(result, out, words)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        print_boxes(document, q.city, q.scenarios[0], words, out)


def _found(q: Question, store: Store, asked: list[Asked] | None, how: How) -> Result:
    """Run what is not stored, then look for boxes."""
    title = f"{q.city.name} · {q.scenarios[0].name}"
    with Bar(title) as bar:
        q = pipeline.up_to_date(q, store, bar.update)
        if how.levers:
            cases = fails_when_cases.of_levers(q, store, how.levers, bar.update)
        else:
            if not store.members_done([q.run_id(q.scenarios[0])]).issuperset(range(q.members)):
                pipeline.answer(q, store, bar.update)
            cases = fails_when_cases.of_forecast(q, store, q.members)
    with Bar(f"{title} · fails when") as bar:
        return fails_when.analyse(q, cases, asked, how, bar.update)


def chosen(city: Place, asked: list[str]) -> list[Asked]:
    """Return the readings asked for; a goal alone means its main reading. Raises `InputError`."""
    known = {f"{g.key}/{r.key}": (g, r) for g in city.goals for r in g.readings}
    main = {g.key: (g, r) for g in city.goals for r in g.readings if r.primary}
    for name in asked:
        if name not in known and name not in main:
            near = suggest(name, [*main, *known])
            raise InputError(
                f"--goal {name}: no such goal or reading of {city.name}.{near} Goals: {', '.join(main)};"
                " write GOAL or GOAL/READING."
            )
    return [main[name] if name in main else known[name] for name in dict.fromkeys(asked)]


def _write(result: Result, out: Path, lang: str) -> None:
    """Write fails_when.json, fails_when.csv and, where there is matplotlib, fails_when.svg."""
    document = result.document()
    write_whole(out / "fails_when.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    write_whole(out / "fails_when.csv", frame(document).to_csv(index=False))
    drawing = out / "fails_when.svg"
    drawing.unlink(missing_ok=True)  # of an earlier question
    if document["boxes"]:
        figure_files.write({drawing: partial(_drawn, result)}, lang)


def _drawn(result: Result, lang: str) -> object:
    from peiyu.fails_when.figure import draw_boxes  # noqa: PLC0415  matplotlib is an extra

    return draw_boxes(result, lang)
