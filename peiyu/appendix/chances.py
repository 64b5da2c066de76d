"""The one chart of all goals: how likely each is reached, with its error, what it rests on, and the word for it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from peiyu.appendix.page import Page
from peiyu.document import tree
from peiyu.figures import fonts
from peiyu.figures.style import FAINT, INK, MODEL
from peiyu.forecasts.fans import finished, lettering
from peiyu.words.loader import Words, words
from peiyu.words.numbers import percent
from sim.city.readings import main_readings
from sim.ensemble.track_record import settings
from sim.store.reader import Row

MARKS = {"data": ("o", MODEL), "proxy": ("s", MODEL), "record": ("o", "white"), "assumption": ("D", "white")}
"""Marker and filling by what a chance rests on: told apart in grey too."""
WIDTH, ROW, AROUND = 6.3, 0.225, 0.78
"""Inches: the text's width, a goal's row, and what is above and below the rows."""
LETTERS = 7.6
"""Points; a page is a little narrower than the figure is drawn."""
LETTER = 0.0125
"""Share of the scale that a letter is wide; a Chinese one counts twice."""
ERRORS = 2.0
"""Standard errors that a line reaches to either side."""


def chances(page: Page) -> tree.Figure:
    """Return the chart, the goals in the order of the plan. Raises `InputError` without a Chinese font for Chinese."""
    w, said = page.say, words("likelihood", page.lang)
    goals = main_readings(page.city)
    rows = [page.stored.forecast(g.key, r.key) for g, r in goals]
    names = [page.name(g) for g, _ in goals]
    letters = "".join([*names, *said.values(), *page.words.values(), *map(chr, range(32, 127))])
    with lettering(fonts.need_sans() if page.lang == "zh" else None, letters):
        figure = Canvas(figsize=(WIDTH, AROUND + ROW * len(rows)), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        _scale(axes, said, len(rows))
        for y, row in zip(range(len(rows))[::-1], rows, strict=True):
            _goal(axes, y, row, _told(page, row))
        axes.set_yticks(np.arange(len(rows))[::-1], names, fontsize=LETTERS)
        for basis in dict.fromkeys(str(row["basis"]) for row in rows):
            mark, face = MARKS[basis]
            axes.plot([], [], mark, color=MODEL, markerfacecolor=face, markersize=4.5, linestyle="none",
                      label=said[basis])  # fmt: skip
        axes.plot([], [], "|", color=INK, markersize=7, linestyle="none", label=w("model_alone"))
        axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.11), ncols=5, fontsize=LETTERS, handletextpad=0.2,
                    columnspacing=1.2, borderaxespad=0.0)  # fmt: skip
        svg, png = finished(figure)
    alt = page.marks["semicolon"].join(f"{n} {_told(page, row)}" for n, row in zip(names, rows, strict=True))
    ratio = (AROUND + ROW * len(rows)) / WIDTH
    return tree.Figure("chances", w("f_chances"), alt + page.marks["stop"].strip(), svg, png, ratio)


def _told(page: Page, row: Row) -> str:
    number = tree.Number("", float(row["probability"]), "", "chance", page.lang)
    return f"{number.text} {words('likelihood', page.lang)[row['likelihood']]}"


def _scale(axes: Axes, said: Words, n: int) -> None:
    """Draw the scale of words behind the goals, and percent below."""
    high = 1.0
    for i, (word, low) in enumerate(settings().likelihood.items()):
        if i % 2:
            axes.axvspan(low, high, color=FAINT, alpha=0.45, linewidth=0.0, zorder=0)
        if high - low >= LETTER * sum(1 + (c > "\u2e7f") for c in said[word]):  # there is room for its word
            axes.text((low + high) / 2.0, n - 0.35, said[word], ha="center", va="bottom", fontsize=LETTERS, color=INK)
        high = low
    axes.set_xlim(-0.015, 1.015)
    axes.set_ylim(-0.6, n - 0.4)
    ticks = np.linspace(0.0, 1.0, 6)
    axes.set_xticks(ticks, [percent(x) for x in ticks], fontsize=LETTERS)
    axes.tick_params(axis="y", length=0)


def _goal(axes: Axes, y: int, row: Row, told: str) -> None:
    """Draw one goal: a line for the error, a mark for the chance, a stroke for the model alone, and the words."""
    p, error = float(row["probability"]), ERRORS * float(row["mc_error"])
    mark, face = MARKS[str(row["basis"])]
    axes.axhline(y, color=FAINT, linewidth=0.5, zorder=0)
    axes.plot([max(0.0, p - error), min(1.0, p + error)], [y, y], color=MODEL, linewidth=1.6, zorder=2)
    if row["model_probability"] is not None:
        axes.plot(float(row["model_probability"]), y, "|", color=INK, markersize=8, zorder=1)
    axes.plot(p, y, mark, color=MODEL, markerfacecolor=face, markersize=5.0, zorder=3)
    axes.text(1.03, y, told, va="center", ha="left", fontsize=LETTERS, color=INK)
