"""Figures of a fit: what was observed, what the posterior makes of it, and whether its machinery can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from agents.table import Floats
from calibration.data.observations import Observation, target
from calibration.proof.sbc import BINS, Ranks
from peiyu.figures.style import FAINT, INK, MISS, MODEL, QUIET, panels, style
from peiyu.fit.evidence import kind, year_end
from peiyu.words.numbers import count, digits, p_value, ratio
from sim.ensemble.ensemble import Ensemble

NAMES_EN = {
    "hnte_stock": "High-tech enterprises",
    "hnte_certified": "High-tech, certified a year",
    "hnte_first": "High-tech, new a year",
    "tech_sme_stock": "Technology SMEs",
    "srdi_stock": "Specialised SMEs",
    "little_giant_stock": "Little giants",
    "unicorns": "Unicorns",
    "future_enterprises": "Future-industry firms",
    "tech_centres_new": "Technology centres a year",
}
"""Titles of indicators that have been observed."""
MARKS = {"exact": "o", "rounded": "s", "bound": "^", "derived": "D"}
"""A published number is drawn as what it is; derived ones are hollow."""
Z90 = 1.6448536269514722


def draw_observed(seen: Sequence[Observation]) -> Figure:
    """Draw every dated count, a panel an indicator, as the kind of number it is, with its 90 % error."""
    names = [n for n in NAMES_EN if any(o.indicator == n for o in seen)]
    with style():
        figure, axes = panels(-(-len(names) // 3), 3, height=2.0 * -(-len(names) // 3) + 0.3)
        for ax, name in zip(axes, names, strict=False):
            _mark(ax, [o for o in seen if o.indicator == name])
            _counts(ax, NAMES_EN[name])
            ax.set_xlim(2012, 2027)
            ax.set_xticks([2015, 2020, 2025])
            ax.margins(y=0.2)
        for ax in axes[len(names) :]:
            ax.axis("off")
        _kinds_legend(figure, seen)
    return figure


def draw_history(runs: Ensemble, seen: Sequence[Observation], indicators: Sequence[str]) -> Figure:
    """Draw posterior runs over time, median with 50 and 90 % bands, and the observations on them."""
    with style():
        figure, axes = panels(1, len(indicators), height=3.2)
        for ax, name in zip(axes, indicators, strict=True):
            _fan(ax, runs, name, label=ax is axes[0])
            mine = [o for o in seen if o.indicator == name]
            _mark(ax, mine)
            _counts(ax, NAMES_EN.get(name, name))
        _kinds_legend(figure, [o for o in seen if o.indicator in indicators])
    return figure


def draw_fan(runs: Ensemble, indicator: str, origin: int, seen: Sequence[Observation] = ()) -> Figure:
    """Draw one indicator of an ensemble, what is known before the origin and what is forecast after it."""
    with style():
        figure, (ax,) = panels(height=3.4)
        _fan(ax, runs, indicator)
        _mark(ax, [o for o in seen if o.indicator == indicator])
        ax.axvline(year_end(origin), color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
        ax.annotate("forecast", (year_end(origin), 1.0), (4, -2), xycoords=("data", "axes fraction"),
                    textcoords="offset points", va="top", color=QUIET)  # fmt: skip
        _counts(ax, NAMES_EN.get(indicator, indicator))
        if seen:
            _kinds_legend(figure, [o for o in seen if o.indicator == indicator])
    return figure


def draw_coverage(table: pd.DataFrame) -> Figure:
    """Draw every observation over the median of the runs: the band of runs and the 90 % error of the number."""
    with style():
        figure, (ax,) = panels(height=0.21 * len(table) + 1.1)
        for y, row in zip(range(len(table), 0, -1), table.to_dict("records"), strict=True):
            middle, colour = max(row["q50"], 1e-3), INK if row["inside"] else MISS
            ax.plot([row["q05"] / middle, row["q95"] / middle], [y, y], color=MODEL, linewidth=5, alpha=0.35)
            ends = [max(row["low"] / middle, 0.1), min(row["high"] / middle, 10.0)]
            ax.plot(ends, [y, y], color=colour, linewidth=0.9)
            face = "white" if row["kind"] == "derived" else colour
            ax.plot(row["observed"] / middle, y, MARKS.get(row["kind"], "o"), color=colour, markerfacecolor=face)
        ax.axvline(1.0, color=MODEL, linewidth=0.9)
        ax.set_yticks(range(len(table), 0, -1), [_short(str(n)) for n in table.name], fontsize=8)
        ax.set_xscale("log")
        ax.set_xticks([0.5, 0.7, 1.0, 1.4, 2.0], ["0.5", "0.7", "1", "1.4", "2"])
        ax.set_xticks([], minor=True)
        ax.set_xlabel("over the median of the runs: bar = 90 % of runs, mark and line = observed with its 90 % error")
        ax.set_xlim(0.4, 2.5)
        ax.set_ylim(0.2, len(table) + 0.8)
    return figure


def draw_ranks(ranks: Ranks) -> Figure:
    """Draw rank histograms, a panel a parameter, with the band that 99 % of uniform bins keep."""
    low, high = ranks.band(0.99)
    rows = -(-len(ranks.names) // 3)
    with style():
        figure, axes = panels(rows, 3, height=1.7 * rows + 0.3)
        for ax, name, counts, p in zip(axes, ranks.names, ranks.counts(), ranks.p_values(), strict=False):
            at = np.arange(BINS)
            ax.axhspan(low, high, color=FAINT, linewidth=0)
            ax.axhline(len(ranks.ranks) / BINS, color=QUIET, linewidth=0.8)
            outside = (counts < low) | (counts > high)
            bars = ax.bar(at, counts, width=0.85, color=[MISS if out else MODEL for out in outside])
            for bar, out in zip(bars, outside, strict=True):
                bar.set_hatch("////" if out else "")
                bar.set_edgecolor("white")
            ax.set_title(f"{name}  (p = {p_value(p)})", fontsize=8.5)
            ax.set_xticks([-0.5, BINS - 0.5], ["0", "1"])
            ax.set_ylim(0, max(counts.max(), high) * 1.15)
        for ax in axes[len(ranks.names) :]:
            ax.axis("off")
        figure.supxlabel("rank of the truth among the draws; grey: 99 % band of a uniform rank", fontsize=8.5)
    return figure


def draw_contraction(table: pd.DataFrame) -> Figure:
    """Draw how much of each informed parameter's prior variance the data took away."""
    told = table[table.informed].iloc[::-1]
    with style():
        figure, (ax,) = panels(height=0.22 * max(len(told), 2) + 0.9)
        at = np.arange(len(told))
        ax.barh(at, told.contraction.clip(lower=0.0), height=0.7, color=MODEL)
        for y, value in zip(at, told.contraction, strict=True):
            end = (max(value, 0.0), y)
            ax.annotate(ratio(value), end, (3, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_yticks(at, list(told.name), fontsize=8)
        ax.set_xlim(0, 1.08)
        ax.set_ylim(-0.6, len(told) - 0.4)
        ax.set_xlabel("contraction: 0 repeats the prior, 1 is known exactly")
    return figure


def draw_intervals(names: Sequence[str], methods: dict[str, tuple[Floats, Floats]]) -> Figure:
    """Draw mean and 90 % interval of each parameter by method, on the normal-score scale where the prior is N(0, 1)."""
    looks = [(INK, "s"), (MODEL, "o"), (MISS, "^")]
    with style():
        figure, (ax,) = panels(height=0.5 * len(names) + 1.0)
        for k, ((label, (mean, sd)), (colour, mark)) in enumerate(zip(methods.items(), looks, strict=False)):
            at = np.arange(len(names))[::-1] + 0.14 * (0.5 * (len(methods) - 1) - k)
            ax.errorbar(mean, at, xerr=Z90 * sd, fmt=mark, color=colour, markersize=5, linewidth=1.4, label=label)
        ax.set_yticks(np.arange(len(names))[::-1], list(names))
        ax.set_ylim(-0.5, len(names) - 0.5)
        ax.set_xlabel("mean and 90 % interval, prior standard deviations")
        figure.legend(loc="outside upper left", ncols=len(methods))
    return figure


def draw_recovery(table: pd.DataFrame) -> Figure:
    """Draw what was found against what was true, a mark a parameter and synthetic city, with 90 % intervals."""
    with style():
        figure, (ax,) = panels(height=4.2)
        for inside in (True, False):
            rows = table[table.inside == inside]
            colour, mark = (MODEL, "o") if inside else (MISS, "^")
            label = f"truth {'inside' if inside else 'outside'} the 90 % interval ({len(rows)})"
            spread = np.abs(rows[["q05", "q95"]].to_numpy(float).T - rows.q50.to_numpy(float))
            look: dict[str, Any] = {"color": colour, "markersize": 3, "linewidth": 0.4, "alpha": 0.6, "label": label}
            ax.errorbar(rows.truth, rows.q50, yerr=spread, fmt=mark, **look)
        ends = [float(table.truth.min()) - 0.2, float(table.truth.max()) + 0.2]
        ax.plot(ends, ends, color=QUIET, linewidth=0.9)
        ax.annotate("found = true", (ends[0], ends[0]), (10, -3), textcoords="offset points", va="top", color=QUIET)
        ax.axhline(0.0, color=FAINT, linewidth=0.9, zorder=0)
        # beside the axes: twenty cities leave no room among their marks
        outside: dict[str, Any] = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center"}
        ax.annotate("prior mean", (1.0, 0.0), (3, 0), color=QUIET, **outside)
        ax.set(xlabel="true, prior standard deviations", ylabel="found: median and 90 % interval")
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def draw_generations(steps: pd.DataFrame) -> Figure:
    """Draw tolerance, acceptance and effective sample by generation."""
    shown = (("tolerance", "tolerance of the move", "log"), ("acceptance", "runs that fit", "linear"),
             ("effective", "effective sample of weighing", "log"))  # fmt: skip
    with style():
        figure, axes = panels(1, 3, height=2.3)
        for ax, (column, title, scale) in zip(axes, shown, strict=True):
            rows = steps[steps[column] > 0] if scale == "log" else steps
            ax.plot(rows.number, rows[column], "o-", color=MODEL, markersize=4)
            ax.set(title=title, xlabel="generation", yscale=scale)
            if scale == "log":
                ax.yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
                ax.yaxis.set_major_formatter(lambda x, _: digits(x))
                ax.yaxis.set_minor_formatter(lambda x, _: digits(x))
            ax.margins(x=0.12, y=0.2)
            ax.set_xticks(range(0, int(steps.number.max()) + 1, 2))
            ax.annotate(digits(rows[column].iloc[-1]), (rows.number.iloc[-1], rows[column].iloc[-1]), (0, 6),
                        textcoords="offset points", ha="center", fontsize=8)  # fmt: skip
        axes[1].set_ylim(0, 1.1)
    return figure


def _fan(ax: Axes, runs: Ensemble, name: str, *, label: bool = True) -> None:
    """Draw median and bands; the flow of a year stands at its end."""
    years, values = _yearly(runs, name) if name.endswith(("_certified", "_first", "_new")) else _quarterly(runs, name)
    q05, q25, q50, q75, q95 = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
    ax.fill_between(years, q05, q95, color=MODEL, alpha=0.18, linewidth=0)
    ax.fill_between(years, q25, q75, color=MODEL, alpha=0.30, linewidth=0)
    ax.plot(years, q50, color=MODEL, linewidth=1.6)
    if label:
        ends = (("95 %", q95), ("median", q50), ("5 %", q05))
        for word, line in ends:
            ax.annotate(word, (years[-1], line[-1]), (3, 0), textcoords="offset points", va="center", fontsize=7.5,
                        color=MODEL, annotation_clip=False)  # fmt: skip


def _quarterly(runs: Ensemble, name: str) -> tuple[Floats, Floats]:
    values = runs.of(name)
    known = ~np.isnan(values).any(axis=0)
    return np.array([year_end(runs.start + int(i)) for i in np.flatnonzero(known)]), values[:, known]


def _yearly(runs: Ensemble, name: str) -> tuple[Floats, Floats]:
    values = runs.of(name)
    ends = [i for i in range(3, values.shape[1]) if (runs.start + i + 1) % 4 == 0]
    sums = [values[:, i - 3 : i + 1].sum(axis=1) for i in ends]
    return np.array([year_end(runs.start + i) for i in ends]), np.stack(sums, axis=1)


def _mark(ax: Axes, seen: Sequence[Observation]) -> None:
    """Draw observations as what they are; a bound is an edge with an arrow to the side it allows."""
    if not seen:
        return
    sd = np.sqrt(np.diag(target(list(seen)).covariance()))
    for o, error in zip(seen, sd, strict=True):
        at, what = year_end(o.quarter), kind(o)
        if what == "bound":
            up = 1 if o.bound == "lower" else -1
            ax.plot(at, o.value, "^" if up > 0 else "v", color=INK, markersize=5, markerfacecolor=QUIET)
            ax.annotate("", (at, o.value), (0, up * 16), textcoords="offset points",
                        arrowprops={"arrowstyle": "<-", "color": INK, "linewidth": 0.9})  # fmt: skip
            continue
        ax.plot([at, at], [o.value * np.exp(-Z90 * error), o.value * np.exp(Z90 * error)], color=INK, linewidth=0.9)
        face = "white" if what == "derived" else INK
        ax.plot(at, o.value, MARKS[what], color=INK, markerfacecolor=face, markersize=4.5)


def _kinds_legend(figure: Figure, seen: Sequence[Observation]) -> None:
    """Say which mark is which kind of number, for the kinds that are there."""
    there = {kind(o) for o in seen}
    faces = {"derived": "white", "bound": QUIET}
    look: dict[str, Any] = {"color": INK, "linestyle": "none", "markersize": 5}
    marks = [
        Line2D([], [], marker=mark, markerfacecolor=faces.get(k, INK), label=k, **look)
        for k, mark in MARKS.items()
        if k in there
    ]
    figure.legend(handles=marks, loc="outside lower right", ncols=4, fontsize=8)


def _counts(ax: Axes, title: str) -> None:
    """Give a panel of counts its title, zero and thousands."""
    ax.set_title(title, fontsize=9)
    ax.set_ylim(0, None)
    ax.yaxis.set_major_formatter(lambda x, _: count(x))


def _short(name: str) -> str:
    return name.replace("_", " ").replace("@", " · ")
