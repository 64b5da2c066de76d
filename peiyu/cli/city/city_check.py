"""`peiyu city-check`: what a city's folder lacks, assumes and tells, before any forecast."""

from __future__ import annotations

from typing import Annotated

import typer

from peiyu.cli.app import Json, Lang, app, default_language
from peiyu.screen.lines import say_document

REFUSED = 2
"""Exit code of a city that cannot be forecast as it is; one with warnings can."""


@app.command("city-check")
def city_check(
    city: Annotated[str, typer.Argument(help="Shipped city or folder. 城市或目录")],
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Say what a city lacks, assumes and can tell, and the next command. 预测前检查:缺什么、假设什么、能说明什么."""
    from peiyu.city_check.terminal import print_verdict
    from peiyu.city_check.verdict import verdict_of
    from sim.city.city import load_city
    from sim.state.indicators import NAMES

    place = load_city(city, frozenset(NAMES))
    language = str(lang or default_language())
    document = verdict_of(place, language)
    if as_json:
        say_document(document.plain())
    else:
        print_verdict(place, document, language)
    if document.verdict == "refused":
        raise typer.Exit(REFUSED)
