"""The console that tables for a planner are printed on: text of the user is shown as typed, on any terminal."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from peiyu.screen.folding import folded
from peiyu.screen.grid import Grid
from peiyu.screen.lines import tell
from peiyu.screen.streams import in_letters_of
from peiyu.words.loader import words
from sim.inputs.shown import visible

PLAIN = str.maketrans(
    {"–": "-", "—": "-", "·": "|", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "±": "+/-", "✓": "*", "…": "..."}
)
"""Marks of ours on a terminal that knows ASCII only; letters that it cannot show are written as codes."""
WIDE = 150
"""Columns where the output is a file or a pipe: enough for the widest table."""


class Screen(Console):
    """A console that takes no markup: what looks like it in a title is part of the title."""

    def __init__(self, file: TextIO, lang: str, width: int | None = None) -> None:
        super().__init__(file=file, width=width, highlight=False, markup=False, emoji=False)
        self.lang = lang

    def print(self, *objects: Any, **how: Any) -> None:
        """Print; a Chinese sentence fills its lines, where rich would break it at its few blanks only."""
        if self.lang == "zh" and not how.get("soft_wrap"):
            objects = tuple(folded(self._seen(x), self.width) if isinstance(x, str) else x for x in objects)
        super().print(*objects, **how)

    def render_str(self, text: str, **how: Any) -> Text:
        """Return text of which every character can be seen; everything that is printed comes through here."""
        return super().render_str(self._seen(text), **how)

    def _seen(self, text: str) -> str:
        """Return text of which every character can be seen, in letters that are there."""
        shown = visible(text).translate(PLAIN) if self.options.ascii_only else visible(text)
        return in_letters_of(self.encoding, shown)

    def heading(self, *parts: str) -> None:
        """Print the first part in bold and the others after it."""
        line = Text(self._seen(parts[0]), style="bold")
        self.print(line.append(self._seen("".join(parts[1:])), style="not bold"), soft_wrap=True)

    def table(self, grid: Grid) -> None:
        """Print a table, as much of it as fits, and say what does not."""
        gone = grid.fit(self.width, self._seen)
        title, grid.title = str(grid.title or ""), None  # rich would fold it to the width of the table
        if title:
            self.print(title, style="table.title")
        self.print(grid)
        if gone:
            w = words("screen", self.lang)
            self.print(w["narrow"].format(n=self.width, heads=w["sep"].join(dict.fromkeys(gone))))


def shows_chinese(stream: TextIO) -> bool:
    """Tell whether Chinese can be written to a stream."""
    try:
        "中".encode(stream.encoding or "utf-8")  # one in memory has none
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def stdout(lang: str) -> Screen:
    """Return a console on stdout, wide enough for the tables when it is not a terminal."""
    if lang == "zh" and not shows_chinese(sys.stdout):
        tell("peiyu: this terminal shows no Chinese letters; --lang en prints English.")
    return Screen(sys.stdout, lang, None if sys.stdout.isatty() else WIDE)


def stderr(lang: str) -> Screen:
    """Return a console on stderr, for progress."""
    return Screen(sys.stderr, lang)
