"""What a search says: the goals, the levers, the mixes on the front, the finalists, who is regretted where."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from sim.store.document import Document, Record


class GoalRow(Record):
    """A reading that is to be reached."""

    goal: str
    reading: str
    evidence: str


class LeverRow(Record):
    """A lever that is varied, and between which sizes."""

    lever: str
    low: float
    high: float
    step: float
    costed: bool
    budget_wan_per_year: float | None
    outside_evidence: bool = False  # some of its sizes are


class StageMembers(Record):
    """Members of each stage."""

    screen: int
    race: int
    confirm: int


class Stage(Record):
    """What one stage says of a mix."""

    probability: float
    mc_error: float
    goals: dict[str, float]
    at_least: dict[str, float]
    expected_goals: float
    cost_wan: float
    cost_wan_by_year: dict[str, float]
    keeps_budgets: bool
    members: int


class Mixed(Record):
    """A mix: the size of every lever, and the levers that are outside the sizes that evidence speaks of."""

    mix: dict[str, float]
    outside_evidence: bool = False
    levers_outside_evidence: dict[str, float | None] = Field(default_factory=dict)  # times the evidenced size


class FrontRow(Stage, Mixed):
    """A mix on the front, as screened."""


class FinalistRow(Mixed):
    """A mix that was confirmed, with what each stage said of it."""

    screened: Stage
    raced: Stage
    confirmed: Stage
    optimism_screened: float
    optimism_raced: float
    good_enough: bool


class RegretTable(Record):
    """What choosing a finalist costs in each group of members, by finalist and group."""

    parameters: list[str]
    groups: list[str]
    probability: list[list[float]]
    regret: list[list[float]]
    expected_goals_regret: list[list[float]]
    largest: list[float]


class Optimism(Record):
    """What a stage promised beyond the fresh members, mean over the finalists."""

    screened: float
    raced: float


class SearchDocument(Document):
    """The JSON document of `peiyu search`."""

    kind: ClassVar[str] = "search"
    key: str
    city: str
    scenario: str
    run_id: str
    as_of: str
    horizon: str
    seed: int
    goals: list[GoalRow]
    at_least: int | None
    probability: float | None
    budget_year_wan: float | None
    budget_wan: float | None
    levers: list[LeverRow]
    not_searched_no_cost: list[str]
    not_searched: list[str]
    members: StageMembers
    fresh_draws: bool
    tried: int
    front: list[FrontRow]
    front_expected: list[FrontRow]
    finalists: list[FinalistRow]
    winner: FinalistRow | None
    robust: FinalistRow
    regret: RegretTable
    optimism: Optimism
