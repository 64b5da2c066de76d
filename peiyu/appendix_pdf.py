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

from peiyu import appendix_fonts
from peiyu.appendix_layout import PIECE, SHEETS, fit, together
from peiyu.appendix_tree import Block, Cell, Code, Document, Figure, Heading, Number, Paragraph, Span, Table, plain
from sim.door import InputError

LATIN = {"zh": (), "en": ("Libertinus Serif",)}
"""Families before the Chinese ones; typst brings Libertinus with it."""
HAN = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


def written(document: Document, _template: Path | None = None) -> bytes:
    """Return the PDF. Raises `InputError` when it needs a Chinese font and none is there."""
    latin = list(LATIN[document.lang])
    fonts = [p for p in (appendix_fonts.serif(), appendix_fonts.sans()) if p]
    if not fonts and any(HAN.search(plain(piece)) for piece in document.inlines()):
        raise InputError(appendix_fonts.HOW)
    serif = [*latin, *appendix_fonts.FAMILIES_SERIF, *appendix_fonts.FAMILIES_SANS]
    sans = [*latin, *appendix_fonts.FAMILIES_SANS, *appendix_fonts.FAMILIES_SERIF]
    known = set(typst.Fonts(include_system_fonts=False, font_paths=[p.parent for p in fonts]).families())
    faces = {"serif": [f for f in serif if f in known], "sans": [f for f in sans if f in known]}
    with TemporaryDirectory() as folder:
        place = Path(folder)
        content = data(document, place) | faces
        (place / "data.json").write_text(json.dumps(content, ensure_ascii=False), "utf8")
        template = files("peiyu").joinpath("templates/appendix.typ").read_text("utf8")
        (place / "appendix.typ").write_text(template, "utf8")
        when = datetime.strptime(document.date, "%Y-%m-%d").replace(tzinfo=UTC)
        made: bytes = typst.compile(
            place / "appendix.typ",
            font_paths=[p.parent for p in fonts],
            ignore_system_fonts=True,
            timestamp=int(when.timestamp()),
            pdf_standards="ua-1",
        )
    return made


def data(document: Document, folder: Path) -> dict[str, Any]:
    """Return the tree as the template reads it; figures become files in the folder."""
    blocks = [_block(b, document.lang, folder) for b in document.blocks]
    date = [int(x) for x in document.date.split("-")]
    names = ("lang", "mark", "title", "subtitle")
    return {"date": date, "piece": PIECE, "blocks": blocks} | {n: getattr(document, n) for n in names}


def _block(b: Block, lang: str, folder: Path) -> dict[str, Any]:
    if isinstance(b, Heading):
        return {"type": "heading", "level": b.level, "text": b.text}
    if isinstance(b, Paragraph):
        return {"type": "paragraph", "role": b.role, "parts": _parts(b.parts)}
    if isinstance(b, Figure):
        name = f"{b.key}.svg"
        (folder / name).write_bytes(b.svg)
        return {"type": "figure", "file": name, "caption": b.caption, "alt": b.alt}
    return _table(b, lang)


def _table(b: Table, lang: str) -> dict[str, Any]:
    found = fit(b, SHEETS[lang])
    columns = [{"head": c.head, "right": c.right, "width": w} for c, w in zip(b.columns, found.widths, strict=True)]
    return {
        "type": "table", "caption": b.caption, "columns": columns, "size": found.size, "turned": found.turned,
        "rows": [[_parts(together(cell)) for cell in row] for row in b.rows], "notes": list(b.notes),
    }  # fmt: skip


def _parts(cell: Cell) -> list[tuple[str, str]]:
    kinds = {Code: "code", Number: "number", Span: "number"}
    return [(kinds.get(type(p), "text"), plain(p)) for p in cell] or [("text", "")]
