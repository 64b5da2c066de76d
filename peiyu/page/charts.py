"""Where everything in a chart stands: numbers of a picture from the numbers of an answer; templates draw it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agents.table import Floats
from peiyu.forecasts.fans import LEVELS, Fan
from peiyu.words.numbers import count, points

FOREST_WIDTH, FOREST_LINE, FOREST_GAP = 420.0, 16.0, 12.0
FAN_WIDTH, FAN_HEIGHT, FAN_EDGE = 260.0, 120.0, 12.0
LETTERS = 30
"""Of a goal's name on a line beside the forest."""
LEAST_SPAN = 0.02
"""Of the axis of changes of a chance: a smaller change than a point is not blown up to fill it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One change of a chance with its interval, of one scenario; shares."""

    scenario: int  # position among the later scenarios
    value: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        """Tell whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a change is drawn."""

    x: float
    low: float
    high: float
    y: float
    scenario: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest plot: rows of marks beside a line at zero."""

    width: float
    height: float
    zero: float
    rows: tuple[tuple[list[str], float, tuple[Mark, ...]], ...]  # lines of the name, middle, marks
    ticks: tuple[tuple[float, str], ...]


def forest(rows: Sequence[tuple[str, Sequence[Shift]]]) -> Forest:
    """Place changes: a row a goal, in it a line a scenario."""
    every = [x for _, changes in rows for x in changes]
    low = min([-LEAST_SPAN / 2, *(x.low for x in every)])
    high = max([LEAST_SPAN / 2, *(x.high for x in every)])
    scale = (FOREST_WIDTH - 2 * FAN_EDGE) / (high - low)

    def at(value: float) -> float:
        return FAN_EDGE + (value - low) * scale

    placed, top = [], 0.0
    for name, changes in rows:
        middle = top + (len(changes) * FOREST_LINE + FOREST_GAP) / 2
        marks = tuple(
            Mark(at(x.value), at(x.low), at(x.high), top + FOREST_GAP / 2 + (i + 0.5) * FOREST_LINE, x.scenario, x.sure)
            for i, x in enumerate(changes)
        )
        placed.append((textwrap.wrap(name, LETTERS), middle, marks))
        top += len(changes) * FOREST_LINE + FOREST_GAP
    step = _round_step((high - low) / 4)
    ticks = tuple((at(t), points(t)) for t in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step)
    return Forest(FOREST_WIDTH, top, at(0.0), tuple(placed), ticks)


def _round_step(rough: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below `rough`."""
    power = 10.0 ** np.floor(np.log10(rough))
    return float(next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * (1.0 - 1e-9)))


@dataclass(frozen=True, slots=True)
class FanPicture:
    """A fan: bands and medians as paths, the line that is asked for, and the ends of both axes."""

    title: str
    outer: str
    inner: str
    medians: tuple[str, ...]  # the base first
    asked: float | None
    asked_text: str
    bottom: str
    top: str
    first: str
    last: str
    table: tuple[tuple[str, str, str, str], ...]  # year, 5 %, median, 95 % of the base


def panel(fan: Fan) -> FanPicture:
    """Place a fan."""
    q = np.quantile(fan.values, LEVELS, axis=0)
    others = [median for _, median in fan.others]
    tops = [float(q.max()), *(float(x.max()) for x in others), fan.asked or 0.0]
    lows = [float(q.min()), *(float(x.min()) for x in others), fan.asked if fan.asked is not None else float(q.min())]
    low, high = min(lows), max(tops)
    low, high = (0.0 if low < 0.5 * high else low), (high if high > low else low + 1.0)
    x = FAN_WIDTH * (fan.years - fan.years[0]) / max(fan.years[-1] - fan.years[0], 1e-9)

    def y(values: Floats) -> Floats:
        return FAN_EDGE + (FAN_HEIGHT - 2 * FAN_EDGE) * (high - values) / (high - low)

    asked = None if fan.asked is None else float(y(np.array([fan.asked]))[0])
    table = tuple(
        (_year(t), count(a), count(b), count(c))
        for t, a, b, c in zip(fan.years.tolist(), q[0].tolist(), q[2].tolist(), q[4].tolist(), strict=True)
    )
    medians = (_line(x, y(q[2])), *(_line(x, y(m)) for m in others))
    ends = (count(low), count(high), _year(float(fan.years[0])), _year(float(fan.years[-1])))
    return FanPicture(fan.title, _band(x, y(q[0]), y(q[4])), _band(x, y(q[1]), y(q[3])), medians, asked,
                 count(fan.asked or 0.0), *ends, table)  # fmt: skip


def _line(x: Floats, y: Floats) -> str:
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _band(x: Floats, low: Floats, high: Floats) -> str:
    return _line(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]])) + "Z"


def _year(at: float) -> str:
    """Write the end of a quarter, given as years so that a whole year is its end, as 2026Q4."""
    return f"{int(np.ceil(at - 1e-6))}Q{round(4 * (at - np.ceil(at - 1e-6) + 1))}"
