"""The figure of the ladder: who climbs from startup to high growth to leader, and who falls back. Needs matplotlib."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import blended_transform_factory

from agents.table import Floats, Ints
from peiyu.document.tree import Number
from peiyu.figures.style import FAINT, INK, MISS, MODEL, QUIET, WIDTH, style, wrapped
from peiyu.forecasts.result import Forecast
from peiyu.words.loader import words
from peiyu.words.names import when
from peiyu.words.numbers import amount
from sim import quarter
from sim.ensemble.record import RUNGS

TITLE, NOTE = 96.0, 128.0
"""Letters in a line of the title and of the note."""
ROW, PANEL, FOOT = 0.25, 0.5, 0.95
"""Inches: a bar, the title of a panel, the note below and the title above all."""
NUMBERS = 0.4
"""Share of a panel's width for the numbers at its right."""
SMALL = 7.5
"""Points of the smallest letters, on a page as wide as the figure."""


def draw_ladder(forecasts: list[Forecast], ladders: dict[str, Floats], scenario: str, lang: str) -> Figure:
    """Draw where the enterprises of each rung at the end were at the origin, under one scenario; the base is a stroke.

    A panel a rung, leaders first, each bar as long as its number: few become leaders and many stay startups, so every
    panel has a scale of its own, from zero, with its numbers.
    """
    flow, base = ladders[scenario], ladders[forecasts[0].scenario.name]
    last = max(g.deadline for g in forecasts[0].goals)
    ends = {"start": when(quarter.label(forecasts[0].as_of), lang), "end": when(last, lang)}
    titles, w = {f.scenario.name: f.scenario.title[lang] for f in forecasts}, words("ladder", lang)
    order = [i for i in range(len(RUNGS))[::-1] if (flow[:, i] > 0.0).any()]
    size = (WIDTH, FOOT + sum(PANEL + ROW * _shown(flow, i).size for i in order))
    with style(lang):
        ratios = [PANEL + ROW * _shown(flow, i).size for i in order]
        figure, grid = plt.subplots(
            len(order), 1, figsize=size, layout="constrained", squeeze=False, height_ratios=ratios
        )
        for axes, i in zip(grid[:, 0], order, strict=True):
            _rung(axes, (flow, base), i, lang)
            total = amount(float(flow[1:, i].sum() if i == 0 else flow[:, i].sum()))
            axes.set_title(w["panel"].format(rung=w[RUNGS[i]], number=total, **ends), fontsize=9.0)
        title = wrapped(w["title"].format(scenario=titles[scenario]), TITLE)
        figure.suptitle(title, x=0.01, ha="left", fontsize=10.0)
        note = w["note"].format(members=forecasts[0].members, base=titles[forecasts[0].scenario.name])
        figure.supxlabel(wrapped(note, NOTE), x=0.01, ha="left", fontsize=SMALL, color=QUIET)
    return figure


def _shown(flow: Floats, rung: int) -> Ints:
    """Return the rungs from which someone came; nobody is followed from outside to outside."""
    found: Ints = np.flatnonzero((flow[:, rung] > 0.0) & ~((np.arange(len(flow)) == 0) & (rung == 0)))
    return found


def _rung(axes: Axes, flows: tuple[Floats, Floats], rung: int, lang: str) -> None:
    """Draw one rung at the end, a bar for every rung at the origin: climbers dark, the same pale, the fallen hollow."""
    flow, base = flows[0], flows[1][:, rung]
    here, w = flow[:, rung], words("ladder", lang)
    rows = list(_shown(flow, rung))[::-1]
    right = blended_transform_factory(axes.transAxes, axes.transData)
    for y, i in zip(range(len(rows))[::-1], rows, strict=True):
        face, edge = (FAINT, FAINT) if i == rung else (MODEL, MODEL) if i < rung else ("white", MISS)
        axes.barh(y, here[i], height=0.62, facecolor=face, edgecolor=edge, linewidth=1.2, zorder=1)
        axes.plot([base[i], base[i]], [y - 0.42, y + 0.42], color=INK, linewidth=1.4, zorder=2)
        text = w["bar"].format(number=amount(float(here[i])), difference=_change(float(here[i] - base[i])))
        axes.text(1.0, y, text, transform=right, ha="right", va="center", fontsize=SMALL, color=INK)
    axes.set_yticks(range(len(rows))[::-1], [w["from"].format(rung=w[RUNGS[i]]) for i in rows], fontsize=8.0)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    most = max([*here[rows], *base[rows]])
    axes.set_xlim(0.0, most / (1.0 - NUMBERS))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xticks([x for x in axes.get_xticks() if x <= most], minor=False)
    axes.xaxis.set_major_formatter(lambda x, _: amount(x))
    axes.tick_params(axis="x", labelsize=SMALL)
    axes.tick_params(axis="y", length=0)


def _change(x: float) -> str:
    """Write a difference with its sign, none as none."""
    text = Number("", x).text
    return f"+{text}" if x > 0.0 and text != "0" else text
