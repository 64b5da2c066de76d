"""What the TOML files of a city folder may hold: profile, goals and recognition rules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sim import quarter as quarters
from sim.inputs.errors import InputError, meant, unknown
from sim.inputs.numbers import Limits
from sim.inputs.said import Said, alike

PROGRAMMES = ("tech_sme", "hnte", "srdi", "little_giant", "tech_centre")
"""The five recognitions the model holds rounds for, in the order of its columns."""

_MAX_LABEL = 14

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1)]
Quarter = Annotated[int, BeforeValidator(quarters.parse)]
_AMOUNT = AfterValidator(Limits(0.0, 1e12, Said("of its unit")).field())  # more than any count or sum of a city
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False), _AMOUNT]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False), _AMOUNT]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Ceiling = Annotated[float, Field(gt=0)]  # may be inf
Count = Annotated[int, Field(ge=0, le=10_000_000)]
Decider = Literal["higher_authority", "own_list", "enterprise_label", "market"]


class StrictFile(BaseModel):
    """Unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TitleFile(StrictFile):
    """Names of the city, and of a frontier field."""

    zh: Text
    en: Text


class DistrictFile(StrictFile):
    """One [[district]]."""

    key: Key
    zh: Text
    en: Text
    share: Share
    source: Text


class TrackFile(StrictFile):
    """One [[track]]."""

    key: Key
    zh: Text
    en: Text
    share: Share
    entry_share: Share
    future: bool
    compute_heavy: bool
    rd_multiplier: Annotated[
        Positive, AfterValidator(Limits(0.0, 100.0, Said("times the city's R&D intensity")).field())
    ]
    fields: list[TitleFile] = []
    source: Text


class OpeningFile(StrictFile):
    """The [opening] table."""

    hnte: Count
    tech_sme: Count
    enterprises: Annotated[int, Field(gt=0, le=10_000_000)]
    potential_entrants: Annotated[int, Field(gt=0, le=10_000_000)]
    employees_median: Annotated[float, AfterValidator(Limits(1.0, 10_000.0, Said("people")).field())]
    employees_sigma: Annotated[float, Field(gt=0, le=5, allow_inf_nan=False)]
    revenue_per_employee: Annotated[Positive, AfterValidator(Limits(0.0, 10_000.0, Said("万元 a year")).field())]
    age_growth: Annotated[float, Field(gt=-0.5, le=1, allow_inf_nan=False)]
    sources: dict[str, Text]

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        """Ask for a source of every number, and for labels that fit the pool."""
        _check_sources(self, self.sources)
        if max(self.hnte, self.tech_sme) > self.enterprises:
            raise InputError(
                Said(
                    "enterprises is {enterprises}; it must hold all of hnte and all of tech_sme.",
                    enterprises=self.enterprises,
                )
            )
        return self


class DocumentFile(StrictFile):
    """The [document] table: the plan, as it is called."""

    zh: Text
    en: Text
    number: str = ""
    subject: TitleFile | None = None
    articles: dict[Key, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)


class LeaderFile(StrictFile):
    """The [leader] table."""

    unicorn_valuation: Positive
    revenue_tier: Positive
    sources: dict[str, Text]

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        """Ask for a source of every number."""
        _check_sources(self, self.sources)
        return self


class ProfileFile(StrictFile):
    """profile.toml."""

    start: Quarter
    title: TitleFile
    region: Key | None = None
    province: Key | None = None
    in_force: Key = "history"
    baseline: Key = "baseline"
    plan: Key = "plan"
    document: DocumentFile | None = None
    district: Annotated[list[DistrictFile], Field(min_length=1)]
    track: Annotated[list[TrackFile], Field(min_length=1)]
    opening: OpeningFile
    leader: LeaderFile

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """Refuse a key used twice, and a profile without future tracks."""
        _unique([district.key for district in self.district], Said("district"))
        _unique([track.key for track in self.track], Said("track"))
        if not any(track.future for track in self.track):
            raise InputError(Said("no track has future = true; the goals count future tracks only."))
        return self


class ReadingFile(StrictFile):
    """One [[goal.reading]]."""

    key: Key
    zh: Annotated[str, Field(min_length=1, max_length=_MAX_LABEL)]
    en: Text
    indicator: Key
    count: Literal["last", "sum", "change"]
    since: Quarter | None = None
    operator: Literal[">=", ">", "<=", "<"]
    value: NotNegative
    evidence: Literal["A", "B", "C"]
    basis: Literal["data", "proxy", "record", "assumption"] | None = None
    decided_by: Decider | None = None
    hangs_on: Key | None = None
    climbs_from: Key | None = None
    primary: bool = False
    scope: TitleFile | None = None
    why: Text

    @model_validator(mode="after")
    def _dated(self) -> Self:
        """Ask for a first quarter where one is counted from, and for no better basis than the grade."""
        if self.since is None and self.count != "last":
            raise InputError(
                Said('since is missing; count = "{count}" needs a first quarter, like "2025Q1".', count=self.count)
            )
        if self.basis == "data" and self.evidence != "A":
            raise InputError(Said('reading "{key}": basis = "data" needs evidence = "A".', key=self.key))
        return self


class GoalFile(StrictFile):
    """One [[goal]]."""

    key: Key
    zh: Text
    en: Text
    article: Text
    quote: Text
    source: Text
    deadline: Quarter
    kind: Literal["department_count", "hot_activity", "market_outcome"]
    decided_by: Decider | None = None
    reading: Annotated[list[ReadingFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_primary(self) -> Self:
        """Ask for exactly one primary reading and dates in order."""
        keys = [reading.key for reading in self.reading]
        _unique(keys, Said("reading"))
        lists = [reading.key for reading in self.reading if reading.climbs_from is None]
        for name in (reading.climbs_from for reading in self.reading if reading.climbs_from):
            if name not in lists:
                said = Said('climbs_from "{name}" is no reading that counts a list.', name=name)
                raise self._refused(said + meant(name, lists))
        primaries = [reading.key for reading in self.reading if reading.primary]
        if len(primaries) != 1:
            found = alike(", ".join(primaries)) if primaries else Said("none")
            raise self._refused(Said("primary readings: {found}; exactly one must say primary = true.", found=found))
        for reading in self.reading:
            if reading.since is not None and reading.since > self.deadline:
                since, deadline = quarters.label(reading.since), quarters.label(self.deadline)
                said = Said("since {since} is after the deadline {deadline}.", since=since, deadline=deadline)
                raise self._refused(said)
        return self

    def _refused(self, what: Said) -> InputError:
        """Return the complaint about this goal."""
        return InputError(Said('goal "{key}": {what}', key=self.key, what=what))


class GoalsFile(StrictFile):
    """goals.toml."""

    goal: Annotated[list[GoalFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _keys(self) -> Self:
        """Refuse a key used twice."""
        _unique([goal.key for goal in self.goal], Said("goal"))
        return self


class BandFile(StrictFile):
    """One R&D band."""

    revenue_up_to: Ceiling = float("inf")
    at_least: Part


class VersionFile(StrictFile):
    """One [[recognition.version]]."""

    start: Quarter
    min_age_quarters: Annotated[int, Field(ge=0, le=400)]
    rd_bands: Annotated[list[BandFile], Field(min_length=1)]
    min_revenue: NotNegative = 0.0
    max_revenue: Ceiling = float("inf")
    max_employees: Ceiling = float("inf")
    min_rd_spend: NotNegative = 0.0
    source: Text

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        """Ask for bands that rise and leave nobody out."""
        ends = [band.revenue_up_to for band in self.rd_bands]
        if ends[-1] != float("inf") or any(a >= b for a, b in pairwise(ends)):
            raise InputError(
                Said("rd_bands end at {ends}; revenue_up_to must rise, and the last band leaves it out.", ends=ends)
            )
        if self.min_revenue >= self.max_revenue:
            low, high = self.min_revenue, self.max_revenue
            raise InputError(Said("min_revenue {low} is not below max_revenue {high}.", low=low, high=high))
        return self


class RuleFile(StrictFile):
    """One [[recognition]]."""

    key: Key
    zh: Text
    en: Text
    round_quarter: Annotated[int, Field(ge=1, le=4)]
    validity_quarters: Annotated[int, Field(ge=0, le=400)]
    requires: Key | None = None
    since: Quarter
    version: Annotated[list[VersionFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        """Ask for versions in the order of time, the first when the programme starts."""
        starts = [version.start for version in self.version]
        if starts[0] > self.since or any(a >= b for a, b in pairwise(starts)):
            written = ", ".join(quarters.label(start) for start in starts)
            raise InputError(
                Said(
                    '"{key}": versions start {written}; they must rise, the first by since.',
                    key=self.key,
                    written=written,
                )
            )
        return self


class RulesFile(StrictFile):
    """recognitions.toml."""

    recognition: Annotated[list[RuleFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Refuse a key used twice, and a requirement that names no other recognition."""
        known = [rule.key for rule in self.recognition]
        _unique(known, Said("recognition"))
        for key in known:
            if key not in PROGRAMMES:
                raise InputError(unknown(Said("recognition"), key, PROGRAMMES))
        for rule in self.recognition:
            others = [key for key in PROGRAMMES if key != rule.key]
            if rule.requires is not None and rule.requires not in others:
                raise InputError(
                    Said(
                        '"{key}" requires "{found}".{meant} Allowed: {allowed}.',
                        key=rule.key,
                        found=rule.requires,
                        meant=meant(rule.requires, others),
                        allowed=", ".join(others),
                    )
                )
        return self


def _check_sources(table: OpeningFile | LeaderFile, sources: dict[str, str]) -> None:
    """Ask for one source per number, no more and no less."""
    wanted = [name for name in type(table).model_fields if name != "sources"]
    for name in sources:
        if name not in wanted:
            raise InputError(Said("{where}: {what}", where="sources", what=unknown(Said("key"), name, wanted)))
    if missing := [name for name in wanted if name not in sources]:
        raise InputError(
            Said(
                'sources: {name} has no source; write "assumption: ..." where none is known.',
                name=missing[0],
            )
        )


def _unique(keys: Sequence[str], what: Said) -> None:
    """Refuse a key used twice."""
    for i, key in enumerate(keys):
        if key in keys[:i]:
            raise InputError(Said('{what} "{key}" is there twice.', what=what, key=key))
