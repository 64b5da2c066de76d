"""What a check of the fit says: every moment of the evidence with what was found, misses first."""

from __future__ import annotations

from typing import ClassVar

from sim.store.document import Document, Record


class MomentRow(Record):
    """One moment: what it asks, what was found, and the verdict."""

    moment: str
    zh: str
    en: str
    target: int | float
    lower: int | float | None  # open
    upper: int | float | None
    rule: str
    unit: str
    use: str
    rows: str  # of the evidence
    made_by: str
    median: float | None  # not measured
    q05: float | None
    q95: float | None
    verdict: str


class CheckDocument(Document):
    """The JSON document of `peiyu check`."""

    kind: ClassVar[str] = "check"
    city: str
    as_of: str
    draws: str
    members: int
    seed: int
    moments: list[MomentRow]
    context: dict[str, list[float]]
