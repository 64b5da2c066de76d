"""The verdict on a city as a contract, by which it is printed as JSON."""

from __future__ import annotations

from typing import Literal

from sim.store.document import Record

Level = Literal["refused", "warning", "assumed", "known"]
"""What a finding means: no forecast, a doubtful one, a number nobody stated, something that is fine."""


class FindingRow(Record):
    """One finding: what it means, which it is, and the numbers and names in it."""

    level: Level
    finding: str
    values: dict[str, str | int | float]


class CityCheckDocument(Record):
    """Everything that is found, worst first, and the one command that is next."""

    city: str
    region: str
    verdict: Literal["usable", "usable_with_warnings", "refused"]
    findings: list[FindingRow]
    next: str
