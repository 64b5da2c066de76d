"""A city is a folder: districts, tracks, the opening year, recognition rules, history and goals."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agents.table import added
from sim.city import files as city_files
from sim.city import history as published_numbers
from sim.city.known import KNOWN, KnownEnterprise, read_known
from sim.city.series import PublishedSeries, read_series
from sim.city.settled import OWN, settled_goals
from sim.inputs.errors import InputError, unknown
from sim.inputs.said import Said

if TYPE_CHECKING:
    import pandas as pd

    from agents.recognition import RecognitionRule
    from sim.city.schema import GoalFile, ProfileFile


BASIS = {"A": "data", "B": "proxy", "C": "record"}
"""What a reading of each grade rests on unless it says so itself."""
UNNAMED = {"zh": "规划", "en": "its plan"}
"""A plan whose title the profile does not say."""


@dataclass(frozen=True, slots=True)
class District:
    """A district (区、县、市) and its share of the city's technology enterprises; shares sum to 1."""

    key: str
    zh: str
    en: str
    share: float
    source: str


@dataclass(frozen=True, slots=True)
class Track:
    """A track (赛道) of the plan, or the rest of technology.

    Attributes
    ----------
    share
        Share of the opening stock; shares sum to 1.
    entry_share
        Share of entrants; sums to 1.
    future
        Whether the plan counts it as a future industry (未来产业).
    compute_heavy
        Whether compute is a large part of its R&D, so that compute supply and vouchers reach it.
    rd_multiplier
        R&D intensity relative to the city's average.
    fields
        Names (zh, en) of the frontier fields inside the track.
    """

    key: str
    zh: str
    en: str
    share: float
    entry_share: float
    future: bool
    compute_heavy: bool
    rd_multiplier: float
    fields: tuple[dict[str, str], ...]
    source: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The population in the opening quarter.

    Attributes
    ----------
    hnte, tech_sme
        Enterprises holding the label.
    enterprises
        Central value of the technology-enterprise pool.
    potential_entrants
        Candidates examined each quarter; more than can ever enter.
    employees_median, employees_sigma
        Log-normal staff of an enterprise.
    revenue_per_employee
        万元/yr.
    age_growth
        Yearly growth of past founding cohorts, which gives the opening ages.
    sources
        One entry per number above.
    """

    hnte: int
    tech_sme: int
    enterprises: int
    potential_entrants: int
    employees_median: float
    employees_sigma: float
    revenue_per_employee: float
    age_growth: float
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """The plan, as it is called.

    Attributes
    ----------
    title, subject
        By language: the whole title, and in a word what its goals are for.
    number
        Document number, or blank.
    articles
        By type of lever: the article that asks for it; what is not there, nobody has looked up.
    """

    title: dict[str, str]
    subject: dict[str, str]
    number: str
    articles: dict[str, int]


@dataclass(frozen=True, slots=True)
class LeaderThresholds:
    """What counts as a leader: a valuation in 万元 and a revenue in 万元/yr; never chained."""

    unicorn_valuation: float
    revenue_tier: float
    sources: dict[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count a goal.

    Attributes
    ----------
    indicator
        Name of the indicator counted.
    count
        "last" = stock at the deadline; "sum" = flow summed since; "change" = net increase since.
    since
        First quarter summed, or the reference quarter of the change; unused by "last".
    operator, value
        What the count must satisfy.
    evidence
        A = its own series is calibrated, B = a proxy is, C = prior and record only.
    basis, decided_by
        What it rests on: "data", "proxy", "record" or "assumption"; and who decides (`sim.city.settled.DECIDERS`).
    hangs_on
        An indicator at the origin by whose lowest and highest third of members the forecast is told too.
    climbs_from
        The goal's reading that counts the list from which this one's places are named (`sim.ensemble.ladder`).
    scope
        What is counted and what is not, for readers, by language; empty where the name says it.
    why
        Why someone would count so, and what the grade rests on.
    """

    key: str
    zh: str
    en: str
    indicator: str
    count: str
    since: int
    operator: str
    value: float
    evidence: str
    primary: bool
    why: str
    basis: str
    decided_by: str | None
    hangs_on: str | None
    climbs_from: str | None
    scope: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the plan promises, with every reading of its words; exactly one reading is primary.

    Attributes
    ----------
    article, quote, source
        Where the plan says so, and its words.
    deadline
        Quarter at whose end it is judged.
    kind, decided_by
        By subject ("department_count", "hot_activity", "market_outcome"), and who decides on readings that do not say.
    """

    key: str
    zh: str
    en: str
    article: str
    quote: str
    source: str
    deadline: int
    kind: str
    decided_by: str | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class City:
    """Everything the model and the forecast know about one city.

    Attributes
    ----------
    name, folder
        The folder and its name.
    title
        Names by language, "zh" and "en".
    start
        Opening quarter.
    region
        Region of `history.csv` that is this city: the folder's name unless the profile says another.
    province
        Region of `history.csv` that holds the city and whose yearly flows speak of it too; None if there is none.
    in_force, baseline, plan
        Scenarios: the policy that has been in force so far, under which every history is run; what happens without the
        plan; the plan as it is written, which is forecast when no scenario is named.
    document
        The plan as it is called.
    history
        The city's own file of published numbers, columns of `history.csv`; `period` and `as_of` are text. What is
        published of other regions besides is common to all cities (`sim.city.history`).
    settled, events
        Settled goals of all cities, see `sim.city.settled`; dated institutional facts, column `quarter` is an int.
    known
        Enterprises known by name, with what they have published.
    overstated
        Grades that rows and readings claim and do not support; everything here has the grades that they support.
    sha
        BLAKE2b of every input file's text, without what calibration writes.
    """

    name: str
    title: dict[str, str]
    folder: Path
    start: int
    region: str
    province: str | None
    in_force: str
    baseline: str
    plan: str
    document: PlanDocument
    districts: tuple[District, ...]
    tracks: tuple[Track, ...]
    opening: Opening
    leader: LeaderThresholds
    rules: tuple[RecognitionRule, ...]
    series: PublishedSeries
    history: pd.DataFrame
    goals: tuple[Goal, ...]
    settled: pd.DataFrame
    events: pd.DataFrame
    known: tuple[KnownEnterprise, ...]
    overstated: tuple[published_numbers.Overstated, ...]
    sha: str

    @property
    def on_command_line(self) -> str:
        """How a command names this city and no other."""
        return city_files.on_command_line(self.folder)

    def track_index(self, key: str) -> int:
        """Return the position of a track, or say which there are."""
        return self._index(key, [track.key for track in self.tracks], Said("track"))

    def district_index(self, key: str) -> int:
        """Return the position of a district, or say which there are."""
        return self._index(key, [district.key for district in self.districts], Said("district"))

    def _index(self, key: str, known: list[str], what: Said) -> int:
        """Return where `key` stands among `known`."""
        if key not in known:
            raise InputError(Said("{where}: {what}", where=self.name, what=unknown(what, key, known)))
        return known.index(key)


def load_city(name_or_path: str | Path, known_indicators: frozenset[str] | None = None) -> City:
    """Read and check a city folder.

    Parameters
    ----------
    name_or_path
        A shipped city or the path of a folder.
    known_indicators
        If given, every reading of a goal and every published series must name one of them.

    Raises
    ------
    InputError
        One line saying file, line or row, what is wrong, what is allowed, what was probably meant.
    """
    folder = city_files.find_folder(name_or_path)
    files = city_files.read_folder(folder)
    profile = city_files.read_profile(files["profile.toml"])
    start, region = profile.start, profile.region or folder.name
    goals = city_files.read_goals(files["goals.toml"], start, known_indicators)
    series = read_series(files["series.toml"], known_indicators)
    history, overstated = published_numbers.supported(files["history.csv"])
    published_numbers.refuse_lost(files["history.csv"], history, profile, region)
    events = city_files.read_events(files["events.csv"], profile, series.covered)
    counts = published_numbers.counted(history, region, series.indicators) | city_files.counted_events(events)
    goals, claims = city_files.supported_goals(goals, counts)
    return City(
        name=folder.name,
        title={"zh": profile.title.zh, "en": profile.title.en},
        folder=folder,
        start=start,
        region=region,
        province=profile.province,
        in_force=profile.in_force,
        baseline=profile.baseline,
        plan=profile.plan,
        document=_document(profile),
        districts=_districts(profile),
        tracks=_tracks(profile),
        opening=Opening(**profile.opening.model_dump()),
        leader=LeaderThresholds(**profile.leader.model_dump()),
        rules=city_files.read_rules(files["recognitions.toml"]),
        series=series,
        history=history,
        goals=tuple(_goal(goal, start) for goal in goals),
        settled=settled_goals(files.get(OWN)),
        events=events,
        known=read_known(files[KNOWN], profile) if KNOWN in files else (),
        overstated=(*overstated, *claims),
        sha=city_files.fingerprint(files),
    )


def _document(profile: ProfileFile) -> PlanDocument:
    """Return what the plan is called; a plan whose profile does not say it goes by no other city's name."""
    said = profile.document
    if said is None:
        return PlanDocument(UNNAMED, UNNAMED, "", {})
    subject = {"zh": f"《{said.zh}》", "en": said.en}
    if said.subject is not None:
        subject = {"zh": said.subject.zh, "en": said.subject.en}
    return PlanDocument({"zh": said.zh, "en": said.en}, subject, said.number, said.articles)


def _districts(profile: ProfileFile) -> tuple[District, ...]:
    """Turn the districts of a profile into shares that sum to 1."""
    total = added(district.share for district in profile.district)
    return tuple(District(d.key, d.zh, d.en, d.share / total, d.source) for d in profile.district)


def _tracks(profile: ProfileFile) -> tuple[Track, ...]:
    """Turn the tracks of a profile into shares that sum to 1."""
    total = added(track.share for track in profile.track)
    entry = added(track.entry_share for track in profile.track)
    tracks = []
    for track in profile.track:
        values = track.model_dump() | {"share": track.share / total, "entry_share": track.entry_share / entry}
        tracks.append(Track(**values | {"fields": tuple(values["fields"])}))
    return tuple(tracks)


def _goal(goal: GoalFile, start: int) -> Goal:
    """Turn one goal of the file into the goal the forecast uses."""
    values = goal.model_dump(exclude={"reading"})
    readings = []
    for reading in goal.reading:
        said = {
            "since": start if reading.since is None else reading.since,
            "basis": reading.basis or BASIS[reading.evidence],
            "decided_by": reading.decided_by or goal.decided_by,
            "scope": {} if reading.scope is None else reading.scope.model_dump(),
        }
        readings.append(Reading(**reading.model_dump() | said))
    return Goal(**values, readings=tuple(readings))
