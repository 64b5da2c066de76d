"""What a cell or a heading of a printed table needs: how narrow it may be, and where its lines end."""

from __future__ import annotations

import re
from dataclasses import replace

from peiyu.document.tree import Cell, Code, Column, Number, Quote, Span, Strong, plain
from peiyu.words.breaks import HAN, PIECE, broken, is_name, lines, narrowest, pieces, syllables
from peiyu.words.letters import MONO, WIDE, is_wide, length

RUN = 4
"""Chinese letters of a sentence that are kept on one line, if a cell has so many in a row."""
BRIEF = 4.5
"""Length of a cell that is kept on one line, in sizes of its type: one letter alone on the next would look torn off."""
BOLD = 1.1
"""Width of a heading's letters beside the text's; Chinese ones are as wide."""
HEAD = 3
"""Most lines of a heading, besides that of a Chinese unit."""
BRACKET = re.compile(" ?([(\uff08])")
"""What a remark on a number begins with."""
LONG = re.compile(f"[A-Za-z]{{{PIECE + 1},}}")
"""A word that may be hyphenated."""
NO_BREAK, SOFT_HYPHEN = "\N{NO-BREAK SPACE}", "\N{SOFT HYPHEN}"


def head_lines(column: Column, room: float, narrow: float) -> str:
    """Return a heading in lines of so many letters that end at words; a Chinese unit has one of its own."""
    letters, unit = _heavy(column, narrow), column.head.removeprefix(column.title)
    if length(column.head, letters) <= room:
        return column.head
    if not HAN.search(column.head):
        return "\n".join(lines(column.head, room, letters))
    return "\n".join([*lines(column.title, room, letters), *([unit] if unit else [])])


def liked(column: Column, narrow: float) -> tuple[float, float]:
    """Return the least length of a line in which a heading has few lines, and the length that it would like."""
    letters, unit = _heavy(column, narrow), column.head.removeprefix(column.title)
    whole = length(column.head, letters)
    return max(narrowest(column.title, HEAD, letters), length(unit, letters)), whole / (
        2.0 if whole > RUN else 1.0
    ) + 0.5


def _heavy(column: Column, narrow: float) -> float:
    """Return how wide the letters of a heading are that are not Chinese."""
    return narrow if HAN.search(column.head) else BOLD * narrow


def printed(cell: Cell, room: float, narrow: float) -> Cell:
    """Return a cell as it is set in lines of so many letters.

    A number stays on a line with its sign and unit, a Chinese name ends its lines at words, and a long word may be
    hyphenated.
    """
    if _named(cell):
        told = "\n".join(lines(text(cell), room, narrow))
        return (replace(cell[0], text=told) if isinstance(cell[0], Quote | Strong) else told,)
    if not _one(cell):
        return tuple(_hyphened(p, room, narrow) if isinstance(p, str) else p for p in cell)
    number, remark = _remarked(cell)
    if not remark or long(cell, narrow) <= room:
        return _held(cell)
    told = "\n".join(lines(text(remark), room, narrow))
    return (*_held(number), "\n", *((told,) if _bare(remark) else _held(remark)))


def least(cell: Cell, narrow: float) -> float:
    """Return the length of the longest part of a cell in which no line may end."""
    if _named(cell):
        return max(length(part.rstrip(), narrow) for part in pieces(text(cell)))
    if _one(cell):
        number, remark = _remarked(cell)
        parts = pieces(text(remark)) if _bare(remark) else [text(remark)]
        return max(length(part.rstrip(), narrow) for part in (text(number), *parts))
    whole, longest = long(cell, narrow), max((x for p in cell for x in _parts(p, narrow)), default=1.0)
    return max(longest, whole) if whole <= BRIEF else longest


def long(cell: Cell, narrow: float) -> float:
    """Return about how long a cell is on one line."""
    return sum(narrow * MONO * len(p.text) if isinstance(p, Code) else length(plain(p), narrow) for p in cell)


def text(cell: Cell) -> str:
    """Return a cell as bare text."""
    return "".join(map(plain, cell))


def _named(cell: Cell) -> bool:
    """Say whether a cell holds a Chinese name and nothing else."""
    return len(cell) == 1 and isinstance(cell[0], str | Quote | Strong) and is_name(plain(cell[0]))


def _one(cell: Cell) -> bool:
    """Say whether a cell is, but for a remark, a number with a sign, or short numbers with only marks between them."""
    return len(cell) > 1 and _marked(_remarked(cell)[0]) and long(cell, 1.0) < PIECE and _short(_remarked(cell)[0])


def _short(cell: Cell) -> bool:
    """Say whether what stands beside a number is a sign or a unit and no part of a sentence."""
    return all(length(p, 1.0) <= BRIEF for p in cell if isinstance(p, str))


def _marked(cell: Cell) -> bool:
    numbers = sum(isinstance(p, Number) for p in cell)
    bare = not any(letter.isalnum() for p in cell if isinstance(p, str) for letter in p)
    return numbers == 1 or (numbers > 1 and bare)


def _held(cell: Cell) -> Cell:
    """Return a cell in which no line ends at a blank."""
    return tuple(p.replace(" ", NO_BREAK) if isinstance(p, str) else p for p in cell)


def _remarked(cell: Cell) -> tuple[Cell, Cell]:
    """Return a number and what is remarked in brackets after it, which may have lines of its own.

    Programs differ on whether a line may end between a digit and a bracket.
    """
    for i, p in enumerate(cell):
        if isinstance(p, str) and i and (at := BRACKET.search(p)):
            return (*cell[:i], p[: at.start()]), (p[at.start(1) :], *cell[i + 1 :])
    return cell, ()


def _bare(cell: Cell) -> bool:
    """Say whether a remark holds no number of its own."""
    return not any(isinstance(p, Number | Span) for p in cell)


def _hyphened(words: str, room: float, narrow: float) -> str:
    """Return a text in which words that are longer than a line may end it at a syllable."""

    def cut(word: re.Match[str]) -> str:
        return word[0] if length(word[0], narrow) <= room else SOFT_HYPHEN.join(syllables(word[0]))

    return LONG.sub(cut, words)


def _parts(piece: object, narrow: float) -> list[float]:
    """Return the widths of a piece's unbreakable parts."""
    if isinstance(piece, Code):
        return [narrow * MONO * len(part) for word in piece.text.split() for part in broken(word)]
    if isinstance(piece, Number | Span):
        return [length(piece.text, narrow)]
    return _pieces(plain(piece), narrow)  # type: ignore[arg-type]


def _pieces(sentence: str, narrow: float) -> list[float]:
    """Return the widths of the pieces of a text that stay on one line: words, and a few Chinese letters in a row."""
    out, word, run = [1.0], "", 0
    for c in f"{sentence} ":
        run = run + 1 if is_wide(c) else 0
        if run or c == " ":
            out += [min(run, RUN) * WIDE, *(length(part, narrow) for part in _whole(word))]
            word = ""
        else:
            word += c
    return out


def _whole(word: str) -> list[str]:
    """Return the parts of a word of a text that stay on one line: syllables of a long one, or what `broken` gives."""
    parts = syllables(word)
    return broken(word) if len(parts) == 1 else [f"{parts[0]}-", parts[1]]
