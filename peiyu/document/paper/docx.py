"""The appendix as a Word document that can be edited: real styles, tables, captions and words for the figures."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from docx.document import Document as Word
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from peiyu.document.paper import docx_styles as styles
from peiyu.document.paper.cells import head_lines, printed
from peiyu.document.paper.layout import ColumnFit, Printed, Sheet, groups, kept_whole
from peiyu.document.stable_zip import normal
from peiyu.document.tree import Cell, Code, Document, Figure, Heading, Number, Paragraph, Span, Strong, Table, plain

CAPTION = re.compile(r"^(\D+?)(\s?)(\d+)(.*)$", re.DOTALL)
NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]|[\d.]+\s+)")
"""The number that a heading begins with."""
CODE = 0.9
"""Size of code beside the size of the text."""


@dataclass(slots=True)
class Writing:
    """A Word document while it is written: its styles by role, and the ids that have a bookmark."""

    word: Word
    lang: str
    style: dict[str, Any]
    sheet: Sheet
    turned: bool = False
    marks: list[str] = field(default_factory=list)


def written(document: Document, template: Path | None = None) -> bytes:
    """Return the Word document, in the planner's own template or in the layout of official documents."""
    word = styles.opened(template, document.lang)
    sheet = styles.sheet(word, document.lang, styles.OWN_SLACK if template is None else styles.SLACK)
    at = Writing(word, document.lang, styles.roles(word, document.lang), sheet)
    for role in ("mark", "title", "subtitle"):
        word.add_paragraph(getattr(document, role), style=at.style[role])
    for turned, group in groups(document.blocks, at.sheet):
        _turn(at, turned)
        for block, found in group:
            _block(at, block, found)
    about, when = word.core_properties, datetime.strptime(document.date, "%Y-%m-%d")
    about.title, about.subject, about.author, about.last_modified_by = document.title, document.subtitle, "peiyu", ""
    about.created = about.modified = when
    about.language, about.comments, about.revision = {"zh": "zh-CN"}.get(document.lang, "en-GB"), document.run_id, 1
    buffer = io.BytesIO()
    word.save(buffer)
    return normal(buffer.getvalue(), document.date, styles.fonts(template))


def _block(at: Writing, block: Printed, found: ColumnFit | None) -> None:
    if isinstance(block, Heading):
        style = at.style[f"heading{min(block.level, 4)}"]
        own = styles.counts(style)  # a template's heading that counts for itself
        written = at.word.add_paragraph(NUMBERED.sub("", block.text) if own else block.text, style=style)
        written.paragraph_format.page_break_before = True if block.fresh else None
    elif isinstance(block, Paragraph):
        paragraph = at.word.add_paragraph(style=at.style[block.role])
        _pieces(at, paragraph, block.parts)
        if at.lang == "zh" and any(isinstance(p, Code) for p in block.parts):  # spaces in code would be stretched
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    elif isinstance(block, Figure):
        _figure(at, block)
    else:
        assert found is not None
        _table(at, block, found)


def _pieces(at: Writing, paragraph: WordParagraph, parts: Cell, size: float | None = None) -> None:
    """Write a cell's or a paragraph's pieces; a number carries its id."""
    for p in parts:
        if isinstance(p, Span):
            _pieces(at, paragraph, (p.low, p.dash, p.high), size)
            continue
        run = paragraph.add_run(plain(p))
        if isinstance(p, Strong):
            run.bold = True
        if isinstance(p, Code):
            run._r.style = at.style["code"].style_id
        if size is not None:
            run.font.size = Pt(size * CODE if isinstance(p, Code) else size)
        if isinstance(p, Number):
            _number(at, paragraph, p, run)


def _number(at: Writing, paragraph: WordParagraph, number: Number, run: Run) -> None:
    """Make a number's run a place with a bookmark, which shows the id when the pointer rests on it."""
    at.marks.append(number.id)
    digest = hashlib.blake2b(number.id.encode(), digest_size=8).hexdigest()
    key = str(len(at.marks))
    name = f"n_{digest}_{key}"
    start, end = _element("w:bookmarkStart", id=key, name=name), _element("w:bookmarkEnd", id=key)
    link = _element("w:hyperlink", anchor=name, tooltip=number.id[:255], history="1")
    link.append(run._r)
    paragraph._p.extend((start, link, end))


def _element(tag: str, **values: str) -> Any:
    made = OxmlElement(tag)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _caption(at: Writing, text: str, follows: bool) -> None:
    """Write a caption whose number is a field, so that Word counts again after a change."""
    paragraph = at.word.add_paragraph(style=at.style["caption"])
    paragraph.paragraph_format.keep_with_next = not follows
    found = CAPTION.match(text)
    if found is None:
        paragraph.add_run(text)
        return
    paragraph.add_run(found[1] + found[2])
    counted = _element("w:fldSimple", instr=f" SEQ {found[1].strip()} \\* ARABIC ")
    counted.append(paragraph.add_run(found[3])._r)
    paragraph._p.append(counted)
    paragraph.add_run(found[4])


def _figure(at: Writing, figure: Figure) -> None:
    paragraph = at.word.add_paragraph(style=at.style["figure"])
    shape = paragraph.add_run().add_picture(io.BytesIO(figure.png), width=Pt(at.sheet.width))
    about = shape._inline.docPr
    about.set("descr", figure.alt)
    about.set("name", figure.key)
    _caption(at, figure.caption, follows=True)


def _table(at: Writing, table: Table, found: ColumnFit) -> None:
    _caption(at, table.caption, follows=False)
    made = at.word.add_table(rows=0, cols=len(table.columns), style=at.style["table"])
    styles.dress(made, found.widths, found.gutter, table.caption)
    made.alignment = WD_TABLE_ALIGNMENT.CENTER if at.lang == "zh" else WD_TABLE_ALIGNMENT.LEFT
    heads = (head_lines(c, room, found.narrow) for c, room in zip(table.columns, found.rooms, strict=True))
    _row(at, made, [(head,) for head in heads], table, found)
    styles.repeat(made.rows[0])
    for row in table.rows:
        told = (printed(cell, room, found.narrow) for cell, room in zip(row, found.rooms, strict=True))
        _row(at, made, list(told), table, found)
    short = kept_whole(table, found, at.sheet)
    for row in made._tbl.tr_lst[0 if short else -1 : None if table.notes else -1]:  # on one page with what follows
        for paragraph in row.iter(qn("w:pPr")):
            paragraph.get_or_add_keepNext()
    for note in table.notes:
        at.word.add_paragraph(note, style=at.style["note"])
    if not table.notes:
        at.word.add_paragraph(style=at.style["gap"])


def _row(at: Writing, made: WordTable, cells: list[Cell], table: Table, found: ColumnFit) -> None:
    head = not made._tbl.tr_lst
    row = made.add_row()  # type: ignore[no-untyped-call]
    styles.whole(row)
    for cell, parts, column, width in zip(row.cells, cells, table.columns, found.widths, strict=True):
        cell.width = Pt(width)
        paragraph = cell.paragraphs[0]
        # by id: python-docx looks through all styles at every other assignment
        paragraph._p.style = at.style["head" if head else "number" if column.right else "cell"].style_id
        if head and column.right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _pieces(at, paragraph, parts, found.size)


def _turn(at: Writing, turned: bool) -> None:
    """Begin a section on its side or upright, unless the page lies so already; binding stays on the same edge."""
    if at.turned == turned:
        return
    at.turned = turned
    first, new = at.word.sections[0], at.word.add_section(WD_SECTION.NEW_PAGE)
    at.word._body._element.p_lst[-1].style = at.style["gap"].style_id
    new.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    long, short = first.page_height, first.page_width
    new.page_width, new.page_height = (long, short) if turned else (short, long)
    edges = (first.left_margin, first.top_margin, first.right_margin, first.bottom_margin)
    top, right, bottom, left = edges if turned else (edges[1], edges[2], edges[3], edges[0])
    new.top_margin, new.right_margin, new.bottom_margin, new.left_margin = top, right, bottom, left
    foot = first.footer_distance
    new.footer_distance = Emu(min(foot, bottom // 2)) if turned and foot and bottom else foot
