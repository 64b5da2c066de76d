"""What a decomposed change says: every reading before and after, and what of the difference is which part."""

from __future__ import annotations

from typing import ClassVar

from sim.store.document import Document, Record


class ChangeRow(Record):
    """The probability of a reading in both runs, and the parts of its change."""

    goal: str
    reading: str
    old: float
    model: float
    data: float
    policy: float
    luck: float
    new: float
    old_median: float | None = None  # at the deadline; documents of 0.3 have neither
    new_median: float | None = None
    old_needed: float | None = None  # a quarter, from the origin to the deadline
    new_needed: float | None = None

    @property
    def main_part(self) -> str:
        """The part that moved the probability most."""
        return max(("model", "data", "policy", "luck"), key=lambda part: abs(getattr(self, part)))


class ChangeDocument(Document):
    """The JSON document of `peiyu change`."""

    kind: ClassVar[str] = "change"
    old: str  # run ids
    new: str
    parts: list[str]
    goals: list[ChangeRow]
