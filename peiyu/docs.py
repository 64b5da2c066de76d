"""Write the generated pages of docs/: `python -m peiyu.docs`, or `make docs`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperOption
from typer.main import get_command

import peiyu.commands  # noqa: F401  registers every command
from peiyu.backtest.page import results as backtest_results
from peiyu.cli.app import Language, Program, app
from peiyu.document import kept
from peiyu.document.markdown import page
from peiyu.document.prose import paragraph
from peiyu.document.tree import Block, Document, Heading, Verbatim
from peiyu.fit.borrowing import results as borrowing_results
from peiyu.fit.check_page import results as check_results
from peiyu.odd import description as odd
from peiyu.odd.levers import lever_page
from peiyu.odd.prose import COUNTED
from peiyu.odd.translations import fingerprint, follow
from peiyu.screen.lines import say
from sim.city.city import load_city
from sim.files import write_whole

FOLDER = Path(__file__).parents[1] / "docs"
CITY = "hangzhou"
WIDTH = 100
"""Columns of the help pages, whatever the terminal."""
ODD_PAGES = {"model.md": "en", "model.zh.md": "zh"}
LEVER_PAGES = {"levers.md": "en", "levers.zh.md": "zh"}
CLI_PAGES = {"cli.md": Language.EN, "cli.zh.md": Language.ZH}
CLI_LEAD = {
    Language.EN: "Every command with its `--help`, in the order of the work, captured by `make docs`. Help is in the"
    " language of the locale. Wrong input ends with one message and exit code 2.",
    Language.ZH: "所有命令及其 `--help`,按工作顺序,由 `make docs` 生成。帮助用系统语言显示。"
    "输入有误时给出一条说明,退出码为 2。",
}


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    city = load_city(CITY)
    described = {name: page(odd.description(city, lang)) for name, lang in ODD_PAGES.items()}
    levers = {name: page(lever_page(city, lang)) for name, lang in LEVER_PAGES.items()}
    results = {
        "check.md": kept.page("check", check_results),
        "backtest.md": kept.page("backtest", backtest_results),
        "borrowing.md": kept.page("borrowing", borrowing_results),
    }
    return described | levers | results | {name: page(cli_page(lang)) for name, lang in CLI_PAGES.items()}


def counted() -> str:
    """Return what the prose of the model description says of the source, as a file of the package."""
    return json.dumps(odd.counts(), indent=1) + "\n"


def cli_page(lang: Language) -> Document:
    """Return the help of the program and of every command."""
    blocks: list[Block] = [paragraph(CLI_LEAD[lang])]
    for name, text in _helps(lang):
        blocks += (Heading(1, name), Verbatim(text))
    return Document(str(lang), "The command line" if lang is Language.EN else "命令行", tuple(blocks))


def _helps(lang: Language) -> Iterator[tuple[str, str]]:
    """Give the name and help of the program, then of its commands in the order of its own list."""
    program = get_command(app)
    assert isinstance(program, Program)
    program.lang = lang
    top = typer.Context(program, info_name="peiyu", terminal_width=WIDTH, max_content_width=WIDTH)
    yield "peiyu", program.get_help(top)
    for name in program.list_commands(top):
        command = program.get_command(top, name)
        for option in command.params:
            if isinstance(option, TyperOption) and option.name == "workers":
                option.show_default = "all cores"  # the number of cores is the machine's
        inside = typer.Context(command, info_name=name, parent=top, terminal_width=WIDTH, max_content_width=WIDTH)
        yield f"peiyu {name}", command.get_help(inside)


def main() -> None:
    """Write the pages and say which, and where the Chinese catalogue is behind the code."""
    city = load_city(CITY)
    for old, new in follow(odd.asked(city).asked).items():
        say(f"peiyu/odd/zh: {old} is {new} now")
    FOLDER.mkdir(exist_ok=True)
    write_whole(COUNTED, counted())
    for name, text in pages().items():
        write_whole(FOLDER / name, text)
        say(f"docs/{name}")
    w = odd.asked(city)
    for where in w.missing():
        say(f"no Chinese in peiyu/odd/zh: {where} ({fingerprint(w.asked[where])}): {w.asked[where]}")
    for where in w.outdated():
        say(f"the English has changed or is gone: {where}")


if __name__ == "__main__":
    main()
