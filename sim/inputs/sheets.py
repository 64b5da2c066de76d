"""Sheets of a workbook, or CSV files of a folder, as rows of text: merged cells filled, every row with its number."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.package import WORKBOOK, read_package
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import place, read_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_AREA = re.compile(rb"""\b(?:mergeCell|hyperlink|comment)\s[^<]*?\bref\s*=\s*["']([^"']*)""")
_CELLS = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?", re.ASCII)
MAX_SHEETS, MAX_ROWS, MAX_COLUMNS = 20, 2_000, 60
"""Most sheets of a workbook, and rows and columns of one; a workbook that people fill in has some dozens."""


@dataclass(frozen=True, slots=True)
class TextSheet:
    """A sheet: its name and its rows of text; row i of the tuple is row i + 1 of the sheet."""

    name: str
    rows: tuple[tuple[str, ...], ...]


def read_sheets(path: Path) -> list[TextSheet]:
    """Return the sheets of a workbook, or a sheet for each CSV file of a folder or a single one.

    Raises `InputError` for what is neither, or holds more than people write.
    """
    if path.is_dir():
        files = sorted(path.glob("*.csv"))[: MAX_SHEETS + 1]
        if not files:
            said = Said("{place}: holds no .csv file; write one for each sheet of the template.", place=place(path))
            raise InputError(said)
        return [_table(file) for file in files]
    return [_table(path)] if path.suffix.lower() == ".csv" else _workbook(path)


def _table(path: Path) -> TextSheet:
    """Read a CSV file, UTF-8 or GBK, as a sheet of its name."""
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(read_text(path))))
    except csv.Error as error:
        raise InputError(Said("{place}: not valid CSV ({reason}).", place=place(path), reason=foreign(error))) from None
    return _bounded(path, TextSheet(path.stem, rows))


def _workbook(path: Path) -> list[TextSheet]:
    """Read a workbook whose parts are bounded before anything is built of them."""
    from openpyxl import load_workbook  # noqa: PLC0415  half a second, which other commands need not wait

    parts = read_package(path, WORKBOOK)
    if "xl/workbook.xml" not in parts:
        raise InputError(
            Said("{place}: is not a workbook (.xlsx); save it as .xlsx, or each sheet as CSV.", place=place(path))
        )
    for name, content in parts.items():
        _refuse_wide(path, name, content)
    try:
        book = load_workbook(path, data_only=True)
        return [_bounded(path, _sheet(path, sheet)) for sheet in book.worksheets[:MAX_SHEETS]]
    except InputError:
        raise
    except Exception as error:  # whatever openpyxl, and the parsers below it, raise on what is no workbook
        reason = foreign(quoted(error, 120))
        said = Said("{place}: cannot be read as a workbook ({reason}).", place=place(path), reason=reason)
        raise InputError(said) from None


def _refuse_wide(path: Path, name: str, content: bytes) -> None:
    """Refuse merged cells, links and comments of more cells than a sheet has: openpyxl makes every one of them."""
    from openpyxl.utils import column_index_from_string as number  # noqa: PLC0415  as in `_workbook`

    cells = 0
    for found in _AREA.finditer(content):
        text = found[1].decode("utf8", "replace")
        area = _CELLS.fullmatch(text)
        if area is None:
            raise InputError(
                Said(
                    '{place}: {part}: "{text}" is no area of cells.',
                    place=place(path),
                    part=quoted(name),
                    text=quoted(text),
                )
            )
        left, top, right, bottom = area.groups()
        rows, columns = int(bottom or top) - int(top), number(right or left) - number(left)
        cells += (abs(rows) + 1) * (abs(columns) + 1)
        if cells > MAX_ROWS * MAX_COLUMNS:
            raise _too_large(path, name)


def _sheet(path: Path, sheet: Worksheet) -> TextSheet:
    """Return a sheet as text; what is merged says the same in every cell."""
    # a single cell far off makes a sheet of billions of cells, so the bound comes before the walk
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        raise _too_large(path, sheet.title)
    rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    for area in sheet.merged_cells.ranges:
        for i in range(area.min_row - 1, min(area.max_row, len(rows))):
            for j in range(area.min_col - 1, min(area.max_col, len(rows[i]))):
                rows[i][j] = rows[area.min_row - 1][area.min_col - 1]
    return TextSheet(sheet.title, tuple(tuple(row) for row in rows))


def _text(cell: object) -> str:
    """Return what a cell says, a whole number without a point and a date without the time of day."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _bounded(path: Path, sheet: TextSheet) -> TextSheet:
    if len(sheet.rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]) for row in sheet.rows):
        raise _too_large(path, sheet.name)
    return sheet


def _too_large(path: Path, name: str) -> InputError:
    return InputError(
        Said(
            '{place}: sheet "{name}": more than {rows} rows or {columns} columns.',
            place=place(path),
            name=quoted(name),
            rows=f"{MAX_ROWS:,}",
            columns=MAX_COLUMNS,
        )
    )


def column_letter(index: int) -> str:
    """Return the letter of a column, counted from 0."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  as above

    return str(get_column_letter(index + 1))
