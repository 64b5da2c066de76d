"""The workbook to fill in: heads in one language, an example row in grey, what may be chosen explained."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from peiyu.document.stable_zip import normal
from peiyu.new_city.form import ColumnEntry, SheetEntry, workbook
from peiyu.words.loader import words
from peiyu.words.names import Named, label
from sim.city.labels import labels
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.sheets import MAX_ROWS

GREY, BOLD = Font(color="808080", italic=True), Font(bold=True)
HEAD = PatternFill("solid", fgColor="E8EEF4")
WIDTH = 22
DATE = "2026-01-01"
"""Date inside the file, so that the same program writes the same bytes."""
LISTED = 200
"""Rows of a column that offer a choice."""


def write_template(path: Path, lang: str) -> None:
    """Write the workbook. Raises `InputError` for a name without .xlsx and for a file that is there."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(Said('"{path}": write a name that ends in .xlsx, such as city.xlsx.', path=path))
    if path.exists():
        raise InputError(Said('"{path}" exists already and is not overwritten; choose another name.', path=path))
    if not path.parent.is_dir():
        raise InputError(Said('"{folder}" is not a folder; name an existing one.', folder=path.parent))
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    for i, entry in enumerate(workbook().sheet):
        sheet = first if i == 0 else book.create_sheet()
        sheet.title = label(entry, lang)
        (_upright if entry.upright else _table)(sheet, entry, lang)
        for n in range(1, len(entry.columns) + 1):
            sheet.column_dimensions[get_column_letter(n)].width = WIDTH
    _notes(book.create_sheet(words("new_city", lang)["sheet_notes"]), lang)
    buffer = io.BytesIO()
    book.save(buffer)
    write_whole(path, normal(buffer.getvalue(), DATE))


def _upright(sheet: Worksheet, entry: SheetEntry, lang: str) -> None:
    """Write a line for every question, its example in the third column."""
    for n, column in enumerate(entry.columns, 1):
        sheet.cell(n, 1, label(column, lang)).font = BOLD
        sheet.cell(n, 3, column.example).font = GREY
        sheet.cell(n, 4, _note(column, lang)).font = GREY


def _table(sheet: Worksheet, entry: SheetEntry, lang: str) -> None:
    """Write the heads, and an example row that is no answer: its first cell says so."""
    for i, column in enumerate(entry.columns, 1):
        head = sheet.cell(1, i, label(column, lang))
        head.font, head.fill = BOLD, HEAD
        said = (
            f"{words('new_city', lang)['example'] if lang == 'zh' else '#'} {column.example}"
            if i == 1
            else column.example
        )
        sheet.cell(2, i, said).font = GREY
        if choices := _choices(column):
            listed = ",".join(label(x, lang) for x in choices)
            if len(listed) < MAX_ROWS // 8:  # a list longer than 255 letters is refused by spreadsheets
                rule = DataValidation("list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False)
                sheet.add_data_validation(rule)
                rule.add(f"{get_column_letter(i)}3:{get_column_letter(i)}{LISTED}")
    sheet.freeze_panes = "A2"


def _notes(sheet: Worksheet, lang: str) -> None:
    """Explain every column and list what may be chosen, with its synonyms."""
    w = words("new_city", lang)
    rows: list[list[str]] = [[w["filled"]], []]
    for entry in workbook().sheet:
        rows.append([label(entry, lang)])
        for column in entry.columns:
            needed = w["ask_needed"] if column.needed else ""
            rows.append(["", label(column, lang), needed, column.example, _note(column, lang)])
    for things in (labels().label, labels().measure, labels().scope, labels().lever, workbook().status):
        rows.append([])
        rows += [["", label(x, lang), w["comma"].join(x.also)] for x in things]
    for row in rows:
        sheet.append(row)
    for letter in "BCDE":
        sheet.column_dimensions[letter].width = 2 * WIDTH


def _note(column: ColumnEntry, lang: str) -> str:
    return column.note if lang == "zh" else column.note_en


def _choices(column: ColumnEntry) -> list[Named]:
    known: dict[str, list[Named]] = {
        "label": [*labels().label], "measure": [*labels().measure], "scope": [*labels().scope],
        "lever": [*labels().lever], "status": [*workbook().status],
    }  # fmt: skip
    return known.get(column.kind, [])
