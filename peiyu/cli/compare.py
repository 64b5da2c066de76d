"""`peiyu compare`: what every scenario changes against the first, why, where, and for how much money."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

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
    Seed,
    app,
    bar_title,
    default_language,
)
from peiyu.forecasts.precision import MC_ERROR, MEMBERS, Precision
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.workers import Workers

if TYPE_CHECKING:
    from peiyu.comparison.split import By
    from peiyu.forecasts.pipeline import Question

MIN_SCENARIOS = 2
"""Scenarios a comparison needs."""
SPLITS: tuple[By, ...] = ("kinds", "levers")


class _Command(TyperCommand):
    """A command whose `--split` may stand alone: it then means `--split kinds`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = []
        for word, following in zip_longest(args, args[1:], fillvalue=""):
            alone = word == "--split" and (not following or following.startswith("-") or following not in SPLITS)
            words += [word, SPLITS[0]] if alone else [word]
        return super().parse_args(ctx, words)


@app.command(cls=_Command)
def compare(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(help="Base scenario, then others; by default the city's baseline and plan. 基准情景和其他情景"),
    ] = None,
    city: City = "hangzhou",
    as_of: AsOf = None,
    end: End = None,
    members: Members = MEMBERS,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    mc_error: Error = MC_ERROR,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            help="Share the effects among funding, vouchers, zones and the other levers (kinds, exact), or among single"
            " levers (levers, sampled), by Shapley values; at most 100 members. 把效应分解到各类或各项政策工具",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print what is not told apart from none too. 显示全部结果")
    ] = False,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Compare scenarios with the first one, member by member. 以第一个情景为基准,逐成员配对比较."""
    from peiyu.comparison import comparison
    from peiyu.comparison.files import write_comparison, write_figures
    from peiyu.comparison.terminal import print_comparison
    from peiyu.forecasts import pipeline
    from peiyu.runs.listing import tell_twins
    from peiyu.screen.progress import Bar
    from sim.store.store import open_store

    names = scenarios or pipeline.usual_pair(city)
    if len(names) < MIN_SCENARIOS:
        raise InputError(
            Said(
                "compare takes two scenarios or more, the base first, such as: peiyu compare {pair}; without any it"
                " compares these.",
                pair=" ".join(pipeline.usual_pair(city)),
            )
        )
    by = _split_by(split)
    precision = Precision(members, mc_error, seed, Workers(workers, cluster))
    q = pipeline.ask(city, names, as_of=as_of, end=end, precision=precision)
    _check_splits(q, by)
    words, title = str(lang or default_language()), bar_title(lang, q.city, *q.scenarios[1:])
    with open_store(db or out / "peiyu.db") as store:
        check_folder(out)
        with Bar(title, words, q.members) as bar:
            result = comparison.compare(q, store, bar.update)
        if by is not None:
            with Bar(title, words) as bar:
                result = comparison.with_splits(result, q, store, by, bar.update)
        write_comparison(result, store, out)
        drawn = write_figures(result, out, words)
        tell_twins(store, [f.run_id for f in result.forecasts], words)
    if as_json:
        say_document(result.document().plain())
    else:
        print_comparison(result, words, out, drawn, everything=everything)


def _split_by(split: str | None) -> By | None:
    """Return how to split, if at all. Raises `InputError` for another word."""
    by = next((x for x in SPLITS if x == split), None)
    if split is not None and by is None:
        raise InputError(Said("--split {split}: write kinds or levers.", split=split) + meant(split, SPLITS))
    return by


def _check_splits(q: Question, by: By | None) -> None:
    """Say what cannot be split, before anything runs."""
    from peiyu.comparison.split import players_of

    if by is not None:
        for s in q.scenarios[1:]:
            players_of(q.scenarios[0], s, by)
