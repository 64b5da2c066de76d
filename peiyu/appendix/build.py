"""The forecast appendix: a stored run as one document tree, and the tree as docx, PDF, HTML and xlsx."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from peiyu.appendix import comparison as appendix_compare
from peiyu.appendix import goals as appendix_goals
from peiyu.appendix import provenance as appendix_backed
from peiyu.appendix import robustness as appendix_alters
from peiyu.appendix import validation as appendix_results
from peiyu.appendix.brief import summary
from peiyu.appendix.outcomes import outcomes_by_year
from peiyu.appendix.page import Page, scenario_title
from peiyu.appendix.plan import plan
from peiyu.appendix.typeset import typeset
from peiyu.document.tree import Block, Code, Document, Heading
from peiyu.runs.inputs import given
from peiyu.runs.stored import StoredRun
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said

FORMATS = ("docx", "pdf", "html", "xlsx")
NEEDS = {"docx": "docx", "pdf": "typst", "html": "jinja2", "xlsx": "openpyxl"}
"""The package each writer imports."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was written, and what could not be, with the reason."""

    files: list[Path]
    missed: dict[str, Said | str]


def build(stored: StoredRun, lang: str, brief: bool = False) -> Document:
    """Return the appendix of a run in a language; in brief, only the two pages that it begins with."""
    page = Page(stored, lang, given(stored))
    w, scenario = page.say, page.stored.run["scenario"]
    city = stored.city
    title = w("title", city=city.title[lang], subject=city.document.subject[lang])
    named = scenario_title(page, scenario)
    subtitle = w("subtitle", scenario=named, as_of=page.when(stored.run["as_of"]))
    blocks = summary(page)
    if not brief:
        blocks += [*_on_new_page(_body(page)), *_on_new_page(_annexes(page))]
    date = str(stored.run["created"])[:10]
    return typeset(Document(lang, title, tuple(blocks), mark=w("mark"), subtitle=subtitle, run_id=stored.id, date=date))


def _body(page: Page) -> list[Block]:
    """Return what follows the summary: the plan, the forecast, and what would change it."""
    parts = (
        plan, appendix_goals.goals, appendix_goals.together, appendix_goals.change, _paths, appendix_compare.compare,
        appendix_alters.alters, appendix_backed.limits,
    )  # fmt: skip
    return [block for part in parts for block in part(page)]


def _annexes(page: Page) -> list[Block]:
    """Return what a reviewer checks."""
    parts = (
        appendix_compare.effects, appendix_compare.where, outcomes_by_year, _observed, appendix_results.backtest,
        appendix_results.looked_back, appendix_results.check, appendix_backed.assumptions, appendix_backed.data,
        appendix_backed.model, appendix_backed.reproduce,
    )  # fmt: skip
    return [block for part in parts for block in part(page)]


def _on_new_page(blocks: list[Block]) -> list[Block]:
    """Let the first heading begin a page."""
    first = blocks[0]
    assert isinstance(first, Heading)
    return [replace(first, fresh=True), *blocks[1:]]


def _observed(page: Page) -> list[Block]:
    """Return the figures of published data, where they can be drawn."""
    if find_spec("matplotlib") is None:
        return []
    from peiyu.appendix.figures import observations  # noqa: PLC0415  matplotlib is an extra

    return observations(page)


def _paths(page: Page) -> list[Block]:
    """Return the figures of goals, or how to install what draws them."""
    if find_spec("matplotlib") is None:
        return [Heading(1, page.say("paths")), page.told("no_figures", command=Code("pip install 'peiyu[appendix]'"))]
    from peiyu.appendix.figures import paths  # noqa: PLC0415  matplotlib is an extra

    return paths(page)


def write(
    document: Document, formats: list[str], out: Path, template: Path | None = None, name: str = "appendix"
) -> Made:  # fmt: skip
    """Write the document in each format that can be made; what cannot is named with the reason."""
    files: list[Path] = []
    missed: dict[str, Said | str] = {}
    for form in formats:
        path = out / f"{name}_{document.lang}.{form}"
        try:
            content = _writer(form)(document, template if form == "docx" else None)
        except InputError as error:
            missed[form] = error.said
            continue
        write_whole(path, content)
        files.append(path)
    return Made(files, missed)


def parts(document: Document, apart: bool, brief: bool) -> dict[str, Document]:
    """Return the documents to be written by the names of their files: one, or the annexes in one of their own."""
    first = next((i for i, b in enumerate(document.blocks) if isinstance(b, Heading) and b.annex), None)
    if not apart or first is None:
        return {"summary" if brief else "appendix": document}
    body, rest = document.blocks[:first], document.blocks[first:]
    return {"appendix": replace(document, blocks=body), "annex": replace(document, blocks=rest)}


def write_parts(documents: dict[str, Document], formats: list[str], out: Path, template: Path | None = None) -> Made:
    """Write each document in each format that can be made."""
    every = [write(document, formats, out, template, name) for name, document in documents.items()]
    missed = {form: why for made in every for form, why in made.missed.items()}
    return Made([path for made in every for path in made.files], missed)


def _writer(form: str) -> Callable[[Document, Path | None], bytes]:
    """Return the writer of a format. Raises `InputError` when what it needs is not installed."""
    if find_spec(NEEDS[form]) is None:
        raise InputError(
            Said(
                "{package} is not installed; pip install 'peiyu[appendix]' installs what it needs", package=NEEDS[form]
            )
        )
    return WRITERS[form]


def _docx(document: Document, template: Path | None) -> bytes:
    from peiyu.document.paper.docx import written  # noqa: PLC0415  each format needs a package that may not be there

    return written(document, template)


def _pdf(document: Document, template: Path | None) -> bytes:
    from peiyu.document.paper.pdf import written  # noqa: PLC0415

    return written(document, template)


def _html(document: Document, template: Path | None) -> bytes:
    from peiyu.document.html import written  # noqa: PLC0415

    return written(document, template)


def _xlsx(document: Document, template: Path | None) -> bytes:
    from peiyu.document.xlsx import written  # noqa: PLC0415

    return written(document, template)


WRITERS: dict[str, Callable[[Document, Path | None], bytes]] = {
    "docx": _docx,
    "pdf": _pdf,
    "html": _html,
    "xlsx": _xlsx,
}
