"""Sentences as people write them, with marks for `code`, **strong words** and [links](page.md), into pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import Formatter

from peiyu.document.tree import (
    Block,
    Cell,
    Code,
    Column,
    Heading,
    Inline,
    Link,
    Number,
    Paragraph,
    Quote,
    Span,
    Strong,
    Table,
)

MARKS = re.compile(r"`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)|\*\*([^*]+)\*\*")
PIECES = (Number, Span, Quote, Code)
"""What a sentence may be filled with besides words."""


def pieces(text: str) -> Cell:
    """Return what a sentence is made of."""
    return tuple(_pieces(text))


def _pieces(text: str) -> Iterator[Inline]:
    at = 0
    for found in MARKS.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        code, words, address, strong = found.groups()
        yield Code(code) if code else Link(words, address) if words else Strong(strong)
        at = found.end()
    if text[at:]:
        yield text[at:]


def filled(template: str, facts: Mapping[str, object]) -> Cell:
    """Return a template's words with facts in their places, numbers, commands and quotes as what they are."""
    return tuple(_filled(template, facts))


def _filled(template: str, facts: Mapping[str, object]) -> Iterator[Inline]:
    for text, name, _, _ in Formatter().parse(template):
        if text:
            yield text
        fact = facts[name] if name else ""
        if isinstance(fact, tuple):
            yield from fact
        elif isinstance(fact, PIECES):
            yield fact
        elif name:
            yield str(fact)


def paragraph(text: str) -> Paragraph:
    """Return a paragraph."""
    return Paragraph(pieces(text))


def section(level: int, title: str, said: Iterable[str | Block], tables: Iterable[Table] = ()) -> list[Block]:
    """Return a heading, what is said under it, and the tables that have something in them."""
    told = (paragraph(x) if isinstance(x, str) else x for x in said)
    return [Heading(level, title), *told, *(t for t in tables if t.rows)]


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose cells are sentences; its caption is its key."""
    made = tuple(tuple(map(pieces, row)) for row in rows)
    return Table(caption, caption, tuple(map(Column, columns)), made)


def code(text: str) -> str:
    """Mark an identifier or a formula as code; nothing stays nothing."""
    return f"`{text}`" if text else ""
