"""The figure of `peiyu fails-when`: every box over its two strongest inputs, and what other boxes there were."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from peiyu.fails_when.discovery import Region
from peiyu.fails_when.prim import peeled, share
from peiyu.fails_when.terminal import goal_text, lever_label
from peiyu.figures.style import FAINT, INK, MISS, MODEL, QUIET, WIDTH, style, wrapped
from peiyu.words.loader import words
from peiyu.words.parameters import parameter_label, unit_label

if TYPE_CHECKING:
    from peiyu.fails_when.analysis import Found, Result

HEIGHT = 2.7
"""Inches of one box's row."""
TITLE, LABEL = 88.0, 28.0
"""Letters in a line of a title, and of a label that stands upright."""


def draw_boxes(result: Result, lang: str) -> Figure:
    """Draw one row a box: the members over its strongest inputs, and density against coverage along the peeling."""
    rows = [(f, k) for f in result.found if f.discovery for k in range(len(f.discovery.regions))]
    w = words("fails_when", lang)
    with style(lang):
        size = (WIDTH, HEIGHT * len(rows) + 0.3)
        figure, grid = plt.subplots(
            len(rows), 2, figsize=size, layout="constrained", squeeze=False, width_ratios=(1.5, 1.0)
        )
        for (f, k), (left, right) in zip(rows, grid, strict=True):
            assert f.discovery is not None
            region = f.discovery.regions[k]
            _members(left, result, f, region, lang)
            title = goal_text(f.goal, f.reading, lang) + (f" · {w['no']} {k + 1}" if k else "")
            left.set_title(wrapped(title, TITLE))
            _trade(right, result, f, region, lang)
        figure.supxlabel(w["figure"], fontsize=8.0, color=QUIET)
    return figure


def _members(axes: Axes, result: Result, f: Found, region: Region, lang: str) -> None:
    """Draw the members over the two strongest inputs of a box, or over one and by lot."""
    limits = sorted(region.limits, key=lambda x: x.quasi_p)
    x, hit = result.cases.x[region.members], f.hit[region.members]
    columns = [limit.column for limit in limits[:2]]
    across = x[:, columns[0]]
    up = x[:, columns[1]] if len(columns) > 1 else np.linspace(0.0, 1.0, len(x))
    w, (word, other) = words("fails_when", lang), ("reached", "missed") if result.how.reaches else ("missed", "reached")
    axes.scatter(across[~hit], up[~hit], s=9, facecolor="none", edgecolor=MODEL, linewidth=0.6, label=w[other])
    axes.scatter(across[hit], up[hit], s=11, marker="x", color=MISS, linewidth=0.8, label=w[word])
    ends = [_ends(limits[i].low, limits[i].high, values) for i, values in enumerate((across, up)) if i < len(columns)]
    ends += [(float(up.min()), float(up.max()))] * (2 - len(ends))
    (left, right), (low, high) = ends
    axes.add_patch(Rectangle((left, low), right - left, high - low, facecolor=FAINT, alpha=0.5, zorder=0))
    axes.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=INK, linewidth=1.2))
    axes.set_xlabel(_name(result, columns[0], lang))
    if len(columns) > 1:
        axes.set_ylabel(wrapped(_name(result, columns[1], lang), LABEL))
    else:
        axes.set_ylabel(w["some"])
        axes.set_yticks([])
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.22), ncols=2, fontsize=8.0, borderpad=0.0)


def _ends(low: float, high: float, values: np.ndarray) -> tuple[float, float]:
    margin = 0.03 * float(np.ptp(values))
    return (low if isfinite(low) else float(values.min()) - margin), (
        high if isfinite(high) else float(values.max()) + margin
    )


def _name(result: Result, column: int, lang: str) -> str:
    """Return the label of an axis: an input and its unit."""
    w, name = words("fails_when", lang), result.cases.inputs[column]
    if name in result.cases.levers:
        size = words("appendix", lang)["size_of"].format(name=lever_label(name, result.scenario, lang))
        return w["axis"].format(name=size, unit=w["times"])
    return w["axis"].format(name=parameter_label(name, lang), unit=unit_label(name, lang))


def _trade(axes: Axes, result: Result, f: Found, region: Region, lang: str) -> None:
    """Draw density against coverage of the boxes on the way of the peeling, and of the box reported."""
    x, hit = result.cases.x[region.members], f.hit[region.members]
    columns = np.array([limit.column for limit in region.limits])
    way = [share(box.inside(x[:, columns]), hit) for box in peeled(x[:, columns], hit)]
    scale = region.found.coverage / share(region.box.inside(x), hit).coverage  # coverage of all, not of this sample
    axes.plot([scale * s.coverage for s in way], [s.density for s in way], "-o", color=QUIET, markersize=2.5)
    axes.axhline(region.base, color=FAINT, linewidth=1.0, zorder=0)
    own, w = words("fails_when", lang), words("appendix", lang)
    for s, face, key in ((region.found, INK, "found_on"), (region.elsewhere, "white", "left_out")):
        axes.plot(s.coverage, s.density, "s", color=INK, markerfacecolor=face, markersize=6, label=own[key])
    outcome = own["reached" if result.how.reaches else "missed"]
    axes.text(0.0, region.base, w["fw_base"], ha="left", va="bottom", fontsize=7.5, color=QUIET)
    axes.set(xlim=(-0.03, 1.03), ylim=(0.0, 1.05))
    axes.set(xlabel=w["fw_coverage"].format(outcome=outcome), ylabel=w["fw_density"])
    axes.legend(loc="upper left", bbox_to_anchor=(-0.2, -0.22), ncols=2, fontsize=8.0, borderpad=0.0, columnspacing=1.0)
