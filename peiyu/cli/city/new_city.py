"""`peiyu new-city`: a city folder from a workbook, from answers to questions, or a template to be filled in."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import Lang, app, default_language
from peiyu.screen.lines import put, say, tell
from sim.inputs.errors import InputError
from sim.inputs.said import Said

if TYPE_CHECKING:
    from peiyu.new_city.read import Form

FORMS = (".xlsx", ".csv")
"""Files that `--from` reads as a workbook; a folder of CSV files is one too."""


@app.command("new-city")
def new_city(
    name: Annotated[str, typer.Argument(help="Folder name: letters, digits, underscores. 目录名")] = "",
    parent: Annotated[Path, typer.Option("--parent", help="Where to make the folder. 上级目录")] = Path(),
    source: Annotated[
        str | None,
        typer.Option(
            "--from", help="Filled workbook, folder of CSV, or city to copy with its fit. 工作簿或要复制的城市"
        ),
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="Write the workbook to fill in, as city.xlsx. 生成空白工作簿")
    ] = None,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", help="Ask for everything, or write the template folder. 逐项提问"),
    ] = None,
    lang: Lang = None,
) -> None:
    """Make a city folder: from a workbook, from answers, or a template. 由工作簿或问答生成城市目录."""
    language = str(lang or default_language())
    if template is not None:
        _template(template, name, language)
    elif not name:
        raise InputError(
            Said("name the city's folder, as in: peiyu new-city mycity; or write a workbook with --template city.xlsx")
        )
    elif source is not None and _is_form(source):
        from peiyu.new_city.read import read_form
        from sim.city.template import checked_place

        checked_place(name, parent)
        _from_form(name, parent, _told(lambda: read_form(Path(source), language)), language)
    elif source is None and (sys.stdin.isatty() if ask is None else ask):
        from peiyu.new_city.questions import asked_form
        from sim.city.template import checked_place

        checked_place(name, parent)
        _from_form(name, parent, _told(lambda: asked_form(_ask, say, language)), language)
    else:
        _copied(name, parent, source)


def _is_form(source: str) -> bool:
    """Tell whether a name is a workbook or a folder of CSV files that is no city."""
    path = Path(source)
    if path.is_dir():
        return not (path / "profile.toml").exists() and any(path.glob("*.csv"))
    return path.suffix.lower() in FORMS


def _template(path: Path, name: str, lang: str) -> None:
    from peiyu.new_city.template import write_template
    from peiyu.words.loader import words

    write_template(path, lang)
    command = f"peiyu new-city {name or 'mycity'} --from {shlex.quote(str(path))}"
    say(words("new_city", lang)["template"].format(path=path, command=command))


def _copied(name: str, parent: Path, source: str | None) -> None:
    from sim.city.files import on_command_line
    from sim.city.template import write_city

    folder = write_city(name, parent, source) if source else write_city(name, parent)
    place = on_command_line(folder)
    say(f"{folder}\npeiyu calibrate --city {place}\npeiyu forecast --city {place} --scenario baseline")


def _told(read: Callable[[], Form]) -> Form:
    """Read a form; every fault is a line of its own on stderr."""
    from peiyu.new_city.faults import FormError

    try:
        return read()
    except FormError as error:
        for line in error.lines:
            tell(line)
        raise


def _from_form(name: str, parent: Path, form: Form, lang: str) -> None:
    """Write a city of a form, and say what the model does not use and what is next."""
    from peiyu.new_city.folder import write_new_city
    from peiyu.words.loader import words
    from sim.city.files import on_command_line

    w, made = words("new_city", lang), write_new_city(name, parent, form, lang)
    say(w["written"].format(folder=made.path))
    if made.left_out:
        say(w["left_out"].format(goals=w["comma"].join(made.left_out)))
    if made.kept:
        say(w["kept"].format(series=w["comma"].join(made.kept)))
    say(w["next"].format(command=f"peiyu city-check {on_command_line(made.path)}"))


def _ask(question: str) -> str:
    """Show a question and return the answer; the end of the input ends the questions as Ctrl-C does."""
    put(question)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line
