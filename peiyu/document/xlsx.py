"""The appendix as a workbook: a sheet per table with numbers as numbers, units and notes; a sheet with every id."""

from __future__ import annotations

import io
import math
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Square
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from peiyu.document.stable_zip import normal
from peiyu.document.tree import (
    Bullets,
    Cell,
    Column,
    Document,
    Heading,
    Number,
    Paragraph,
    Span,
    Table,
    inlines,
    plain,
)
from peiyu.words.loader import Words, words
from peiyu.words.numbers import SMALLEST_AMOUNT

FORMATS = {"chance": '[<=0.005]"<1%";[>=0.995]">99%";0%', "points": "+0.0;-0.0;0.0", "spread": "0.0", "error": "0.000",
           "whole": "#,##0", "share": "0%"}  # fmt: skip
MONEY = {"zh": '#,##0"万元"', "en": '"CNY 10,000 × "#,##0'}
"""Sums stay in 万元, so that they can be added up."""
WHOLE, SMALL, DAY = "#,##0", "#,##0.0", "yyyy-mm-dd"
THIN, THICK = Side(style="thin"), Side(style="medium")
WIDEST, NARROWEST, LINE = 60.0, 9.0, 15.0
"""Widths of columns in letters, height of a line in points."""
HEADER = 3
"""Row of the column heads; the caption and the units stand above."""
FORMULA = ("=", "+", "-", "@")
"""What a workbook takes for the beginning of a formula where somebody types it."""
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
COUNT = re.compile(r"\d{1,3}(,\d{3})*|\d+")
SIGN = re.compile(r"[^\w\s]{0,2}\s*")
"""What may stand before or after a number in a cell that is still a number."""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """What the sheet of ids holds, row by row: id, place, value, unit."""

    rows: list[tuple[str, str, float, str]] = field(default_factory=list)

    def add(self, n: Number, where: str) -> None:
        """Add a number and where it stands."""
        self.rows.append((n.id, where, n.value, n.unit))


def written(document: Document, _template: Path | None = None) -> bytes:
    """Return the workbook."""
    book, w, record = Workbook(), words("appendix", document.lang), NumberRow()
    cover = book.active
    assert isinstance(cover, Worksheet)
    cover.title = w["contents"]
    names = {t.key: f"{w['table']}{i}" for i, t in enumerate(document.tables(), 1)}
    for table in document.tables():
        _sheet(book.create_sheet(names[table.key]), table, w, record)
    _cover(cover, document, names)
    _said(document, record)
    _ids(book.create_sheet(w["numbers"]), record, w)
    when = datetime.strptime(document.date, "%Y-%m-%d")
    book.properties.created = book.properties.modified = when
    book.properties.title, book.properties.creator = document.title, "peiyu"
    buffer = io.BytesIO()
    book.save(buffer)
    return normal(buffer.getvalue(), document.date)


def _cover(sheet: Worksheet, document: Document, names: dict[str, str]) -> None:
    """Write what the workbook is, and its sheets."""
    above = (document.mark, document.title, document.subtitle, document.run_id)
    for n, text in enumerate(above, 1):
        _say(sheet.cell(n, 1), text)
    sheet["A2"].font = Font(bold=True, size=14)
    for n, table in enumerate(document.tables(), len(above) + 2):
        link = _say(sheet.cell(n, 1), table.caption)
        link.hyperlink = f"#'{names[table.key]}'!A1"
        link.font = Font(color="0563C1", underline="single")
    sheet.column_dimensions["A"].width = WIDEST


def _said(document: Document, record: NumberRow) -> None:
    """Record the numbers of the sentences under their section's heading."""
    heading = document.title
    for block in document.blocks:
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, Paragraph | Bullets):
            for p in inlines(block):
                for n in (p.low, p.high) if isinstance(p, Span) else (p,) if isinstance(p, Number) else ():
                    record.add(n, heading)


def _sheet(sheet: Worksheet, table: Table, w: Words, record: NumberRow) -> None:
    _say(sheet["A1"], table.caption)
    sheet["A1"].font = Font(bold=True, size=12)
    double = [any(_span(row[i]) for row in table.rows) for i in range(len(table.columns))]
    heads = [h for c, two in zip(table.columns, double, strict=True) for h in _heads(c, two, w)]
    for i, (title, unit, side) in enumerate(heads, 1):
        _say(sheet.cell(HEADER - 1, i), unit).alignment = Alignment(horizontal=side)
        head = _say(sheet.cell(HEADER, i), title)
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top", horizontal=side)
        head.border = Border(top=THICK, bottom=THIN)
    for n, row in enumerate(table.rows, HEADER + 1):
        at = 1
        for cell, two, column in zip(row, double, table.columns, strict=True):
            _cell([sheet.cell(n, at + k) for k in range(1 + two)], cell, column, record)
            at += 1 + two
    last = HEADER + len(table.rows)
    for i in range(1, len(heads) + 1):
        sheet.cell(last, i).border = Border(bottom=THICK, top=THIN if last == HEADER else None)
    _heights(sheet, [_width(sheet, i, last) for i in range(1, len(heads) + 1)], last)
    for i, note in enumerate(table.notes, last + 2):
        _say(sheet.cell(i, 1), note)
    sheet.freeze_panes = sheet.cell(HEADER + 1, 2)
    sheet.print_title_rows = f"{HEADER}:{HEADER}"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _heads(c: Column, two: bool, w: Words) -> list[tuple[str, str, str]]:
    """Return title, unit and side of a column's heads."""
    ends = (w["low"], w["high"]) if two else ("",)
    return [(f"{c.title} {end}".strip(), c.unit, "right" if c.right else "left") for end in ends]


def _span(cell: Cell) -> Span | None:
    """Return the interval that a cell consists of."""
    only = [p for p in cell if plain(p).strip()]
    return only[0] if len(only) == 1 and isinstance(only[0], Span) else None


def _single(cell: Cell) -> Number | None:
    """Return the number that a cell consists of, with a sign before or after it."""
    numbers = [p for p in cell if isinstance(p, Number)]
    signs = all(SIGN.fullmatch(plain(p)) for p in cell if not isinstance(p, Number))
    return numbers[0] if len(numbers) == 1 and signs else None


def _cell(squares: list[Square], cell: Cell, column: Column, record: NumberRow) -> None:
    """Write one cell into its square, or the two ends of an interval into two."""
    span, single = _span(cell), _single(cell)
    if span is not None:
        for square, n in zip(squares, (span.low, span.high), strict=True):
            _number(square, n, ("", ""), record)
    elif single is not None:
        i = cell.index(single)
        around = ("".join(map(plain, cell[:i])), "".join(map(plain, cell[i + 1 :])))
        _number(squares[0], single, around, record)
    else:
        _text(squares[0], "".join(map(plain, cell)), column)
        for p in cell:
            for n in (p.low, p.high) if isinstance(p, Span) else (p,) if isinstance(p, Number) else ():
                record.add(n, _place(squares[0]))


def _number(square: Square, n: Number, around: tuple[str, str], record: NumberRow) -> None:
    """Write a number with its format; a sign before it is part of the format, so that the cell stays a number."""
    square.alignment = Alignment(vertical="top")
    square.value = round(100.0 * n.value, 9) if n.kind in ("points", "spread") else n.value
    before, after = (f'"{x}"' if x else "" for x in around)
    square.number_format = ";".join(f"{before}{part}{after}" for part in _format(n).split(";"))
    record.add(n, _place(square))


def _text(square: Square, text: str, column: Column) -> None:
    """Write words; a date becomes a date, and a count in a column of numbers a number."""
    square.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if column.right else None)
    if ISO.fullmatch(text):
        square.value, square.number_format = date.fromisoformat(text), DAY
    elif column.right and COUNT.fullmatch(text):
        square.value, square.number_format = int(text.replace(",", "")), WHOLE if "," in text else "0"
    else:
        _say(square, text)


def _say(square: Square, text: str) -> Square:
    """Write words, and return their square: words that begin with = are no formula, not even after they were edited."""
    square.value = text or None
    if square.value is not None:
        square.data_type, square.quotePrefix = "s", text.startswith(FORMULA)
    return square


def _place(square: Square) -> str:
    return f"{square.parent.title}!{square.coordinate}"


def _width(sheet: Worksheet, column: int, last: int) -> float:
    """Make a column as wide as its words, within limits; returns the width."""
    longest = max(_letters(sheet.cell(r, column)) for r in range(HEADER, last + 1))
    width = min(WIDEST, max(NARROWEST, longest + 2.0))
    sheet.column_dimensions[get_column_letter(column)].width = width
    return width


def _heights(sheet: Worksheet, widths: list[float], last: int) -> None:
    """Make rows as high as their words need: not every program does so by itself."""
    for r in range(HEADER, last + 1):
        needed = [1.05 * _letters(sheet.cell(r, i)) / (w - 1.0) for i, w in enumerate(widths, 1) if w == WIDEST]
        if (lines := math.ceil(max(needed, default=1.0))) > 1:
            sheet.row_dimensions[r].height = LINE * lines


def _letters(square: Square) -> int:
    """Count the letters of a cell; a Chinese one counts twice."""
    text = str(square.value if square.value is not None else "")
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _format(n: Number) -> str:
    """Return the format that shows a number as the printed forms write it."""
    if n.kind in FORMATS or n.kind == "money":
        return FORMATS.get(n.kind) or MONEY.get(n.lang, WHOLE)
    if n.kind == "level":
        _, point, decimals = n.text.rstrip("%").partition(".")
        return f"0{point}{'0' * len(decimals)}%"
    ten, thousand = 10.0, 1000.0
    if not math.isfinite(n.value) or n.value == 0.0 or (n.kind == "count" and float(n.value).is_integer()):
        return WHOLE
    if n.kind == "count":
        return WHOLE if abs(n.value) >= ten or abs(n.value) < SMALLEST_AMOUNT else SMALL
    if abs(n.value) >= thousand:
        return WHOLE
    digits = 2 - math.floor(math.log10(abs(n.value)))
    return "0" if digits <= 0 else f"0.{'#' * digits}"


def _ids(sheet: Worksheet, record: NumberRow, w: Words) -> None:
    """Write where every number stands, what it is called, and its unrounded value."""
    for i, head in enumerate((w["number_id"], w["where_col"], w["value"], w["unit"]), 1):
        _say(sheet.cell(1, i), head)
    for n, (name, where, value, unit) in enumerate(record.rows, 2):
        _say(sheet.cell(n, 1), name)
        _say(sheet.cell(n, 2), where)
        sheet.cell(n, 3, value)
        _say(sheet.cell(n, 4), unit)
    for letter, width in zip("ABCD", (WIDEST, 24.0, 18.0, 10.0), strict=True):
        sheet.column_dimensions[letter].width = width
        sheet[f"{letter}1"].font = Font(bold=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
