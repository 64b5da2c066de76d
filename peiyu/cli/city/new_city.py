"""`peiyu new-city`: a city folder to be filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import app
from peiyu.screen.lines import say


@app.command("new-city")
def new_city(
    name: Annotated[str, typer.Argument(help="Folder name: letters, digits, underscores. 目录名")],
    parent: Annotated[Path, typer.Option("--parent", help="Where to make the folder. 上级目录")] = Path(),
    source: Annotated[
        str | None, typer.Option("--from", help="City to copy, with its fit, instead of the template. 复制哪个城市")
    ] = None,
) -> None:
    """Make a city folder that already validates, to be filled in. 生成可直接校验的城市模板目录."""
    from sim.city.files import on_command_line
    from sim.city.template import write_city

    folder = write_city(name, parent, source) if source else write_city(name, parent)
    place = on_command_line(folder)
    say(f"{folder}\npeiyu calibrate --city {place}\npeiyu forecast --city {place} --scenario baseline")
