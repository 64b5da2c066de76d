"""What is said to a user whose input cannot be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from sim.inputs.shown import visible

LONGEST_MESSAGE = 900
"""Letters of a message; of a longer one the middle is left out, since what is wrong stands at one of its ends."""
_WORD = 80  # letters of a word that is compared with the allowed ones


class InputError(ValueError):
    """What the user wrote cannot be used; the message is always one line, and never longer than a screen."""

    def __init__(self, message: str) -> None:
        line = visible(" ".join(message.split()))
        if len(line) > LONGEST_MESSAGE:
            half = LONGEST_MESSAGE // 2
            line = f"{line[:half]} … {line[-half:]}"
        super().__init__(line)


def suggest(word: str, allowed: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the nearest allowed word, or nothing."""
    near = difflib.get_close_matches(str(word)[:_WORD].lower(), list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""
