"""One style for figures: readable in grey, colour-blind safe, in either language, the same bytes each time."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from peiyu.figures.fonts import need_sans
from sim.files import write_whole
from sim.inputs.shown import visible

MODEL, MISS, INK, QUIET, FAINT = "#0072B2", "#D55E00", "#1a1a1a", "#767676", "#d9d9d9"
"""What the model says, what does not fit, what was observed, what explains, what lies behind. A shape says it too."""
WIDTH = 7.6
"""Inches; a page's width at 100 %."""

STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that every machine draws the same
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "figure.dpi": 110.0,
    "svg.hashsalt": "peiyu",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar sign in a title is a dollar sign
}


@contextmanager
def style(lang: str = "en") -> Iterator[None]:
    """Draw in the house style inside the block, with the letters of a language.

    Raises `InputError` where they are not there, as Chinese ones may not be.
    """
    with mpl.rc_context(STYLE | _letters(lang)):
        yield
        shows = mpl.is_interactive()  # a notebook's backend, loaded by its first figure, turns this on for good
    mpl.interactive(shows)


@cache  # a font that is added again empties what matplotlib knows of all fonts
def _letters(lang: str) -> Any:
    """Return the setting that writes Chinese; its font stays known, as a notebook draws a figure later."""
    if lang != "zh":
        return {}
    file = str(need_sans())
    font_manager.fontManager.addfont(file)
    name = font_manager.FontProperties(fname=file).get_name()
    return {"font.family": [name, "DejaVu Sans"], "axes.titleweight": "normal"}  # the font has no bold


def wrapped(text: str, letters: float) -> str:
    """Return a text on lines of so many letters, a Chinese one counting twice and breaking anywhere."""
    lines, width = [""], 0.0
    for word in re.findall(r"[\u2e80-\uffef]|[^\u2e80-\uffef\s]+\s*|\s+", text):
        wide = sum(2.0 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in word)
        full = bool(width) and width + wide > letters
        if full and word.isspace():  # taken away at the line's end, it would let a comma begin the next
            width = letters
            continue
        if full and unicodedata.category(word[0]) != "Po":  # no line begins with a comma
            lines.append("")
            width = 0.0
        lines[-1] += word
        width += wide
    return "\n".join(line.strip() for line in lines)


def panels(rows: int = 1, columns: int = 1, *, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """Return a figure of the page's width and its axes, row by row."""
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), layout="constrained", squeeze=False)
    return figure, list(axes.ravel())


def as_typed(figure: Figure) -> None:
    """Let every character in the words of a figure be seen, as no font draws what orders a terminal."""
    for words in figure.findobj(Text):
        assert isinstance(words, Text)
        words.set_text(visible(words.get_text()))
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            names = axis.get_major_formatter()
            if isinstance(names, FuncFormatter):  # it writes the words of the ticks anew whenever it draws
                axis.set_major_formatter(FuncFormatter(partial(_seen_tick, names)))


def _seen_tick(names: FuncFormatter, at: float, place: int | None) -> str:
    return visible(names(at, place))


def save(figure: object, path: Path, lang: str = "en") -> None:
    """Write a figure in a language as SVG without a date, and let go of it."""
    assert isinstance(figure, Figure)
    as_typed(figure)
    with style(lang):  # the numbers at the axes get their letters only now
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": "peiyu"})
    plt.close(figure)
    # no blanks at line ends, which other tools would strip
    write_whole(path, "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n")
