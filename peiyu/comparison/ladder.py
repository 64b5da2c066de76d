"""The figure of the ladder: who climbs from startup to high growth to leader, and who falls back. Needs matplotlib."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from agents.table import Floats
from peiyu.figures.style import FAINT, INK, MISS, MODEL, QUIET, WIDTH, style, wrapped
from peiyu.forecasts.result import Forecast
from peiyu.words.loader import words
from peiyu.words.numbers import count, signed_count
from sim import quarter
from sim.ensemble.record import RUNGS

TITLE, NOTE = 76.0, 118.0
"""Letters in a line of the title and of the note."""
LEAST, GAP = 0.028, 0.07
"""Shares of the height: the least width of a band, so that its number fits, and the gap between rungs."""
LEFT, RIGHT, BEND = 0.0, 1.0, 0.45


def draw_ladder(forecasts: list[Forecast], ladders: dict[str, Floats], scenario: str, lang: str) -> Figure:
    """Draw the flows of future-track enterprises between rungs from the origin to the end, under one scenario.

    The width of a band grows with the square root of its number, or the few who become leaders could not be seen;
    every band carries its number and the difference from the base.
    """
    flow, base = ladders[scenario], ladders[forecasts[0].scenario.name]
    ends = [quarter.label(forecasts[0].as_of), max(g.deadline for g in forecasts[0].goals)]
    titles, w = {f.scenario.name: f.scenario.title[lang] for f in forecasts}, words("ladder", lang)
    with style(lang):
        figure, axes = plt.subplots(figsize=(WIDTH, 5.2), layout="constrained")
        _bands(axes, flow, flow - base, lang)
        for x, when, side in ((LEFT, ends[0], "right"), (RIGHT, ends[1], "left")):
            axes.text(x, 1.03, when, ha=side, va="bottom", weight=plt.rcParams["axes.titleweight"])
        axes.set(xlim=(-0.28, 1.62), ylim=(-0.02, 1.1))
        axes.set_title(wrapped(w["title"].format(scenario=titles[scenario]), TITLE), loc="left")
        axes.axis("off")
        note = w["note"].format(members=forecasts[0].members, base=titles[forecasts[0].scenario.name])
        figure.supxlabel(wrapped(note, NOTE), fontsize=8.0, color=QUIET)
    return figure


def _bands(axes: Axes, flow: Floats, difference: Floats, lang: str) -> None:
    """Draw every flow from its rung at the left to its rung at the right, leaders on top."""
    w = words("ladder", lang)
    shown, names, said = flow > 0.0, [w[rung] for rung in RUNGS], w["from"]
    root = np.where(shown, np.sqrt(flow), 0.0)
    room = 1.0 - GAP * (len(flow) - 1)
    width = np.where(shown, np.maximum(LEAST, root / max(root.sum(), 1e-9) * (room - LEAST * shown.sum())), 0.0)
    width *= room / max(width.sum(), 1e-9)
    left, right = _places(width), _places(width.T).T
    for i, j in np.argwhere(shown):
        colour = FAINT if i == j else MODEL if j > i else MISS
        ends = (left[i, j], right[i, j], width[i, j])
        axes.add_patch(PathPatch(_band(*ends), facecolor=colour, edgecolor="white", linewidth=0.4, alpha=0.75))
        text = said.format(rung=names[i], number=count(flow[i, j]), difference=signed_count(difference[i, j]))
        axes.text(RIGHT + 0.05, right[i, j] + width[i, j] / 2.0, text, va="center", fontsize=7.0, color=INK)
    for i, name in enumerate(names):
        began = flow[i, 1:].sum() if i == 0 else flow[i].sum()
        _rung(axes, LEFT - 0.02, (left[i], width[i]), f"{name}\n{count(began)}")
        _rung(axes, RIGHT + 0.005, (right[:, i], width[:, i]), "")
        middle = (right[:, i] + width[:, i] / 2.0)[width[:, i] > 0.0]
        if len(middle):
            total = flow[1:, i].sum() if i == 0 else flow[:, i].sum()
            axes.text(
                1.62,
                middle.mean(),
                f"{name}\n{count(total)}",
                va="center",
                ha="right",
                weight=plt.rcParams["axes.titleweight"],
                fontsize=8.0,
            )


def _places(width: Floats) -> Floats:
    """Return where each band begins on its side, rung over rung and within a rung in the order of the other side."""
    before = np.cumsum(width.ravel()).reshape(width.shape) - width
    return before + GAP * np.arange(len(width))[:, None]


def _band(left: float, right: float, width: float) -> Path:
    """Return the outline of a band between two heights: two smooth curves and two ends."""
    mid = (LEFT + (RIGHT - LEFT) * BEND, RIGHT - (RIGHT - LEFT) * BEND)
    vertices = [
        (LEFT, left), (mid[0], left), (mid[1], right), (RIGHT, right),
        (RIGHT, right + width), (mid[1], right + width), (mid[0], left + width), (LEFT, left + width), (LEFT, left),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(vertices, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def _rung(axes: Axes, x: float, span: tuple[Floats, Floats], text: str) -> None:
    """Draw the bar of a rung at one side, and its name."""
    begin, width = span[0][span[1] > 0.0], span[1][span[1] > 0.0]
    if not len(begin):
        return
    low, high = float(begin.min()), float((begin + width).max())
    axes.add_patch(Rectangle((x, low), 0.015, high - low, facecolor=INK, linewidth=0.0))
    axes.text(
        x - 0.02,
        (low + high) / 2.0,
        text,
        ha="right",
        va="center",
        weight=plt.rcParams["axes.titleweight"],
        fontsize=8.0,
    )
