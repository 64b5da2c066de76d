"""Figures of a comparison: what every scenario changes, and in which districts and tracks. Needs matplotlib."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import blended_transform_factory

from peiyu.comparison.rows import Effect, PartEffect
from peiyu.figures.style import FAINT, INK, MODEL, QUIET, style, wrapped
from peiyu.forecasts.result import Forecast
from peiyu.words.loader import Words, words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING, count, interval

LABELS, PANEL, ROW, HEAD = 3.3, 4.0, 0.27, 1.3
"""Inches: the names of the readings, a scenario's panel, a row, and what is above and below the rows."""
NUMBERS = 0.42
"""Share of a panel's width for the numbers at its right."""
TABLE_LABELS, COLUMN = 2.0, 1.9
"""Inches: the names of places, a scenario's column."""
POINTS = 100.0
PANEL_LETTERS, COLUMN_LETTERS, NOTE_LETTERS = 40.0, 22.0, 15.0
"""Letters in a line above a panel and above a column, and in an inch of the note below."""


def draw_effects(forecasts: list[Forecast], effects: list[Effect], lang: str) -> Figure:
    """Draw a forest plot for every scenario: the change of every P(reached), and beside it the net effect in units.

    A filled dot is a change whose 90 % interval leaves zero out.
    """
    base, others, w = forecasts[0], forecasts[1:], words("comparison_figures", lang)
    rows = [(g, r) for g in base.city.goals for r in g.readings]
    names = [f"{label(g, lang)}: {label(r, lang)}" + (" *" if r.primary else "") for g, r in rows]
    size = (LABELS + PANEL * len(others), HEAD + ROW * len(rows))
    with style(lang):
        figure, grid = plt.subplots(1, len(others), figsize=size, sharey=True, layout="constrained", squeeze=False)
        for axes, f in zip(grid[0], others, strict=True):
            mine = {(e.goal, e.reading): e for e in effects if e.scenario == f.scenario.name}
            _forest(axes, [mine[g.key, r.key] for g, r in rows], w)
            axes.set_title(wrapped(f.scenario.title[lang], PANEL_LETTERS))
        for at, (first, second) in enumerate(pairwise(rows)):
            for axes in grid[0] if first[0] is not second[0] else ():
                axes.axhline(len(rows) - 1.5 - at, color=FAINT, linewidth=0.5)
        grid[0, 0].set_yticks(np.arange(len(rows))[::-1], names)
        grid[0, 0].set_ylim(-0.6, len(rows) - 0.4)
        note = w["effects"].format(base=base.scenario.title[lang], members=base.members)
        letters = NOTE_LETTERS * size[0]
        figure.supxlabel(wrapped(note, letters), fontsize=8.0, color=QUIET)
    return figure


def _forest(axes: Axes, effects: list[Effect], w: Words) -> None:
    at = np.arange(len(effects))[::-1]
    right = blended_transform_factory(axes.transAxes, axes.transData)
    axes.axvline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    for y, e in zip(at, effects, strict=True):
        low, high = POINTS * e.ci90[0], POINTS * e.ci90[1]
        sure = low > 0.0 or high < 0.0
        axes.plot([low, high], [y, y], color=MODEL if sure else QUIET, linewidth=1.6, solid_capstyle="butt", zorder=1)
        axes.plot(
            POINTS * e.delta_probability, y, "o", markersize=5, zorder=2,
            markeredgecolor=MODEL if sure else QUIET, markerfacecolor=MODEL if sure else "white",
        )  # fmt: skip
        units = f"{count(e.net)} ({interval(*e.net_ci90)})"
        axes.text(1.0, y, units, transform=right, ha="right", va="center", fontsize=7.5, color=INK)
    lowest = min(0.0, *(POINTS * e.ci90[0] for e in effects))
    highest = max(1.0, *(POINTS * e.ci90[1] for e in effects))
    span = highest - lowest
    axes.set_xlim(lowest - 0.06 * span, highest + NUMBERS / (1.0 - NUMBERS) * 1.12 * span)
    axes.set_xticks([x for x in axes.get_xticks() if lowest - 0.06 * span <= x <= highest + 0.06 * span])
    axes.text(1.0, len(effects) - 0.45, w["net"], transform=right, ha="right", fontsize=7.5, color=QUIET)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def draw_districts(forecasts: list[Forecast], parts: list[PartEffect], goal: str | None, lang: str) -> Figure:
    """Draw a table of the net effect on a goal's main reading by district and track, the darker the larger.

    Without a goal the first that counts enterprises is drawn. Raises `ValueError` for a goal that does not.
    """
    city, others, w = forecasts[0].city, [f.scenario for f in forecasts[1:]], words("comparison_figures", lang)
    counted = [g for g in city.goals if any(p.goal == g.key for p in parts)]
    chosen = next((g for g in counted if goal in (None, g.key)), None)
    if chosen is None:
        known = ", ".join(g.key for g in counted) or "none"
        raise ValueError(f"no effect on goal {goal!r} is known by district; known are: {known}")
    places = [("district", d.key, label(d, lang)) for d in city.districts]
    places += [("track", t.key, label(t, lang)) for t in city.tracks if t.future]
    found = {(p.scenario, p.axis, p.code): p for p in parts if p.goal == chosen.key}
    most = max(1e-9, *(abs(p.net) for p in found.values()))
    reading = next(r for r in chosen.readings if r.primary)
    size = (TABLE_LABELS + COLUMN * len(others), HEAD + ROW * (len(places) + 1))
    with style(lang):
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        for i, (axis, code, name) in enumerate(places):
            y = len(places) - i - 1 - 0.6 * (axis == "track")  # a gap between districts and tracks
            axes.text(-0.05, y, name, ha="right", va="center")
            for j, scenario in enumerate(others):
                _cell(axes, (j, y), found.get((scenario.name, axis, code)), most)
        heads = [wrapped(scenario.title[lang], COLUMN_LETTERS) for scenario in others]
        for j, head in enumerate(heads):
            axes.text(
                j + 0.5,
                len(places) - 0.25,
                head,
                ha="center",
                va="bottom",
                weight=plt.rcParams["axes.titleweight"],
                fontsize=8.0,
            )
        lines = max(head.count("\n") for head in heads)
        axes.set(xlim=(-TABLE_LABELS / COLUMN, len(others)), ylim=(-1.2, len(places) + 0.6 + 0.6 * lines))
        axes.set_title(f"{label(chosen, lang)}: {label(reading, lang)}", loc="left")
        axes.axis("off")
        note = w["places"].format(base=forecasts[0].scenario.title[lang])
        figure.supxlabel(wrapped(note, NOTE_LETTERS * size[0]), fontsize=8.0, color=QUIET)
    return figure


def _cell(axes: Axes, corner: tuple[int, float], part: PartEffect | None, most: float) -> None:
    """Draw one cell: gains shaded, losses hatched, both the darker the larger."""
    x, y = corner
    net = 0.0 if part is None else part.net
    shade = 0.55 * abs(net) / most
    axes.add_patch(
        Rectangle(
            (x + 0.02, y - 0.45), 0.96, 0.9, facecolor=(MODEL if net >= 0 else QUIET, shade), linewidth=0.0,
            hatch=None if net >= 0 else "////", edgecolor=(QUIET, shade),
        )
    )  # fmt: skip
    text = NOTHING if part is None else f"{count(net)}  ({interval(*part.net_ci90)})"
    axes.text(x + 0.5, y, text, ha="center", va="center", fontsize=7.5, color=INK)
