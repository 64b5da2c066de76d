"""What a backtest says: every forecast of a past origin with its scores, and the goals that are settled."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.store.document import Document, Record


class PairRow(Record):
    """One forecast of one model, and what came."""

    region: str
    series: str
    origin: str
    target_period: str
    observed: float
    model: str
    crps: float
    q05: float
    q50: float
    q95: float
    horizon: int
    own_age: float
    wis: float
    pit: float
    coverage50: bool
    coverage80: bool
    coverage90: bool


class ScoreRow(Record):
    """The mean scores of a model."""

    model: str
    pairs: int
    crps_mean: float
    relative_crps: float
    peiyu_relative: float
    wis_mean: float
    coverage50: float
    coverage80: float
    coverage90: float


class SliceRow(Record):
    """The mean scores of a model on one kind of number and horizon."""

    kind: str
    horizon: str
    best: str
    model: str
    pairs: int
    crps_mean: float
    relative_crps: float
    peiyu_relative: float
    wis_mean: float
    coverage50: float
    coverage80: float
    coverage90: float


class GoalRow(Record):
    """One settled goal: what was said when it was set, and what came."""

    goal: str
    origin: str
    probability: float
    outcome: int
    brier: float
    kind: str
    region: str
    series: str
    target: float
    deadline: int
    decided_by: str
    basis: str
    model_probability: float | None
    base_rate: float
    kind_rate: float
    required_growth: float
    weight: float
    left_out: float


class Band(Record):
    """The goals whose probability fell into a band, and how many of them were reached."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")
    goals: float
    probability: float
    reached: float


class GoalSummary(Record):
    """Brier scores over a set of settled goals."""

    goals: int
    reached: int
    brier_peiyu: float
    brier_left_out: float
    brier_base_rate: float
    brier_kind_rate: float
    brier_required_growth: float
    brier_model_alone: float
    brier_hindsight_base_rate: float
    reliability: list[Band]


class RegionRow(Record):
    """How the model and the best comparator did in a region."""

    region: str
    pairs: int
    won: int
    crps: float
    crps_best: float
    relative: float


class DifferenceRow(Record):
    """The model's score less a comparator's on the pairs they share."""

    against: str
    pairs: int
    difference: float
    ci90: list[float]
    years: int
    dm_statistic: float
    dm_p: float


class AbmScoreRow(Record):
    """The mean scores of a model on the pairs of a city; `abm_relative` is the agent model's CRPS over its own."""

    model: str
    pairs: int
    crps_mean: float
    relative_crps: float
    abm_relative: float
    wis_mean: float
    coverage50: float
    coverage80: float
    coverage90: float


class ComparedRow(Record):
    """The agent model on a part of the pairs: its coverage, and its CRPS beside the panel's and the best other's."""

    pairs: int
    inside90: int
    coverage50: float
    coverage80: float
    coverage90: float
    crps: float
    best: str
    crps_panel: float | None
    to_panel: float | None
    crps_best: float | None
    to_best: float | None


class LabelRow(ComparedRow):
    """The pairs of one label."""

    series: str


class OriginRow(ComparedRow):
    """The pairs of one origin."""

    origin: str


class AimRow(Record):
    """What a tested forecast has to show, and what came."""

    aim: str
    against: str
    pairs: int
    value: float | None
    low: float | None
    high: float
    met: bool | None


class MissRow(Record):
    """A number that came outside the 90 % interval."""

    series: str
    region: str
    origin: str
    target_period: str
    q05: float
    q50: float
    q95: float
    observed: float


class AbmPart(Record):
    """How wrong the agent model was, beside the panel and the comparators."""

    summary: list[AbmScoreRow]
    labels: list[LabelRow]
    origins: list[OriginRow]
    aims: list[AimRow]
    misses: list[MissRow]


class BacktestDocument(Document):
    """The JSON document of `peiyu backtest`."""

    kind: ClassVar[str] = "backtest"
    pairs: list[PairRow]
    summary: list[ScoreRow]
    goals: list[GoalRow]
    goals_summary: dict[str, GoalSummary]
    slices: list[SliceRow]
    regions: list[RegionRow]
    differences: list[DifferenceRow]
    pit: dict[str, list[float]]
    abm: AbmPart | None = None
