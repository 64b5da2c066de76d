"""The forecast appendix: a stored run as one document tree, and the tree as docx, PDF, HTML and xlsx."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from peiyu.appendix import comparison as appendix_compare
from peiyu.appendix import goals as appendix_goals
from peiyu.appendix import provenance as appendix_backed
from peiyu.appendix import robustness as appendix_alters
from peiyu.appendix import validation as appendix_results
from peiyu.appendix.outcomes import outcomes_by_year
from peiyu.appendix.page import Page
from peiyu.appendix.scenarios import scenario_title
from peiyu.document.shown import shown
from peiyu.document.tree import Block, Cell, Code, Document, Figure, Heading, Paragraph, Table
from peiyu.runs.inputs import given
from peiyu.runs.stored import StoredRun
from peiyu.words.loader import words
from sim.files import write_whole
from sim.inputs.errors import InputError

FORMATS = ("docx", "pdf", "html", "xlsx")
NEEDS = {"docx": "docx", "pdf": "typst", "html": "jinja2", "xlsx": "openpyxl"}
"""The package each writer imports."""
INSTALL = "pip install 'peiyu[appendix]' installs what it needs"
HAN = "\u3400-\u9fff\u3000-\u303f\uff00-\uffef"
WIDE = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "(": "\uff08", ")": "\uff09"}
"""Marks that Chinese documents print full width."""
TENS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Made:
    """What was written, and what could not be, with the reason."""

    files: list[Path]
    missed: dict[str, str]


def build(stored: StoredRun, lang: str) -> Document:
    """Return the appendix of a run in a language."""
    page = Page(stored, lang, given(stored))
    w, scenario = page.say, page.stored.run["scenario"]
    title = w("title", city=stored.city.title[lang])
    named = scenario_title(page, scenario)
    subtitle = w("subtitle", scenario=named, as_of=page.when(stored.run["as_of"]))
    parts = (
        appendix_goals.answers, appendix_goals.goals, appendix_goals.together, appendix_goals.change, _paths,
        outcomes_by_year,
        appendix_compare.compare, appendix_compare.where, appendix_alters.alters, appendix_results.backtest,
        appendix_results.check, appendix_backed.assumptions, appendix_backed.data, appendix_backed.model,
        appendix_backed.limits, appendix_backed.reproduce,
    )  # fmt: skip
    blocks = [block for part in parts for block in part(page)]
    date = str(stored.run["created"])[:10]
    numbered = tuple(_numbered(blocks, lang))
    document = shown(Document(lang, title, numbered, mark=w("mark"), subtitle=subtitle, run_id=stored.id, date=date))
    return _full_width(document) if lang == "zh" else document


def _paths(page: Page) -> list[Block]:
    """Return the figures, or how to install what draws them."""
    if find_spec("matplotlib") is None:
        return [Heading(1, page.say("paths")), page.told("no_figures", command=Code("pip install 'peiyu[appendix]'"))]
    from peiyu.appendix.figures import paths  # noqa: PLC0415  matplotlib is an extra

    return paths(page)


def _numbered(blocks: list[Block], lang: str) -> Iterator[Block]:
    """Give headings, tables and figures their numbers: 一、(一)1. in Chinese, 1, 1.1, 1.1.1 in English."""
    at, tables, figures = [0, 0, 0, 0], 0, 0
    w = words("appendix", lang)
    for block in blocks:
        if isinstance(block, Heading):
            at = [*at[: block.level - 1], at[block.level - 1] + 1, *[0] * (4 - block.level)]
            yield replace(block, text=_number(at, block.level, lang) + block.text)
        elif isinstance(block, Table):
            tables += 1
            yield replace(block, caption=_caption(w["table"], tables, block.caption, lang))
        elif isinstance(block, Figure):
            figures += 1
            yield replace(block, caption=_caption(w["figure"], figures, block.caption, lang))
        else:
            yield block


def _caption(word: str, n: int, text: str, lang: str) -> str:
    return words("punctuation", lang)["caption"].format(word=word, n=n, text=text)


def _number(at: list[int], level: int, lang: str) -> str:
    if lang != "zh":
        return ".".join(map(str, at[:level])) + ". " * (level == 1) + " " * (level > 1)
    n = at[level - 1]
    return {1: f"{chinese(n)}、", 2: f"\uff08{chinese(n)}\uff09", 3: f"{n}. "}.get(level, f"\uff08{n}\uff09")


def chinese(n: int) -> str:
    """Write a number below a hundred in Chinese numerals."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return TENS[ones - 1]
    return (TENS[tens - 1] if tens > 1 else "") + "十" + (TENS[ones - 1] if ones else "")


def full_width(text: str) -> str:
    """Write commas, colons, semicolons and brackets full width where Chinese stands beside them."""
    if not re.search(f"[{HAN}]", text) and text.strip() not in WIDE:
        return text
    marks = rf"(?<![0-9])[,:;](?![0-9]) ?|[,:;](?=[^0-9\x00-\x7f]) ?|(?<=[{HAN}])[,:;] ?"
    text = re.sub(marks, lambda m: WIDE[m[0][0]], text)
    return re.sub(r"[()]", lambda m: WIDE[m[0]], text)


def _full_width(document: Document) -> Document:
    blocks = tuple(_widened(b) for b in document.blocks)
    return replace(document, subtitle=full_width(document.subtitle), blocks=blocks)


def _widened(block: Block) -> Block:
    def cell(parts: Cell) -> Cell:
        return tuple(full_width(p) if isinstance(p, str) else p for p in parts)

    if isinstance(block, Heading):
        return replace(block, text=full_width(block.text))
    if isinstance(block, Paragraph):
        return replace(block, parts=cell(block.parts))
    if isinstance(block, Figure):
        return replace(block, caption=full_width(block.caption), alt=full_width(block.alt))
    if not isinstance(block, Table):
        return block
    columns = tuple(replace(c, title=full_width(c.title)) for c in block.columns)
    rows = tuple(tuple(cell(c) for c in row) for row in block.rows)
    notes = tuple(full_width(n) for n in block.notes)
    return replace(block, caption=full_width(block.caption), columns=columns, rows=rows, notes=notes)


def write(document: Document, formats: list[str], out: Path, template: Path | None = None) -> Made:
    """Write the document in each format that can be made; what cannot is named with the reason."""
    files, missed = [], {}
    for form in formats:
        path = out / f"appendix_{document.lang}.{form}"
        try:
            content = _writer(form)(document, template if form == "docx" else None)
        except InputError as error:
            missed[form] = str(error)
            continue
        write_whole(path, content)
        files.append(path)
    return Made(files, missed)


def _writer(form: str) -> Callable[[Document, Path | None], bytes]:
    """Return the writer of a format. Raises `InputError` when what it needs is not installed."""
    if find_spec(NEEDS[form]) is None:
        raise InputError(f"{NEEDS[form]} is not installed; {INSTALL}")
    return WRITERS[form]


def _docx(document: Document, template: Path | None) -> bytes:
    from peiyu.document.docx import written  # noqa: PLC0415  each format needs a package that may not be there

    return written(document, template)


def _pdf(document: Document, template: Path | None) -> bytes:
    from peiyu.document.pdf import written  # noqa: PLC0415

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
