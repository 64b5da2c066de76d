"""Ids of numbers: `run/RUN/forecast/GOAL/READING/median`, `run/RUN/joint/3`, `analysis/KIND/KEY/PATH`, and `A - B`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peiyu.forecasts.outcomes import outcomes
from peiyu.runs.inputs import given
from peiyu.runs.stored import StoredRun
from sim.inputs.errors import InputError, meant
from sim.inputs.said import Said
from sim.store.results import Analysis, StoredResults

MINUS = " - "
"""Stands between the ids of a difference."""
FORECAST, JOINT, OUTCOME = "forecast", "joint", "outcome"
_PLACE = 9  # digits of a place in a list


@dataclass(frozen=True, slots=True)
class Id:
    """An id taken apart: of which run, or of which analysis, and the path inside."""

    text: str
    run: str | None
    kind: str
    key: str
    path: str


def parse(text: str) -> Id:
    """Take an id apart. Raises `InputError` for what is not an id."""
    what, _, rest = text.strip().partition("/")
    first, _, path = rest.partition("/")
    if what == "run" and first and path:
        return Id(text, first, "", "", path)
    key, _, inside = path.partition("/")
    if what == "analysis" and first and key and inside:
        return Id(text, None, first, key, inside)
    raise InputError(
        Said(
            '"{text}" is not the id of a number; ids read run/RUN/forecast/GOAL/READING/probability, run/RUN/joint/3 or'
            " analysis/KIND/KEY/PATH, as the sheet of numbers of the appendix lists them.",
            text=text,
        )
    )


def found(document: Any, path: str) -> Any:
    """Return what stands at a path of keys and places in a document, or None."""
    for step in path.split("/"):
        if isinstance(document, list):
            short = step.isdecimal() and len(step) <= _PLACE  # Python turns no text of any length into a number
            document = document[int(step)] if short and int(step) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(step)
        else:
            return None
    return document


def in_run(table: Mapping[str, float], asked: Id) -> float:
    """Return the number of an id from the numbers of its run. Raises `InputError` for one that is not there."""
    if asked.path not in table:
        raise InputError(
            Said(
                'run {run}: no number "{path}".{near} peiyu show {run} lists the readings.',
                run=asked.run,
                path=asked.path,
                near=meant(asked.path, table),
            )
        )
    return table[asked.path]


def of_run(s: StoredRun) -> Mapping[str, float]:
    """Return every number of a run by path: what it states, and what went into it."""
    table: dict[str, float] = {}
    for row in s.forecasts:
        for column, x in row.items():
            if isinstance(x, int | float) and column not in ("members", "primary"):
                table[f"{FORECAST}/{row['goal']}/{row['reading']}/{column}"] = float(x)
    acts = s.store.effects.rule_acts(s.id, s.members)
    table |= {f"rule/{rule}/{branch}/{when}": share for rule, branch, when, share in acts}
    for x in outcomes(s.ensemble, s.as_of):
        at = f"{OUTCOME}/{x.indicator}/{x.year}"
        table |= {f"{at}/median": x.median, f"{at}/q05": x.q05, f"{at}/q95": x.q95}
    return table | {f"{JOINT}/{k}": p for k, p in s.joints.items()} | given(s)


def analysis(store: StoredResults, asked: Id) -> Analysis:
    """Return the stored analysis of an id. Raises `InputError` for one that is not there."""
    known = {f"{a.kind}/{a.key}" for a in store.analysis_listing()}
    name = f"{asked.kind}/{asked.key}"
    if name not in known:
        raise InputError(
            Said(
                '{path}: no analysis "{name}".{near} peiyu show lists them.',
                path=store.path,
                name=name,
                near=meant(name, sorted(known)),
            )
        )
    return next(a for a in store.analyses(asked.kind) if a.key == asked.key)


def in_document(document: dict[str, Any], asked: Id) -> float:
    """Return the number at the path of an id. Raises `InputError` where there is none."""
    x = found(document, asked.path)
    if isinstance(x, int | float) and not isinstance(x, bool):
        return float(x)
    near = meant(asked.path, sorted(leaves(document)))
    raise InputError(Said('"{text}": no number stands there.{near}', text=asked.text, near=near))


def leaves(document: Any, before: str = "") -> Mapping[str, float]:
    """Return every number of a document by its path."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    table: dict[str, float] = {}
    for key, x in items:
        if isinstance(x, dict | list):
            table |= leaves(x, f"{before}{key}/")
        elif isinstance(x, int | float) and not isinstance(x, bool):
            table[f"{before}{key}"] = float(x)
    return table
