"""What a scenario file may say at its top: the keys, what kind of thing each is, and how many."""

from __future__ import annotations

import re
from typing import Any

from sim.inputs.errors import InputError, suggest
from sim.inputs.shown import quoted

NAME = re.compile(r"[^\W_][\w -]{0,79}")
"""A scenario's name, as the name of a file without folder and ending."""
MOST, MAX_TITLE = 100, 200
"""Levers, changes, drops or rules of a file, of which shipped ones have up to 17; letters of a title."""
_TEXTS = ("title", "title_en", "question", "question_en", "extends")
_PARTS: dict[str, type[list[Any]] | type[dict[str, Any]]] = {"lever": list, "drop": list, "change": dict, "rule": list}
TOP = (*_TEXTS, "decide", *_PARTS)
"""Keys at the top of a scenario file."""


def check_top(file: str, doc: dict[str, Any]) -> None:
    """Raise `InputError` for an unknown key, a missing title, or a part of another kind or size."""
    for key in doc:
        if key not in TOP:
            known = ", ".join(sorted(TOP))
            raise InputError(f'{file}: unknown key "{quoted(key)}".{suggest(key, TOP)} Known: {known}.')
    if not isinstance(doc.get("title"), str):
        raise InputError(f'{file}: "title" is missing or not a text.')
    for key in _TEXTS:
        if not isinstance(doc.get(key, ""), str):
            raise InputError(f'{file}: "{key}" is not a text.')
    if max(len(doc.get(key, "")) for key in ("title", "title_en")) > MAX_TITLE:
        raise InputError(f"{file}: the title has more than {MAX_TITLE} letters; put the rest under question.")
    for key, kind in _PARTS.items():
        _check_part(file, key, doc.get(key, kind()), kind)


def _check_part(file: str, key: str, part: Any, kind: type[list[Any]] | type[dict[str, Any]]) -> None:
    if not isinstance(part, kind):
        raise InputError(f'{file}: "{key}" must be {"a list" if kind is list else "a table"}.')
    entries = len(part)
    if entries > MOST:
        raise InputError(f'{file}: "{key}" has {entries:,} entries; at most {MOST} are allowed.')
