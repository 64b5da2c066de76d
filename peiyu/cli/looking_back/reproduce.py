"""`peiyu reproduce`: compute a published number again, and say what differs if it does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import CORES, Cluster, Db, Json, Lang, Out, Processes, app, default_language
from peiyu.cli.appendix import Place, Plan
from peiyu.screen.lines import say, say_document
from sim.files import check_folder
from sim.workers import Workers

if TYPE_CHECKING:
    from peiyu.runs.ids import Id
    from peiyu.runs.reproduce import Remaking, Verdict
    from sim.store.results import StoredResults

DIFFERENT = 1
"""Exit code when a number is not the same."""


@app.command("reproduce")
def reproduce_command(
    number: Annotated[
        str, typer.Argument(help="Id of a number, as the appendix shows it, or of a run. 数字编号或运行编号")
    ],
    from_store: Annotated[
        bool, typer.Option("--from-store", help="Use the stored members instead of running them again. 用已存成员")
    ] = False,
    city: Place = None,
    scenario: Plan = None,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> int:
    """Compute a published number again, or all of a run, and compare; exit code 1 if one differs. 复算并比较."""
    from peiyu.runs.ids import MINUS, parse
    from peiyu.runs.reproduce import Remaking
    from peiyu.runs.terminal import said
    from peiyu.screen.progress import Bar
    from sim.store.results import open_results

    asked = [parse(part) for part in number.split(MINUS)] if "/" in number else [number]
    with open_results(db or out / "peiyu.db") as store:
        if not from_store:
            check_folder(out)
        everyone = Workers(workers, cluster)
        everyone.check()
        with Bar("reproduce", str(lang or default_language())) as bar:
            bench = Remaking(out, from_store, everyone, bar.update)
            verdicts = [v for x in asked for v in _verdicts(store, x, bench, (city, scenario))]
    if as_json:
        documents = [v.document() for v in verdicts]
        say_document(documents[0] if len(documents) == 1 else documents)
    else:
        say(said(verdicts, str(lang or default_language())))
    return 0 if all(v.same for v in verdicts) else DIFFERENT


def _verdicts(
    store: StoredResults, asked: Id | str, bench: Remaking, files: tuple[str | None, str | None]
) -> list[Verdict]:  # fmt: skip
    """Return the verdict on a number, or on every statement of a run."""
    from peiyu.runs.ids import Id
    from peiyu.runs.reproduce import AgainRun, again_analysis
    from peiyu.runs.stored import read_run

    if isinstance(asked, Id) and asked.run is None:
        return [again_analysis(store, asked, bench, lambda words: app(words, standalone_mode=False))]
    stored = read_run(store, asked.run if isinstance(asked, Id) else asked, files[0])
    again = AgainRun(stored, bench, files[1] or stored.run["scenario"])
    made = [again.verdict(x) for x in ([asked] if isinstance(asked, Id) else again.statements())]
    shutil.rmtree(again.place, ignore_errors=True)
    return made
