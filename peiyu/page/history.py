"""Where published numbers stand in a picture: a small one for each series, a mark for each number by its kind."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from peiyu.page.charts import FAN_EDGE, FAN_HEIGHT, FAN_WIDTH
from peiyu.runs.inputs import used
from peiyu.words.indicators import label_of_city
from peiyu.words.numbers import count
from sim import quarter
from sim.city.city import City

HEADROOM = 1.08
"""Of the axis above the largest number."""


@dataclass(frozen=True, slots=True)
class PublishedMark:
    """One published number."""

    x: float
    y: float
    kind: str
    text: str  # period, number and source, for whoever points at it


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """One series: what was published of it, and the ends of both axes."""

    title: str
    series: str
    dots: tuple[PublishedMark, ...]
    first: str
    last: str
    top: str
    top_at: float
    floor: float


def pictures(city: City, lang: str) -> list[SeriesPicture]:
    """Return a picture for each series of the city that a fit may use, those with most numbers first."""
    held = [(str(name), rows) for name, rows in used(city).groupby("series")]
    return [
        _picture(name, label_of_city(city.series.indicators[name], lang, city), rows)
        for name, rows in sorted(held, key=lambda pair: -len(pair[1]))
        if len(rows) > 1
    ]


def _picture(name: str, title: str, rows: pd.DataFrame) -> SeriesPicture:
    """Place the numbers of a series in time; its axis begins at zero."""
    ends = [quarter.period_end(str(period)) or 0 for period in rows.period]
    first, last = min(ends), max(ends)
    span = max(last - first, 1)
    most = float(rows.value.max()) * HEADROOM
    right, high = FAN_WIDTH - 2 * FAN_EDGE, FAN_HEIGHT - 2 * FAN_EDGE

    def y(value: float) -> float:
        return FAN_EDGE + high * (1.0 - value / most)

    columns = (ends, rows.value.tolist(), rows.observation.astype(str), rows.period, rows.source_title)
    dots = tuple(
        PublishedMark(FAN_EDGE + right * (at - first) / span, y(value), kind, f"{when}: {count(value)} ({who})")
        for at, value, kind, when, who in zip(*columns, strict=True)
    )
    top = float(rows.value.max())
    return SeriesPicture(title, name, dots, str(first // 4), str(last // 4), count(top), y(top), y(0.0))
