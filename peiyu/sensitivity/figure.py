"""A reading's sensitivity as one figure: the variance budget, the factors that matter, the data worth publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from peiyu.figures.style import INK, MISS, MODEL, panels, style, wrapped
from peiyu.sensitivity.document import ReadingRow
from peiyu.sensitivity.terminal import datum_name, factor_name, goal_name
from peiyu.words.loader import words

if TYPE_CHECKING:
    from sim.city.city import City
    from sim.scenario.scenario import Scenario

SHOWN = 8
"""Most bars of a panel."""
TITLE = 84.0
"""Letters in a line of the title."""


def draw_sensitivity(row: ReadingRow, city: City, scenario: Scenario, lang: str) -> Figure:
    """Draw one reading; what was not analysed for being reached is left out of its panel."""
    with style(lang):
        figure, (budget, sobol, data) = panels(3, 1, height=8.9)
        title, weight = wrapped(goal_name(row, city, lang), TITLE), mpl.rcParams["axes.titleweight"]
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight=weight)
        _budget(budget, row, lang)
        _sobol(sobol, row, scenario, lang)
        _data(data, row, lang)
    return figure


def _budget(axes: Axes, row: ReadingRow, lang: str) -> None:
    """Draw the shares of the count and of being reached, with intervals."""
    w = words("sensitivity", lang)
    parts = [s.part for s in row.budget.count or []]
    at = np.arange(len(parts) + 1)[::-1].astype(float)
    both = {"count": (row.budget.count, row.observation.count), "hit": (row.budget.hit, row.observation.hit)}
    for outcome, colour, marker, shift in (("count", MODEL, "o", 0.12), ("hit", MISS, "s", -0.12)):
        found, seen = both[outcome]
        if found:
            x = np.array([s.share for s in found])
            ends = np.array([[s.low, s.high] for s in found]).T
            _bars(axes, at[:-1] + shift, x, np.abs(ends - x), {"color": colour, "marker": marker, "label": w[outcome]})
        if seen and seen.half is not None:
            x, half = np.array([seen.at_least]), np.array([seen.half])
            _bars(axes, at[-1:] + shift, x, half, {"color": colour, "marker": marker})
    _names(axes, at, [w[part] for part in (*parts, "observation")])
    axes.set(title=w["part"], xlabel=w["of_variance"])
    if parts:
        _legend(axes)


def _sobol(axes: Axes, row: ReadingRow, scenario: Scenario, lang: str) -> None:
    """Draw first-order and total shares of the factors with the largest totals."""
    w = words("sensitivity", lang)
    found = sorted((x for x in row.sobol.count or [] if x.total), key=lambda x: -(x.total or 0.0))[:SHOWN]
    at = np.arange(len(found))[::-1].astype(float)
    for key, colour, marker, name, shift in (
        ("first", MODEL, "o", w["alone"], 0.12),
        ("total", INK, "D", w["joined"], -0.12),
    ):
        x = np.array([getattr(f, key) for f in found])
        half = np.array([getattr(f, f"{key}_half") for f in found])
        _bars(axes, at + shift, x, half, {"color": colour, "marker": marker, "label": name})
    _names(axes, at, [factor_name(f.factor, scenario, lang) for f in found])
    axes.set(title=w["sobol"], xlabel=w["of_variance"])
    if found:
        _legend(axes)


def _data(axes: Axes, row: ReadingRow, lang: str) -> None:
    """Draw what the best data of the first year would take off the variance."""
    found = (row.information.soon or [])[:SHOWN]
    at = np.arange(len(found))[::-1].astype(float)
    x = np.array([d.variance_cut for d in found])
    half = np.array([d.variance_cut_half for d in found])
    _bars(axes, at, x, half, {"color": MODEL, "marker": "o"})
    _names(axes, at, [datum_name(d, lang) for d in found])
    axes.set(title=words("sensitivity", lang)["soon"], xlabel=words("sensitivity", lang)["cut_axis"])


def _bars(axes: Axes, at: Any, x: Any, half: Any, look: dict[str, Any]) -> None:
    axes.errorbar(x, at, xerr=half, fmt=" ", capsize=2, markersize=4, elinewidth=1, **look)


def _legend(axes: Axes) -> None:
    """Put the legend under the title, where no bar can be."""
    axes.set_title(axes.get_title(loc="left"), pad=22.0)
    axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderpad=0.0, borderaxespad=0.4)


def _names(axes: Axes, at: Any, names: list[str]) -> None:
    axes.set_yticks(at, names)
    axes.axvline(0.0, color="0.8", linewidth=1, zorder=0)
