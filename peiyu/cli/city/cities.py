"""`peiyu cities`: several cities side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import CORES, Cluster, Db, Error, Json, Lang, Members, Out, Processes, Seed, app, default_language
from peiyu.forecasts.precision import MC_ERROR, MEMBERS, Precision
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.workers import Workers


@app.command()
def cities(
    names: Annotated[
        list[str] | None, typer.Argument(help="Cities or folders; every shipped city by default. 城市或目录,默认全部")
    ] = None,
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
    """Set cities side by side: goals, chances, what each plan changes. 多城市并列:目标、达成概率与规划效果."""
    from peiyu.cities.survey import survey
    from peiyu.cities.terminal import print_cities
    from peiyu.document.csv import write_csv
    from peiyu.screen.progress import Bar
    from sim.city.files import shipped_cities
    from sim.store.store import open_store

    precision = Precision(members, mc_error, seed, Workers(workers, cluster))
    asked = names or shipped_cities()
    with open_store(db or out / "peiyu.db") as store:
        check_folder(out)
        language = str(lang or default_language())
        with Bar(" · ".join(asked), language) as bar:
            found = survey(asked, store, precision, bar.update, lang=language)
    write_csv(out / "cities.csv", found.frame())
    if as_json:
        say_document(found.plain())
    else:
        print_cities(found, language)
