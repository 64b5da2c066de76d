"""The one wording for sizes that no evidence speaks of, wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from peiyu.words.loader import words
from peiyu.words.numbers import digits, times
from sim.scenario.evidence import bounds

Outside = Mapping[str, float | None]
"""Levers outside the evidence, with the multiple of the evidenced size; None where none was published."""


def outside_document(found: Mapping[str, float]) -> dict[str, float | None]:
    """Return levers outside the evidence as a document holds them, which knows no infinity."""
    return {name: x if isfinite(x) else None for name, x in found.items()}


def outside_words(found: Outside, lang: str) -> list[str]:
    """Return the sentence on sizes outside the evidence; none where all are inside."""
    if not found:
        return []
    w = words("evidence", lang)
    said = (f"{name} {w['unpublished'] if x is None else times(x)}" for name, x in found.items())
    low, high = digits(bounds().low), digits(bounds().high)
    return [w["outside"].format(low=low, high=high, levers=w["sep"].join(said))]
