"""Bounds on TOML and JSON before they are parsed: how deep a text nests, how long its keys are, how much it holds.

A parser takes what it is given: a dotted key of 40,000 parts costs gigabytes and a hundred thousand brackets the stack.
One pass over the marks of the text, outside its quotes and comments, finds that before anything is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.inputs.text import TextFile, place

MAX_TOML = 200_000
"""Largest TOML file read: sixteen times the largest shipped one, a city's goals."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Most of everything that a text may have; shipped files stay far below."""

    depth: int  # brackets inside each other
    parts: int  # of a dotted key
    heads: int  # tables
    values: int  # in all


_TOML = Shape(depth=10, parts=8, heads=1_000, values=10_000)
_JSON = Shape(depth=20, parts=1, heads=1, values=100_000)
# a quote left open runs to the end of its line or of the text, so that the pass stays one pass
_TOML_MARK = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'\'\'|\Z)'
    r'|"(?:[^"\\\n]|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+|[\[\]{}.,=\n]',
    re.DOTALL,
)
_JSON_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},\n]', re.DOTALL)


def check_toml(file: TextFile) -> None:
    """Raise `InputError` for a TOML text that no parser should be given."""
    _check(file, _TOML_MARK, _TOML)


def check_json(file: TextFile) -> None:
    """Raise `InputError` for a JSON text that no parser should be given."""
    _check(file, _JSON_MARK, _JSON)


def _check(file: TextFile, mark: re.Pattern[str], most: Shape) -> None:
    """Go over the marks once, keeping count."""
    depth = dots = heads = values = 0
    before = "\n"
    for found in mark.finditer(file.text):
        sign = found[0]
        if sign in "[{":
            heads += before == "\n" and depth == 0
            depth += 1
        elif sign in "]}":
            depth = max(depth - 1, 0)
        # a key ends where anything else than a dot stands
        dots = dots + 1 if sign == "." else 0 if sign in "[{,=\n" else dots
        values += sign in ",="
        if depth > most.depth or dots >= most.parts or heads > most.heads or values > most.values:
            raise _refusal(file, found.start(), most, (depth, dots + 1, heads, values))
        before = sign


def _refusal(file: TextFile, at: int, most: Shape, found: tuple[int, int, int, int]) -> InputError:
    """Say of what there is too much, and where it begins to be."""
    line = file.text.count("\n", 0, at) + 1
    allowed = (most.depth, most.parts, most.heads, most.values)
    whats = (Said("brackets within brackets"), Said("parts of a key"), Said("tables"), Said("values"))
    limit, what = next((limit, what) for n, limit, what in zip(found, allowed, whats, strict=True) if n > limit)
    return InputError(
        Said(
            "{place}: line {line}: more than {limit} {what}, which nothing here needs.",
            place=place(file),
            line=line,
            limit=f"{limit:,}",
            what=what,
        )
    )
