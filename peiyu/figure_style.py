"""One style for the figures of notebooks and reports: readable in grey, colour-blind safe, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house style inside the block."""
    with mpl.rc_context(STYLE):
        yield
        shows = mpl.is_interactive()  # a notebook's backend, loaded by its first figure, turns this on for good
    mpl.interactive(shows)


def panels(rows: int = 1, columns: int = 1, *, height: float = 3.2) -> tuple[Figure, list[Axes]]:
    """Return a figure of the page's width and its axes, row by row."""
    figure, axes = plt.subplots(rows, columns, figsize=(WIDTH, height), layout="constrained", squeeze=False)
    return figure, list(axes.ravel())


def save(figure: object, path: Path) -> None:
    """Write a figure as SVG without a date, and let go of it."""
    assert isinstance(figure, Figure)
    with style():
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "peiyu"})
    plt.close(figure)
    # no blanks at line ends, which other tools would strip
    path.write_text("\n".join(line.rstrip() for line in path.read_text("utf8").splitlines()) + "\n", "utf8")
