"""A document without a format: sections with paragraphs and tables, for Markdown and for the appendix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table; every row has one cell a column, and the first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled section: paragraphs, then tables, then the sections inside it."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    parts: tuple[Section, ...] = ()

    def walk(self) -> Iterator[Section]:
        """Give this section and all sections inside it, in reading order."""
        yield self
        for part in self.parts:
            yield from part.walk()


def code(text: str) -> str:
    """Mark an identifier or a formula as code; nothing stays nothing."""
    return f"`{text}`" if text else ""
