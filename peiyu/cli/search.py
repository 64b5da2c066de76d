"""`peiyu search`: which lever mix reaches chosen goals for the least money, and which one is regretted least."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import CORES, AsOf, City, Cluster, Db, Json, Lang, Out, Processes, Seed, app, default_language
from peiyu.figures import files as figure_files
from peiyu.forecasts import pipeline
from peiyu.screen.progress import Bar
from peiyu.search import document as search_document
from peiyu.search import search
from peiyu.search.objective import Judge, chosen, judge_of
from peiyu.search.terminal import print_search
from sim.files import check_folder
from sim.inputs.errors import InputError
from sim.scenario.mixes import Range, range_of, usual_ranges
from sim.scenario.scenario import Scenario
from sim.store.store import open_store
from sim.workers import Workers

USUAL = search.Effort()
FIGURE = "search_front.svg"


@app.command("search")
def search_command(
    scenario: Annotated[
        str, typer.Option("--scenario", help="Scenario whose levers are varied: shipped name or .toml file. 情景")
    ] = "plan_as_written",
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
        float | None, typer.Option("--budget", help="Most that may be paid in all, 万元, mean of members. 总预算(万元)")
    ] = None,
    budget_year: Annotated[
        float | None, typer.Option("--budget-year", help="Most that may be paid in any year, 万元. 年度预算(万元)")
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
    effort = search.Effort(candidates, screen, members, members).checked()
    precision = pipeline.Precision(members, seed=seed, workers=Workers(workers, cluster))
    q = pipeline.ask(city, [scenario], as_of=as_of, precision=precision)
    wanted = chosen(q.city, goals or [])
    judge = asked(judge_of(q.city, wanted), at_least, probability, (budget_year, budget))
    ranges = ranges_of(levers or [], q.scenarios[0])
    store = open_store(db or out / "peiyu.db")
    check_folder(out)
    search_document.refuse_clash(scenario, out)
    with Bar(f"{city} · {scenario} · search") as bar:
        current = pipeline.up_to_date(q, store, bar.update)
        found = search.run(search.Search(current, wanted, ranges, judge, effort), store, bar.update)
    search_document.keep(found, store)
    search_document.write(found, scenario, out)
    words = str(lang or default_language())
    drawn = figure_files.write({out / FIGURE: partial(_drawn, found)}, words)
    if as_json:
        typer.echo(json.dumps(search_document.document(found), ensure_ascii=False, indent=1))
    else:
        print_search(found, words, out, drawn)


def asked(
    judge: Judge, at_least: int | None, probability: float | None, budgets: tuple[float | None, float | None]
) -> Judge:
    """Return the judge with what the user asks for. Raises `InputError` for what cannot be asked."""
    goals = len(judge.weight)
    if at_least is not None and not 1 <= at_least <= goals:
        raise InputError(f"--at-least {at_least}: {goals} goals are chosen; write a number from 1 to {goals}.")
    if probability is not None and not 0.0 < probability < 1.0:
        raise InputError(f"--probability {probability:g}: write a number between 0 and 1, such as 0.8.")
    for name, money in zip(("--budget-year", "--budget"), budgets, strict=True):
        if money is not None and not 0.0 < money < inf:
            raise InputError(f"{name} {money:g}: write 万元, more than zero, such as 100000 for 10 亿元.")
    a_year, in_all = (inf if x is None else x for x in budgets)
    return replace(judge, a_year=a_year, in_all=in_all, probability=probability, at_least=at_least)


def ranges_of(words: list[str], scenario: Scenario) -> tuple[Range, ...]:
    """Return the ranges that the user names, or the usual ones. Raises `InputError`."""
    ranges = [range_of(word, scenario) for word in words] or usual_ranges(scenario)
    if not ranges:
        raise InputError(
            f"{scenario.name}: no lever with a budget that a search could vary; name levers with --lever, or another"
            " scenario with --scenario."
        )
    names = [r.lever for r in ranges]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"--lever {name}: is there twice; write one range for it.")
    return tuple(ranges)


def _drawn(found: search.Found, lang: str) -> object:
    from peiyu.search.figure import draw_search  # noqa: PLC0415  matplotlib is an extra

    return draw_search(found, lang)
