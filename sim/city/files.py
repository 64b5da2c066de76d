"""Reading a city folder: which files it holds, what its tables may say, and its fingerprint."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

import scenarios
from agents.recognition import RdBand, RecognitionRule, RuleVersion
from sim import quarter as quarters
from sim.city import regions
from sim.city.events import COUNT_OF
from sim.city.events import KINDS as EVENT_KINDS
from sim.city.schema import PROGRAMMES, GoalFile, GoalsFile, ProfileFile, RuleFile, RulesFile
from sim.city.series import CoveredEntry
from sim.city.settled import OWN, common
from sim.inputs.csv import read_table, refuse, refuse_duplicates
from sim.inputs.errors import InputError, listed, suggest
from sim.inputs.shown import quoted
from sim.inputs.text import MAX_BYTES, TextFile, is_file, opened, place
from sim.inputs.toml import read_model
from sim.inputs.toml_bounds import MAX_TOML

CITIES = scenarios.FOLDER / "cities"
"""Where the shipped cities are."""

TEMPLATE = "_template"
"""Folder of the template city."""

FILES = (
    "profile.toml", "goals.toml", "recognitions.toml", "series.toml", "history.csv", "events.csv",
)  # fmt: skip
"""What every city folder must hold (and SOURCES.md for people); settled goals of its own it may have."""

_DATE = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", re.ASCII)
_SPAN = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
_DOCUMENT = re.compile(r"[\[〔(（]\s*(19|20)\d{2}\s*[\]〕)）].*号|\bNo\.\s*\d", re.ASCII)  # 沪府办发〔2023〕8号
_MONTHS = 3  # in a quarter


def _text(blank: bool = True) -> pa.Column:
    """Declare a column of text."""
    return pa.Column(str, [] if blank else [pa.Check.str_length(min_value=1, error="some text, not a blank")])


def _one_of(*words: str) -> pa.Column:
    """Declare a column that holds one of a few words."""
    return pa.Column(str, pa.Check.isin(words, error=", ".join(word or "a blank" for word in words)))


def _is_period(text: str) -> bool:
    """Tell whether a history file may use this text as a period."""
    span = _SPAN.fullmatch(text)
    return quarters.period_end(text) is not None or (span is not None and span[1] < span[2])


_PERIOD = pa.Check(
    _is_period, element_wise=True, error="2024, 2024-11, 2024-11-30, 2024Q4, 2024-H2 or a span 2021-2026"
)
_AS_OF = pa.Check(
    lambda text: bool(_DATE.fullmatch(text)), element_wise=True, error="YYYY-MM or YYYY-MM-DD, like 2025-03"
)

HISTORY = pa.DataFrameSchema(
    {
        "series": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z0-9_]{0,79}$", error="a name like hte_stock")),
        "region": pa.Column(
            str, pa.Check.str_matches(r"^[a-z0-9_]{1,80}(/[a-z0-9_]{1,80})?$", error="a name like mycity/mydistrict")
        ),
        "period": pa.Column(str, _PERIOD),
        "value": pa.Column(float),
        "unit": _text(blank=False),
        "kind": _one_of("stock", "flow", "rate", "share"),
        "source_title": _text(blank=False),
        "publisher": _text(),
        "url": _text(),
        "quote": _text(),
        "grade": _one_of("A", "B", "C"),
        "note": _text(),
        "observation": _one_of("exact", "rounded", "lower_bound", "upper_bound"),
        "dated": _one_of("stated", "inferred"),
        "as_of": pa.Column(str, _AS_OF),
    },
    strict=True,
)
"""Columns of history.csv: one row per published number and source; conflicts keep both rows."""

EVENTS = pa.DataFrameSchema(
    {
        "quarter": _text(blank=False),
        "kind": pa.Column(str, pa.Check.str_matches(r"^[a-z][a-z0-9_]*$", error="a name like zone_built")),
        "count": pa.Column(int, pa.Check.ge(0, error="0 or more")),
        "district": _text(),
        "track": _text(),
        "as_of": pa.Column(str, _AS_OF),
        "source": _text(blank=False),
        "url": _text(),
        "quote": _text(),
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
        reason = getattr(error, "strerror", None) or error
        message = f'the city folder "{quoted(name)}" cannot be read ({reason}).'
        raise InputError(message) from error
    if present is None:
        known = shipped_cities()
        allowed = f"the path of a city folder, or {', '.join(known)}"
        message = f'there is no city "{quoted(name)}".{suggest(folder.name, known)} Allowed: {allowed}.'
        raise InputError(message)
    for file in FILES:
        if file not in present:
            needed = ", ".join(FILES)
            message = f"{place(folder / file)}: is missing.{suggest(file, present)} A city needs {needed}."
            raise InputError(message)
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
    own = (OWN,) if is_file(folder / OWN) else ()
    return {name: opened(folder / name, MAX_TOML if name.endswith(".toml") else MAX_BYTES) for name in (*FILES, *own)}


def read_profile(file: TextFile) -> ProfileFile:
    """Read profile.toml."""
    return read_model(file, ProfileFile)


def read_goals(path: TextFile, start: int, known: frozenset[str] | None) -> list[GoalFile]:
    """Read goals.toml; deadlines come within a run's reach, indicators are known ones if a list is given."""
    goals = read_model(path, GoalsFile).goal
    for goal in goals:
        where = f'{place(path)}: goal "{goal.key}"'
        if goal.deadline <= start:
            opening = quarters.label(start)
            message = f"{where}: deadline {quarters.label(goal.deadline)} is not after the opening {opening}."
            raise InputError(message)
        quarters.refuse_far(f"{where}: deadline", goal.deadline, start)
        for reading in goal.reading:
            for name in (reading.indicator, reading.hangs_on):
                if known is not None and name is not None and name not in known:
                    names = listed(sorted(known))
                    message = f'{where}: unknown indicator "{name}".{suggest(name, known)} Known: {names}.'
                    raise InputError(message)
    return goals


def read_rules(file: TextFile) -> tuple[RecognitionRule, ...]:
    """Read recognitions.toml."""
    rules = read_model(file, RulesFile).recognition
    return tuple(_rule(rule) for rule in sorted(rules, key=lambda rule: PROGRAMMES.index(rule.key)))


def _rule(rule: RuleFile) -> RecognitionRule:
    """Turn one recognition of the file into the rule enterprises meet."""
    versions = []
    for version in rule.version:
        bands = tuple(RdBand(band.revenue_up_to, band.at_least) for band in version.rd_bands)
        versions.append(RuleVersion(**version.model_dump() | {"rd_bands": bands}))
    return RecognitionRule(**rule.model_dump(exclude={"version"}), versions=tuple(versions))


def read_history(path: TextFile) -> pd.DataFrame:
    """Read history.csv: no negative counts, no repeated rows, nothing known before its period began.

    The best grade is the city's own word, so it needs something that a reader can look up.
    """
    table = read_table(path, HISTORY)
    refuse_duplicates(table, list(HISTORY.columns), path)
    for i, row in enumerate(_records(table)):
        what = f"{row['series']} of {row['region']} in {row['period']}"
        if row["value"] < 0 and row["kind"] != "rate" and "net" not in row["series"]:
            raise refuse(path, i, f"value of {what} is {row['value']}; a count is 0 or more.")
        announced = row["series"].endswith(("_target", "_expected"))
        if not announced and _quarter_of(row["as_of"]) < _first_quarter(row["period"]):
            raise refuse(path, i, f"as_of of {what} is {row['as_of']}, before the period began.")
        if row["grade"] == "A" and not row["url"] and not _DOCUMENT.search(row["source_title"]):
            raise refuse(path, i, f"{what} has grade A and neither a url nor a document number; add one, or write B.")
    return table


def refuse_lost(path: TextFile, table: pd.DataFrame, profile: ProfileFile, region: str) -> None:
    """Refuse a history without a row of the city that seems to name it otherwise: all would be dropped without a word.

    It names it otherwise where a region has the city's English name or its districts, is in no tree of regions, or
    holds most of the rows.
    """
    if table.empty or (table.region == region).any():
        return
    counts = table.region.str.partition("/")[0].value_counts()
    counts = counts.drop([regions.nation(), region, str(profile.province)], errors="ignore")
    inside = {name.partition("/")[0] for name in table.region if name.partition("/")[2] in _districts_of(profile)}
    named = [name for name in counts.index if name == profile.title.en.lower().replace(" ", "_")]
    unknown = [name for name in counts.index if not regions.known(name)]
    most = [name for name in counts.index[:1] if 2 * counts[name] > len(table)]
    for other in [*named, *(name for name in counts.index if name in inside), *most, *unknown][:1]:
        raise InputError(
            f'{place(path)}: no row is of "{region}", but {counts[other]} are of "{quoted(other)}"; if that is this'
            f' city, write region = "{quoted(other)}" at the top of profile.toml, else give its rows "{region}".'
        )


def _districts_of(profile: ProfileFile) -> set[str]:
    """Return the keys of the districts."""
    return {district.key for district in profile.district}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain dictionaries."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


def read_events(path: TextFile, profile: ProfileFile, covered: Sequence[CoveredEntry]) -> pd.DataFrame:
    """Read events.csv; `quarter` becomes an int, districts and tracks must be the city's, kinds be covered."""
    table = read_table(path, EVENTS)
    refuse_duplicates(table, list(EVENTS.columns), path)
    dates: list[int] = []
    keys = {"district": [d.key for d in profile.district], "track": [t.key for t in profile.track]}
    for i, row in enumerate(_records(table)):
        try:
            dates.append(quarters.parse(row["quarter"]))
        except InputError as error:
            raise refuse(path, i, f"quarter: {error}") from error
        if _quarter_of(row["as_of"]) < dates[-1]:
            raise refuse(path, i, f"as_of is {row['as_of']}, before {row['quarter']} began.")
        _refuse_uncovered(path, i, row["kind"], dates[-1], covered)
        for what, known in keys.items():
            word = row[what]
            if word and word not in known:
                message = f'unknown {what} "{quoted(word)}".{suggest(word, known)} Known: {listed(known)}.'
                raise refuse(path, i, message)
    table["quarter"] = pd.Series(dates, index=table.index, dtype="int64")
    return table


def _refuse_uncovered(path: TextFile, i: int, kind: str, when: int, covered: Sequence[CoveredEntry]) -> None:
    """Refuse an unknown kind of event, and one that is not covered: its rate would run beside it."""
    if kind not in EVENT_KINDS:
        meant = suggest(kind, EVENT_KINDS)
        raise refuse(path, i, f'unknown kind "{quoted(kind)}".{meant} Known: {listed(EVENT_KINDS)}.')
    mine = [x for x in covered if x.event == kind]
    if kind not in COUNT_OF or any(x.since <= when <= (x.to or x.since - 1) for x in mine):
        return
    label = quarters.label(when)
    if last := max((x.to or x.since for x in mine if x.since <= when), default=0):
        told = f'it is known up to {quarters.label(last)} only; write to = "{label}" or later in its [[covered]]'
    else:
        line = f'[[covered]] event = "{kind}", since = "{label}", to = "{label}", why = "..."'
        told = f"nothing says up to when it is known; add to it {line}, a line each"
    raise refuse(path, i, f"{kind} of {label} has no coverage in series.toml: {told}.")


def _quarter_of(date: str) -> int:
    """Return the quarter of YYYY-MM or YYYY-MM-DD."""
    return 4 * int(date[:4]) + (int(date[5:7]) - 1) // _MONTHS


def _first_quarter(period: str) -> int:
    """Return the quarter in which a period begins."""
    end = quarters.period_end(period)
    if end is None or len(period) == len("2024"):
        return 4 * int(period[:4])
    return end - 1 if "H" in period else end


def fingerprint(files: Mapping[str, TextFile]) -> str:
    """Return the BLAKE2b of the texts of a folder, in whatever encoding they were saved.

    What calibration writes and SOURCES.md do not count; the common record of settled goals does.
    """
    digest = hashlib.blake2b(digest_size=16)
    for name in FILES:
        raw = files[name].text.encode("utf8")
        # name and length first, so that no two folders come to the same row of bytes
        digest.update(f"{name}\0{len(raw)}\0".encode())
        digest.update(raw)
    record = [common(), *([files[OWN]] if OWN in files else [])]
    digest.update("".join(file.text for file in record).encode("utf8"))
    return digest.hexdigest()
