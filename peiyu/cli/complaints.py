"""What typer says of words that are no command of ours, taken apart so that it can be told in Chinese."""

from __future__ import annotations

import re
from copy import copy
from string import Formatter

from sim.inputs.said import Said

COMPLAINTS = (
    Said("No such command '{name}'. Did you mean '{near}'?", name=".*", near=".*"),
    Said("No such command '{name}'.", name=".*"),
    Said("Missing command."),
    Said("No such option: {name} (Possible options: {near})", name=r"\S+", near=".*"),
    Said("No such option: {name} Did you mean {near}?", name=r"\S+", near=".*"),
    Said("No such option: {name}", name=".*"),
    Said("Option '{name}' requires an argument.", name=".*"),
    Said("Option '{name}' does not take a value.", name=".*"),
    Said("Missing argument '{name}'.", name=".*"),
    Said("Missing option '{name}'.", name=".*"),
    Said("Got unexpected extra argument(s) ({words})", words=".*"),
    Said("Got unexpected extra argument ({words})", words=".*"),
    Said("Got unexpected extra arguments ({words})", words=".*"),
    Said("Invalid value for '{name}': {reason}", name="[^']*", reason=".*"),
    Said("Input should be a valid integer, unable to parse string as an integer"),
    Said("Input should be a valid number, unable to parse string as a number"),
    Said("Value error, '{value}' is not one of {allowed}.", value=".*", allowed=".*"),
    Said("'{value}' is not one of {allowed}.", value=".*", allowed=".*"),
    Said("'{value}' is not a valid integer.", value=".*"),
    Said("'{value}' is not a valid float.", value=".*"),
)
"""Sentences of typer from 0.15 on, each field with the pattern of what typer writes there; the first that fits holds.

Versions say one thing in several ways, and may find others: what fits none is told as it came.
"""


def understood(complaint: str) -> Said | str:
    """Return a complaint with the template that it was made of, and the same of what it quotes."""
    for known in COMPLAINTS:
        if found := _pattern(known).fullmatch(complaint):
            made = copy(known)
            made.fields = {name: understood(text) for name, text in found.groupdict().items()}
            return made
    return complaint


def _pattern(said: Said) -> re.Pattern[str]:
    """Return what matches every text that a template makes with its patterns."""
    pieces = Formatter().parse(said.template)
    parts = (re.escape(text) + (f"(?P<{name}>{said.fields[name]})" if name else "") for text, name, _, _ in pieces)
    return re.compile("".join(parts), re.DOTALL)
