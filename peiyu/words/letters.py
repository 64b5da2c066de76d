"""About how wide letters are in print, in sizes of their type."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

WIDE, PERCENT, BROAD, CAPITAL, SMALL, THIN, MONO = 1.0, 0.92, 0.84, 0.70, 0.56, 0.34, 0.53
"""Widths of a letter, in sizes of its type: Chinese, %, m or +, capital, small or digit, mark or blank, in code."""
BETWEEN = 0.25
"""White space that a program sets between a Chinese letter and a Latin one or a digit."""


def length(text: str, narrow: float = 1.0) -> float:
    """Return about how long a text is, in sizes of its type; `narrow` widens all letters but Chinese ones.

    A Chinese letter is as wide as its type is large in every font; the others differ.
    """
    letters = sum(WIDE if is_wide(c) else narrow * _width(c) for c in text)
    return letters + BETWEEN * sum(_scripts_meet(a, b) for a, b in pairwise(text))


def is_wide(c: str) -> bool:
    """Say whether a letter or mark is as wide as a Chinese one."""
    return unicodedata.east_asian_width(c) in "WF" or c in "“”‘’…★≥≤"


def _scripts_meet(a: str, b: str) -> bool:
    """Say whether one of two neighbours is a Chinese letter and the other a Latin one, a digit or a percent sign."""
    return (is_wide(a) and a.isalpha() and (b.isascii() and (b.isalnum() or b == "%"))) or (
        is_wide(b) and b.isalpha() and (a.isascii() and (a.isalnum() or a == "%"))
    )


def _width(c: str) -> float:
    if c in "mwMW+<>±×→\N{MINUS SIGN}":
        return BROAD
    return CAPITAL if c.isupper() else THIN if c in " ,.:;()-/|!il" else SMALL if c != "%" else PERCENT
