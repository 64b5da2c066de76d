"""The program and the options that its commands share; a command is a file of its own, here or in a folder below."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from typer.core import TyperGroup

from peiyu.screen.lines import say
from sim.inputs.numbers import CHANCE, MEMBERS, SEED, WORKERS

WORKFLOW = (
    "forecast", "page", "compare", "search", "fails-when", "sensitivity", "appendix", "show", "change", "review",
    "store", "reproduce", "add-observation", "cities", "new-city", "city-check", "calibrate", "check", "backtest",
)  # fmt: skip
"""The commands in the order of the work: answer, levers, document, news, other cities, how far to trust it."""


class Entitled(Protocol):
    """A city or a scenario: it has a title in both languages."""

    @property
    def title(self) -> Mapping[str, str]: ...


class Language(StrEnum):
    """Languages of what a planner reads."""

    ZH = "zh"
    EN = "en"


def default_language() -> Language:
    """Return the language of the locale; Chinese unless it is another one."""
    words = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.EN if words[:2].lower() == "en" else Language.ZH


def bar_title(lang: Language | None, *things: Entitled) -> str:
    """Return what a bar is called: the titles of a city and of what is done with it."""
    return " · ".join(thing.title[str(lang or default_language())] for thing in things)


def in_language(text: str, lang: Language) -> str:
    """Return the part of a help text that is in a language: English sentences come first, then Chinese ones."""
    chinese = re.search(r"[\u4e00-\u9fff]", text)
    ends = max((m.end() for m in re.finditer(r"[.?] ", text[: chinese.start()])), default=0) if chinese else 0
    if not ends:
        return text
    return text[:ends].rstrip() if lang is Language.EN else text[ends:]


FRAME = {
    "Usage: ": "用法:", "\nOptions:\n": "\n选项:\n", "\nArguments:\n": "\n参数:\n", "\nCommands:\n": "\n命令:\n",
    "[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]...", "[default: ": "[默认:", "[required]": "[必填]",
    "Show this message and exit.": "显示本说明并退出",
}  # fmt: skip
"""What typer itself writes around every help, in Chinese."""


def framed(text: str, lang: Language) -> str:
    """Return a help with what typer writes around it in a language."""
    for said, chinese in FRAME.items() if lang is Language.ZH else ():
        text = text.replace(said, chinese)
    return text


class Program(TyperGroup):
    """Lists the commands in the order of the work, helps in one language; alone, it says what to do first."""

    lang: Language | None = None  # of the locale where nobody says

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  typer's context, untyped
        return [*WORKFLOW, *sorted(set(self.commands) - set(WORKFLOW))]

    def get_command(self, ctx: Any, name: str) -> Any:
        """Return a command whose help is in the language of the program."""
        found = super().get_command(ctx, name)
        return None if found is None else self._speaking(found)

    def get_help(self, ctx: Any) -> str:
        self._speaking(self)
        return framed(super().get_help(ctx), self.lang or default_language())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer a program that is called with nothing, as click would with its help."""
        if not args:
            from peiyu.words.loader import words  # help needs no words

            say(words("screen", str(default_language()))["first"].strip())
            raise typer.Exit
        return super().parse_args(ctx, args)

    def _speaking(self, command: Any) -> Any:
        """Return a command after its help has become that of one language."""
        lang = self.lang or default_language()
        command.help = in_language(" ".join((command.help or "").split()), lang)
        for option in command.params:
            option.help = in_language(getattr(option, "help", None) or "", lang)
        if command is not self and "get_help" not in vars(command):
            plain = command.get_help
            command.get_help = lambda ctx: framed(plain(ctx), self.lang or default_language())
        return command


app = typer.Typer(
    cls=Program,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Will a city's industry-cultivation plan reach its goals, and which lever would change that?"
    " 培育:一座城市的产业培育计划能否达标,哪项政策工具能改变结果?",
)


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
