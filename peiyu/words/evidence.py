"""The one wording for sizes that no evidence speaks of, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from peiyu.words.numbers import digits, times
from sim.scenario.evidence import bounds
from sim.scenario.scenario import Scenario

Outside = Mapping[str, float | None]
"""Levers outside the evidence, with the multiple of the evidenced size; None where none was published."""


def outside_document(found: Mapping[str, float]) -> dict[str, float | None]:
    """Return levers outside the evidence as a document holds them, which knows no infinity."""
    return {name: x if isfinite(x) else None for name, x in found.items()}


def outside_words(found: Outside, scenario: Scenario | None, lang: str) -> list[str]:
    """Return the sentence on sizes outside the evidence; none where all are inside."""
    if not found:
        return []
    w = words("evidence", lang)
    said = (f"{lever_name(k, scenario, lang)} {w['unpublished'] if x is None else times(x)}" for k, x in found.items())
    low, high = digits(bounds().low), digits(bounds().high)
    return [w["outside"].format(low=low, high=high, levers=w["sep"].join(said))]
