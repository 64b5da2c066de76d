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


def number(x: float) -> str:
    """Write a number to three significant digits, the same on every machine; thousands are whole."""
    thousand = 1000.0
    if x in (float("inf"), float("-inf")):
        return "∞" if x > 0 else "-∞"
    if abs(x) >= thousand:
        return f"{x:,.0f}"
    return f"{x + 0.0:.3g}"


def code(text: str) -> str:
    """Mark an identifier or a formula as code; nothing stays nothing."""
    return f"`{text}`" if text else ""
