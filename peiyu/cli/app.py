"""The command line. Every command checks its input first, then works, then prints one thing."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.progress import Bar
from peiyu.forecasts import files as outputs
from peiyu.forecasts import pipeline
from peiyu.forecasts import terminal as tables
from sim.city.template import write_city
from sim.store.store import open_store
from sim.workers import Workers

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="培育 peiyu: will a city's industry-cultivation plan reach its goals, and which lever would change that?"
    " 一座城市的产业培育计划能否达标,哪项政策工具能改变结果?",
)


class Language(StrEnum):
    """Languages of what a planner reads."""

    ZH = "zh"
    EN = "en"


def default_language() -> Language:
    """Return the language of the locale; Chinese unless it is another one."""
    words = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.EN if words[:2].lower() == "en" else Language.ZH


City = Annotated[str, typer.Option("--city", help="Shipped city or folder. 城市")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Last quarter the data speak of, as 2024Q4. 数据截至")]
Members = Annotated[int, typer.Option("--members", help="Most members of the ensemble. 成员数上限")]
Seed = Annotated[int, typer.Option("--seed", help="Seed; the same seed gives the same numbers. 随机种子")]
Processes = Annotated[int, typer.Option("--workers", help="Processes. 并行进程数")]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", help="Address of a Dask scheduler, instead of processes here. Dask 集群地址"),
]
Error = Annotated[
    float,
    typer.Option("--mc-error", help="Stop once no probability has a larger Monte-Carlo error. 蒙特卡洛误差"),
]
Db = Annotated[Path | None, typer.Option("--db", help="Store; OUT/peiyu.db by default. 数据库文件")]
Out = Annotated[Path, typer.Option("--out", help="Folder for files. 输出目录")]
Lang = Annotated[Language | None, typer.Option("--lang", help="zh or en; from the locale by default. 语言")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else. 输出 JSON")]
CORES = os.cpu_count() or 1


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
    outputs.check_folder(out)
    with Bar(f"{city} · {scenario}") as bar:
        (result,) = pipeline.answer(q, store, bar.update)
    outputs.write_forecast(result, store, out)
    if as_json:
        typer.echo(json.dumps(result.document(), ensure_ascii=False, indent=1))
    else:
        tables.print_forecast(result, str(lang or default_language()), out)


@app.command()
def show(
    run: Annotated[str | None, typer.Argument(help="Run id; without one, list the runs. 运行编号")] = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Show what is in the store: all runs, or one run's forecast. 查看数据库中的运行."""
    store = open_store(db or out / "peiyu.db", must_exist=True)
    language = str(lang or default_language())
    if run is None:
        tables.print_runs(store, language, as_json)
    else:
        tables.print_run(store, run, language, as_json)


@app.command("new-city")
def new_city(
    name: Annotated[str, typer.Argument(help="Folder name: letters, digits, underscores. 目录名")],
    parent: Annotated[Path, typer.Option("--parent", help="Where to make the folder. 上级目录")] = Path(),
) -> None:
    """Make a city folder that already validates, to be filled in. 生成可直接校验的城市模板目录."""
    folder = write_city(name, parent)
    typer.echo(f"{folder}\npeiyu calibrate --city {folder}\npeiyu forecast --city {folder} --scenario baseline")
