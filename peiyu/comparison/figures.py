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
from peiyu.document.tree import Number, Span
from peiyu.figures.style import FAINT, INK, MODEL, QUIET, WIDTH, style, wrapped
from peiyu.forecasts.result import Forecast
from peiyu.words.indicators import measure_word
from peiyu.words.loader import Words, words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING
from sim.city.city import Goal, Reading

ROW, TITLE, FOOT, PAGE = 0.18, 0.38, 1.0, 9.4
"""Inches: a reading's row, the title of a scenario, the note and the axis below all, the height of a page."""
UNITS, LETTER = 1.35, 0.062
"""Inches: the column of net effects, and a letter of a name; a Chinese one counts twice."""
LEAST_POINTS = 5.0
"""The scale of changes reaches at least so many percentage points, or noise would fill it."""
SMALL = 7.5
"""Points of the smallest letters, on a page as wide as the figure."""
TABLE_LABELS, COLUMNS, PLACE = 1.7, 4, 0.23
"""Inches of the names of places, most scenarios beside one another, inches of a place's row."""
POINTS = 100.0
Place = tuple[str, str, str]
"""A row of the table of districts: what it is, its code and its name."""
TITLE_LETTERS, COLUMN_LETTERS, NOTE_LETTERS = 96.0, 15.0, 128.0
"""Letters in a line of a title, in an inch of a column's head, and in a line of the note below."""


def draw_effects(forecasts: list[Forecast], effects: list[Effect], lang: str) -> Figure:
    """Draw the change of every P(reached), scenarios one under another on one scale, and the net effect in units.

    A filled dot is a change whose 90 % interval leaves zero out. Where all readings would not fit on a page, the main
    ones are drawn.
    """
    base, others, w = forecasts[0], forecasts[1:], words("comparison_figures", lang)
    every = [(g, r) for g in base.city.goals for r in g.readings]
    mains = [(g, r) for g, r in every if r.primary]
    rows = every if FOOT + len(others) * (TITLE + ROW * len(every)) <= PAGE else mains
    height = FOOT + len(others) * (TITLE + ROW * len(rows))
    with style(lang):
        figure, grid = plt.subplots(len(others), 1, figsize=(WIDTH, height), sharex=True, squeeze=False)
        names = [_name(g, r, lang) for g, r in rows]
        left = 0.1 + LETTER * max(len(x) + sum(c > "\u2e7f" for c in x) for x in names)
        across, top = WIDTH - left - UNITS, 1.0 - TITLE / height
        right, gap = (left + across) / WIDTH, TITLE / (ROW * len(rows))
        figure.subplots_adjust(left / WIDTH, FOOT / height, right, top, hspace=gap)
        for axes, f in zip(grid[:, 0], others, strict=True):
            mine = {(e.goal, e.reading): e for e in effects if e.scenario == f.scenario.name}
            _forest(axes, [(r, mine[g.key, r.key]) for g, r in rows], 1.0 + UNITS / across, lang)
            _names(axes, rows, names)
            axes.set_title(wrapped(f.scenario.title[lang], TITLE_LETTERS), x=-left / across, pad=5.0)
        _scale(grid[-1, 0], effects, w)
        note = w["effects"].format(base=base.scenario.title[lang], members=base.members)
        said = note if rows is every else note + w["mains_only"]
        figure.text(0.005, 0.01, wrapped(said, NOTE_LETTERS), fontsize=SMALL, color=QUIET, va="bottom")
    return figure


def _forest(axes: Axes, effects: list[tuple[Reading, Effect]], units: float, lang: str) -> None:
    """Draw one scenario: a row a reading, the change as a dot with its interval, the net effect as a number."""
    at = np.arange(len(effects))[::-1]
    right = blended_transform_factory(axes.transAxes, axes.transData)
    axes.axvline(0.0, color=QUIET, linewidth=0.8, zorder=0)
    for y, (r, e) in zip(at, effects, strict=True):
        low, high = POINTS * e.ci90[0], POINTS * e.ci90[1]
        sure = low > 0.0 or high < 0.0
        axes.plot([low, high], [y, y], color=MODEL if sure else QUIET, linewidth=1.6, solid_capstyle="butt", zorder=1)
        axes.plot(
            POINTS * e.delta_probability, y, "o", markersize=4, zorder=2,
            markeredgecolor=MODEL if sure else QUIET, markerfacecolor=MODEL if sure else "white",
        )  # fmt: skip
        net = _told((e.net, *e.net_ci90), lang, measure_word(r.indicator, lang))
        axes.text(units, y, net, transform=right, ha="right", va="center", fontsize=SMALL, color=INK)
    head = words("comparison_figures", lang)["net"]
    axes.text(units, len(effects) - 0.35, head, transform=right, ha="right", va="bottom", fontsize=SMALL, color=QUIET)


def _name(goal: Goal, reading: Reading, lang: str) -> str:
    return label(goal, lang) + words("appendix", lang)["sep"] + label(reading, lang) + (" *" if reading.primary else "")


def _names(axes: Axes, rows: list[tuple[Goal, Reading]], names: list[str]) -> None:
    """Name the readings, with a line between goals."""
    axes.set_yticks(np.arange(len(rows))[::-1], names, fontsize=SMALL)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    for at, (first, second) in enumerate(pairwise(rows)):
        if first[0] is not second[0]:
            axes.axhline(len(rows) - 1.5 - at, color=FAINT, linewidth=0.5, zorder=0)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _scale(axes: Axes, effects: list[Effect], w: Words) -> None:
    """Give every scenario the scale that holds the changes of all."""
    lowest = min(-LEAST_POINTS, *(POINTS * e.ci90[0] for e in effects))
    highest = max(LEAST_POINTS, *(POINTS * e.ci90[1] for e in effects))
    room = 0.04 * (highest - lowest)
    axes.set_xlim(lowest - room, highest + room)
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.set_xlabel(w["change_axis"], fontsize=SMALL)


def _told(found: tuple[float, float, float], lang: str, unit: str = "") -> str:
    """Write a net effect and its interval as a document does; without one where no member differs."""
    net, low, high = (Number("", x, lang=lang) for x in found)
    if net.text == low.text == high.text:
        return net.text + unit
    marks = words("appendix", lang)
    return net.text + unit + marks["open_bracket"] + Span(low, high).even().text + marks["close_bracket"]


def draw_districts(forecasts: list[Forecast], parts: list[PartEffect], goal: str | None, lang: str) -> Figure:
    """Draw a table of the net effect on a goal's main reading by district and track, the darker the larger.

    Only what is told apart from none is shaded. Without a goal the first that counts enterprises is drawn. Raises
    `ValueError` for a goal that does not.
    """
    city, others, w = forecasts[0].city, [f.scenario for f in forecasts[1:]], words("comparison_figures", lang)
    counted = [g for g in city.goals if any(p.goal == g.key for p in parts)]
    chosen = next((g for g in counted if goal in (None, g.key)), None)
    if chosen is None:
        known = ", ".join(g.key for g in counted) or "none"
        raise ValueError(f"no effect on goal {goal!r} is known by district; known are: {known}")
    places = [("district", d.key, label(d, lang)) for d in city.districts]
    places += [("track", t.key, label(t, lang)) for t in city.tracks if t.future]
    mine = [p for p in parts if p.goal == chosen.key]
    most = max([1e-9, *(abs(p.net) for p in mine if _sure(p))])
    reading = next(r for r in chosen.readings if r.primary)
    blocks = [others[i : i + COLUMNS] for i in range(0, len(others), COLUMNS)]
    column = (WIDTH - TABLE_LABELS) / max(map(len, blocks))
    with style(lang):
        size = (WIDTH, 0.75 + len(blocks) * (PLACE * len(places) + 0.75))
        figure, grid = plt.subplots(len(blocks), 1, figsize=size, layout="constrained", squeeze=False)
        for axes, block in zip(grid[:, 0], blocks, strict=True):
            heads = [wrapped(scenario.title[lang], COLUMN_LETTERS * column) for scenario in block]
            columns = [{(p.axis, p.code): p for p in mine if p.scenario == x.name} for x in block]
            _places(axes, (places, lang), columns, most)
            for j, head in enumerate(heads):
                axes.text(j + 0.5, len(places) - 0.3, head, ha="center", va="bottom", fontsize=8.0)
            lines = max(head.count("\n") for head in heads)
            right = (WIDTH - TABLE_LABELS) / column
            axes.set(xlim=(-TABLE_LABELS / column, right), ylim=(-1.2, len(places) + 0.6 + 0.6 * lines))
            axes.axis("off")
        unit = measure_word(reading.indicator, lang)
        title = label(chosen, lang) + words("appendix", lang)["sep"] + label(reading, lang)
        figure.suptitle(f"{title}（{unit}）" if unit else title, x=0.01, ha="left", fontsize=10.0)
        note = w["places"].format(base=forecasts[0].scenario.title[lang])
        figure.supxlabel(wrapped(note, NOTE_LETTERS), x=0.01, ha="left", fontsize=SMALL, color=QUIET)
    return figure


def _places(
    axes: Axes, named: tuple[list[Place], str], columns: list[dict[tuple[str, str], PartEffect]], most: float
) -> None:
    """Draw the rows of a block: districts, a gap, tracks; a column a scenario."""
    places, lang = named
    for i, (axis, code, name) in enumerate(places):
        y = len(places) - i - 1 - 0.6 * (axis == "track")
        axes.text(-0.05, y, name, ha="right", va="center", fontsize=8.0)
        for j, parts in enumerate(columns):
            part = parts.get((axis, code))
            firm = part is not None and _sure(part)
            if part is not None and firm:
                _shade(axes, (j, y), part.net, most)
            text = NOTHING if part is None else _told((part.net, *part.net_ci90), lang)
            axes.text(j + 0.5, y, text, ha="center", va="center", fontsize=SMALL, color=INK if firm else QUIET)


def _sure(part: PartEffect) -> bool:
    return part.net_ci90[0] > 0.0 or part.net_ci90[1] < 0.0


def _shade(axes: Axes, corner: tuple[int, float], net: float, most: float) -> None:
    """Shade one cell: a gain in blue, a loss hatched, both the darker the larger."""
    x, y = corner
    shade, hatch = 0.55 * abs(net) / most, None if net >= 0.0 else "////"
    axes.add_patch(
        Rectangle(
            (x + 0.02, y - 0.45), 0.96, 0.9, facecolor=(MODEL if net >= 0.0 else QUIET, shade), linewidth=0.0,
            hatch=hatch, edgecolor=(QUIET, shade),
        )
    )  # fmt: skip
