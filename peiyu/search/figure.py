"""A search as a figure: cost against the chance of the chosen goals, what was promised and what was confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from peiyu.figures.style import FAINT, INK, MISS, MODEL, QUIET, panels, style, wrapped
from peiyu.search.document import document
from peiyu.search.objective import Scored, cost
from peiyu.search.propose import plain
from peiyu.search.select import front
from peiyu.search.terminal import what_of
from peiyu.words.loader import words
from peiyu.words.numbers import money_on_axis

if TYPE_CHECKING:
    from peiyu.search.search import Findings

TITLE = 88.0
"""Letters in a line of the title."""
INTERVAL = 1.645
"""Standard errors to either side in a 90 % interval."""


def draw_search(found: Findings, lang: str) -> Figure:
    """Draw every mix tried, the front as screened, and the finalists as confirmed on fresh members.

    With several goals a second panel shows how many of them are expected to be reached.
    """
    judge, several, w = found.search.judge, len(found.search.wanted) > 1, words("search", lang)
    with style(lang):
        figure, axes = panels(1 + several, 1, height=3.6 + 3.0 * several)
        _panel(axes[0], found, judge.every, lang)
        _errors(axes[0], found)
        axes[0].set(ylabel=f"P({what_of(document(found), lang)})", ylim=(-0.03, 1.03))
        if judge.probability is not None:
            axes[0].axhline(judge.probability, color=INK, linewidth=0.8, linestyle="--")
            place, across = (1.0, judge.probability), ("axes fraction", "data")
            axes[0].annotate(words("appendix", lang)["asked_line"], place, xycoords=across, ha="right", va="bottom")
        if several:
            _panel(axes[1], found, judge.expected, lang)
            axes[1].set(ylabel=w["expected_of"].format(n=len(found.search.wanted)))
        scenario = found.search.q.scenarios[0].title[lang]
        axes[0].set_title(wrapped(w["mixes_tried"].format(scenario=scenario, tried=len(found.tried)), TITLE))
        axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axes[-1].set_xlabel(w["axis"])
    return figure


def _panel(axes: Axes, found: Findings, gain: Callable[[Scored], float], lang: str) -> None:
    judge, w = found.search.judge, words("search", lang)
    inside = [s for s in found.tried if judge.keeps(s)]
    outside = [s for s in found.tried if not judge.keeps(s)]
    _dots(axes, outside, gain, {"marker": "x", "color": FAINT, "label": w["beyond"]})
    _dots(axes, inside, gain, {"marker": "o", "color": QUIET, "alpha": 0.45, "label": w["tried_dots"]})
    best = front(inside, gain)
    x, y = _places(best, gain)
    axes.step(x, y, where="post", color=QUIET, linewidth=1.0, label=w["front_line"])
    start = [s for s in found.tried if s.mix == plain(found.search.ranges)]
    _dots(axes, start, gain, {"marker": "s", "color": INK, "label": w["same"]})
    for f in found.finalists:
        ends = _places([f.screened, f.confirmed], gain)
        axes.plot(*ends, color=MISS, linewidth=0.8, zorder=2)
    named = {"robust": [found.robust], "winner": [] if found.winner is None else [found.winner]}
    others = [f.confirmed for f in found.finalists]
    _dots(axes, others, gain, {"marker": "o", "color": MODEL, "label": w["ends"], "zorder": 3})
    for (name, which), marker in zip(named.items(), ("D", "*"), strict=True):
        look = {"marker": marker, "color": MODEL, "edgecolor": INK, "label": w[name], "zorder": 4}
        _dots(axes, [f.confirmed for f in which], gain, look, 90.0 if marker == "*" else 50.0)
    if np.isfinite(judge.in_all):
        axes.axvline(judge.in_all, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xscale("function", functions=(np.sqrt, np.square))  # what is cheap lies close together
    axes.set_xlim(left=0.0)
    axes.locator_params("x", nbins=6)
    axes.xaxis.set_major_formatter(lambda x, _: money_on_axis(x, lang))


def _dots(
    axes: Axes, scored: list[Scored], gain: Callable[[Scored], float], look: dict[str, object], size: float = 16.0
) -> None:
    if scored:
        axes.scatter(*_places(scored, gain), s=size, clip_on=False, **look)  # type: ignore[arg-type]


def _places(scored: list[Scored], gain: Callable[[Scored], float]) -> tuple[list[float], list[float]]:
    return [cost(s) for s in scored], [gain(s) for s in scored]


def _errors(axes: Axes, found: Findings) -> None:
    """Draw 90 % Monte-Carlo intervals of the finalists' chances."""
    judge, ends = found.search.judge, [f.confirmed for f in found.finalists]
    x, y = _places(ends, judge.every)
    half = [INTERVAL * judge.error(s) for s in ends]
    axes.errorbar(x, y, yerr=half, fmt=" ", color=MODEL, elinewidth=1.0, capsize=2, zorder=2)
