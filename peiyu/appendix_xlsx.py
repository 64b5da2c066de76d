"""The appendix as a workbook: a sheet per table with numbers as numbers, units and notes; a sheet with every id."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from peiyu.appendix_tree import Cell, Column, Document, Inline, Number, Span, Table, plain
from peiyu.appendix_words import WORDS
from peiyu.appendix_zip import normal

FORMATS = {"count": "#,##0.##", "chance": "0%", "points": "+0.0;-0.0;0.0", "error": "0.000", "digits": "General"}
WHOLE, SMALL = "#,##0", "#,##0.0"
THIN, THICK = Side(style="thin"), Side(style="medium")
WIDEST = 60.0
HEADER = 3
"""Row of the column heads; the caption stands above."""


def written(document: Document, _template: Path | None = None) -> bytes:
    """Return the workbook."""
    book, w = Workbook(), WORDS[document.lang]
    cover = book.active
    assert isinstance(cover, Worksheet)
    cover.title = w["contents"]
    numbers: list[tuple[str, str, float, str]] = []
    names = {t.key: f"{w['table']}{i}" for i, t in enumerate(document.tables(), 1)}
    for table in document.tables():
        _sheet(book.create_sheet(names[table.key]), table, w, numbers)
    _cover(cover, document, names)
    _ids(book.create_sheet(w["numbers"]), numbers, w)
    when = datetime.strptime(document.date, "%Y-%m-%d")
    book.properties.created = book.properties.modified = when
    book.properties.title, book.properties.creator = document.title, "peiyu"
    buffer = io.BytesIO()
    book.save(buffer)
    return normal(buffer.getvalue(), document.date)


def _cover(sheet: Worksheet, document: Document, names: dict[str, str]) -> None:
    """Write what the workbook is, and its sheets."""
    for row in (document.mark, document.title, document.subtitle, document.run_id):
        sheet.append([row])
    sheet["A2"].font = Font(bold=True, size=14)
    sheet.append([])
    for table in document.tables():
        sheet.append([table.caption])
        sheet.cell(sheet.max_row, 1).hyperlink = f"#'{names[table.key]}'!A1"
    sheet.column_dimensions["A"].width = WIDEST


def _sheet(sheet: Worksheet, table: Table, w: dict[str, str], numbers: list[tuple[str, str, float, str]]) -> None:
    sheet["A1"] = table.caption
    sheet["A1"].font = Font(bold=True, size=12)
    double = [any(isinstance(p, Span) for row in table.rows for p in row[i]) for i in range(len(table.columns))]
    heads = [h for c, two in zip(table.columns, double, strict=True) for h in _heads(c, two, w)]
    for i, (title, unit) in enumerate(heads, 1):
        sheet.cell(HEADER - 1, i, unit)
        head = sheet.cell(HEADER, i, title)
        head.font, head.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        head.border = Border(top=THICK, bottom=THIN)
    for n, row in enumerate(table.rows, HEADER + 1):
        at = 1
        for cell, two in zip(row, double, strict=True):
            at = _cell(sheet, (n, at), cell, two, numbers)
    last = HEADER + len(table.rows)
    for i in range(1, len(heads) + 1):
        sheet.cell(last, i).border = Border(bottom=THICK)
        words = [len(str(sheet.cell(r, i).value or "")) for r in range(HEADER, last + 1)]
        sheet.column_dimensions[get_column_letter(i)].width = min(WIDEST, max(9.0, 1.6 * max(words)))
    for i, note in enumerate(table.notes, last + 2):
        sheet.cell(i, 1, note)
    sheet.freeze_panes = sheet.cell(HEADER + 1, 2)


def _heads(c: Column, two: bool, w: dict[str, str]) -> list[tuple[str, str]]:
    ends = (w["low"], w["high"]) if two else ("",)
    return [(f"{c.title} {end}".strip(), c.unit) for end in ends]


def _cell(
    sheet: Worksheet, at: tuple[int, int], cell: Cell, two: bool, numbers: list[tuple[str, str, float, str]]
) -> int:
    """Write one cell, or the two ends of an interval; returns the next column."""
    row, column = at
    pieces: list[Inline] = list(cell)
    span = next((p for p in pieces if isinstance(p, Span)), None)
    ends = [span.low, span.high] if span else [p for p in pieces if isinstance(p, Number)]
    if not ends:
        sheet.cell(row, column, "".join(map(plain, pieces)).replace("–", "") if two else "".join(map(plain, pieces)))
    for i, n in enumerate(ends):
        target = sheet.cell(row, column + i, n.value)
        target.number_format = _format(n)
        numbers.append((n.id, f"{sheet.title}!{target.coordinate}", n.value, n.unit))
    return column + (2 if two else 1)


def _format(n: Number) -> str:
    if n.kind != "count":
        return FORMATS[n.kind]
    ten = 10
    return WHOLE if float(n.value).is_integer() or abs(n.value) >= ten else SMALL


def _ids(sheet: Worksheet, numbers: list[tuple[str, str, float, str]], w: dict[str, str]) -> None:
    """Write where every number stands, what it is called, and its unrounded value."""
    sheet.append([w["number_id"], w["where_col"], w["value"], w["unit"]])
    for row in numbers:
        sheet.append(list(row))
    for letter, width in zip("ABCD", (WIDEST, 14.0, 18.0, 10.0), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
