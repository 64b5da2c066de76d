"""What `peiyu fails-when` says: every box with its limits and how well it holds, and the readings without one."""

from __future__ import annotations

from typing import ClassVar

from sim.store.document import Document, Record


class LimitRow(Record):
    """One limited input of a box."""

    input: str
    kind: str  # lever or parameter
    unit: str
    rests_on: str
    low: float | None  # open
    high: float | None
    alone: float
    quasi_p: float
    reproduced: float


class Sentences(Record):
    """What is said of a reading, in both languages."""

    sentence_zh: str
    sentence_en: str


class BoxFacts(Record):
    """One box of a reading in numbers."""

    goal: str
    reading: str
    density: float
    coverage: float
    mass: float
    box: int
    base_rate: float
    mass_left_out: float
    density_left_out: float
    coverage_left_out: float
    chance: float
    outcome: str
    operator: str
    value: float
    deadline: str
    evidence: str
    limits: list[LimitRow]


class BoxRow(BoxFacts, Sentences):
    """One box of a reading, said and in numbers."""


class WithoutFacts(Record):
    """A reading for which no box is reported, and why."""

    goal: str
    reading: str
    share: float
    hits: int
    members: int
    reason: str
    outcome: str
    operator: str
    value: float
    deadline: str
    evidence: str
    density: float | None = None  # of the box that does not hold; left out where there is none
    density_left_out: float | None = None


class WithoutRow(WithoutFacts, Sentences):
    """A reading without a box, said and in numbers."""


class FailsWhenDocument(Document):
    """The JSON document of `peiyu fails-when`."""

    kind: ClassVar[str] = "fails_when"
    city: str
    scenario: str
    run_id: str
    as_of: str
    seed: int
    members: int
    outcome: str
    levers: str
    boxes: list[BoxRow]
    without_box: list[WithoutRow]
