"""`peiyu forecast`: whether every goal of the plan is reached, how likely, and on what evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import (
    CORES,
    AsOf,
    City,
    Cluster,
    Db,
    Error,
    Json,
    Lang,
    Members,
    Out,
    Processes,
    Seed,
    app,
    default_language,
)
from peiyu.forecasts import files as outputs
from peiyu.forecasts import pipeline
from peiyu.forecasts import terminal as tables
from peiyu.screen.progress import Bar
from sim.files import check_folder
from sim.store.store import open_store
from sim.workers import Workers


@app.command()
def forecast(
    city: City = "hangzhou",
    scenario: Annotated[str, typer.Option("--scenario", help="Shipped name or .toml file. 情景")] = "plan_as_written",
    as_of: AsOf = None,
    members: Members = pipeline.MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    mc_error: Error = pipeline.MC_ERROR,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Forecast every goal of the plan: median, 90 % interval, P(reached), evidence. 预测各项目标能否达成."""
    precision = pipeline.Precision(members, mc_error, seed, Workers(workers, cluster))
    q = pipeline.ask(city, [scenario], as_of=as_of, precision=precision)
    store = open_store(db or out / "peiyu.db")
    check_folder(out)
    with Bar(f"{city} · {scenario}") as bar:
        (result,) = pipeline.answer(q, store, bar.update)
    outputs.write_forecast(result, store, out)
    if as_json:
        typer.echo(json.dumps(result.document(), ensure_ascii=False, indent=1))
    else:
        tables.print_forecast(result, str(lang or default_language()), out)
