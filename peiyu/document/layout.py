"""How wide the columns of a printed table are, how small its letters, and whether its page lies on its side."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from agents.table import Floats
from peiyu.document.tree import (
    Block,
    Bullets,
    Cell,
    Code,
    Column,
    Figure,
    Heading,
    Number,
    Paragraph,
    Span,
    Table,
    Verbatim,
    plain,
)

MM = 72.0 / 25.4
"""Points of a millimetre."""
WIDE, CAPITAL, SMALL, THIN, MONO = 1.0, 0.70, 0.56, 0.34, 0.53
"""Widths of a letter, in sizes of its type: Chinese, capital, small or digit, mark or blank, and in code."""
BETWEEN = 0.25
"""White space that a program sets between a Chinese letter and a Latin one or a digit."""
RUN = 4
"""Chinese letters that are kept on one line, if a cell has so many in a row."""
BRIEF = 4.5
"""Length of a cell that is kept on one line, in sizes of its type: one letter alone on the next would look torn off."""
TALL = (3, 6, 8)
"""Most lines of a cell in each size of type; a table with taller ones is turned on its side."""
BOLD = 1.25
"""Width of a heading's letters beside the text's."""
STRETCH = 1.8
"""How much wider than its words a small table may be."""
SHORT = 14
"""Most rows of a table that is kept on one page."""
LOW = 0.36
"""Most height of such a table, of a page."""
ALONE = 1.3
"""Pages up to which a turned table may just fill one by itself, without its heading."""
OPENING = 45.0
"""About how high a heading or a little text above a table is, in points."""
FEW = 4
"""Most blocks between two tables on turned pages that stay on them."""
Printed = Heading | Paragraph | Table | Figure
"""What paper shows: a list and lines of code are paragraphs there."""
NO_BREAK = "\N{NO-BREAK SPACE}"
STEPS = 40
"""Parts in which the spare width of a page is given to columns."""
PIECE = 12
"""Most letters of a word that are kept on one line; a longer one breaks after a mark, or anywhere."""
PART = re.compile(r"[^_./,:=–-]*[_./,:=–-]+|[^_./,:=–-]+")
"""What a long word is broken into: up to a mark."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's type area and the sizes that tables may have, in points."""

    width: float
    height: float
    sizes: tuple[float, ...]
    gutter: float = 8.0
    letter: float = 1.0  # width of its letters beside those above
    slack: float = 1.0  # room for a word that stays whole, beside its width

    def across(self, turned: bool) -> float:
        """Return how wide a table may be."""
        return self.height if turned else self.width


SHEETS = {
    "zh": Sheet(156.0 * MM, 225.0 * MM, (12.0, 10.5, 9.0)),  # GB/T 9704-2012: the type area; 小四, 五号, 小五
    "en": Sheet(160.0 * MM, 245.0 * MM, (9.5, 8.5, 8.0), letter=0.88),
}


@dataclass(frozen=True, slots=True)
class ColumnFit:
    """How a table is printed: size of type, widths of columns, whether the page is turned, about how high it is."""

    size: float
    widths: tuple[float, ...]
    turned: bool
    height: float = 0.0


def fit(table: Table, sheet: Sheet) -> ColumnFit:
    """Return the largest type in which no cell is overfull or very tall, upright if that can be."""
    tries = [(size, turned, tall) for turned in (False, True) for size, tall in zip(sheet.sizes, TALL, strict=True)]
    found: list[tuple[int, ColumnFit]] = []
    for size, turned, tall in tries:
        room = size * sheet.letter * sheet.slack
        widths = _widths(table, sheet, turned, room)
        if widths is not None:
            lines = _lines(table, widths, room, sheet.gutter)
            height = sum(lines) * 1.3 * size + (len(lines) + 4) * sheet.gutter
            found.append((max(lines), ColumnFit(size, widths, turned, height)))
            if max(lines) <= tall:
                return found[-1][1]
    if found:
        return min(found, key=lambda x: x[0])[1]
    if sheet.slack > 1.0:  # better little room than broken words
        return fit(table, replace(sheet, slack=1.0))
    across = sheet.across(True)  # nothing fits: equal columns, words are broken
    return ColumnFit(sheet.sizes[-1], (across / len(table.columns),) * len(table.columns), True)


def kept_whole(table: Table, found: ColumnFit, sheet: Sheet) -> bool:
    """Tell whether a table stays on one page: one that is short, and low enough to leave no page half empty."""
    across = sheet.width if found.turned else sheet.height
    return len(table.rows) <= SHORT and found.height <= LOW * across


def _widths(table: Table, sheet: Sheet, turned: bool, size: float) -> tuple[float, ...] | None:
    """Return widths that hold every unbreakable piece, the rest shared by what the columns would like; or nothing."""
    across, gutter = sheet.across(turned), sheet.gutter
    least, most = [], []
    for i, column in enumerate(table.columns):
        cells = [row[i] for row in table.rows]
        head = [BOLD * x for x in (*_pieces(column.title, 2), length(column.head) - length(column.title))]
        least.append(gutter + size * max([*head, *(_least(c) for c in cells)]))
        most.append(max(least[-1], gutter + size * max([_head(column), *(_length(c) for c in cells)])))
    spare = across - sum(least)
    if spare < 0.0:
        return None
    if sum(most) <= across:
        wanted = min(across, max(STRETCH * sum(most), across / 2.0))
        return tuple(m * wanted / sum(most) for m in most)
    lengths = np.array([[_length(row[i]) for i in range(len(least))] for row in table.rows]) * size
    return tuple(_shared(lengths, np.array(least), spare, gutter))


def _shared(lengths: Floats, least: Floats, spare: float, gutter: float) -> list[float]:
    """Give what is spare, a little at a time, to the column that makes the rows lowest.

    Parameters
    ----------
    lengths
        Length of every cell on one line, (rows, columns).
    least
        Least width of every column.
    spare
        What is left of the page's width.
    gutter
        White space inside a column.
    """
    widths, step = least.copy(), spare / STEPS
    for _ in range(STEPS):
        # rounded: columns of one height tie alike wherever their numbers lie in memory
        heights = [round(_height(lengths, widths - gutter + step * one), 9) for one in np.eye(len(widths))]
        widths[int(np.argmin(heights))] += step
    return [float(w) for w in widths]


def _height(lengths: Floats, widths: Floats) -> float:
    """Return about how high all rows are; a high power stands for the tallest cell of a row."""
    lines = np.maximum(lengths / widths, 1.0)
    return float(np.sum(np.sum(lines**8, axis=1) ** 0.125))


def _lines(table: Table, widths: tuple[float, ...], size: float, gutter: float) -> list[int]:
    """Return the lines of every row, about; the heads have two."""
    per_line = [(w - gutter) / size for w in widths]
    # a little more than the words need, since lines end at words; a cell that just fits has one line
    rows = ([math.ceil(_length(c) * 1.05 / n - 0.1) for c, n in zip(row, per_line, strict=True)] for row in table.rows)
    return [2, *(max([1, *row]) for row in rows)]


def _head(column: Column) -> float:
    """Return what a heading would like: at most two lines."""
    return BOLD * length(column.head) / (2.0 if length(column.head) > RUN else 1.0) + 0.5


def together(cell: Cell) -> Cell:
    """Return a cell whose number stays on one line with the sign before it, or the number after it."""
    if not _one(cell):
        return cell
    return tuple(p.replace(" ", NO_BREAK) if isinstance(p, str) else p for p in cell)


def _one(cell: Cell) -> bool:
    """Say whether a cell is a number with a sign or a mark, or short ones with only marks between them."""
    numbers = sum(isinstance(p, Number) for p in cell)
    bare = not any(letter.isalnum() for p in cell if isinstance(p, str) for letter in p)
    return len(cell) > 1 and (numbers == 1 or (numbers > 1 and bare)) and _length(cell) < PIECE


def _least(cell: Cell) -> float:
    if _one(cell):
        return _length(cell)
    parts = max((x for p in cell for x in _parts(p)), default=1.0)
    whole = _length(cell)
    return max(parts, whole) if whole <= BRIEF else parts


def broken(word: str, most: int = PIECE) -> list[str]:
    """Return the parts of a word between which a line may end; one of at most so many letters stays whole."""
    if len(word) <= most:
        return [word]
    parts = PART.findall(word)
    return [part[i : i + PIECE] for part in parts for i in range(0, len(part), PIECE)]


def groups(blocks: tuple[Block, ...], sheet: Sheet) -> Iterator[tuple[bool, list[tuple[Printed, ColumnFit | None]]]]:
    """Give the blocks in groups that lie on pages of one kind: upright, or turned for a wide table.

    Headings and text before a wide table, and between two, stay with them, instead of on a page of their own.
    """
    parts = tuple(part for block in blocks for part in _printed(block))
    fits = [(b, fit(b, sheet) if isinstance(b, Table) else None) for b in parts]
    turned = [bool(f and f.turned) for _, f in fits]
    at = [i for i, t in enumerate(turned) if t]
    for i in at:
        first, table, page = _opening(parts, i), fits[i][1], sheet.across(turned=False)
        opening = sum(OPENING for _ in parts[first:i])
        if table is not None and (table.height > ALONE * page or table.height + opening <= page):
            turned[first:i] = [True] * (i - first)
    for i, j in pairwise(at):
        between = [b for b, _ in fits[i + 1 : j]]
        if len(between) <= FEW and not any(isinstance(b, Table | Figure) for b in between):
            turned[i:j] = [True] * (j - i)
    group: list[tuple[Printed, ColumnFit | None]] = []
    for i, item in enumerate(fits):
        group.append(item)
        if i + 1 == len(fits) or turned[i + 1] != turned[i]:
            yield turned[i], group
            group = []


def _printed(block: Block) -> Iterator[Printed]:
    """Give a block as paper shows it: a list as paragraphs with a mark, lines of code as paragraphs."""
    if isinstance(block, Bullets):
        yield from (Paragraph(("• ", *item)) for item in block.items)
    elif isinstance(block, Verbatim):
        yield from (Paragraph((Code(line),)) for line in block.text.splitlines())
    else:
        yield block


def _opening(blocks: tuple[Printed, ...], table: int) -> int:
    """Return where the heading stands under which a table follows after little text; the table, if there is none."""
    found = table
    for i in range(table - 1, max(table - 1 - FEW, -1), -1):
        if isinstance(blocks[i], Table | Figure) or (found < table and not isinstance(blocks[i], Heading)):
            break
        found = i if isinstance(blocks[i], Heading) else found
    return found


def _parts(piece: object) -> list[float]:
    """Return the widths of a piece's unbreakable parts."""
    if isinstance(piece, Code):
        return [MONO * len(part) for word in piece.text.split() for part in broken(word)]
    if isinstance(piece, Number | Span):
        return [length(piece.text)]
    return _pieces(plain(piece))  # type: ignore[arg-type]


def _pieces(text: str, most: int = RUN) -> list[float]:
    """Return the widths of the pieces of a text that stay on one line: words, and a few Chinese letters in a row."""
    out, word, run = [1.0], "", 0
    for c in f"{text} ":
        run = run + 1 if _wide(c) else 0
        if run or c == " ":
            out += [min(run, most) * WIDE, *map(length, broken(word))]
            word = ""
        else:
            word += c
    return out


def _length(cell: Cell) -> float:
    return sum(MONO * len(p.text) if isinstance(p, Code) else length(plain(p)) for p in cell)


def length(text: str) -> float:
    """Return about how long a text is, in sizes of its type."""
    return sum(_width(c) for c in text) + BETWEEN * sum(_scripts_meet(a, b) for a, b in pairwise(text))


def _scripts_meet(a: str, b: str) -> bool:
    """Say whether one of two neighbours is a Chinese letter and the other a Latin one, a digit or a percent sign."""
    return (_wide(a) and a.isalpha() and (b.isascii() and (b.isalnum() or b == "%"))) or (
        _wide(b) and b.isalpha() and (a.isascii() and (a.isalnum() or a == "%"))
    )


def _width(c: str) -> float:
    if _wide(c):
        return WIDE
    return CAPITAL if c.isupper() else THIN if c in " ,.:;()-/|!il" else SMALL if c != "%" else 2.0 * SMALL - 0.2


def _wide(c: str) -> bool:
    return unicodedata.east_asian_width(c) in "WF" or c in "“”‘’…★≥≤"
