"""How wide the columns of a printed table are, how small its letters, and whether its page lies on its side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product

import numpy as np

from agents.table import Floats
from peiyu.document.paper.cells import head_lines, least, liked, long, printed, text
from peiyu.document.tree import (
    Block,
    Bullets,
    Cell,
    Code,
    Figure,
    Heading,
    Paragraph,
    Table,
    Verbatim,
)

MM = 72.0 / 25.4
"""Points of a millimetre."""
TALL = (3, 6, 8, 10, 16)
"""Most lines of a cell in each size of type; a table with taller ones in the smallest is turned on its side."""
WHITE = 0.8
"""White space inside a column of small letters, in sizes of their type."""
ROUNDED = 0.6
"""Points of a column that programs may lose by rounding."""
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
STEPS = 40
"""Parts in which the spare width of a page is given to columns."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's type area and the sizes that tables may have, in points."""

    width: float
    height: float
    sizes: tuple[float, ...]
    white: float = 8.0  # most white space inside a column
    letter: float = 1.0  # width of its letters beside those above
    slack: float = 1.0  # room for a word that stays whole, beside its width

    def across(self, turned: bool) -> float:
        """Return how wide a table may be."""
        return self.height if turned else self.width

    def gutter(self, size: float) -> float:
        """Return the white space inside a column, which is less where letters are small."""
        return min(self.white, WHITE * size)

    @property
    def narrow(self) -> float:
        """How wide a letter that is not Chinese is taken to be, beside the widths that `length` knows."""
        return self.letter * self.slack


SHEETS = {
    # GB/T 9704-2012: the type area; 小四, 五号, 小五, 六号 and a little less
    "zh": Sheet(156.0 * MM, 225.0 * MM, (12.0, 10.5, 9.0, 7.5, 7.0)),
    "en": Sheet(160.0 * MM, 245.0 * MM, (9.5, 8.5, 8.0, 7.5, 7.0), letter=0.88),
}


@dataclass(frozen=True, slots=True)
class ColumnFit:
    """How a table is printed: size of type, widths of columns, whether the page is turned, about how high it is.

    Attributes
    ----------
    rooms
        Letters that a line of each column holds.
    narrow
        The sheet's own, see `length`.
    gutter
        White space inside a column, in points.
    """

    size: float
    widths: tuple[float, ...]
    turned: bool
    height: float = 0.0
    rooms: tuple[float, ...] = ()
    narrow: float = 1.0
    gutter: float = 8.0


def fit(table: Table, sheet: Sheet) -> ColumnFit:
    """Return the largest type in which no cell is overfull or very tall, upright if that can be."""
    close = replace(sheet, slack=math.sqrt(sheet.slack))  # half of the room beside a word, before a page is turned
    ways = ((sheet, False), (close, False), (sheet, True))
    found: list[tuple[int, ColumnFit]] = []
    for (page, turned), (size, tall) in product(ways, zip(sheet.sizes, TALL, strict=False)):
        widths = _widths(table, page, turned, size)
        if widths is not None:
            rooms = _rooms(widths, size, page)
            rows = _lines(table, rooms, page.narrow)
            height = sum(rows) * 1.3 * size + (len(rows) + 4) * page.white
            made = ColumnFit(size, widths, turned, height, rooms, page.narrow, page.gutter(size))
            found.append((max(rows[1:], default=1), made))
            if found[-1][0] <= tall:
                return found[-1][1]
    if found:
        return min(found, key=lambda x: x[0])[1]
    if sheet.slack > 1.0:  # better little room than broken words
        return fit(table, replace(sheet, slack=1.0))
    size, n = sheet.sizes[-1], len(table.columns)  # nothing fits: equal columns, words are broken
    widths = (sheet.across(True) / n,) * n
    return ColumnFit(size, widths, True, 0.0, _rooms(widths, size, sheet), sheet.narrow, sheet.gutter(size))


def _rooms(widths: tuple[float, ...], size: float, sheet: Sheet) -> tuple[float, ...]:
    """Return how many letters a line of each column holds."""
    return tuple((w - sheet.gutter(size) - ROUNDED) / size for w in widths)


def kept_whole(table: Table, found: ColumnFit, sheet: Sheet) -> bool:
    """Tell whether a table stays on one page: one that is short, and low enough to leave no page half empty."""
    across = sheet.width if found.turned else sheet.height
    return len(table.rows) <= SHORT and found.height <= LOW * across


def _widths(table: Table, sheet: Sheet, turned: bool, size: float) -> tuple[float, ...] | None:
    """Return widths that hold every unbreakable piece, the rest shared by what the columns would like; or nothing."""
    across, gutter, narrow = sheet.across(turned), sheet.gutter(size) + ROUNDED, sheet.narrow
    lowest, most = [], []
    for i, column in enumerate(table.columns):
        cells, (head, wish) = [row[i] for row in table.rows], liked(column, narrow)
        lowest.append(gutter + size * max([head, *(least(c, narrow) for c in cells)]))
        most.append(max(lowest[-1], gutter + size * max([wish, *(long(c, narrow) for c in cells)])))
    spare = across - sum(lowest)
    if spare < 0.0:
        return None
    if sum(most) <= across:
        wanted = min(across, max(STRETCH * sum(most), across / 2.0))
        return tuple(m * wanted / sum(most) for m in most)
    lengths = np.array([[long(row[i], narrow) for i in range(len(lowest))] for row in table.rows]) * size
    return tuple(_shared(lengths, np.array(lowest), spare, gutter))


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


def _lines(table: Table, rooms: tuple[float, ...], narrow: float) -> list[int]:
    """Return the lines of every row, about, that of the heads first."""
    heads = max(1 + head_lines(c, room, narrow).count("\n") for c, room in zip(table.columns, rooms, strict=True))
    rows = ([_lines_of(c, room, narrow) for c, room in zip(row, rooms, strict=True)] for row in table.rows)
    return [heads, *(max([1, *row]) for row in rows)]


def _lines_of(cell: Cell, room: float, narrow: float) -> int:
    # a little more than the words need, since lines end at words; a cell that just fits has one line
    flows = math.ceil(long(cell, narrow) * 1.05 / room - 0.1)
    return max(flows, 1 + text(printed(cell, room, narrow)).count("\n"))


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
