"""CSV for spreadsheets: a table whole or not at all, in which no text of the user is taken for a formula."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.files import write_whole

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table with a header; text that begins like a formula gets an apostrophe before it."""
    write_whole(path, frame.map(_inert).to_csv(index=False))


def _inert(cell: object) -> object:
    """Return a cell as it is, unless it is text that a spreadsheet would compute."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell  # a number, written as text
