"""What a split says: of every reading the share of each lever, or kind of levers, and the whole they add up to."""

from __future__ import annotations

from typing import ClassVar

from sim.store.document import Document, Record


class ShareRow(Record):
    """What one lever, or kind of levers, contributes to one reading; the player `all` is the whole."""

    player: str
    goal: str
    reading: str
    net: float
    net_ci90: list[float]
    delta_probability: float
    ci90: list[float]  # of delta_probability
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: list[float] | None = None
    cost_note: str | None = None
    outside_evidence: bool = False


class SplitDocument(Document):
    """A split as it is kept, and as a part of the JSON document of `peiyu compare --split`."""

    kind: ClassVar[str] = "split"
    base: str
    scenario: str
    by: str
    method: str
    members: int
    players: dict[str, list[str]]  # levers of each player
    shares: list[ShareRow]
    whole: list[ShareRow]
