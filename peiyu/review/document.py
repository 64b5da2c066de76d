"""What a review says: the forecasts, every number published since with its score, settled goals, what moved."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.store.document import Document, Record


class ForecastRow(Record):
    """One of the forecasts that are compared, the earliest origin first; the last one is that of now."""

    run: str
    scenario: str
    as_of: str
    created: str  # the day it was made
    members: int


class NumberRow(Record):
    """One number that was published since an earlier forecast, and what that forecast said of it."""

    run: str
    indicator: str
    quarter: str
    bound: Literal["none", "lower", "upper"]
    published: float
    known: str | None  # when it was published; of a number that follows from others nobody says
    q05: float
    median: float
    q95: float
    inside: bool  # of a bound: whether the interval does not contradict it
    percentile: float | None  # of a number that is no bound, as the scores
    crps: float | None
    carried: float | None  # the last value known at the origin
    carried_from: str | None
    carried_crps: float | None


class TallyRow(Record):
    """The numbers of one earlier forecast together."""

    run: str
    exact: int  # numbers that are no bounds
    exact_inside: int
    by_luck: float | None  # P(so few inside) of a forecast whose intervals are right
    bounds: int
    bounds_inside: int
    compared: int  # with a last value to carry forward
    better: int  # of these, how often the forecast had the lower score
    crps: float | None  # means over the compared
    carried_crps: float | None
    out_before: int  # numbers that were out when the forecast was made
    older: int  # published since, but of quarters up to the origin: no forecast
    not_forecast: int  # of quarters or indicators that the run does not have


class SettledRow(Record):
    """One reading that has settled since, and what an earlier forecast said of it."""

    run: str
    goal: str
    reading: str
    reached: bool
    probability: float
    record_probability: float
    model_probability: float
    brier: float
    record_brier: float
    model_brier: float


class BrierRow(Record):
    """The mean Brier scores of one forecast over the readings that have settled."""

    run: str
    readings: int
    reached: int
    brier: float
    record_brier: float
    model_brier: float


class MovedRow(Record):
    """A goal that is open, by its main reading: what each forecast said, in the order of the forecasts."""

    goal: str
    reading: str
    deadline: str
    probabilities: list[float | None]
    medians: list[float | None]
    needed: list[float | None]  # a quarter, from the origin to the deadline
    part: str | None  # what moved it most since the earliest, where `peiyu change` has taken that apart
    points: float | None


class ReviewDocument(Document):
    """The JSON document of `peiyu review`."""

    kind: ClassVar[str] = "review"
    city: str
    until: str  # the last quarter that the city's data speak of
    forecasts: list[ForecastRow]
    numbers: list[NumberRow]
    tallies: list[TallyRow]
    settled: list[SettledRow]
    briers: list[BrierRow]
    goals: list[MovedRow]
    open: int
    due: int  # open goals whose deadline has passed, without an entry in the record of settled goals
    first_deadline: str | None  # of the open goals
