"""JSON of the user's folder: read at the door, bounded in size and depth before it is parsed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sim.inputs.errors import InputError
from sim.inputs.text import place, read_text

MAX_DEPTH = 32
"""Brackets within brackets; a shipped fit has 5."""
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read_json(path: Path | str) -> dict[str, Any]:
    """Read a JSON file that holds one object. Raises `InputError` for anything else."""
    text = read_text(path)
    depth = deepest = 0
    for found in _TOKENS.finditer(text):
        depth += (found[0] in "[{") - (found[0] in "]}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise InputError(f"{place(path)}: brackets are nested {deepest:,} deep; at most {MAX_DEPTH} are read.")
    try:
        made = json.loads(text)
    except ValueError as error:
        raise InputError(f"{place(path)}: not valid JSON: {error}.") from None
    if not isinstance(made, dict):
        raise InputError(f"{place(path)}: is not a JSON object.")
    return made
