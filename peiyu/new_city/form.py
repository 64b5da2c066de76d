"""What a workbook of a new city may hold: its sheets and columns, by their names in both languages."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field

import scenarios
from sim.city.labels import NameEntry
from sim.city.schema import StrictFile
from sim.inputs.toml import read_model

FILE = scenarios.FOLDER / "common" / "workbook.toml"
Kind = Literal[
    "text", "count", "money", "period", "start", "end", "label", "measure", "scope", "lever", "status",
    "region", "province", "grade",
]  # fmt: skip
"""What a cell may hold."""
Cells = dict[str, str]
"""The cells of a row by the key of their column."""


class ColumnEntry(NameEntry):
    """One column, or one line of an upright sheet."""

    kind: Kind
    needed: bool = False
    example: str
    note: str = ""
    note_en: str = ""


class SheetEntry(NameEntry):
    """One [[sheet]]."""

    upright: bool = False  # a row an answer
    columns: Annotated[list[ColumnEntry], Field(min_length=1)]


class WorkbookFile(StrictFile):
    """All of workbook.toml."""

    sheet: Annotated[list[SheetEntry], Field(min_length=1)]
    status: Annotated[list[NameEntry], Field(min_length=1)]


@cache
def workbook() -> WorkbookFile:
    """Read the file, once."""
    return read_model(FILE, WorkbookFile)


def sheet_of(key: str) -> SheetEntry:
    """Return a sheet by its key."""
    return next(s for s in workbook().sheet if s.key == key)
