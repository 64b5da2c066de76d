"""Fan charts: where main readings and observed indicators come from and go; of the appendix and of notebooks."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
import numpy as np
from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from agents.table import Floats
from peiyu.figures.style import INK, MISS, MODEL, QUIET, STYLE, as_typed, wrapped
from peiyu.words.numbers import count
from sim.city.city import Goal, Reading
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.forecast import path

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS, WIDTH, PANEL = 2, 6.3, 1.62
"""Panels side by side; inches of a page's text width; inches of a panel's height."""
TICKS = 3
"""Most years between the first and the last that are named; more would overprint."""
LETTERS = 46.0
"""Letters of a panel's title on a line; a Chinese one counts twice."""
FACE = "Peiyu Appendix Sans"
DOTS = 220
SMALL = 7.5
"""Points of the smallest letters; a page is a little narrower than a figure is drawn."""
LEGEND = 0.16
"""Inches of a line of the legend of scenarios."""
OTHERS: tuple[Any, ...] = ((0, (4, 2)), (0, (1, 1.3)), (0, (5, 1.2, 1, 1.2)))
"""How the medians of other scenarios are drawn, told apart in grey; named in one legend, where names cannot overlap."""
BEHIND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "alpha": 0.75, "linewidth": 0.0}
"""What lies behind a label, so that it can be read on a band."""
MARKS = {"exact": ("o", INK), "rounded": ("o", "white"), "bound": ("^", "white"), "derived": ("D", "white")}
"""How each kind of observation is drawn: marker and filling."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One observation: year, value, and the kind of number it is."""

    year: float
    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Past:
    """What the fit says of one year before the origin: its end, the median and the ends of the 90 % interval."""

    year: float
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True)
class Fan:
    """One panel: a title, years, runs, and what stands beside them."""

    title: str
    years: Floats
    values: Floats  # (members, quarters)
    unit: str = ""
    asked: float | None = None
    dots: tuple[Dot, ...] = ()
    others: tuple[tuple[str, Floats], ...] = ()  # other scenarios: name and median
    past: tuple[Past, ...] = ()


def years(first: int, n: int) -> Floats:
    """Return quarters as years, so that a whole year is its end."""
    out: Floats = (first + 1.0 + np.arange(n, dtype=float)) / 4.0 - 1.0
    return out


def goal_fan(title: str, asked: tuple[Goal, Reading], runs: Ensemble, first: int, others: dict[str, Ensemble]) -> Fan:
    """Return the fan of a reading's count from the quarter `first` to the deadline, other scenarios as medians."""
    goal, reading = asked
    here = slice(first - runs.start, goal.deadline - runs.start + 1)
    medians = tuple((name, np.median(path(reading, e), axis=0)[here]) for name, e in others.items())
    values = path(reading, runs)[:, here]
    return Fan(title, years(first, values.shape[1]), values, "", reading.value, (), medians)


@contextmanager
def lettering(font: Path | None, texts: str) -> Iterator[None]:
    """Draw with the letters of a font inside the block; it is cut to what is needed."""
    style = {**STYLE, "font.size": 8.0, "axes.titlesize": 8.5, "axes.titleweight": "normal"}
    with TemporaryDirectory() as folder, mpl.rc_context(style):
        if font is not None:
            file = Path(folder) / "letters.otf"
            _cut(font, texts).save(file)
            before = list(font_manager.fontManager.ttflist)
            font_manager.fontManager.addfont(str(file))
            mpl.rcParams["font.family"] = [FACE, "DejaVu Sans"]
            try:
                yield
            finally:
                font_manager.fontManager.ttflist[:] = before
                font_manager._findfont_cached.cache_clear() if hasattr(font_manager, "_findfont_cached") else None
        else:
            yield


def _cut(font: Path, texts: str) -> Any:
    """Return the simplified-Chinese face of a font with only the letters of `texts`, upright and of normal weight."""
    faces = TTCollection(font).fonts if font.suffix == ".ttc" else [TTFont(font)]
    named = [f for f in faces if (f["name"].getDebugName(1) or "").endswith(" SC")]
    face = (named or faces)[0]
    options = subset.Options()
    options.layout_features = []
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(text=texts + "0123456789.,-+% \N{MINUS SIGN}")
    cutter.subset(face)
    for record in face["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = FACE
    return face


def draw(fans: list[Fan], asked: str, tick: str = "{}") -> tuple[bytes, bytes, float]:
    """Draw panels two by two, each tick a year's end as `tick` says; returns SVG, PNG, and height over width."""
    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    ratio = arrange(figure, fans, asked, tick)
    return *finished(figure), ratio


def finished(figure: Figure) -> tuple[bytes, bytes]:
    """Return a figure as SVG and PNG; it is laid out once for both forms."""
    as_typed(figure)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return _saved(figure, "svg"), _saved(figure, "png")


def arrange(figure: Figure, fans: list[Fan], asked: str, tick: str = "{}") -> float:
    """Put panels two by two on an empty figure; returns the ratio of height to width."""
    rows = math.ceil(len(fans) / COLUMNS)
    named = dict.fromkeys(name for fan in fans for name, _ in fan.others)
    height = PANEL * rows + LEGEND * len(named)
    figure.set_size_inches(WIDTH, height)
    grid = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes, fan in zip(grid, fans, strict=False):
        _panel(axes, fan, asked)
        axes.xaxis.set_major_formatter(partial(_year_end, tick))
    for axes in grid[len(fans) :]:
        axes.set_axis_off()
    if named:
        lines = [Line2D([], [], color=INK, linewidth=1.0, linestyle=OTHERS[i % len(OTHERS)]) for i in range(len(named))]
        figure.legend(lines, list(named), loc="outside lower left", ncols=1, fontsize=SMALL)
    return height / WIDTH


def _saved(figure: Figure, form: str) -> bytes:
    buffer = io.BytesIO()
    about: dict[str, Any] = {"Date": None, "Creator": "peiyu"} if form == "svg" else {"Software": None}
    figure.savefig(buffer, format=form, dpi=DOTS, metadata=about)
    return buffer.getvalue()


def _panel(axes: Axes, fan: Fan, asked: str) -> None:
    q = np.quantile(fan.values, LEVELS, axis=0)
    if fan.past:
        ends, low, high = ([getattr(p, k) for p in fan.past] for k in ("year", "low", "high"))
        axes.fill_between(ends, low, high, color=QUIET, alpha=0.25, linewidth=0)
        axes.plot(ends, [p.median for p in fan.past], color=QUIET, linewidth=1.2)
    axes.fill_between(fan.years, q[0], q[4], color=MODEL, alpha=0.18, linewidth=0)
    axes.fill_between(fan.years, q[1], q[3], color=MODEL, alpha=0.32, linewidth=0)
    axes.plot(fan.years, q[2], color=MODEL, linewidth=1.6)
    for i, (_, median) in enumerate(fan.others):
        axes.plot(fan.years, median, color=INK, linewidth=1.0, linestyle=OTHERS[i % len(OTHERS)])
    for dot in fan.dots:
        mark, face = MARKS[dot.kind]
        axes.plot(dot.year, dot.value, marker=mark, color=INK, markerfacecolor=face, markersize=3.6, linestyle="none")
    if fan.asked is not None:
        axes.axhline(fan.asked, color=MISS, linewidth=1.0, linestyle="--")
        axes.annotate(f"{asked} {count(fan.asked)}", (0.01, fan.asked), xycoords=("axes fraction", "data"),
                      xytext=(0, 2), textcoords="offset points", fontsize=SMALL, color=MISS, bbox=BEHIND)  # fmt: skip
        axes.axvline(fan.years[-1], color=QUIET, linewidth=0.7)
    axes.set_title(wrapped(f"{fan.title} ({fan.unit})" if fan.unit else fan.title, LETTERS))
    _scales(axes, fan, q)


def _scales(axes: Axes, fan: Fan, q: Floats) -> None:
    """Begin at zero, leave room above, and write whole years."""
    tops = [float(np.nanmax(q[4])), fan.asked or 0.0, *(d.value for d in fan.dots), *(p.high for p in fan.past), 1.0]
    axes.set_ylim(-0.02 * max(tops), 1.18 * max(tops))
    first = min([float(fan.years[0]), *(d.year for d in fan.dots), *(p.year for p in fan.past)])
    last = float(fan.years[-1])
    step = max(1, math.ceil((last - first) / TICKS))
    axes.set_xlim(first - 0.02 * (last - first) - 0.04, last + 0.05)
    axes.set_xticks(np.arange(math.ceil(first), math.floor(last) + 1, step))
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(thousands)


def _year_end(tick: str, x: float, _: float) -> str:
    return tick.format(round(x))


thousands: Callable[[float, float], str] = lambda x, _: count(x)  # noqa: E731
