"""Markdown: the pages of docs/ and the tables between the marks of a page written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile

from peiyu.document.tree import (
    Block,
    Bullets,
    Cell,
    Code,
    Document,
    Figure,
    Heading,
    Inline,
    Link,
    Paragraph,
    Strong,
    Table,
    Verbatim,
    plain,
)

_TAG, _ENTITY = re.compile("<(?=[A-Za-z/!?])"), re.compile(r"&(?=#?\w+;)")
LISTED = 2
"""Levels of headings that the contents name."""


def page(document: Document) -> str:
    """Return a page: title, what stands before the first heading, contents, the rest; it ends with one newline."""
    blocks = document.blocks
    lead = list(takewhile(lambda block: not isinstance(block, Heading), blocks))
    parts = (f"# {document.title}", fragment(lead), _contents(blocks), fragment(blocks[len(lead) :]))
    return "\n\n".join(part for part in parts if part) + "\n"


def fragment(blocks: Iterable[Block]) -> str:
    """Return blocks as they stand inside a page; headings are below its title."""
    return "\n\n".join(_block(block) for block in blocks)


def filled(page: str, mark: str, blocks: Iterable[Block]) -> str:
    """Return a page written by hand with blocks between `<!-- mark -->` and `<!-- /mark -->`."""
    place = re.compile(f"(<!-- {mark} -->\\n).*?(<!-- /{mark} -->)", re.DOTALL)
    return place.sub(lambda found: f"{found[1]}{fragment(blocks)}\n{found[2]}", page)


def anchor(title: str) -> str:
    """Return the address of a heading inside its page, as repository sites make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _contents(blocks: Iterable[Block]) -> str:
    heads = [b for b in blocks if isinstance(b, Heading) and b.level <= LISTED]
    return "\n".join(f"{'  ' * (h.level - 1)}- [{h.text}](#{anchor(h.text)})" for h in heads)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {block.text}"
    if isinstance(block, Paragraph):
        return _cell(block.parts)
    if isinstance(block, Bullets):
        return "\n".join(f"- {_cell(item)}" for item in block.items)
    if isinstance(block, Verbatim):
        return f"```text\n{block.text}\n```"
    if isinstance(block, Figure):
        return f"![{block.alt}](figures/{block.key}.svg)\n\n*{block.caption}*"
    return _table(block)


def _table(table: Table) -> str:
    """Write a pipe table; a bar inside a cell is escaped, a line break becomes a space."""
    rule = "|" + "".join(" ---: |" if c.right else " --- |" for c in table.columns)
    lines = [_line((c.head,) for c in table.columns), rule, *(_line(row) for row in table.rows)]
    caption = f"**{table.caption}**\n\n" if table.caption else ""
    return "\n\n".join((caption + "\n".join(lines), *table.notes))


def _line(cells: Iterable[Cell]) -> str:
    written = (" ".join(_cell(cell).split()).replace("|", "\\|") or " " for cell in cells)
    return "| " + " | ".join(written) + " |"


def _cell(cell: Cell) -> str:
    return "".join(map(_piece, cell))


def _piece(piece: Inline) -> str:
    if isinstance(piece, Code):
        return f"`{piece.text}`" if piece.text else ""
    if isinstance(piece, Strong):
        return f"**{piece.text}**"
    if isinstance(piece, Link):
        return f"[{piece.text}]({piece.address})"
    # what would be a tag is text: pages are shown by programs that take HTML inside Markdown
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", plain(piece)))
