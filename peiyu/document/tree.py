"""A document without a format: headings, paragraphs, lists, tables and figures; numbers know where they come from.

Five writers (Markdown, docx, PDF, HTML, xlsx) read the same tree, so a number cannot differ between formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from peiyu.words.numbers import (
    NOTHING,
    amount,
    chance,
    chance_zh,
    digits,
    level,
    money_en,
    money_zh,
    percent,
    points,
    score,
    shortfall,
    whole,
)

Kind = Literal["count", "whole", "money", "chance", "share", "level", "points", "spread", "error", "digits"]
"""How a number is written: a count or an amount, one without decimals, a sum of 万元, a probability in percent, a share
that may be none or all, a probability that was asked for, a change or an error of one in percentage points, a score, or
three significant digits."""
End = Literal["", "low", "high"]
Role = Literal["body", "brief", "answer", "note"]
MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
FIGURE = re.compile(f"{MINUS}?[0-9][0-9,.]*")
WHOLE_FROM = 10.0
"""An interval of counts that reaches so far is written without decimals."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the id under which it can be computed again: the run or document, then the path inside."""

    id: str
    value: float
    unit: str = ""
    kind: Kind = "count"
    lang: str = ""  # the document's, where the language decides how it is written
    end: End = ""  # of an interval whose ends share their unit

    @property
    def text(self) -> str:
        """The number as every format prints it."""
        written = WRITTEN_IN.get((self.kind, self.lang), WRITTEN[self.kind])
        said = written(self.value).replace("-", MINUS)
        figure = FIGURE.search(said)
        if figure is None or not self.end:
            return said
        return said[: figure.end()] if self.end == "low" else said[figure.start() :]

    @property
    def unit_words(self) -> str:
        """What is printed around the figures."""
        return FIGURE.sub(" ", self.text, count=1)


class AnalysisName(Protocol):
    """An analysis, made or stored, as the ids of its numbers name it."""

    @property
    def kind(self) -> str:
        """Which question it answers."""

    @property
    def key(self) -> str:
        """What decides its numbers."""


def analysis_id(analysis: AnalysisName) -> str:
    """Return the id of an analysis, with which those of its numbers begin."""
    return f"analysis/{analysis.kind}/{analysis.key}"


def number_of(analysis: AnalysisName, path: str, value: float, kind: Kind = "count", unit: str = "") -> Number:
    """Return a number of an analysis' document, its path the keys and places from the top."""
    return Number(f"{analysis_id(analysis)}/{path}", float(value), unit, kind)


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of two numbers, one cell in print and two in a workbook."""

    low: Number
    high: Number

    @property
    def dash(self) -> str:
        """What stands between the ends: a word where a dash would meet a minus sign."""
        if MINUS not in self.low.text + self.high.text:
            return EN_DASH
        return "至" if self.low.lang == "zh" else " to "

    @property
    def text(self) -> str:
        """The interval as every printed format writes it."""
        return f"{self.low.text}{self.dash}{self.high.text}"

    def even(self) -> Span | Number:
        """Return the interval with both ends written alike, or one number where they read the same."""
        low, high = self.low, self.high
        if low.kind == high.kind == "count" and max(abs(low.value), abs(high.value)) >= WHOLE_FROM:
            low, high = replace(low, kind="whole"), replace(high, kind="whole")
        if low.text == high.text:
            return low
        if low.kind == high.kind == "money" and low.unit_words == high.unit_words:
            # CNY 309–540 million, 4.02–5.3亿元
            low, high = replace(low, end="low"), replace(high, end="high")
        return Span(low, high)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words left in the language of their source: a title, a citation, a line of a rule."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """An identifier, a command or a hash."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another page; paper shows the words."""

    text: str
    address: str


Inline = str | Number | Span | Quote | Code | Strong | Link
Cell = tuple[Inline, ...]
NONE: Cell = (NOTHING,)
"""A cell with nothing in it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is a section.

    Attributes
    ----------
    fresh
        Whether it begins a page.
    counted
        Whether it has a number.
    annex
        Whether it begins an annex, which is counted apart.
    """

    level: int
    text: str
    fresh: bool = False
    counted: bool = True
    annex: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; that of a summary is closer set, an answer stands out, a note is small."""

    parts: Cell
    role: Role = "body"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines set as they are written, in letters of one width."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, unit, and where its cells stand; writers find its width from what is in it."""

    title: str
    unit: str = ""
    right: bool = False

    @property
    def head(self) -> str:
        """The heading with its unit."""
        mark = "\uff08{}\uff09" if self._wide else " ({})"
        return self.title + mark.format(self.unit) if self.unit else self.title

    @property
    def _wide(self) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in self.unit)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; rows have one cell a column. Without a caption it stands under the sentence or heading before it."""

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A captioned figure, as vectors and as pixels, with words for those who cannot see it.

    A page of Markdown names the figure's file instead of holding it, and needs neither.
    """

    key: str
    caption: str
    alt: str
    svg: bytes = b""
    png: bytes = b""
    ratio: float = 0.0  # height over width


Block = Heading | Paragraph | Bullets | Verbatim | Table | Figure


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document in one language; the last four fields are those of an appendix."""

    lang: str
    title: str
    blocks: tuple[Block, ...]
    mark: str = ""
    subtitle: str = ""
    run_id: str = ""
    date: str = ""  # YYYY-MM-DD of the run, so that the same run gives the same bytes

    def tables(self) -> list[Table]:
        """Return the tables in order."""
        return [b for b in self.blocks if isinstance(b, Table)]

    def inlines(self) -> Iterator[Inline]:
        """Give every piece of text in reading order, captions, headings and notes included."""
        yield from (self.mark, self.title, self.subtitle)
        for block in self.blocks:
            yield from inlines(block)

    def numbers(self) -> Iterator[Number]:
        """Give every number in reading order."""
        for piece in self.inlines():
            if isinstance(piece, Span):
                yield from (piece.low, piece.high)
            elif isinstance(piece, Number):
                yield piece


def inlines(block: Block) -> Iterator[Inline]:
    """Give every piece of text of a block in reading order."""
    if isinstance(block, Heading):
        yield block.text
    elif isinstance(block, Paragraph):
        yield from block.parts
    elif isinstance(block, Bullets):
        yield from (piece for item in block.items for piece in item)
    elif isinstance(block, Verbatim):
        yield Code(block.text)
    elif isinstance(block, Figure):
        yield from (block.caption, block.alt)
    else:
        yield block.caption
        yield from (c.head for c in block.columns)
        for row in block.rows:
            for cell in row:
                yield from cell
        yield from block.notes


def plain(piece: Inline) -> str:
    """Return a piece as bare text."""
    return piece if isinstance(piece, str) else piece.text


WRITTEN: dict[Kind, Callable[[float], str]] = {
    "count": amount, "whole": whole, "money": money_en, "chance": chance, "share": percent, "level": level,
    "points": points, "spread": shortfall, "error": score, "digits": digits,
}  # fmt: skip
"""How each kind of number is written."""
WRITTEN_IN: dict[tuple[Kind, str], Callable[[float], str]] = {("money", "zh"): money_zh, ("chance", "zh"): chance_zh}
"""The same where a language writes it its own way."""
