"""`peiyu sensitivity`: what makes a goal's outcome uncertain, what moves it, and which number to publish first."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from calibration.sensitivity.design import EFFORTS, Effort
from peiyu.cli.app import CORES, AsOf, City, Cluster, Db, Json, Lang, Out, Processes, Seed, app, default_language
from peiyu.figures import files as figure_files
from peiyu.forecasts import pipeline
from peiyu.screen.progress import Bar
from peiyu.sensitivity.analysis import analyse
from peiyu.sensitivity.terminal import frame, print_sensitivity
from sim.city.city import City as Place
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError, suggest
from sim.store.store import open_store
from sim.workers import Workers

Goals = Annotated[
    list[str] | None,
    typer.Option("--goal", help="goal or goal/reading, in full detail; may be repeated. 目标或 目标/口径,可重复"),
]


@app.command("sensitivity")
def sensitivity_command(
    scenario: Annotated[str, typer.Option("--scenario", help="Shipped name or .toml file. 情景")] = "plan_as_written",
    city: City = "hangzhou",
    goals: Goals = None,
    effort: Annotated[str, typer.Option("--effort", help="small or usual. 计算量")] = "usual",
    as_of: AsOf = None,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Divide a goal's uncertainty by source, and say which datum would shrink it most. 敏感性、方差预算与信息价值."""
    how = effort_named(effort)
    precision = pipeline.Precision(seed=seed, workers=Workers(workers, cluster))
    q = pipeline.ask(city, [scenario], as_of=as_of, precision=precision)
    asked = chosen(q.city, goals or [])
    store = open_store(db or out / "peiyu.db")
    check_folder(out)
    with Bar(f"{city} · {scenario} · sensitivity") as bar:
        document = analyse(pipeline.up_to_date(q, store, bar.update), how, store, bar.update)
    shown = only(document, q.city, asked)
    words = str(lang or default_language())
    _write(shown, q.city, out, words)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        print_sensitivity(shown, q.city, words, out, detailed=asked)


def effort_named(name: str) -> Effort:
    """Return an effort by name. Raises `InputError`."""
    if name not in EFFORTS:
        raise InputError(f"--effort {name}: unknown.{suggest(name, EFFORTS)} Known: {', '.join(EFFORTS)}.")
    return EFFORTS[name]


def chosen(city: Place, asked: list[str]) -> list[str]:
    """Return the readings asked for as "goal/reading"; a goal alone means its main reading. Raises `InputError`."""
    known = {f"{g.key}/{r.key}" for g in city.goals for r in g.readings}
    primary = {g.key: f"{g.key}/{r.key}" for g in city.goals for r in g.readings if r.primary}
    names = [primary.get(text, text) for text in asked]
    for name in names:
        if name not in known:
            near = suggest(name, [*primary, *sorted(known)])
            raise InputError(
                f"--goal {name}: no such goal or reading of {city.name}.{near} Goals: {', '.join(primary)}."
            )
    return list(dict.fromkeys(names))


def only(document: dict[str, Any], city: Place, asked: list[str]) -> dict[str, Any]:
    """Return the document with the readings asked for, or the main reading of every goal."""
    wanted = asked or [f"{g.key}/{r.key}" for g in city.goals for r in g.readings if r.primary]
    rows = [row for row in document["readings"] if f"{row['goal']}/{row['reading']}" in wanted]
    return document | {"readings": rows}


def _write(document: dict[str, Any], city: Place, out: Path, lang: str) -> None:
    """Write sensitivity.json and sensitivity.csv, and a figure of every reading shown."""
    write_whole(out / "sensitivity.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    write_whole(out / "sensitivity.csv", frame(document).to_csv(index=False))
    figures = {
        out / f"sensitivity_{row['goal']}_{row['reading']}.svg": partial(_drawn, row, city)
        for row in document["readings"]
        if row["budget"]["count"]
    }
    figure_files.write(figures, lang)


def _drawn(row: dict[str, Any], city: Place, lang: str) -> object:
    from peiyu.sensitivity.figure import draw_sensitivity  # noqa: PLC0415  matplotlib is an extra

    return draw_sensitivity(row, city, lang)
