"""A document whose every letter can be seen: what user text hides in it is written as its code, for every writer."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from peiyu.document.tree import Document
from sim.inputs.shown import visible


def shown(document: Document) -> Document:
    r"""Return the document with control characters and marks of direction written as codes such as \u202e."""
    made: Document = _shown(document)
    return made


def _shown(thing: Any) -> Any:
    if isinstance(thing, str):
        return visible(thing)
    if isinstance(thing, tuple):
        return tuple(_shown(part) for part in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: _shown(getattr(thing, f.name)) for f in fields(thing) if f.init})
    return thing
