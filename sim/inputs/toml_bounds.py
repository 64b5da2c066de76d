"""Bounds on TOML before it is parsed: a file of a few kilobytes can keep a parser busy for a minute."""

from __future__ import annotations

import re

from sim.inputs.errors import InputError

MAX_BYTES = 500_000
"""Largest TOML file read; the largest shipped one is 17 kB."""
MAX_PARTS, MAX_HEADS, MAX_DEPTH = 16, 1000, 32
"""Parts of a dotted key, tables of a file, brackets within brackets; shipped files have 3, 38 and 3."""
_TOKENS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|[^\s\"'#\[\]{}=.,]++"
    r"|[\n\[\]{}=.,]",
    re.DOTALL,
)
"""Strings, comments, words and marks. Nothing is read twice, so the time is linear in the text."""


def refuse_costly(text: str, where: str) -> None:
    """Raise `InputError` for text whose parsing takes long: too many parts of a key, tables, or brackets.

    What is not TOML at all is left to the parser to complain about.
    """
    line, parts, depth, heads, begins = 1, 1, 0, 0, True
    for found in _TOKENS.finditer(text):
        token = found[0]
        if token == ".":
            parts += 1
        elif token in "\n=,[]{}":
            parts = 1
            heads += begins and token == "[" and depth == 0
            depth += (token in "[{") - (token in "]}")
        for what, n, most in (("parts of a key", parts, MAX_PARTS), ("tables", heads, MAX_HEADS),
                              ("brackets within brackets", depth, MAX_DEPTH)):  # fmt: skip
            if n > most:
                raise InputError(f"{where}: line {line}: more than {most} {what}, which nothing here needs.")
        line += token.count("\n")
        begins = token == "\n"
