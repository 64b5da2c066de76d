"""What a comparison says: the forecast of every scenario, paired effects, their parts, leaks, the ladder, splits."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from peiyu.comparison.split_document import SplitDocument
from sim.store.document import Document, Record


class GoalRow(Record):
    """What a forecast says of one reading."""

    goal: str
    reading: str
    operator: str
    value: float
    deadline: str
    q05: float
    median: float
    q95: float
    probability: float
    mc_error: float
    evidence: str
    basis: str
    likelihood: str
    model_probability: float
    model_weight: float
    record_rate: float
    record_n: int
    record_own: bool
    base_rate: float
    hangs_low: float | None
    hangs_high: float | None


class JointRow(Record):
    """The chance of all goals, and of at least so many."""

    every: float = Field(alias="all")
    at_least: dict[str, float]


class OutcomeRow(Record):
    """What the ensemble says of an outcome at the end of a year."""

    indicator: str
    year: int
    unit: str
    q05: float
    median: float
    q95: float


class ActRow(Record):
    """In which share of the members a rule acted, by which branch, and when."""

    rule: str
    branch: str
    quarter: str
    share: float


class ForecastPart(Record):
    """The forecast of one scenario."""

    run_id: str
    city: str
    scenario: str
    as_of: str
    members: int
    seed: int
    goals: list[GoalRow]
    joint: JointRow
    outcomes: list[OutcomeRow] = Field(default_factory=list)
    outside_evidence: bool = False
    levers_outside_evidence: dict[str, float | None] = Field(default_factory=dict)  # times the evidenced size
    rules: list[ActRow] = Field(default_factory=list)  # left out where the scenario has none


class EffectRow(Record):
    """What a scenario changes about one reading."""

    scenario: str
    goal: str
    reading: str
    gross: float
    additional: float
    net: float
    delta_probability: float
    ci90: list[float]  # of delta_probability
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: list[float] | None = None
    cost_note: str | None = None
    net_ci90: list[float]
    additional_ci90: list[float]
    spillover: float = 0.0
    displaced: float
    unpaired_times: float | None
    basis: str
    outside_evidence: bool = False


class PartRow(Record):
    """The effect on a main reading within one district or track."""

    scenario: str
    goal: str
    reading: str
    axis: str
    code: str
    gross: float
    additional: float
    net: float
    net_ci90: list[float]


class OutcomeEffectRow(Record):
    """What a scenario changes about an outcome at the end of a year."""

    scenario: str
    indicator: str
    year: int
    unit: str
    gross: float
    additional: float
    spillover: float
    displaced: float
    net: float
    net_ci90: list[float]
    told_apart: bool
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: list[float] | None
    cost_note: str | None
    outside_evidence: bool


class LeverCostRow(Record):
    """What one lever paid in the scenario and in the base, 万元."""

    scenario: str
    lever: str
    cost_wan: float
    base_wan: float
    difference_wan: float
    difference_ci90: list[float]


class LeakRow(Record):
    """One kind of support that was no effect."""

    scenario: str
    item: str
    value: float
    base: float
    difference_ci90: list[float]


class StepRow(Record):
    """One indicator on a lever's path."""

    indicator: str
    net: float
    net_ci90: list[float]
    told_apart: bool


class ReasonRow(Record):
    """How far one type of lever gets where goals are not told apart from none."""

    scenario: str
    type: str
    levers: list[str]
    by: str
    steps: list[StepRow]
    stops_at: str | None
    unmoved: list[str]
    zh: str
    en: str


class CompareDocument(ForecastPart, Document):
    """The JSON document of `peiyu compare`: the forecast of the base, and what the other scenarios change."""

    kind: ClassVar[str] = "compare"
    scenarios: list[ForecastPart]
    effects: list[EffectRow]
    costs: list[LeverCostRow] = Field(default_factory=list)  # documents from before 0.4 have none
    outcome_effects: list[OutcomeEffectRow] = Field(default_factory=list)
    parts: list[PartRow]
    leaks: list[LeakRow]
    ladder: dict[str, list[str] | list[list[float]]]  # names of the rungs, and enterprises by scenario
    reasons: list[ReasonRow] = Field(default_factory=list)
    splits: list[SplitDocument]
    meanings: dict[str, str]
