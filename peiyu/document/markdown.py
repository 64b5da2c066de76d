"""Markdown: sections become headings, tables become pipe tables, empty ones nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from peiyu.document.sections import Section, Table


def markdown(title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """Return a page: title, lead paragraphs, contents, sections; ends with one newline."""
    blocks = [f"# {title}", *lead, _contents(sections)]
    for section in sections:
        blocks += _blocks(section, 2)
    return "\n\n".join(block for block in blocks if block) + "\n"


def anchor(title: str) -> str:
    """Return the address of a heading inside its page, as repository sites make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _contents(sections: Sequence[Section]) -> str:
    lines = []
    for section in sections:
        lines.append(f"- [{section.title}](#{anchor(section.title)})")
        lines += [f"  - [{part.title}](#{anchor(part.title)})" for part in section.parts]
    return "\n".join(lines)


def _blocks(section: Section, level: int) -> Iterator[str]:
    yield f"{'#' * level} {section.title}"
    yield from section.paragraphs
    for table in section.tables:
        if table.rows:
            yield _pipe_table(table)
    for part in section.parts:
        yield from _blocks(part, level + 1)


def _pipe_table(table: Table) -> str:
    """Write a caption and a pipe table; a bar inside a cell is escaped, a line break becomes a space."""
    lines = [_line(table.columns), "|" + " --- |" * len(table.columns), *(_line(row) for row in table.rows)]
    return f"**{table.caption}**\n\n" + "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    written = (" ".join(cell.split()).replace("|", "\\|") or " " for cell in cells)
    return "| " + " | ".join(written) + " |"
