"""CSV for spreadsheets: a table whole or not at all, in which no text of the user is taken for a formula."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.files import write_whole
from sim.inputs.shown import visible

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; one for Chinese takes wide letters too."""


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table with a header; text that begins like a formula gets an apostrophe before it."""
    write_whole(path, frame.map(_inert).rename(columns=_inert).to_csv(index=False))


def _inert(cell: object) -> object:
    """Return a cell as it is, unless it is text: of which all is seen, and which no spreadsheet computes."""
    if not isinstance(cell, str):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{visible(cell)}" if cell.lstrip(" ").startswith(_FORMULA) else visible(cell)
    return cell  # a number, written as text
