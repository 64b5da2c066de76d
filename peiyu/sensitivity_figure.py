"""A reading's sensitivity as one figure: the variance budget, the factors that matter, the data worth publishing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from peiyu.figure_style import INK, MISS, MODEL, panels, style
from peiyu.sensitivity_tables import datum_name, factor_name

SHOWN = 8
"""Most bars of a panel."""


def draw_sensitivity(row: dict[str, Any]) -> Figure:
    """Draw one reading; what was not analysed for being reached is left out of its panel."""
    with style():
        figure, (budget, sobol, data) = panels(3, 1, height=8.4)
        figure.suptitle(f"{row['goal']} · {row['reading']}", x=0.01, ha="left", fontsize=11, fontweight="bold")
        _budget(budget, row)
        _sobol(sobol, row)
        _data(data, row)
    return figure


def _budget(axes: Axes, row: dict[str, Any]) -> None:
    """Draw the shares of the count and of being reached, with intervals."""
    parts = [s["part"] for s in row["budget"]["count"] or []]
    at = np.arange(len(parts) + 1)[::-1].astype(float)
    drawn = (("count", MODEL, "o", "count", 0.12), ("hit", MISS, "s", "reached", -0.12))
    for outcome, colour, marker, name, shift in drawn:
        found = row["budget"][outcome]
        if found:
            x = np.array([s["share"] for s in found])
            ends = np.array([[s["low"], s["high"]] for s in found]).T
            _bars(axes, at[:-1] + shift, x, np.abs(ends - x), {"color": colour, "marker": marker, "label": name})
        seen = row["observation"][outcome]
        if seen and seen["half"] is not None:
            x, half = np.array([seen["at_least"]]), np.array([seen["half"]])
            _bars(axes, at[-1:] + shift, x, half, {"color": colour, "marker": marker})
    _names(axes, at, [factor_name(part, "en") for part in (*parts, "observation")])
    axes.set(title="Variance budget", xlabel="share of the variance, 90 % interval")
    if parts:
        axes.legend(loc="best")


def _sobol(axes: Axes, row: dict[str, Any]) -> None:
    """Draw first-order and total shares of the factors with the largest totals."""
    found = sorted((x for x in row["sobol"]["count"] or [] if x["total"]), key=lambda x: -x["total"])[:SHOWN]
    at = np.arange(len(found))[::-1].astype(float)
    for key, colour, marker, name, shift in (
        ("first", MODEL, "o", "by itself (S1)", 0.12),
        ("total", INK, "D", "with interactions (ST)", -0.12),
    ):
        x = np.array([f[key] for f in found])
        half = np.array([f[f"{key}_half"] for f in found])
        _bars(axes, at + shift, x, half, {"color": colour, "marker": marker, "label": name})
    _names(axes, at, [factor_name(f["factor"], "en") for f in found])
    axes.set(title="Sobol indices of the count", xlabel="share of the variance, 90 % interval")
    if found:
        axes.legend(loc="best")


def _data(axes: Axes, row: dict[str, Any]) -> None:
    """Draw what the best data of the first year would take off the variance."""
    found = (row["information"]["soon"] or [])[:SHOWN]
    at = np.arange(len(found))[::-1].astype(float)
    x = np.array([d["variance_cut"] for d in found])
    half = np.array([d["variance_cut_half"] for d in found])
    _bars(axes, at, x, half, {"color": MODEL, "marker": "o"})
    _names(axes, at, [f"{datum_name(d, 'en')} {d['quarter']}" for d in found])
    axes.set(title="Worth publishing in the first year", xlabel="part of the count's variance it would take off")


def _bars(axes: Axes, at: Any, x: Any, half: Any, look: dict[str, Any]) -> None:
    axes.errorbar(x, at, xerr=half, fmt=" ", capsize=2, markersize=4, elinewidth=1, **look)


def _names(axes: Axes, at: Any, names: list[str]) -> None:
    axes.set_yticks(at, names)
    axes.axvline(0.0, color="0.8", linewidth=1, zorder=0)
