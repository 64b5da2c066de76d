"""`peiyu page`: the planner's page in a browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import AsOf, City, End, Lang, Out, Seed, app, default_language
from sim.files import check_folder
from sim.inputs.errors import InputError
from sim.inputs.said import Said

PORT = 8765
NEEDS = ("starlette", "uvicorn", "jinja2", "matplotlib")
HIGHEST_PORT = 65535


@app.command()
def page(
    city: City = "hangzhou",
    as_of: AsOf = None,
    end: End = None,
    seed: Seed = 1,
    port: Annotated[int, typer.Option("--port", help="Port; 0 for any that is free. 端口")] = PORT,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; others than this machine need the token. 监听地址")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser. 打开浏览器")] = True,
    out: Out = Path("out"),
    lang: Lang = None,
) -> None:
    """Open the planner's page: move a lever, see the chance of every goal. 打开规划页面,调整工具即见达标概率."""
    from peiyu.forecasts import pipeline
    from peiyu.forecasts.precision import Precision

    if not 0 <= port <= HIGHEST_PORT:
        raise InputError(Said("--port {port}: write a number from 0 to {highest}.", port=port, highest=HIGHEST_PORT))
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        needs = ", ".join(missing)
        raise InputError(Said("the page needs {needs}; install it with: pip install 'peiyu[page]'", needs=needs))
    from peiyu.page.web.server import Place, serve

    origin = as_of or pipeline.newest_origin(city)
    q = pipeline.ask(city, [], as_of=origin, end=end, precision=Precision(seed=seed))
    check_folder(out)
    serve(q, Place(out, host, port, newest=as_of is None), str(lang or default_language()), opened=browser)
