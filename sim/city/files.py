"""Reading a city folder: which files it holds, what its tables may say, and its fingerprint."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

import scenarios
from agents.recognition import RdBand, RecognitionRule, RuleVersion
from sim import quarter as quarters
from sim.city.events import COUNT_OF, INDICATORS_OF
from sim.city.events import KINDS as EVENT_KINDS
from sim.city.history import AS_OF, Overstated, panel_file, quarter_of, records, text_column
from sim.city.known import KNOWN, misplaced_in
from sim.city.schema import PROGRAMMES, GoalFile, GoalsFile, ProfileFile, RuleFile, RulesFile
from sim.city.series import CoveredEntry
from sim.city.settled import OWN, common
from sim.inputs.csv import read_table, refuse, refuse_duplicates
from sim.inputs.errors import InputError, meant, standing, unknown
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import MAX_BYTES, TextFile, is_file, opened, place
from sim.inputs.toml import read_model
from sim.inputs.toml_bounds import MAX_TOML

CITIES = scenarios.FOLDER / "cities"
"""Where the shipped cities are."""

RULES = scenarios.FOLDER / "common" / "recognitions.toml"
"""National recognition rules, by date."""

TEMPLATE = "_template"
"""Folder of the template city."""

FILES = (
    "profile.toml", "goals.toml", "recognitions.toml", "series.toml", "history.csv", "events.csv",
)  # fmt: skip
"""What every city folder must hold (and SOURCES.md for people); it may have settled goals and known enterprises."""

EVENTS = pa.DataFrameSchema(
    {
        "quarter": text_column(blank=False),
        "kind": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z0-9_]*$", error="a name like zone_built")),
        "count": pa.Column(int, pa.Check.ge(0, error="0 or more")),
        "district": text_column(),
        "track": text_column(),
        "as_of": pa.Column(str, AS_OF),
        "source": text_column(blank=False),
        "url": text_column(),
        "quote": text_column(),
    },
    strict=True,
)
"""Columns of events.csv: dated institutional facts; blank district or track where none is known."""


def find_folder(name_or_path: str | Path) -> Path:
    """Return the folder of a shipped city or of a path, checked for the files it must hold."""
    name = str(name_or_path)
    try:
        plain = name.isidentifier() and (CITIES / name).is_dir()
        folder = (CITIES / name if plain else Path(name)).resolve()
        present = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else None
    except (OSError, ValueError, RuntimeError) as error:
        reason = foreign(getattr(error, "strerror", None) or error)
        said = Said('the city folder "{name}" cannot be read ({reason}).', name=quoted(name), reason=reason)
        raise InputError(said) from error
    if present is None:
        known = shipped_cities()
        raise InputError(
            Said(
                'there is no city "{name}".{meant} Allowed: the path of a city folder, or {known}.',
                name=quoted(name),
                meant=meant(folder.name, known),
                known=", ".join(known),
            )
        )
    for file in FILES:
        if file not in present:
            raise InputError(
                Said(
                    "{place}: is missing.{meant} A city needs {needed}.",
                    place=place(folder / file),
                    meant=meant(file, present),
                    needed=", ".join(FILES),
                )
            )
    return folder


def on_command_line(folder: Path) -> str:
    """Return how a command names a city folder: `find_folder` finds it, and no shipped city of its name."""
    folder = folder.resolve()
    if folder.parent == CITIES.resolve():
        return folder.name
    near = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    return shlex.quote(str(near) if len(near.parts) > 1 else f"./{near}")


def shipped_cities() -> list[str]:
    """Return the names of the shipped cities."""
    return sorted(p.name for p in CITIES.iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))


def read_folder(folder: Path) -> dict[str, TextFile]:
    """Read every file of a city folder that decides what it says, by name, each once."""
    own = [name for name in (OWN, KNOWN) if is_file(folder / name)]
    return {name: opened(folder / name, MAX_TOML if name.endswith(".toml") else MAX_BYTES) for name in (*FILES, *own)}


def read_profile(file: TextFile) -> ProfileFile:
    """Read profile.toml."""
    return read_model(file, ProfileFile)


def read_goals(path: TextFile, start: int, known: frozenset[str] | None) -> list[GoalFile]:
    """Read goals.toml; deadlines come within a run's reach, indicators are known ones if a list is given."""
    goals = read_model(path, GoalsFile).goal
    for goal in goals:
        with standing(Said('{place}: goal "{key}"', place=place(path), key=goal.key)):
            _check_goal(goal, start, known)
    return goals


def _check_goal(goal: GoalFile, start: int, known: frozenset[str] | None) -> None:
    """Refuse a deadline out of reach, and indicators that are not known ones if a list is given."""
    if goal.deadline <= start:
        raise InputError(
            Said(
                "deadline {deadline} is not after the opening {opening}.",
                deadline=quarters.label(goal.deadline),
                opening=quarters.label(start),
            )
        )
    quarters.refuse_far("deadline", goal.deadline, start)
    for reading in goal.reading:
        for name in (reading.indicator, reading.hangs_on):
            if known is not None and name is not None and name not in known:
                raise InputError(unknown(Said("indicator"), name, sorted(known)))


def supported_goals(goals: list[GoalFile], counted: frozenset[str]) -> tuple[list[GoalFile], list[Overstated]]:
    """Return the goals with the best grade that each reading supports, and which of them claim a better one.

    Grade A says that the reading's own series is calibrated: the city needs a count of it. Without one the answer is
    the prior's and the record's, which is grade C.
    """
    found, told = [], []
    for goal in goals:
        readings = []
        for r in goal.reading:
            if r.evidence == "A" and r.indicator not in counted:
                told.append(Overstated("goals.toml", f"{goal.key}/{r.key}", "A", "C"))
                basis = None if r.basis == "data" else r.basis
                readings.append(r.model_copy(update={"evidence": "C", "basis": basis}))
            else:
                readings.append(r)
        found.append(goal.model_copy(update={"reading": readings}))
    return found, told


def counted_events(events: pd.DataFrame) -> frozenset[str]:
    """Return the indicators that dated events of a city count."""
    return frozenset(x for kind in events.kind if kind in COUNT_OF for x in INDICATORS_OF[COUNT_OF[kind]])


def read_rules(file: TextFile) -> tuple[RecognitionRule, ...]:
    """Read recognitions.toml: the city's own rules, each in place of the common one of its key; five in the end."""
    shared, own = (
        {rule.key: rule for rule in read_model(rules, RulesFile).recognition} for rules in (common_rules(), file)
    )
    found = shared | own
    for key in PROGRAMMES:
        if key not in found:
            raise InputError(
                Said(
                    '{place}: recognition "{key}" is missing; needed here: {needed}, the rest is common.',
                    place=place(file),
                    key=key,
                    needed=", ".join(x for x in PROGRAMMES if x not in shared),
                )
            )
    return tuple(_rule(found[key]) for key in PROGRAMMES)


@cache
def common_rules() -> TextFile:
    """Read the national rules that hold where a city has none of its own, once."""
    return opened(RULES, MAX_TOML)


def _rule(rule: RuleFile) -> RecognitionRule:
    """Turn one recognition of the file into the rule enterprises meet."""
    versions = []
    for version in rule.version:
        bands = tuple(RdBand(band.revenue_up_to, band.at_least) for band in version.rd_bands)
        versions.append(RuleVersion(**version.model_dump() | {"rd_bands": bands}))
    return RecognitionRule(**rule.model_dump(exclude={"version"}), versions=tuple(versions))


def read_events(path: TextFile, profile: ProfileFile, covered: Sequence[CoveredEntry]) -> pd.DataFrame:
    """Read events.csv; `quarter` becomes an int, districts and tracks must be the city's, kinds be covered."""
    table = read_table(path, EVENTS)
    refuse_duplicates(table, list(EVENTS.columns), path)
    dates: list[int] = []
    for i, row in enumerate(records(table)):
        try:
            dates.append(quarters.parse(row["quarter"]))
        except InputError as error:
            raise refuse(path, i, Said("{where}: {what}", where="quarter", what=error.said)) from error
        if quarter_of(row["as_of"]) < dates[-1]:
            early = Said("as_of is {as_of}, before {quarter} began.", as_of=row["as_of"], quarter=row["quarter"])
            raise refuse(path, i, early)
        _refuse_uncovered(path, i, row["kind"], dates[-1], covered)
        if misplaced := misplaced_in(profile, {what: row[what] for what in ("district", "track") if row[what]}):
            raise refuse(path, i, misplaced)
    table["quarter"] = pd.Series(dates, index=table.index, dtype="int64")
    return table


def _refuse_uncovered(path: TextFile, i: int, kind: str, when: int, covered: Sequence[CoveredEntry]) -> None:
    """Refuse an unknown kind of event, and one that is not covered: its rate would run beside it."""
    if kind not in EVENT_KINDS:
        raise refuse(path, i, unknown(Said("kind"), kind, EVENT_KINDS))
    mine = [x for x in covered if x.event == kind]
    if kind not in COUNT_OF or any(x.since <= when <= (x.to or x.since - 1) for x in mine):
        return
    label = quarters.label(when)
    if last := max((x.to or x.since for x in mine if x.since <= when), default=0):
        said = Said(
            "{kind} of {quarter} has no coverage in series.toml: it is known up to {last} only; write"
            ' to = "{quarter}" or later in its [[covered]].',
            kind=kind,
            quarter=label,
            last=quarters.label(last),
        )
    else:
        said = Said(
            "{kind} of {quarter} has no coverage in series.toml: nothing says up to when it is known; add to it"
            ' [[covered]] event = "{kind}", since = "{quarter}", to = "{quarter}", why = "...", a line each.',
            kind=kind,
            quarter=label,
        )
    raise refuse(path, i, said)


def fingerprint(files: Mapping[str, TextFile]) -> str:
    """Return the BLAKE2b of the texts of a folder, in whatever encoding they were saved.

    What calibration writes and SOURCES.md do not count; what all cities share does: the record of settled goals, the
    panel of regions and the national rules.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name in FILES:
        raw = files[name].text.encode("utf8")
        # name and length first, so that no two folders come to the same row of bytes
        digest.update(f"{name}\0{len(raw)}\0".encode())
        digest.update(raw)
    own = [files[name] for name in (OWN, KNOWN) if name in files]
    shared = [common(), *own, panel_file(), common_rules()]
    digest.update("".join(file.text for file in shared).encode("utf8"))
    return digest.hexdigest()
