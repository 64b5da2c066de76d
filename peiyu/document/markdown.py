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
from sim.inputs.shown import visible

_TAG, _ENTITY = re.compile("<(?=[A-Za-z/!?])"), re.compile(r"&(?=#?\w+;)")
_MARK = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|\*+(?=[^\s*])|(?<=[^\s*])\*+|\[(?=[^\[\]]*\][(:\[])|~~"
    r"|\$(?=[^\s$][^$]*\$)|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)"
)
"""What would begin or end code, strong words, a link or a formula; an underscore inside a word does not."""
_FIRST = re.compile(r"^(\s*)(?=#{1,6}(?:\s|$)|[-+](?:\s|$)|>|=+$|-+$)", re.MULTILINE)
"""Where a line begins as a heading, a list or a quotation does."""
LISTED = 2
"""Levels of headings that the contents name."""


def page(document: Document) -> str:
    """Return a page: title, what stands before the first heading, contents, the rest; it ends with one newline."""
    blocks = document.blocks
    lead = list(takewhile(lambda block: not isinstance(block, Heading), blocks))
    parts = (f"# {_prose(document.title)}", fragment(lead), _contents(blocks), fragment(blocks[len(lead) :]))
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
    return "\n".join(f"{'  ' * (h.level - 1)}- [{_prose(h.text)}](#{anchor(h.text)})" for h in heads)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {_prose(block.text)}"
    if isinstance(block, Paragraph):
        return _FIRST.sub(r"\1\\", _cell(block.parts))
    if isinstance(block, Bullets):
        return "\n".join(f"- {_cell(item)}" for item in block.items)
    if isinstance(block, Verbatim):
        return f"```text\n{block.text}\n```"
    if isinstance(block, Figure):
        return f"![{_prose(block.alt)}](figures/{block.key}.svg)\n\n*{_prose(block.caption)}*"
    return _table(block)


def _table(table: Table) -> str:
    """Write a pipe table; a bar inside a cell is escaped, a line break becomes a space."""
    rule = "|" + "".join(" ---: |" if c.right else " --- |" for c in table.columns)
    lines = [_line(_prose(c.head) for c in table.columns), rule, *(_line(map(_cell, row)) for row in table.rows)]
    caption = f"**{_prose(table.caption)}**\n\n" if table.caption else ""
    return "\n\n".join((caption + "\n".join(lines), *map(_prose, table.notes)))


def _line(cells: Iterable[str]) -> str:
    written = (" ".join(cell.split()).replace("|", "\\|") or " " for cell in cells)
    return "| " + " | ".join(written) + " |"


def _cell(cell: Cell) -> str:
    return "".join(map(_piece, cell))


def _piece(piece: Inline) -> str:
    if isinstance(piece, Code):
        return _code(piece.text) if piece.text else ""
    if isinstance(piece, Strong):
        return f"**{text(piece.text)}**"
    return f"[{text(piece.text)}]({piece.address})" if isinstance(piece, Link) else text(plain(piece))


def text(words: str) -> str:
    """Return words as a page shows them: nothing in them is markup, nor a tag for programs that take HTML."""
    marked = _MARK.sub(lambda found: "".join(f"\\{mark}" for mark in found[0]), words)
    return _prose(marked)


def _prose(words: str) -> str:
    """Return a heading, a caption or a note, which may mark its code itself, without a tag or a hidden character."""
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", visible(words)))


def _code(words: str) -> str:
    """Return words as code, between more backticks than stand in them."""
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    edge = " " if "`" in (words[0], words[-1]) else ""
    return f"{fence}{edge}{visible(words)}{edge}{fence}"
