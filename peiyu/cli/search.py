"""`peiyu search`: which lever mix reaches chosen goals for the least money, and which one is regretted least."""

from __future__ import annotations

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
from peiyu.search.effort import Effort
from sim.files import check_folder
from sim.workers import Workers

if TYPE_CHECKING:
    from peiyu.search.search import Findings

USUAL = Effort()
FIGURE = "search_front.svg"


@app.command("search")
def search_command(
    scenario: Scenario = None,
    city: City = "hangzhou",
    goals: Annotated[
        list[str] | None,
        typer.Option(
            "--goal",
            help="Goal or goal/reading to be reached; may be repeated; all main readings by default. 目标,可重复",
        ),
    ] = None,
    at_least: Annotated[
        int | None, typer.Option("--at-least", help="How many of the goals are enough; all by default. 至少达成几项")
    ] = None,
    probability: Annotated[
        float | None,
        typer.Option("--probability", help="Look for the cheapest mix with at least this chance. 要求的达成概率"),
    ] = None,
    budget: Annotated[
        float | None, typer.Option("--budget", help="Most to be paid in all, 10,000 CNY, mean of members. 总预算(万元)")
    ] = None,
    budget_year: Annotated[
        float | None, typer.Option("--budget-year", help="Most to be paid in any year, 10,000 CNY. 年度预算(万元)")
    ] = None,
    levers: Annotated[
        list[str] | None,
        typer.Option(
            "--lever",
            help="Vary only these, NAME=LOW..HIGH times their size, as fund_seed=0..3; may be repeated; by default 0..3"
            " for every lever with a budget. 只调整这些工具的规模,可重复",
        ),
    ] = None,
    candidates: Annotated[int, typer.Option("--candidates", help="Mixes to try. 试算组合数")] = USUAL.candidates,
    screen: Annotated[int, typer.Option("--screen", help="Members for every mix. 初选成员数")] = USUAL.screen,
    members: Annotated[
        int, typer.Option("--members", help="Members for the finalists, and fresh ones to confirm. 复选与复核成员数")
    ] = USUAL.race,
    as_of: AsOf = None,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Find the cheapest lever mix that reaches chosen goals, confirmed on fresh members. 搜索费用最低的政策组合."""
    from peiyu.figures.files import write as write_figures
    from peiyu.forecasts import pipeline
    from peiyu.screen.progress import Bar
    from peiyu.search import document as documents
    from peiyu.search import search
    from peiyu.search.objective import judge_of
    from peiyu.search.question import asked, ranges_of, wanted_of
    from peiyu.search.terminal import print_search
    from sim.store.store import open_store

    effort = Effort(candidates, screen, members, members).checked()
    precision = Precision(members, seed=seed, workers=Workers(workers, cluster))
    q = pipeline.ask(city, pipeline.named(scenario), as_of=as_of, precision=precision)
    wanted = wanted_of(q.city, goals or [])
    judge = asked(judge_of(wanted), at_least, probability, (budget_year, budget))
    ranges = ranges_of(levers or [], q.scenarios[0])
    words = str(lang or default_language())
    with open_store(db or out / "peiyu.db") as store:
        check_folder(out)
        documents.refuse_clash(scenario or q.city.plan, q.city, out)
        with Bar(bar_title(lang, q.city, q.scenarios[0]), words) as bar:
            current = pipeline.up_to_date(q, store, bar.update)
            found = search.run(search.Search(current, wanted, ranges, judge, effort), store, bar.update)
        documents.keep(found, store)
    documents.write(found, scenario or q.city.plan, out)
    drawn = write_figures({out / FIGURE: partial(_drawn, found)}, words)
    if as_json:
        say_document(documents.document(found).plain())
    else:
        print_search(found, words, out, drawn)


def _drawn(found: Findings, lang: str) -> object:
    from peiyu.search.figure import draw_search

    return draw_search(found, lang)
