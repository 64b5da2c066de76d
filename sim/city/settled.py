"""Goals that were set and are settled, with who decides whether such a goal is met: the record of all cities."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pandera.pandas as pa

import scenarios
from sim.inputs.csv import read_table, refuse, refuse_duplicates
from sim.inputs.said import Said
from sim.inputs.text import Source, TextFile, opened

COMMON = scenarios.FOLDER / "common" / "settled_goals.csv"
"""Settled goals of all cities, with their sources."""
OWN = "settled_goals.csv"
"""A city's own settled goals, if its folder has such a file; they stand for the same goals of the common record."""
DECIDERS = ("higher_authority", "own_list", "enterprise_label", "market")
"""Who decides: a higher authority that rations a status, an office with a list of its own, a review of what
enterprises apply for, or the market."""
KINDS = ("department_count", "hot_activity", "market_outcome")
"""Kinds of goals by subject."""
_NAMED = ["region", "series", "target_value", "deadline"]
"""What names a goal."""


def _text(blank: bool = True) -> pa.Column:
    return pa.Column(str, [] if blank else [pa.Check.str_length(min_value=1, error="some text, not a blank")])


def _one_of(*words: str) -> pa.Column:
    return pa.Column(str, pa.Check.isin(words, error=", ".join(words)))


def _dated(pattern: str, error: str) -> pa.Column:
    return pa.Column(str, pa.Check.str_matches(pattern, error=error))


SETTLED = pa.DataFrameSchema(
    {
        "region": _text(blank=False),
        "series": _text(blank=False),
        "kind": _one_of(*KINDS),
        "decided_by": _one_of(*DECIDERS),
        "target_value": pa.Column(float, pa.Check.gt(0, error="more than 0")),
        "target_set_period": _dated(r"^\d{4}(-\d{2})?$", "2024 or 2024-11"),
        "deadline": pa.Column(int, pa.Check.in_range(1900, 2100, error="a year from 1900 to 2100")),
        "base_value": pa.Column(float, nullable=True),
        "base_period": _text(),
        "outcome_value": pa.Column(float, pa.Check.ge(0, error="0 or more")),
        "outcome_period": _dated(r"^\d{4}(-\d{2})?$", "2024 or 2024-11"),
        "outcome_is": _one_of("exact", "lower_bound", "upper_bound"),
        "scale": _one_of("level", "growth_pct"),
        "hit": pa.Column(int, pa.Check.isin([0, 1], error="0 or 1")),
        "grade": _one_of("A", "B", "C"),
        "sources": _text(blank=False),
        "quotes": _text(),
        "note": _text(),
    },
    strict=True,
)
"""Columns of settled_goals.csv: one row per goal. Of a goal for a growth rate, in per cent, the ratio is that of the
levels it leads to: 1.5 % against 6.5 % is 0.95 of the target."""


@cache
def common() -> TextFile:
    """Read the record of all cities."""
    return opened(COMMON)


def read_settled(path: Source) -> pd.DataFrame:
    """Read a file of settled goals; each must have been met exactly where its outcome reaches its target."""
    table = read_table(path, SETTLED)
    refuse_duplicates(table, _NAMED, path)
    for i, (ratio, hit) in enumerate(zip(ratios(table), table.hit, strict=True)):
        if (ratio >= 1.0) != bool(hit):
            said = Said("hit is {hit}, but the outcome is {ratio} of the target.", hit=hit, ratio=f"{ratio:.2f}")
            raise refuse(path, i, said)
    return table


def settled_goals(own: TextFile | None) -> pd.DataFrame:
    """Return the record of all cities with a city's own, each goal once."""
    shared = read_settled(common())
    if own is None:
        return shared
    both = pd.concat([shared, read_settled(own)], ignore_index=True)
    return both.drop_duplicates(_NAMED, keep="last").reset_index(drop=True)


def ratios(table: pd.DataFrame) -> pd.Series:
    """Return outcome over target of every goal."""
    base = np.where(table["scale"] == "growth_pct", 100.0, 0.0)
    return (base + table.outcome_value) / (base + table.target_value)
