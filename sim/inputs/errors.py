"""What is said to a user whose input cannot be used."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from sim.inputs.said import NOTHING, Said, alike
from sim.inputs.shown import LONGEST, quoted, visible

LONGEST_MESSAGE = 600
"""Letters of a message: what one reads before looking at the file."""
_ENOUGH = 300  # letters of a list of what is allowed
_COMPARED = 5_000  # words that a slip of the pen is looked for among
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]{201,}")  # longer than any path one can type; Chinese breaks anywhere


class InputError(ValueError):
    """What the user wrote cannot be used; the message is always one line, and short enough to be read."""

    def __init__(self, message: Said | str) -> None:
        super().__init__(_line(str(message)))
        self.said = message

    def told(self, words: Mapping[str, str]) -> str:
        """Return the message in the language of a catalogue; one that is no `Said` yet is English."""
        return _line(self.said.told(words)) if isinstance(self.said, Said) else str(self)


def listed(words: Iterable[str]) -> Said:
    """Return the allowed words with commas, and how many more there are where they would fill the page."""
    named: list[str] = []
    length = 0
    every = [quoted(word) for word in words]
    for word in every:
        length += len(word) + 2
        if length > _ENOUGH:
            return Said("{words} and {count} more", words=", ".join(named), count=len(every) - len(named))
        named.append(word)
    return alike(", ".join(named))


def meant(word: str, allowed: Iterable[str]) -> Said:
    """Return ' Did you mean "x"?' for the nearest allowed word, or nothing."""
    near = _nearest(word, allowed)
    return Said(' Did you mean "{word}"?', word=quoted(near)) if near else NOTHING


def unknown(what: Said, word: object, known: Iterable[str]) -> Said:
    """Say that a word names no such thing, which one was probably meant and which there are."""
    known = list(known)
    return Said(
        'unknown {what} "{word}".{meant} Known: {known}.',
        what=what,
        word=quoted(word),
        meant=meant(str(word), known),
        known=listed(known),
    )


@contextmanager
def standing(where: Said | str) -> Iterator[None]:
    """Let whatever is refused inside say where it stands."""
    try:
        yield
    except InputError as error:
        raise InputError(Said("{where}: {what}", where=where, what=error.said)) from error


def _nearest(word: str, allowed: Iterable[str]) -> str:
    """Return the allowed word nearest to a word, or nothing."""
    known = list(allowed)[:_COMPARED]
    near = difflib.get_close_matches(str(word)[:LONGEST].lower(), known, n=1, cutoff=0.6)
    return near[0] if near else ""


def _line(message: str) -> str:
    """Return a message as one line that can be read."""
    line = _UNBROKEN.sub(lambda found: quoted(found[0]), visible(" ".join(message.split())))
    # the place stands at the beginning and the remedy at the end: what goes is the middle
    return line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 202]} … {line[-199:]}"
