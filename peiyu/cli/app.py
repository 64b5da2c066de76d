"""The program and the options that its commands share; every command is a file of its own beside this one."""

from __future__ import annotations

import os
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from peiyu.screen.lines import say
from sim.inputs.numbers import CHANCE, MEMBERS, SEED, WORKERS

FIRST = ("forecast", "show", "new-city")
"""What a newcomer needs, at the top of the list."""


class _Program(TyperGroup):
    """Lists the commands: the first ones, then the others by name."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  typer's context, untyped
        return [*FIRST, *sorted(set(self.commands) - set(FIRST))]


app = typer.Typer(
    cls=_Program,
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
Scenario = Annotated[
    str | None,
    typer.Option("--scenario", help="Scenario of the city, or file; its plan by default. 情景,默认本市规划"),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Last quarter the data speak of, as 2024Q4. 数据截至")]
End = Annotated[
    str | None, typer.Option("--end", help="Last quarter, as 2030Q4; the last deadline by default. 预测到哪一季度")
]
Members = Annotated[
    int,
    typer.Option("--members", callback=MEMBERS.option("--members"), help="Most members of the ensemble. 成员数上限"),
]
Seed = Annotated[
    int,
    typer.Option("--seed", callback=SEED.option("--seed"), help="Seed; the same seed gives the same numbers. 随机种子"),
]
Processes = Annotated[
    int, typer.Option("--workers", callback=WORKERS.option("--workers"), help="Processes. 并行进程数")
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", help="Address of a Dask scheduler, instead of processes here. Dask 集群地址"),
]
Error = Annotated[
    float,
    typer.Option(
        "--mc-error",
        callback=CHANCE.option("--mc-error"),
        help="Stop once no probability has a larger Monte-Carlo error. 蒙特卡洛误差",
    ),
]
Db = Annotated[Path | None, typer.Option("--db", help="Store; OUT/peiyu.db by default. 数据库文件")]
Out = Annotated[Path, typer.Option("--out", help="Folder for files. 输出目录")]
Lang = Annotated[Language | None, typer.Option("--lang", help="zh or en; from the locale by default. 语言")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else. 输出 JSON")]
CORES = os.cpu_count() or 1


def _say_version(wanted: bool) -> None:
    if wanted:
        say(version("peiyu"))
        raise typer.Exit


@app.callback()
def program(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version. 版本号"),
    ] = False,
) -> None:
    """Read what stands before the command."""
