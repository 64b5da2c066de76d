"""The console that tables for a planner are printed on."""

from __future__ import annotations

import sys

from rich.console import Console

WIDE = 150
"""Columns where stdout is a file or a pipe: enough for the widest table."""


def stdout() -> Console:
    """Return a console on stdout, wide enough for the tables when it is not a terminal."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else WIDE, highlight=False)
