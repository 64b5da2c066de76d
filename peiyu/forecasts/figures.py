"""The figures of a forecast: where every main reading goes, and how likely every goal is. Needs matplotlib."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from peiyu.figures.style import FAINT, MODEL, QUIET, WIDTH, style
from peiyu.forecasts import fans as figures_appendix
from peiyu.words.loader import words
from peiyu.words.names import label
from sim.city.city import City, Goal, Reading
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.stated import GoalForecast


def draw_paths(city: City, runs: Ensemble, as_of: int, lang: str) -> Figure:
    """Draw the fan of every main reading from the origin to its deadline, as the appendix does."""
    asked = [(g, next(r for r in g.readings if r.primary)) for g in city.goals]
    fans = [figures_appendix.goal_fan(_name(*pair, lang), pair, runs, as_of, {}) for pair in asked]
    with style(lang):
        figure = plt.figure(layout="constrained")
        figures_appendix.arrange(figure, fans, words("appendix", lang)["asked_line"])
    return figure


def draw_chances(city: City, goals: list[GoalForecast], title: str, lang: str) -> Figure:
    """Draw P(reached) of every reading as a dot with its Monte-Carlo error, hollow where it rests on no data."""
    stated = {(g.goal, g.reading): g for g in goals}
    every = [(g, r) for g in city.goals for r in g.readings]
    names = [_name(g, r, lang) + (" *" if r.primary else "") for g, r in every]
    at = np.arange(len(names))[::-1]
    with style(lang):
        figure, axes = plt.subplots(figsize=(WIDTH, 0.3 * len(names) + 0.9), layout="constrained")
        for y, (g, r) in zip(at, every, strict=True):
            x = stated[g.key, r.key]
            axes.errorbar(x.probability, y, xerr=2.0 * x.mc_error, color=QUIET, zorder=1)
            face = "white" if x.basis in ("record", "assumption") else MODEL
            axes.scatter(x.probability, y, color=MODEL, facecolor=face, zorder=2)
        axes.axvline(0.5, color=FAINT, linewidth=1, zorder=0)
        axes.set(xlim=(-0.02, 1.02), xlabel=words("appendix", lang)["chances_axis"], title=title)
        axes.set_yticks(at, names)
    return figure


def _name(goal: Goal, reading: Reading, lang: str) -> str:
    return label(goal, lang) + words("appendix", lang)["sep"] + label(reading, lang)
