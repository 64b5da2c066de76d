"""Lines for stdout and stderr, in which a title or a name orders nothing: every character is seen, none acts."""

from __future__ import annotations

import json
import sys

from sim.inputs.shown import visible


def say(text: str) -> None:
    """Write a line, or several, on stdout."""
    sys.stdout.write(visible(text) + "\n")
    sys.stdout.flush()


def put(question: str) -> None:
    """Write a question on stdout and stay in its line."""
    sys.stdout.write(visible(question))
    sys.stdout.flush()


def say_document(document: object) -> None:
    """Write a JSON document on stdout: codes say in it what the characters would, so it stays the same document."""
    say(json.dumps(document, ensure_ascii=False, indent=1))


def tell(text: str) -> None:
    """Write a line on stderr; stdout stays free for the result."""
    sys.stderr.write(visible(text) + "\n")
    sys.stderr.flush()
