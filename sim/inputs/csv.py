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

from sim.inputs.errors import InputError, listed, meant
from sim.inputs.foreign import foreign
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
        odd = sorted(set(head[: 100 * len(columns)].split(",")) ^ set(columns))
        raise InputError(
            Said(
                "{place}: made for other parameters ({odd}); run peiyu calibrate again.",
                place=place(file),
                odd=listed(odd[:5]) if odd else Said("their order"),
            )
        )
    lines = body.rstrip("\n").split("\n", MAX_DRAWS)
    # before anything is parsed: a row of a million cells takes minutes
    if len(lines) > MAX_DRAWS or any(line.count(",") != len(columns) - 1 for line in lines):
        raise InputError(
            Said(
                "{place}: cannot be read: it has more than {most} draws, or a row of another length than its head; run"
                " peiyu calibrate again.",
                place=place(file),
                most=f"{MAX_DRAWS:,}",
            )
        )
    try:
        numbers = pd.read_csv(io.StringIO(file.text)).to_numpy(float)
    except (ValueError, OverflowError) as error:
        raise InputError(
            Said(
                "{place}: cannot be read as numbers ({reason}); run peiyu calibrate again.",
                place=place(file),
                reason=foreign(quoted(error, 200)),
            )
        ) from None
    if numbers.shape[1:] != (len(columns),) or not np.isfinite(numbers).all():
        raise InputError(
            Said(
                "{place}: was changed after the fit: not every cell holds a number; run peiyu calibrate again.",
                place=place(file),
            )
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


def refuse(source: Source, index: int, message: Said | str) -> InputError:
    """Return the complaint about the row at one position of a table that was read."""
    file = opened(source)
    return _of_row(file, row_of(file, index), message)


def _of_row(file: TextFile, row: object, message: Said | str) -> InputError:
    return InputError(Said("{place}: row {row}: {message}", place=place(file), row=row, message=message))


def refuse_duplicates(table: pd.DataFrame, columns: list[str], path: Source) -> None:
    """Refuse a row that repeats an earlier one in all of `columns`."""
    repeated = table.duplicated(columns)
    if repeated.any():
        at = int(repeated.to_numpy().argmax())
        what = ", ".join(quoted(table[name].iloc[at]) for name in columns[:4])
        raise refuse(path, at, Said("repeats an earlier row ({what}); delete one of the two.", what=what))


def _rows(file: TextFile) -> list[_Row]:
    """Return the rows in which something stands, numbered; nameless columns that are blank throughout are left out."""
    rows = _split(file)
    width = len(rows[0][1]) if rows else 0
    while width and not rows[0][1][width - 1]:
        width -= 1
    for i, (number, cells) in enumerate(rows):
        if len(cells) < width or any(cells[width:]):
            said = Said("has {cells} cells, the header has {width}.", cells=len(cells), width=width)
            raise _of_row(file, number, said)
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
                raise _of_row(file, number, Said("has more than {most} columns.", most=MAX_COLUMNS))
            if len(rows) > MAX_ROWS + 1:
                raise InputError(
                    Said(
                        "{place}: has more than {most} rows; no table that is read here needs as many.",
                        place=place(file),
                        most=f"{MAX_ROWS:,}",
                    )
                )
    except csv.Error as error:
        said = Said("not valid CSV ({reason}); put text with commas in double quotes.", reason=foreign(error))
        raise _of_row(file, number + 1, said) from error
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
            found = Said('"{found}"', found=quoted(cell)) if cell else Said("empty")
            said = Said("{column} is {found}; allowed: {wanted}.", column=cells.name, found=found, wanted=wanted)
            raise _of_row(path, row, said)
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
    said = Said(
        '{name} is "{found}"; allowed: {allowed}.',
        name=getattr(error.schema, "name", None) or Said("the row"),
        found=quoted(found),
        allowed=foreign(allowed),
    )
    return _of_row(path, row, said + meant(found, [str(word) for word in words]))
