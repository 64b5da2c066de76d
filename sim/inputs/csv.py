"""Tables of the user: CSV text to a checked frame, every complaint with the row a spreadsheet shows."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError

from sim.inputs.errors import InputError, listed, meant, suggest
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import Source, TextFile, opened, place

MAX_ROWS, MAX_COLUMNS = 5_000, 60
"""Most rows and columns of a table that people write; the longest shipped one has some 740 rows of 15 columns."""
MAX_DRAWS, MAX_NUMBERS = 2_000, 8_000_000
"""Most rows of a table of draws, and its largest size in bytes."""
_Row = tuple[int, list[str]]


def read_table(source: Source, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a CSV file under a contract.

    Blank rows are passed over, and so are columns without a name in which nothing stands: spreadsheets leave both.

    Parameters
    ----------
    source
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
    path = opened(source)
    rows = _rows(path)
    header = rows[0][1] if rows else []
    _check_header(header, list(contract.columns), path)
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


def read_numbers(source: Source, columns: Sequence[str]) -> npt.NDArray[np.float64]:
    """Read a table of draws: finite numbers under exactly these columns. Raises `InputError` for anything else."""
    file = opened(source, MAX_NUMBERS)
    head, _, body = file.text.partition("\n")
    if head.split(",") != list(columns):
        odd = sorted(set(head[: 100 * len(columns)].split(",")) ^ set(columns)) or ["their order"]
        raise InputError(f"{place(file)}: made for other parameters ({listed(odd[:5])}); run peiyu calibrate again.")
    lines = body.rstrip("\n").split("\n", MAX_DRAWS)
    # before anything is parsed: a row of a million cells takes minutes
    if len(lines) > MAX_DRAWS or any(line.count(",") != len(columns) - 1 for line in lines):
        shape = f"it has more than {MAX_DRAWS:,} draws, or a row of another length than its head"
        raise InputError(f"{place(file)}: cannot be read: {shape}; run peiyu calibrate again.")
    try:
        numbers = pd.read_csv(io.StringIO(file.text)).to_numpy(float)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{place(file)}: cannot be read as numbers ({quoted(error, 200)}); run peiyu calibrate again."
        ) from None
    if numbers.shape[1:] != (len(columns),) or not np.isfinite(numbers).all():
        raise InputError(
            f"{place(file)}: was changed after the fit: not every cell holds a number; run peiyu calibrate again."
        )
    return numbers


def header_of(source: Source) -> list[str]:
    """Return the names of a table's columns."""
    rows = _rows(opened(source))
    return rows[0][1] if rows else []


def row_numbers(source: Source) -> list[int]:
    """Return the row, as a spreadsheet numbers it, at every position of a table that was read."""
    return [number for number, _ in _rows(opened(source))[1:]]


def row_of(source: Source, index: int) -> int:
    """Return the row, as a spreadsheet numbers it, at one position of a table that was read."""
    return row_numbers(source)[index]


def refuse(source: Source, index: int, message: str) -> InputError:
    """Return the complaint about the row at one position of a table that was read."""
    file = opened(source)
    return InputError(f"{place(file)}: row {row_of(file, index)}: {message}")


def refuse_duplicates(table: pd.DataFrame, columns: list[str], path: Source) -> None:
    """Refuse a row that repeats an earlier one in all of `columns`."""
    repeated = table.duplicated(columns)
    if repeated.any():
        at = int(repeated.to_numpy().argmax())
        what = ", ".join(quoted(table[name].iloc[at]) for name in columns[:4])
        message = f"repeats an earlier row ({what}); delete one of the two."
        raise refuse(path, at, message)


def _rows(file: TextFile) -> list[_Row]:
    """Return the rows in which something stands, numbered; nameless columns that are blank throughout are left out."""
    rows = _split(file)
    width = len(rows[0][1]) if rows else 0
    while width and not rows[0][1][width - 1]:
        width -= 1
    for i, (number, cells) in enumerate(rows):
        if len(cells) < width or any(cells[width:]):
            raise InputError(
                Said(
                    "{place}: row {row}: has {cells} cells, the header has {width}.",
                    place=place(file),
                    row=number,
                    cells=len(cells),
                    width=width,
                )
            )
        rows[i] = (number, cells[:width])
    return rows


def _split(file: TextFile) -> list[_Row]:
    """Split CSV text into numbered rows; blank ones do not count."""
    reader = csv.reader(io.StringIO(file.text), strict=True)
    rows: list[_Row] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                rows.append((number, [cell.strip() for cell in cells]))
            if len(cells) > MAX_COLUMNS and any(cell.strip() for cell in cells[MAX_COLUMNS:]):
                raise InputError(f"{place(file)}: row {number}: has more than {MAX_COLUMNS} columns.")
            if len(rows) > MAX_ROWS + 1:
                raise InputError(
                    f"{place(file)}: has more than {MAX_ROWS:,} rows; no table that is read here needs as many."
                )
    except csv.Error as error:
        reason = f"not valid CSV ({error}); put text with commas in double quotes"
        raise InputError(f"{place(file)}: row {number + 1}: {reason}.") from error
    return rows


def _check_header(header: list[str], columns: list[str], path: TextFile) -> None:
    """Check that the header holds each column once and nothing else."""
    known = Said(" Columns: {columns}.", columns=listed(columns))
    where = place(path)
    for name in header:
        if name not in columns:
            unknown = Said('{place}: row 1: unknown column "{name}".', place=where, name=quoted(name))
            raise InputError(unknown + meant(name, columns) + known)
        if header.count(name) > 1:
            raise InputError(Said('{place}: row 1: column "{name}" is there twice.', place=where, name=quoted(name)))
    missing = [name for name in columns if name not in header]
    if missing:
        raise InputError(Said('{place}: row 1: column "{name}" is missing.', place=where, name=missing[0]) + known)


def _numbers(cells: pd.Series[str], column: pa.Column, path: TextFile) -> pd.Series[float] | pd.Series[int]:
    """Turn a column of text into numbers, naming the first cell that is none."""
    whole = str(column.dtype) == "int64"
    values: list[float] = []
    for row, cell in cells.items():
        value = _number(cell, blank=math.nan if column.nullable else None)
        if value is None or (whole and not value.is_integer()):
            wanted = Said("a whole number") if whole else Said("a number such as 1526 or 3.86, without unit or commas")
            raise InputError(
                Said(
                    "{place}: row {row}: {column} is {found}; allowed: {wanted}.",
                    place=place(path),
                    row=row,
                    column=cells.name,
                    found=f'"{quoted(cell)}"' if cell else Said("empty"),
                    wanted=wanted,
                )
            )
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


def _explain(error: SchemaError, path: TextFile) -> InputError:
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
