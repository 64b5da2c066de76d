"""The appendix as a PDF in the layout of official documents, set by typst; fonts inside, the same bytes each time."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from peiyu.document.paper.cells import head_lines, printed
from peiyu.document.paper.layout import SHEETS, ColumnFit, Printed, groups, kept_whole
from peiyu.document.tree import (
    Cell,
    Code,
    Document,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Quote,
    Span,
    Strong,
    Table,
    plain,
)
from peiyu.figures import fonts as appendix_fonts
from peiyu.words.breaks import PIECE, broken
from sim.inputs.errors import InputError
from sim.inputs.said import Said

LATIN: dict[str, tuple[str, ...]] = {"zh": (), "en": ("Libertinus Serif",)}
"""Families before the Chinese ones; typst brings Libertinus with it."""
LINE = 36
"""Most letters of a word in a sentence that are kept on one line."""
HAN = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


def written(document: Document, _template: Path | None = None) -> bytes:
    """Return the PDF.

    Raises
    ------
    InputError
        If the document needs a Chinese font and none is there, or a letter that no font has.
    """
    fonts = [p for p in (appendix_fonts.serif(), appendix_fonts.sans()) if p]
    if not fonts and any(HAN.search(plain(piece)) for piece in document.inlines()):
        appendix_fonts.need_sans()
    places = list(dict.fromkeys([*appendix_fonts.named(), *(p.parent for p in fonts)]))
    when = datetime.strptime(document.date, "%Y-%m-%d").replace(tzinfo=UTC)
    with TemporaryDirectory() as folder:
        content = data(document, Path(folder)) | _faces(document.lang, places)
        (Path(folder) / "data.json").write_text(json.dumps(content, ensure_ascii=False), "utf8")
        main = Path(folder) / "appendix.typ"
        main.write_text(files("peiyu").joinpath("templates/appendix.typ").read_text("utf8"), "utf8")
        try:
            made: bytes = typst.compile(
                main,
                font_paths=places,
                ignore_system_fonts=True,  # so that every machine prints the same
                timestamp=int(when.timestamp()),
                pdf_standards="ua-1",  # tagged; typst refuses a letter without a glyph
            )
        except typst.TypstError as error:
            said = str(error.message).partition("\n")[0]
            raise InputError(
                Said(
                    "{reason}; a folder with more fonts can be named in {variable}",
                    reason=said,
                    variable=appendix_fonts.FOLDER,
                )
            ) from error
    return made


def _faces(lang: str, places: list[Path]) -> dict[str, list[str]]:
    """Return the families to print with, of those that are there."""
    known = set(typst.Fonts(include_system_fonts=False, font_paths=places).families())
    serif = (*LATIN[lang], *appendix_fonts.FAMILIES_SERIF, *appendix_fonts.FAMILIES_SANS)
    sans = (*LATIN[lang], *appendix_fonts.FAMILIES_SANS, *appendix_fonts.FAMILIES_SERIF)
    return {"serif": [f for f in serif if f in known], "sans": [f for f in sans if f in known]}


def data(document: Document, folder: Path) -> dict[str, Any]:
    """Return the tree as the template reads it; figures become files in the folder."""
    found = [
        {"turned": turned, "blocks": [_block(b, f, (document.lang, folder)) for b, f in group]}
        for turned, group in groups(document.blocks, SHEETS[document.lang])
    ]
    date = [int(x) for x in document.date.split("-")]
    names = ("lang", "mark", "title", "subtitle")
    return {"date": date, "groups": found} | {n: getattr(document, n) for n in names}


def _block(b: Printed, fit: ColumnFit | None, place: tuple[str, Path]) -> dict[str, Any]:
    if isinstance(b, Heading):
        return {"type": "heading", "level": b.level, "text": b.text, "fresh": b.fresh}
    if isinstance(b, Paragraph):
        return {"type": "paragraph", "role": b.role, "parts": _parts(b.parts, LINE)}
    if isinstance(b, Figure):
        name = f"{b.key}.svg"
        (place[1] / name).write_bytes(b.svg)
        return {"type": "figure", "file": name, "caption": b.caption, "alt": b.alt}
    assert fit is not None
    return _table(b, fit) | {"whole": kept_whole(b, fit, SHEETS[place[0]])}


def _table(b: Table, fit: ColumnFit) -> dict[str, Any]:
    columns = [
        {"head": head_lines(c, room, fit.narrow), "right": c.right, "width": w}
        for c, w, room in zip(b.columns, fit.widths, fit.rooms, strict=True)
    ]
    rows = [[_parts(printed(cell, x, fit.narrow)) for cell, x in zip(row, fit.rooms, strict=True)] for row in b.rows]
    about = {"type": "table", "caption": b.caption, "size": fit.size, "gutter": fit.gutter, "notes": list(b.notes)}
    return about | {"columns": columns, "rows": rows}


def _parts(cell: Cell, most: int = PIECE) -> list[tuple[str, Any]]:
    """Return the pieces of a cell; code and long words as parts between which a line may end."""
    return [_part(p, most) for piece in cell for p in _lines(piece)] or [("text", "")]


def _lines(p: Inline) -> list[Inline]:
    """Return a piece line by line, with what ends them."""
    if not isinstance(p, str | Quote | Strong) or "\n" not in plain(p):
        return [p]
    return [part for part in re.split("(\n)", plain(p)) if part]


def _part(p: Inline, most: int) -> tuple[str, Any]:
    if isinstance(p, Span):
        return "span", [p.low.text, p.dash, p.high.text]
    words = plain(p)
    if isinstance(p, Strong):
        return "strong", words
    parts = [broken(word, most) for word in words.split(" ")]
    if isinstance(p, Code):
        return "code", parts
    return ("text", words) if all(len(x) == 1 or HAN.search("".join(x)) for x in parts) else ("long", parts)
