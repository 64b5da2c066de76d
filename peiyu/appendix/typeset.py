"""How a document is set: numbers of headings, tables and figures, one way to write numbers, marks of the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from peiyu.document.shown import shown
from peiyu.document.tree import (
    Block,
    Bullets,
    Cell,
    Document,
    Figure,
    Heading,
    Inline,
    Number,
    Paragraph,
    Span,
    Table,
    plain,
)
from peiyu.words.loader import words

HAN = "\u3400-\u9fff\u3000-\u303f\uff00-\uffef"
WIDE = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "(": "\uff08", ")": "\uff09"}
"""Marks that Chinese documents print full width."""
PERCENT = re.compile(r"(\d)[ \u00a0]%")
"""A percent sign stands at its number, in words as in numbers."""
TENS = "一二三四五六七八九十"


def typeset(document: Document) -> Document:
    """Return the document as it is printed."""
    lang = document.lang
    made = shown(spoken(replace(document, blocks=tuple(_numbered(list(document.blocks), lang)))))
    return _full_width(made) if lang == "zh" else made


def spoken(document: Document) -> Document:
    """Return the document with numbers that know its language."""
    blocks = tuple(replace_cells(b, lambda cell: _written(cell, document.lang)) for b in document.blocks)
    return replace(document, blocks=blocks)


def _written(cell: Cell, lang: str) -> Cell:
    """Return a cell whose numbers know the language, and whose intervals are written alike at both ends."""
    return tuple(_piece(p, lang) for p in cell)


def _piece(p: Inline, lang: str) -> Inline:
    if isinstance(p, str):
        return PERCENT.sub(r"\1%", p)
    if isinstance(p, Span):
        return Span(replace(p.low, lang=lang), replace(p.high, lang=lang)).even()
    return replace(p, lang=lang) if isinstance(p, Number) else p


def replace_cells(block: Block, change: Callable[[Cell], Cell]) -> Block:
    """Return a block with every cell or sentence in it changed."""
    if isinstance(block, Paragraph):
        return replace(block, parts=change(block.parts))
    if isinstance(block, Bullets):
        return replace(block, items=tuple(map(change, block.items)))
    if isinstance(block, Table):
        notes = tuple("".join(map(plain, change((note,)))) for note in block.notes)
        return replace(block, rows=tuple(tuple(map(change, row)) for row in block.rows), notes=notes)
    return block


def _numbered(blocks: list[Block], lang: str) -> Iterator[Block]:
    """Give headings, tables and figures their numbers: 一、(一)1. in Chinese, 1, 1.1, 1.1.1 in English."""
    at, tables, figures, annexes = [0, 0, 0, 0], 0, 0, 0
    w = words("appendix", lang)
    for block in blocks:
        if isinstance(block, Heading):
            at = [*at[: block.level - 1], at[block.level - 1] + block.counted, *[0] * (4 - block.level)]
            annexes += block.annex
            yield replace(block, text=_before(block, at, annexes, lang) + block.text)
        elif isinstance(block, Table):
            tables += 1
            yield replace(block, caption=_caption(w["table"], tables, block.caption, lang))
        elif isinstance(block, Figure):
            figures += 1
            yield replace(block, caption=_caption(w["figure"], figures, block.caption, lang))
        else:
            yield block


def _before(block: Heading, at: list[int], annexes: int, lang: str) -> str:
    """Return what stands before a heading: annexes have letters in English, and so have the parts of one."""
    letter = chr(ord("A") + annexes - 1)
    if block.annex:
        return words("appendix", lang)["annex_mark"].format(n=annexes if lang == "zh" else letter)
    if not block.counted:
        return ""
    number = _number(at, block.level, lang)
    return letter + number[number.index(".") :] if annexes and lang != "zh" else number


def _caption(word: str, n: int, text: str, lang: str) -> str:
    return words("punctuation", lang)["caption"].format(word=word, n=n, text=text)


def _number(at: list[int], level: int, lang: str) -> str:
    if lang != "zh":
        return ".".join(map(str, at[:level])) + ". " * (level == 1) + " " * (level > 1)
    n = at[level - 1]
    return {1: f"{chinese(n)}、", 2: f"\uff08{chinese(n)}\uff09", 3: f"{n}. "}.get(level, f"\uff08{n}\uff09")


def chinese(n: int) -> str:
    """Write a number below a hundred in Chinese numerals."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return TENS[ones - 1]
    return (TENS[tens - 1] if tens > 1 else "") + "十" + (TENS[ones - 1] if ones else "")


def full_width(text: str) -> str:
    """Write commas, colons, semicolons and brackets full width where Chinese stands beside them."""
    if not re.search(f"[{HAN}]", text) and text.strip() not in WIDE:
        return text
    marks = rf"(?<![0-9])[,:;](?![0-9]) ?|[,:;](?=[^0-9\x00-\x7f]) ?|(?<=[{HAN}])[,:;] ?"
    text = re.sub(marks, lambda m: WIDE[m[0][0]], text)
    return re.sub(r"[()]", lambda m: WIDE[m[0]], text)


def _full_width(document: Document) -> Document:
    blocks = tuple(_widened(b) for b in document.blocks)
    return replace(document, subtitle=full_width(document.subtitle), blocks=blocks)


def _widened(block: Block) -> Block:
    def cell(parts: Cell) -> Cell:
        return tuple(full_width(p) if isinstance(p, str) else p for p in parts)

    if isinstance(block, Heading):
        return replace(block, text=full_width(block.text))
    if isinstance(block, Paragraph):
        return replace(block, parts=cell(block.parts))
    if isinstance(block, Figure):
        return replace(block, caption=full_width(block.caption), alt=full_width(block.alt))
    if not isinstance(block, Table):
        return block
    columns = tuple(replace(c, title=full_width(c.title)) for c in block.columns)
    rows = tuple(tuple(cell(c) for c in row) for row in block.rows)
    notes = tuple(full_width(n) for n in block.notes)
    return replace(block, caption=full_width(block.caption), columns=columns, rows=rows, notes=notes)


