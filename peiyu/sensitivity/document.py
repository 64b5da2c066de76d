"""What a sensitivity analysis says of every reading: shares of its variance, what moves it, what data would tell."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag

from sim.store.document import Document, Record


class EffortRow(Record):
    """How many runs each part took."""

    name: str
    members: int
    pairs: int
    base: int
    paths: int
    check: int
    weight: float
    coarse: float


class PartRow(Record):
    """A part of the inputs, and its parameters."""

    part: str
    parameters: list[str]


class FactorRow(Record):
    """A factor, and the inputs that move with it."""

    factor: str
    members: list[str]


class ShareRow(Record):
    """A part's share of the variance with its 90 % interval."""

    part: str
    share: float
    low: float
    high: float


class Budget(Record):
    """The variance budget of the count and of being reached; none where too few pairs of draws differ."""

    pairs: int
    count: list[ShareRow] | None
    count_pairs: int
    hit: list[ShareRow] | None
    hit_pairs: int


class Seen(Record):
    """The share that would go if the observed history were known without error."""

    at_least: float
    half: float | None


class Observation(Record):
    """What the observed history leaves open of the count and of being reached."""

    count: Seen | None
    hit: Seen | None


class IndexRow(Record):
    """Sobol's indices of one factor."""

    factor: str
    first: float | None
    first_half: float | None
    total: float | None
    total_half: float | None
    of_probability: float | None
    of_probability_half: float | None


class Sobol(Record):
    """Sobol's indices of the count and of being reached."""

    count: list[IndexRow] | None
    hit: list[IndexRow] | None


class MoveRow(Record):
    """What moving one factor over its range does."""

    factor: str
    size: float
    size_half: float | None
    change: float
    change_half: float
    spread: float | None


class Morris(Record):
    """The largest moves of the count and of being reached."""

    count: list[MoveRow] | None
    hit: list[MoveRow] | None


class SingleRow(Record):
    """What one parameter explains by itself."""

    factor: str
    share: float | None
    half: float | None
    low_third: float
    high_third: float


class Singles(Record):
    """What single parameters explain of the count and of being reached."""

    count: list[SingleRow] | None
    hit: list[SingleRow] | None


class DatumRow(Record):
    """What one datum tells."""

    datum: str
    indicator: str
    quarter: str
    error: float | None
    variance_cut: float | None
    variance_cut_half: float | None
    interval_cut: float | None
    brier_cut: float | None
    brier_cut_half: float | None


class Information(Record):
    """The data that tell most, of all and of the first year, and what luck alone would give."""

    best: list[DatumRow] | None
    best_by_luck: float | None
    soon: list[DatumRow] | None
    soon_by_luck: float | None


class NoInformation(Record):
    """The same of a count that does not vary, of which no datum tells anything."""

    best: None
    soon: None
    best_by_luck: None
    soon_by_luck: None


def _form(x: Any) -> str:
    """Tell the two forms apart by the order of their keys, which is all that differs where nothing is told."""
    names = list(x) if isinstance(x, dict) else list(type(x).model_fields)
    return "none" if names == list(NoInformation.model_fields) else "told"


class Spread(Record):
    """The outcome under inputs drawn independently, and its distance from the outcome as it is."""

    mean: float | None
    sd: float
    q05: float | None
    q95: float | None
    distance: float | None


class ReadingRow(Record):
    """Everything about one reading."""

    goal: str
    reading: str
    primary: bool
    evidence: str
    operator: str
    value: float
    deadline: str
    model_probability: float
    mean: float
    sd: float
    q05: float
    median: float
    q95: float
    budget: Budget
    observation: Observation
    sobol: Sobol
    morris: Morris
    parameters: Singles
    information: Annotated[
        Annotated[Information, Tag("told")] | Annotated[NoInformation, Tag("none")], Discriminator(_form)
    ]
    independence: dict[str, Spread]

    @property
    def best_soon(self) -> DatumRow | None:
        """The most telling number of the first year, if there is one."""
        return next(iter(self.information.soon or []), None)


class SensitivityDocument(Document):
    """The JSON document of `peiyu sensitivity`."""

    kind: ClassVar[str] = "sensitivity"
    city: str
    scenario: str
    run_id: str
    as_of: str
    draws: str
    seed: int
    effort: EffortRow
    runs: dict[str, int]
    parts: list[PartRow]
    factors: list[FactorRow]
    unsized_levers: list[str]
    outside_evidence: bool = False
    levers_outside_evidence: dict[str, float | None] = Field(default_factory=dict)  # times the evidenced size
    readings: list[ReadingRow]
