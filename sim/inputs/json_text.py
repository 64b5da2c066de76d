"""JSON files that a run or a fit has left: of bounded size and depth, and readable at all."""

from __future__ import annotations

import json
from typing import Any

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import Source, opened, place
from sim.inputs.toml_bounds import check_json

MAX_JSON = 8_000_000
"""Largest JSON file read, in bytes: eight times the largest that a command writes and another reads, a backtest."""


def read_json(source: Source) -> dict[str, Any]:
    """Return the object in a JSON file. Raises `InputError` for anything else."""
    file = opened(source, MAX_JSON)
    check_json(file)
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        reason = foreign(quoted(error, 200))
        raise InputError(Said("{place}: not valid JSON: {reason}.", place=place(file), reason=reason)) from error
    if not isinstance(found, dict):
        raise InputError(Said("{place}: is not a JSON object.", place=place(file)))
    return found
