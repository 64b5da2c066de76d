"""The three words of a summary: a goal is expected to be reached, uncertain, or hard to reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

VERDICTS = ("reached", "open", "missed")
OF_WORD = {"almost_certain": "reached", "very_likely": "reached", "very_unlikely": "missed"}
"""The verdict of a word of likelihood; of any other the goal is open."""


def verdict(likelihood: str) -> str:
    """Return the verdict of a word of likelihood."""
    return OF_WORD.get(likelihood, "open")


def counts(likelihoods: Iterable[str]) -> Mapping[str, int]:
    """Return how many goals have each verdict."""
    found = [verdict(x) for x in likelihoods]
    return {k: found.count(k) for k in VERDICTS}
