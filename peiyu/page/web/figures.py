"""A figure as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from peiyu.figures.style import as_typed, style

DOTS = 220
"""An inch of a picture."""


def drawn(draw: Callable[[], Figure], form: str, lang: str) -> bytes:
    """Draw a figure and return it as SVG or PNG, with its letters, without a date."""
    buffer = io.BytesIO()
    figure = draw()
    about: dict[str, str | None] = {"Date": None, "Creator": "peiyu"} if form == "svg" else {"Software": None}
    as_typed(figure)
    with style(lang):
        # a title may be wider than the axes it stands above
        figure.savefig(buffer, format=form, dpi=DOTS, metadata=about, bbox_inches="tight")
    plt.close(figure)
    return buffer.getvalue()
