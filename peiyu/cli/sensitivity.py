"""`peiyu sensitivity`: what makes a goal's outcome uncertain, what moves it, and which number to publish first."""

from __future__ import annotations

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
    Out,
    Processes,
    Scenario,
    Seed,
    app,
    bar_title,
    default_language,
)
from peiyu.forecasts.precision import Precision
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.workers import Workers

Goals = Annotated[
    list[str] | None,
    typer.Option("--goal", help="goal or goal/reading, in full detail; may be repeated. 目标或 目标/口径,可重复"),
]


@app.command("sensitivity")
def sensitivity_command(
    scenario: Scenario = None,
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
    from peiyu.forecasts import pipeline
    from peiyu.screen.progress import Bar
    from peiyu.sensitivity.analysis import analyse
    from peiyu.sensitivity.files import write
    from peiyu.sensitivity.question import effort_named, only
    from peiyu.sensitivity.terminal import print_sensitivity
    from sim.city.readings import readings_named
    from sim.store.store import open_store

    how = effort_named(effort)
    precision = Precision(seed=seed, workers=Workers(workers, cluster))
    q = pipeline.ask(city, pipeline.named(scenario), as_of=as_of, precision=precision)
    asked = [f"{g.key}/{r.key}" for g, r in readings_named(q.city, goals or [])]
    words = str(lang or default_language())
    with open_store(db or out / "peiyu.db") as store:
        check_folder(out)
        with Bar(bar_title(lang, q.city, q.scenarios[0]), words) as bar:
            document = analyse(pipeline.up_to_date(q, store, bar.update), how, store, bar.update)
    shown = only(document, q.city, asked)
    write(shown, q.city, q.scenarios[0], out, words)
    if as_json:
        say_document(shown.plain())
    else:
        print_sensitivity(shown, q.city, q.scenarios[0], words, out, detailed=asked)
