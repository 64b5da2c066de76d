"""How the program was called; kept beside every analysis, so that it can be made again."""

from __future__ import annotations

from contextvars import ContextVar

WORDS: ContextVar[list[str] | None] = ContextVar("words", default=None)
"""The words of the command line at work; none where a notebook or another program calls."""
MADE_PIECE = "made"
"""Name of the piece of an analysis that says so."""
