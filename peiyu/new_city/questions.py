"""The questions of `peiyu new-city`: the same cells as the workbook's, one after the other, each mended at once."""

from __future__ import annotations

from collections.abc import Callable

from peiyu.new_city.cells import Wrong, read_cell
from peiyu.new_city.faults import CellPlace, Fault, Faults, FormError
from peiyu.new_city.form import Cells, ColumnEntry, SheetEntry, workbook
from peiyu.new_city.read import Form, check_empty, check_form
from peiyu.words.loader import words
from peiyu.words.names import label

Ask = Callable[[str], str]
"""Shows a question and returns the line that answers it."""
Tell = Callable[[str], None]
"""Shows a line."""


def asked_form(ask: Ask, tell: Tell, lang: str) -> Form:
    """Return what was answered; a wrong answer is asked for again. Raises `FormError` where the whole does not fit."""
    tell(words("new_city", lang)["ask_begin"])
    form: Form = {}
    for entry in workbook().sheet:
        tell(f"\n{label(entry, lang)}")
        form[entry.key] = [_row(entry, ask, tell, lang)] if entry.upright else _rows(entry, ask, tell, lang)
    faults = Faults()
    check_empty(form, faults, lang)
    if not faults.found:
        check_form(form, faults, lang)
    if faults.found:
        raise FormError("new-city", faults.found, lang)
    return form


def _rows(entry: SheetEntry, ask: Ask, tell: Tell, lang: str) -> list[Cells]:
    question = words("new_city", lang)["ask_another"].format(sheet=label(entry, lang))
    rows: list[Cells] = []
    while ask(f"{question} ").strip().lower() in ("y", "yes", "是"):
        rows.append(_row(entry, ask, tell, lang))
    return rows


def _row(entry: SheetEntry, ask: Ask, tell: Tell, lang: str) -> Cells:
    return {column.key: _cell(entry, column, ask, tell, lang) for column in entry.columns}


def _cell(entry: SheetEntry, column: ColumnEntry, ask: Ask, tell: Tell, lang: str) -> str:
    w = words("new_city", lang)
    note = column.note if lang == "zh" else column.note_en
    shown = [
        label(column, lang),
        w["ask_needed"] if column.needed else "",
        f"[{column.example}]" * bool(column.example),
        note,
    ]
    while True:
        said = ask(" ".join(x for x in shown if x) + ": ").strip()
        read = read_cell(column, said, lang)
        if not isinstance(read, Wrong):
            return read
        where = CellPlace(label(entry, lang), head=label(column, lang))
        tell(Fault(where, read.what, said, read.allowed, read.meant).told(lang))
