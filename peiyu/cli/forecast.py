"""`peiyu forecast`: whether every goal of the plan is reached, how likely, and on what evidence."""

from __future__ import annotations

from pathlib import Path

from peiyu.cli.app import (
    CORES,
    AsOf,
    City,
    Cluster,
    Db,
    End,
    Error,
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
from peiyu.forecasts.precision import MC_ERROR, MEMBERS, Precision
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.workers import Workers


@app.command()
def forecast(
    city: City = "hangzhou",
    scenario: Scenario = None,
    as_of: AsOf = None,
    end: End = None,
    members: Members = MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    mc_error: Error = MC_ERROR,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Forecast every goal of the plan: median, 90 % interval, P(reached), evidence. 预测各项目标能否达成."""
    from peiyu.city_check.grades import tell_grades
    from peiyu.forecasts import pipeline
    from peiyu.forecasts.files import write_forecast
    from peiyu.forecasts.terminal import print_forecast
    from peiyu.runs.listing import tell_twins
    from peiyu.screen.progress import Bar
    from sim.store.store import open_store

    precision = Precision(members, mc_error, seed, Workers(workers, cluster))
    q = pipeline.ask(
        city, pipeline.named(scenario), as_of=as_of or pipeline.newest_origin(city), end=end, precision=precision
    )
    words = str(lang or default_language())
    with open_store(db or out / "peiyu.db") as store:
        check_folder(out)
        with Bar(bar_title(lang, q.city, q.scenarios[0]), words, q.members) as bar:
            (result,) = pipeline.answer(q, store, bar.update)
        write_forecast(result, store, out)
        tell_twins(store, [result.run_id], words)
    tell_grades(q.city, words)
    if as_json:
        say_document(result.document())
    else:
        print_forecast(result, words, out)
