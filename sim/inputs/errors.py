"""What is said to a user whose input cannot be used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """What the user wrote cannot be used; the message is always one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def suggest(word: str, allowed: Iterable[str]) -> str:
    """Return ' Did you mean "x"?' for the nearest allowed word, or nothing."""
    near = difflib.get_close_matches(str(word).lower(), list(allowed), n=1, cutoff=0.6)
    return f' Did you mean "{near[0]}"?' if near else ""
