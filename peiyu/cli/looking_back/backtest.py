"""`peiyu backtest`: the model and its comparators at past origins, and the goals that are settled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import CORES, City, Cluster, Db, Json, Lang, Out, Processes, Seed, app, default_language
from peiyu.screen.lines import say_document
from sim.files import check_folder
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.workers import Workers

if TYPE_CHECKING:
    from calibration.backtest.backtest import BacktestBudget, Pair
    from calibration.backtest.goals import GoalScore
    from calibration.backtest.settled import SettledGoal
    from calibration.panel.data import PanelFiles, Row


History = Annotated[
    Path | None,
    typer.Option("--history", help="Score this history file instead, all its regions. 改用此历史数据文件"),
]
Origins = Annotated[
    str | None,
    typer.Option("--origins", help="Years to forecast from, as 2020-2022 or 2020,2022; all by default. 起报年份"),
]


@app.command("backtest")
def backtest_command(
    city: City = "hangzhou",
    history: History = None,
    origins: Origins = None,
    abm: Annotated[
        bool, typer.Option("--abm", help="Run the city's model of enterprises from past origins too. 同时回测企业模型")
    ] = False,
    seed: Seed = 1,
    workers: Processes = CORES,
    cluster: Cluster = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Score past forecasts of label counts and settled goals against simple models. 历史回测:与简单模型对比."""
    from calibration.backtest.backtest import BacktestBudget
    from calibration.backtest.settled import all_goals
    from calibration.panel.data import PanelFiles, read_rows
    from peiyu.backtest.study import check_scorable, document_of, key_of, origins_of, write
    from peiyu.backtest.terminal import print_backtest
    from sim.city.files import CITIES, shipped_cities
    from sim.store.store import open_store

    if abm and history is not None:
        raise InputError(
            Said("--abm: runs a city's own model, which a history file alone has not; leave out --history.")
        )
    files = PanelFiles((history,)) if history is not None else _files_of(city)
    path, rows = files.paths[0], read_rows(files)
    years = origins_of(origins, rows, path)
    check_scorable(rows, years, path)
    everyone = Workers(workers, cluster)
    everyone.check()
    check_folder(out)
    language = str(lang or default_language())
    with open_store(db or out / "peiyu.db") as store:
        goals = all_goals(files, rows, shipped=path.parent in [CITIES / name for name in shipped_cities()])
        pairs, settled = _scored(rows, years, goals, BacktestBudget(seed, everyone), language)
        of_city = _abm(city, seed, everyone, out / "calibration", language) if abm else []
        document = document_of(pairs, settled, seed, of_city)
        write(document, out)
        key = key_of(files, years, seed)
        store.keep(document, key, path.name if history else path.parent.name, [])
    if as_json:
        say_document(document.plain())
    else:
        print_backtest(document.plain(), language, out)


def _files_of(city: str) -> PanelFiles:
    """Return a city's own history with the panel of all regions."""
    from calibration.panel.data import PanelFiles
    from sim.city.city import load_city

    loaded = load_city(city)
    return PanelFiles.of_city(loaded.folder, loaded.region)


def _scored(
    rows: list[Row], years: list[int] | None, goals: list[SettledGoal], effort: BacktestBudget, lang: str
) -> tuple[list[Pair], list[GoalScore]]:
    """Score the counts and the goals, with a bar each."""
    from calibration.backtest import backtest
    from calibration.backtest import goals as goal_backtest
    from peiyu.screen.progress import Bar
    from peiyu.words.loader import words

    w = words("backtest", lang)
    with Bar(w["bar_origins"], lang) as bar:
        pairs = backtest.run(rows, years, effort, bar.update)
    with Bar(w["bar_goals"], lang) as bar:
        return pairs, goal_backtest.run(rows, goals, effort, bar.update)


def _abm(city: str, seed: int, workers: Workers, kept: Path, lang: str) -> list[Pair]:
    """Run the city's model of enterprises from past origins; finished generations are kept until all is done."""
    import shutil
    from dataclasses import replace

    from calibration.backtest import abm
    from peiyu.screen.progress import Bar
    from peiyu.words.loader import words
    from sim.city.city import load_city
    from sim.state.indicators import NAMES

    usual = abm.AbmBudget()
    budget = replace(usual, fit=replace(usual.fit, workers=workers, seed=seed), kept=kept)
    with Bar(words("backtest", lang)["bar_abm"].format(city=city), lang) as bar:
        pairs = abm.run(load_city(city, known_indicators=frozenset(NAMES)), abm.ORIGINS, budget, bar.update)
    shutil.rmtree(kept, ignore_errors=True)
    return pairs
