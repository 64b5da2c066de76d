"""Tables of the user: CSV text to a checked frame, every complaint with the row a spreadsheet shows."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from sim.inputs.errors import InputError, suggest
from sim.inputs.shown import quoted
from sim.inputs.text import place, read_text

_FIRST_ROW = 2  # row 1 of a spreadsheet is the header


def read_table(path: Path | str, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a CSV file under a contract.

    Parameters
    ----------
    path
        The file; UTF-8 or GBK.
    contract
        Columns in order. `float` and `int` columns are converted here; a blank is allowed only where the
        column is nullable. Give every check `error=` the words for "allowed".

    Returns
    -------
    table
        One row per line; the index counts from 0.

    Raises
    ------
    InputError
        With the row as a spreadsheet numbers it.
    """
    rows = _split(read_text(path), path)
    _check_header(rows[0][1] if rows else [], list(contract.columns), path)
    header = rows[0][1]
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            message = f"{place(path)}: row {number}: has {len(cells)} cells, the header has {len(header)}."
            raise InputError(message)
    numbers = [number for number, _ in rows[1:]]
    table = pd.DataFrame([cells for _, cells in rows[1:]], columns=header, index=numbers, dtype="str")
    table = table[list(contract.columns)]
    for name, column in contract.columns.items():
        if str(column.dtype) in {"float64", "int64"}:
            table[name] = _numbers(table[name], column, path)
    try:
        contract.validate(table)
    except SchemaError as error:
        raise _explain(error, path) from error
    return table.reset_index(drop=True)


def refuse(path: Path | str, index: int, message: str) -> InputError:
    """Return the complaint about the row at one position of a table that was read."""
    return InputError(f"{place(path)}: row {index + _FIRST_ROW}: {message}")


def refuse_duplicates(table: pd.DataFrame, columns: list[str], path: Path | str) -> None:
    """Refuse a row that repeats an earlier one in all of `columns`."""
    repeated = table.duplicated(columns)
    if repeated.any():
        at = int(repeated.to_numpy().argmax())
        what = ", ".join(quoted(table[name].iloc[at]) for name in columns[:4])
        message = f"repeats an earlier row ({what}); delete one of the two."
        raise refuse(path, at, message)


def _split(text: str, path: Path | str) -> list[tuple[int, list[str]]]:
    """Split CSV text into numbered rows without what spreadsheets add: blank lines, and empty columns on the right."""
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[tuple[int, list[str]]] = []
    number = 1
    try:
        for cells in reader:
            rows.append((number, [cell.strip() for cell in cells]))
            number += 1
    except csv.Error as error:
        reason = f"not valid CSV ({error}); put text with commas in double quotes"
        message = f"{place(path)}: row {number}: {reason}."
        raise InputError(message) from error
    rows = [(number, cells) for number, cells in rows if any(cells)]
    width = max((len(_without_blanks(cells)) for _, cells in rows), default=0)
    return [(number, cells[:width]) for number, cells in rows]


def _without_blanks(cells: list[str]) -> list[str]:
    """Return the cells up to the last one that is not empty."""
    filled = [i for i, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def _check_header(header: list[str], columns: list[str], path: Path | str) -> None:
    """Check that the header holds each column once and nothing else."""
    known = f" Columns: {', '.join(columns)}."
    for name in header:
        if name not in columns:
            meant = suggest(name, columns)
            message = f'{place(path)}: row 1: unknown column "{quoted(name)}".{meant}{known}'
            raise InputError(message)
        if header.count(name) > 1:
            message = f'{place(path)}: row 1: column "{name}" is there twice.'
            raise InputError(message)
    missing = [name for name in columns if name not in header]
    if missing:
        message = f'{place(path)}: row 1: column "{missing[0]}" is missing.{known}'
        raise InputError(message)


def _numbers(cells: pd.Series[str], column: pa.Column, path: Path | str) -> pd.Series[float] | pd.Series[int]:
    """Turn a column of text into numbers, naming the first cell that is none."""
    whole = str(column.dtype) == "int64"
    values: list[float] = []
    for row, cell in cells.items():
        value = _number(cell, blank=math.nan if column.nullable else None)
        if value is None or (whole and not value.is_integer()):
            wanted = "a whole number" if whole else "a number such as 1526 or 3.86, without unit or commas"
            found = f'"{quoted(cell)}"' if cell else "empty"
            message = f"{place(path)}: row {row}: {cells.name} is {found}; allowed: {wanted}."
            raise InputError(message)
        values.append(value)
    kind: type[int] | type[float] = int if whole else float
    return pd.Series([kind(value) for value in values], index=cells.index, dtype=kind)


def _number(cell: str, blank: float | None) -> float | None:
    """Return the finite number in a cell, `blank` for an empty one, None for anything else."""
    if not cell:
        return blank
    try:
        value = float(cell)
    except ValueError:
        return None
    # above 2^53 not every whole number is a float; underscores are Python's way to write numbers, not people's
    return value if math.isfinite(value) and abs(value) < 2.0**53 and "_" not in cell else None


def _explain(error: SchemaError, path: Path | str) -> InputError:
    """Turn a pandera finding into one message."""
    failure = error.failure_cases
    row, found = failure["index"].iloc[0], str(failure["failure_case"].iloc[0])
    check = error.check
    allowed = getattr(check, "error", None) or str(check)
    words = (getattr(check, "statistics", None) or {}).get("allowed_values", [])
    meant = suggest(found, [str(word) for word in words])
    name = getattr(error.schema, "name", None) or "the row"
    message = f'{place(path)}: row {row}: {name} is "{quoted(found)}"; allowed: {allowed}.{meant}'
    return InputError(message)
