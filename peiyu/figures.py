"""Figures for notebooks: how likely every goal is, and what a scenario changes. Needs matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from peiyu.results import Comparison, Forecast


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


def draw_effects(c: Comparison) -> Figure:
    """Draw the change of every reading's probability, in points, with its 90 % interval."""
    scenarios = [f.scenario.name for f in c.forecasts[1:]]
    keys = [(e.goal, e.reading) for e in c.effects if e.scenario == scenarios[0]]
    figure, axes = plt.subplots(figsize=(8, 0.35 * len(keys) + 1.2), layout="constrained")
    for i, scenario in enumerate(scenarios):
        mine = [e for e in c.effects if e.scenario == scenario]
        y = np.arange(len(keys))[::-1] + 0.15 * (i - (len(scenarios) - 1) / 2)
        x = 100.0 * np.array([e.delta_probability for e in mine])
        ends = 100.0 * np.array([e.ci90 for e in mine])
        axes.errorbar(x, y, xerr=np.abs(ends.T - x), fmt="o", markersize=4, label=scenario)
    axes.axvline(0.0, color="0.8", linewidth=1)
    axes.set_yticks(np.arange(len(keys))[::-1], [f"{g} · {r}" for g, r in keys])
    axes.set(xlabel=f"change of P(reached) against {c.forecasts[0].scenario.name}, points")
    axes.legend()
    return figure
