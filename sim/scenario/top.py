"""What a scenario file may say at its top: the keys, what kind of thing each is, and how many."""

from __future__ import annotations

import re
from typing import Any

from sim.inputs.errors import InputError, standing, unknown
from sim.inputs.said import Said

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
    with standing(file):
        _check_texts(doc)
        for key, kind in _PARTS.items():
            _check_part(key, doc.get(key, kind()), kind)


def _check_texts(doc: dict[str, Any]) -> None:
    for key in doc:
        if key not in TOP:
            raise InputError(unknown(Said("key"), key, sorted(TOP)))
    if not isinstance(doc.get("title"), str):
        raise InputError(Said('"title" is missing or not a text.'))
    for key in _TEXTS:
        if not isinstance(doc.get(key, ""), str):
            raise InputError(Said('"{key}" is not a text.', key=key))
    if max(len(doc.get(key, "")) for key in ("title", "title_en")) > MAX_TITLE:
        raise InputError(Said("the title has more than {most} letters; put the rest under question.", most=MAX_TITLE))


def _check_part(key: str, part: Any, kind: type[list[Any]] | type[dict[str, Any]]) -> None:
    if not isinstance(part, kind):
        form = Said("a list") if kind is list else Said("a table")
        raise InputError(Said('"{key}" must be {form}.', key=key, form=form))
    if len(part) > MOST:
        count = f"{len(part):,}"
        raise InputError(
            Said('"{key}" has {count} entries; at most {most} are allowed.', key=key, count=count, most=MOST)
        )
