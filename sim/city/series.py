"""Published series: which of them speak of which number of the model, and how far each list may be off.

What holds for every city is in `scenarios/common/observations.toml`, what is the city's own in its `series.toml`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

import scenarios
from sim import quarter as quarters
from sim.city.events import COUNT_OF
from sim.city.schema import Key, NotNegative, Positive, Quarter, StrictFile, Text
from sim.inputs.errors import InputError, standing, unknown
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import TextFile, place
from sim.inputs.toml import read_model

COMMON = scenarios.FOLDER / "common" / "observations.toml"
Grades = dict[Literal["A", "B", "C"], Positive]
"""Relative error of a number by the grade of its source."""


class ErrorScales(StrictFile):
    """`observations.toml`: how far published numbers are off, whatever the city; sd of the log."""

    publication_lag: Annotated[int, Field(ge=0, le=40)]  # quarters
    inferred_year_error: NotNegative
    grade_error: Grades


class SeriesEntry(StrictFile):
    """One [[series]]: a series of the history and the indicator it speaks of."""

    name: Key
    indicator: Key


class ListError(StrictFile):
    """One [[list_error]]: how far all numbers of an indicator's list are off together, and each on its own."""

    indicator: Key
    offset: NotNegative
    roll_out_error: NotNegative = 0.0
    why: Text


class ShareEntry(StrictFile):
    """One [[share]]: a series that gives the city's part of a larger region's count of another series."""

    name: Key
    of: Key
    indicator: Key


class CoveredEntry(StrictFile):
    """One [[covered]]: from when on a kind of event is counted, and up to when its silence means that none happened."""

    event: Key
    since: Quarter
    to: Quarter | None = None  # None: nobody has looked, so silence says nothing
    complete: bool = True  # False: the record holds a part of the events, such as those that were in the news
    at_once: bool = False  # True: one list, booked in `to`, of all since `since`; before it was out nothing was known
    batch: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0  # events come by so many and tell as much as one
    why: Text


class SeriesFile(StrictFile):
    """All of series.toml."""

    series: Annotated[list[SeriesEntry], Field(min_length=1)]
    list_error: list[ListError] = Field(default_factory=list)
    share: list[ShareEntry] = Field(default_factory=list)
    covered: list[CoveredEntry] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    """What an observation of a city may rest on; offsets and errors are sd of the log, by indicator."""

    indicators: dict[str, str]  # by series, in the order of the file
    offsets: dict[str, float]  # shared by all numbers of the list
    roll_out_errors: dict[str, float]  # each number's own
    shares: dict[str, tuple[str, str]]  # by series: the series whose count is shared, the indicator
    covered: tuple[CoveredEntry, ...]  # by kind of event, in the order of the file
    errors: ErrorScales


@cache
def error_scales() -> ErrorScales:
    """Read what holds for every city."""
    return read_model(COMMON, ErrorScales)


def read_series(path: TextFile, known: frozenset[str] | None) -> PublishedSeries:
    """Read series.toml; nothing is named twice, indicators are known ones if a list is given."""
    file = read_model(path, SeriesFile)
    _refuse_twice(path, "series", [x.name for x in file.series] + [x.name for x in file.share])
    _refuse_twice(path, "list_error", [x.indicator for x in file.list_error])
    with standing(Said("{where}: {what}", where=place(path), what="covered")):
        _refuse_covered(file.covered)
    if known is not None:
        named = [x.indicator for x in file.series] + [x.indicator for x in file.list_error]
        named += [x.indicator for x in file.share]
        _refuse_unknown(path, named, known)
    return PublishedSeries(
        {x.name: x.indicator for x in file.series},
        {x.indicator: x.offset for x in file.list_error},
        {x.indicator: x.roll_out_error for x in file.list_error if x.roll_out_error},
        {x.name: (x.of, x.indicator) for x in file.share},
        tuple(file.covered),
        error_scales(),
    )


def _refuse_covered(covered: list[CoveredEntry]) -> None:
    """Refuse coverage of what is no event that happens at a rate, that ends before it begins, or that overlaps."""
    taken: dict[str, int] = {}
    for x in covered:
        if x.event not in COUNT_OF:
            raise InputError(unknown(Said("event"), x.event, COUNT_OF))
        since = quarters.label(x.since)
        if x.to is not None and x.to < x.since:
            to = quarters.label(x.to)
            raise InputError(Said("{event}: to = {to} is before since = {since}.", event=x.event, to=to, since=since))
        if x.event in taken and x.since <= taken[x.event]:
            raise InputError(
                Said(
                    "{event}: since = {since} is inside an earlier entry; write the entries of an event in the order of"
                    " time, each after the one before.",
                    event=x.event,
                    since=since,
                )
            )
        taken[x.event] = x.since if x.to is None else x.to


def _refuse_twice(path: TextFile, what: str, names: list[str]) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise InputError(
            Said(
                '{place}: {what} "{name}" is there twice; each may be named once.',
                place=place(path),
                what=what,
                name=quoted(twice[0]),
            )
        )


def _refuse_unknown(path: TextFile, names: Iterable[str], known: frozenset[str]) -> None:
    for name in names:
        if name not in known:
            said = unknown(Said("indicator"), name, sorted(known))
            raise InputError(Said("{where}: {what}", where=place(path), what=said))
