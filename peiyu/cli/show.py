"""`peiyu show`: what is in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import Db, Json, Lang, Out, app, default_language


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(help="Run id; without one, list the runs. 运行编号")] = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show what is in the store: all runs, or one run's forecast. 查看数据库中的运行."""
    from peiyu.runs.listing import print_run, print_runs
    from sim.store.reader import open_reader

    with open_reader(db or out / "peiyu.db") as store:
        language = str(lang or default_language())
        if run is None:
            print_runs(store, language, as_json)
        else:
            print_run(store, run, language, as_json)
