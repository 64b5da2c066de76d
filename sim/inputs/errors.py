"""What is said to a user whose input cannot be used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from sim.inputs.shown import LONGEST, quoted, visible

LONGEST_MESSAGE = 600
"""Letters of a message: what one reads before looking at the file."""
_ENOUGH = 300  # letters of a list of what is allowed
_COMPARED = 5_000  # words that a slip of the pen is looked for among
_UNBROKEN = re.compile(r"\S{201,}")  # longer than any path one can type


class InputError(ValueError):
    """What the user wrote cannot be used; the message is always one line, and short enough to be read."""

    def __init__(self, message: str) -> None:
        line = _UNBROKEN.sub(lambda found: quoted(found[0]), visible(" ".join(message.split())))
        # the place stands at the beginning and the remedy at the end: what goes is the middle
        super().__init__(line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 202]} … {line[-199:]}")


def listed(words: Iterable[str]) -> str:
    """Return the allowed words with commas, and how many more there are where they would fill the page."""
    named: list[str] = []
    length = 0
    every = [quoted(word) for word in words]
    for word in every:
        length += len(word) + 2
        if length > _ENOUGH:
            return f"{', '.join(named)} and {len(every) - len(named)} more"
        named.append(word)
    return ", ".join(named)


def suggest(word: str, allowed: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the nearest allowed word, or nothing."""
    known = list(allowed)[:_COMPARED]
    near = difflib.get_close_matches(str(word)[:LONGEST].lower(), known, n=1, cutoff=0.6)
    return f' Did you mean "{quoted(near[0])}"?' if near else ""
