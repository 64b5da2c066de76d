"""`peiyu change`: why a forecast differs from an earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import CORES, Cluster, Db, Json, Lang, Out, Processes, app, default_language
from peiyu.cli.appendix import Place
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.workers import Workers


@app.command()
def change(
    old: Annotated[str, typer.Argument(help="Run id of the earlier review. 上次评估的运行编号")],
    new: Annotated[str, typer.Argument(help="Run id of this review. 本次评估的运行编号")],
    city: Place = None,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Explain a change between two forecasts: data, policy, model, luck. 分解两次预测之间的变化."""
    from peiyu.document.csv import write_csv
    from peiyu.runs.change import explain
    from peiyu.runs.change_table import print_change
    from peiyu.screen.progress import Bar
    from sim.city.city import load_city
    from sim.store.store import open_store

    with open_store(db or out / "peiyu.db", must_exist=True) as store:
        check_folder(out)
        with Bar(f"{old} → {new}", str(lang or default_language())) as bar:
            result = explain(store, old, new, city=city, workers=Workers(workers, cluster), progress=bar.update)
    write_csv(out / "change.csv", result.frame())
    if as_json:
        say_document(result.document().plain())
    else:
        print_change(result, load_city(city or result.new.city), str(lang or default_language()))
