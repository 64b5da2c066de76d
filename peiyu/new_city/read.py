"""A workbook read at the door: sheets and heads found whatever the language, every fault told at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from peiyu.new_city.cells import read_cell
from peiyu.new_city.faults import MOST, CellPlace, Faults, FormError
from peiyu.new_city.form import Cells, ColumnEntry, SheetEntry, workbook
from peiyu.words.names import label
from sim import quarter
from sim.inputs.named import find, nearest
from sim.inputs.sheets import TextSheet, column_letter, read_sheets

FIRST_ROWS = 10
"""Rows in which the heads of a sheet are looked for."""
NEEDED = ("city", "goals", "counts")
"""Sheets that need a row."""
ENOUGH = 2
"""Heads in one row that make it the row of heads."""
NOTED = ("※", "#", "例")
"""What a row of the template that is no answer begins with."""
Form = dict[str, list[Cells]]
"""The rows of every sheet, by the key of the sheet; each cell as the folder will have it."""


def read_form(path: Path, lang: str) -> Form:
    """Return what a workbook says. Raises `FormError` with every fault found."""
    faults = Faults()
    form: Form = {entry.key: [] for entry in workbook().sheet}
    sheets = read_sheets(path)
    for entry in workbook().sheet:
        sheet = next((s for s in sheets if find(s.name, [entry]) is not None), None)
        if sheet is not None:
            form[entry.key] = _Reading(sheet, entry, faults, lang).rows()
        elif entry.key in NEEDED:
            names = ", ".join(s.name for s in sheets)
            faults.add(CellPlace(label(entry, lang)), "sheet", allowed=names)
    check_empty(form, faults, lang)
    if not faults.found:
        check_form(form, faults, lang)
    if faults.found:
        raise FormError(path.name, faults.found, lang)
    return form


def check_empty(form: Form, faults: Faults, lang: str) -> None:
    """Note the sheets that need a row and have none; one that is not there is a fault already."""
    for entry in workbook().sheet:
        if (
            entry.key in NEEDED
            and not form[entry.key]
            and label(entry, lang) not in {f.place.sheet for f in faults.found}
        ):
            faults.add(CellPlace(label(entry, lang)), "empty")


def check_form(form: Form, faults: Faults, lang: str) -> None:
    """Note what no single cell shows: dates out of order, no count of high-tech enterprises."""
    heads = {entry.key: label(entry, lang) for entry in workbook().sheet}
    for city in form["city"]:
        begins, ends = quarter.parse(city["plan_start"]), quarter.parse(city["deadline"])
        if begins >= ends:
            faults.add(CellPlace(heads["city"]), "order", found=f"{city['plan_start']}, {city['deadline']}")
        for goal in form["goals"]:
            if quarter.parse(goal["deadline"] or city["deadline"]) <= quarter.parse(
                goal["since"] or city["plan_start"]
            ):
                faults.add(CellPlace(heads["goals"]), "order", found=goal["quote"])
    if form["counts"] and not any(_opens(row) for row in form["counts"]):
        faults.add(CellPlace(heads["counts"]), "hnte")


def _opens(row: Cells) -> bool:
    """Tell whether a row is a stock of high-tech enterprises of the city, from which the opening is taken."""
    return row["label"] == "hnte" and row["measure"] in ("", "stock") and not row["region"]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sheet that is being read: what it may hold, where faults go, in which language its heads are told."""

    sheet: TextSheet
    entry: SheetEntry
    faults: Faults
    lang: str

    def rows(self) -> list[Cells]:
        """Return the answers of an upright sheet as one row, or every row below the heads."""
        return self._upright() if self.entry.upright else self._below()

    def _below(self) -> list[Cells]:
        """Read a sheet whose heads stand in one row, or in several that are merged."""
        at = self._head_row()
        if at is None:
            heads = ", ".join(label(c, self.lang) for c in self.entry.columns)
            self.faults.add(CellPlace(self.sheet.name), "heads", allowed=heads)
            return []
        columns = self._columns(at)
        return [
            {c.key: self._cell(c, n, i, cells[i] if 0 <= i < len(cells) else "") for c, i in columns}
            for n, cells in enumerate(self.sheet.rows[at + 1 :], at + 2)
            if any(cells) and not cells[0].startswith(NOTED)
        ]

    def _head_row(self) -> int | None:
        """Return the last of the first rows that are heads: merged heads fill more than one."""
        rows = self.sheet.rows[:FIRST_ROWS]
        known = [sum(find(cell, self.entry.columns) is not None for cell in row if cell) for row in rows]
        most = max(known, default=0)
        return max((i for i, n in enumerate(known) if n == most), default=None) if most >= ENOUGH else None

    def _columns(self, at: int) -> list[tuple[ColumnEntry, int]]:
        """Return every column with its place, -1 for none; what is unknown, twice or missing is a fault."""
        placed: dict[str, int] = {}
        for i, head in enumerate(self.sheet.rows[at]):
            column = find(head, self.entry.columns) if head else None
            where = CellPlace(self.sheet.name, at + 1, column_letter(i), head)
            if column is None and head:
                near = nearest(head, self.entry.columns)
                allowed = ", ".join(label(c, self.lang) for c in self.entry.columns)
                self.faults.add(
                    where, "head", found=head, allowed=allowed, meant=label(near, self.lang) if near else ""
                )
            elif column is not None and column.key in placed:
                self.faults.add(where, "twice", found=head)
            elif column is not None:
                placed[column.key] = i
        for column in self.entry.columns:
            if column.needed and column.key not in placed:
                self.faults.add(CellPlace(self.sheet.name, at + 1), "no_column", found=label(column, self.lang))
        return [(column, placed.get(column.key, -1)) for column in self.entry.columns]

    def _upright(self) -> list[Cells]:
        """Read a sheet whose heads stand in its first column."""
        given: dict[str, tuple[int, str]] = {}
        for n, cells in enumerate(self.sheet.rows, 1):
            column = find(cells[0], self.entry.columns) if cells and cells[0] else None
            if column is not None:
                given.setdefault(column.key, (n, cells[1] if len(cells) > 1 else ""))
        blank = (0, "")
        return [
            {
                c.key: self._cell(c, given.get(c.key, blank)[0], 1, given.get(c.key, blank)[1])
                for c in self.entry.columns
            }
        ]

    def _cell(self, column: ColumnEntry, row: int, at: int, said: str) -> str:
        """Read one cell; a column that is missing is a fault of the heads already."""
        if at < 0:
            return ""
        read = read_cell(column, said, self.lang)
        if isinstance(read, str):
            return read
        where = CellPlace(self.sheet.name, row, column_letter(at), label(column, self.lang))
        meant = read.meant if len(self.faults.found) < MOST else ""
        self.faults.add(where, read.what, found=said, allowed=read.allowed, meant=meant)
        return ""
