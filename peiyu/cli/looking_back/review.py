"""`peiyu review`: how did our forecasts do, so far."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from peiyu.cli.app import Db, Json, Lang, Out, app, default_language
from peiyu.cli.appendix import Place
from peiyu.screen.lines import say_document, tell
from sim.files import check_folder, write_whole


@app.command("review")
def review_command(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Run ids, one for each origin; by default the earliest, the last before now, and now's. 运行编号"
        ),
    ] = None,
    city: Place = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Score earlier forecasts on what came since, and write the page on it. 评估以往预测:与此后公布的数对照."""
    from peiyu.document.markdown import page as markdown
    from peiyu.review.page import ReviewPage, page
    from peiyu.review.review import keep, review
    from peiyu.review.terminal import print_review
    from sim.city.city import load_city
    from sim.store.store import open_store

    language = str(lang or default_language())
    if city is not None:
        load_city(city)  # a name that is misspelt is told before a store that is not there
    with open_store(db or out / "peiyu.db", must_exist=True) as store:
        made = review(store, runs or (), city)
        check_folder(out)
        keep(made, store)
    path = out / f"review_{language}.md"
    write_whole(path, markdown(page(made, made.city, language)))
    if as_json:
        say_document(made.document.plain())
    else:
        print_review(ReviewPage(made, made.city, language))
        tell(str(path))
