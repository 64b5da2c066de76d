"""`peiyu store`: how large the store is, and what is dropped to keep it small."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import Db, Json, Lang, Out, app, default_language

if TYPE_CHECKING:
    from sim.store.keeping import Dropped

MB = 1e6


@app.command("store")
def store_command(
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", help="Forget this run and the analyses that rest on it. 删除此运行及以其为依据的分析"),
    ] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="Write the file anew without what was dropped. 压缩文件,释放已删除的空间")
    ] = False,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    """Tell how large the store is; drop runs that nobody needs, and compact the file. 数据库的大小、清理与压缩."""
    from peiyu.document.tree import analysis_id
    from peiyu.screen.console import stdout
    from peiyu.screen.lines import say_document
    from peiyu.words.loader import words
    from sim.store.reader import open_reader

    w, screen = words("store", language := str(lang or default_language())), stdout(language)
    path, gone, before = db or out / "peiyu.db", None, None
    if drop or compact:
        gone, before = _tidied(path, drop or [], compact=compact)
    with open_reader(path) as store:  # to tell its size nothing needs to be written, nor what writes to be loaded
        after, runs = store.path.stat().st_size, len(store.run_ids())
    before = after if before is None else before
    if as_json:
        analyses = [f"{a.kind}/{a.key}" for a in gone.analyses] if gone else []
        said = {"store": str(store.path), "runs": runs, "bytes_before": before, "bytes": after}
        say_document(said | {"dropped": list(gone.runs) if gone else [], "analyses": analyses})
        return
    if gone:
        screen.print(w["dropped"].format(runs=", ".join(gone.runs), members=gone.members))
        for a in gone.analyses:
            screen.print(w["analysis"].format(id=analysis_id(a), created=a.created))
    sizes = {"before": before / MB, "now": after / MB}
    screen.print(w["compacted" if compact else "size"].format(path=store.path, runs=runs, **sizes))
    if gone and not compact:
        screen.print(w["next"])


def _tidied(path: Path, drop: list[str], *, compact: bool) -> tuple[Dropped | None, int | None]:
    """Drop runs and compact the file as asked; return what went, and the size before if it was compacted."""
    from sim.store.keeping import compact as compacted
    from sim.store.keeping import drop as dropped
    from sim.store.store import open_store

    with open_store(path, must_exist=True) as store:
        gone = dropped(store, drop) if drop else None
        return gone, compacted(store)[0] if compact else None
