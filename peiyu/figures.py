"""The figure of a forecast: how likely every goal is. Needs matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from peiyu.results import Forecast


def draw_goals(f: Forecast) -> Figure:
    """Draw P(reached) of every reading as a dot with its Monte-Carlo error, grade C hollow."""
    names = [f"{g.goal} · {g.reading}" + (" *" if g.primary else "") for g in f.goals]
    p = np.array([g.probability for g in f.goals])
    error = 2.0 * np.array([g.mc_error for g in f.goals])
    at = np.arange(len(names))[::-1]
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(names) + 1), layout="constrained")
    axes.errorbar(p, at, xerr=error, fmt="none", color="0.6", zorder=1)
    for y, chance, g in zip(at, p, f.goals, strict=True):
        face = "white" if g.evidence == "C" else "C0"
        axes.scatter(chance, y, color="C0", facecolor=face, zorder=2)
    axes.axvline(0.5, color="0.8", linewidth=1, zorder=0)
    axes.set(
        xlim=(-0.02, 1.02), xlabel="P(reached); hollow: evidence grade C", title=f"{f.city.name} · {f.scenario.name}"
    )
    axes.set_yticks(at, names)
    return figure
