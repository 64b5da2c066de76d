"""`peiyu appendix`: the document of a stored run, ready to be attached to a review."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from peiyu.cli.app import Db, Json, Lang, Out, app, default_language
from peiyu.screen.lines import say, say_document, tell
from sim.files import check_folder, write_whole
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said

if TYPE_CHECKING:
    from peiyu.runs.stored import StoredRun

Run = Annotated[
    str | None,
    typer.Argument(help="Run id; the base of comparisons, or the forecast, if it is the only one. 运行编号"),
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="docx, pdf, html, xlsx, with commas; all that can be made by default. 格式"),
]
Template = Annotated[Path | None, typer.Option("--template", help="Word file whose styles to use. Word 模板")]
Place = Annotated[str | None, typer.Option("--city", help="City folder, if it is not a shipped one. 城市目录")]
Plan = Annotated[str | None, typer.Option("--scenario", help="Scenario file, if it is not a shipped one. 情景文件")]

Bundle = Annotated[
    bool,
    typer.Option(
        "--bundle", help="Also write one zip with documents, inputs and a store extract. 另存一个可复算的存档"
    ),
]
Short = Annotated[bool, typer.Option("--summary", help="Only the two pages of the summary. 只要两页摘要")]
Apart = Annotated[bool, typer.Option("--annex", help="Annexes in files of their own. 附录另存为文件")]
Whole = Annotated[
    bool, typer.Option("--complete", help="Run first what the document would leave out. 先补算缺少的部分")
]
Within = Annotated[
    str, typer.Option("--within", help="Time for --complete, as 20m, 90s or 1h. 补算的时间上限")
]


@app.command("appendix")
def appendix_command(
    run: Run = None,
    formats: Format = None,
    template: Template = None,
    city: Place = None,
    scenario: Plan = None,
    db: Db = None,
    out: Out = Path("out"),
    lang: Lang = None,
    as_json: Json = False,
    archive: Bundle = False,
    short: Short = False,
    apart: Apart = False,
    whole: Whole = False,
    within: Within = "20m",
) -> None:
    """Write the forecast appendix of a stored run: Word, PDF, web page, workbook. 由已存运行生成预测附件."""
    from peiyu.appendix import build as appendix
    from peiyu.runs.stored import read_run
    from peiyu.words import messages
    from sim.store.results import open_results

    wanted = named(formats)
    place = db or out / "peiyu.db"
    if whole:
        run = _completed(place, (run, city, scenario), within, out, str(lang or default_language()))
    with open_results(place) as store:
        stored = read_run(store, run, city, scenario)
        check_folder(out)
        _look_back(place, stored)
        document = appendix.build(stored, str(lang or default_language()), short)
        parts = appendix.parts(document, apart, short)
        made = appendix.write_parts(parts, wanted, out, template)
        files = [str(path) for path in made.files]
        if archive:
            files.append(str(_archived(stored, made.files, document.lang, out)))
        if as_json:
            missed = {form: messages.told(why, document.lang) for form, why in made.missed.items()}
            say_document({"run_id": stored.id, "lang": document.lang, "files": files, "missed": missed})
        else:
            say("\n".join(files))
            tell(_of(stored, document.lang))
    if not made.missed:
        return
    missing = not_made(made.missed)
    if formats is not None or not files:
        raise InputError(missing)
    tell(f"peiyu: {messages.told(missing, document.lang)}")


def _completed(
    db: Path, asked: tuple[str | None, str | None, str | None], within: str, out: Path, lang: str
) -> str:  # fmt: skip
    """Run what the document of a run would leave out, as far as the time goes; returns the run."""
    from peiyu.runs import complete
    from peiyu.runs.stored import read_run
    from peiyu.words.loader import words
    from sim.store.results import open_results

    time = complete.seconds(within)
    with open_results(db) as store:
        stored = read_run(store, *asked)
        left, run = complete.missing(stored, asked[2]), stored.id
    check_folder(out)
    unfinished = complete.complete(left, time, complete.where(db, out), complete.as_process)
    if unfinished:
        tell(words("screen", lang)["unfinished"].format(within=within, analyses=", ".join(unfinished)))
    return run


def _of(stored: StoredRun, lang: str) -> str:
    """Say which run the document is of."""
    from peiyu.words.loader import words
    from peiyu.words.titles import title_of

    scenario = title_of(str(stored.run["scenario"]), stored.city, lang)
    return words("screen", lang)["appendix_of"].format(run=stored.id, scenario=scenario, members=stored.members)


def _look_back(db: Path, stored: StoredRun) -> None:
    """Score the earlier forecasts that the store has, for the annex; the store is only written to for a new review."""
    from peiyu.review import review
    from sim.store.store import open_store

    made = review.missing(stored.store, stored.id, stored.city)
    if made is not None:
        with open_store(db, must_exist=True) as store:
            review.keep(made, store)


def _archived(stored: StoredRun, documents: list[Path], lang: str, out: Path) -> Path:
    """Write the archive, whole or not at all."""
    from peiyu.runs import archive as bundle

    path = out / f"appendix_{lang}.zip"
    write_whole(path, bundle.written(stored, documents, lang))
    return path


def named(formats: str | None) -> list[str]:
    """Return the formats named, all of them if none is. Raises `InputError` for one that is not known."""
    from peiyu.appendix import build as appendix

    if formats is None:
        return list(appendix.FORMATS)
    known = ", ".join(appendix.FORMATS)
    asked = [word.strip().lower() for word in formats.split(",") if word.strip()]
    for word in asked:
        if word not in appendix.FORMATS:
            raise InputError(
                Said(
                    '--format: unknown format "{word}".{near} Known: {known}.',
                    word=word,
                    near=meant(word, appendix.FORMATS),
                    known=known,
                )
            )
    if not asked:
        raise InputError(Said("--format: name one or more of {known}, with commas between.", known=known))
    return list(dict.fromkeys(asked))


def not_made(missed: Mapping[str, Said | str]) -> Said:
    """Say which formats could not be made, and how to get what they need."""
    first, *others = (Said("{form} was not made: {why}", form=form, why=why) for form, why in missed.items())
    for other in others:
        first = Said("{first}; {other}", first=first, other=other)
    return first
