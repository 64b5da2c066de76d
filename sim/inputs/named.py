"""Names as people write them: case, width and blanks do not matter, and one thing has several."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Protocol, TypeVar

_IGNORED = re.compile(r"[\s_\-·、,。:;'\"“”‘’()《》]+")
_NEAR = 0.5  # below it two names have little in common


class Synonyms(Protocol):
    """Whatever has a key, a name in both languages and other names."""

    @property
    def key(self) -> str: ...
    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def also(self) -> list[str]: ...


Thing = TypeVar("Thing", bound=Synonyms)


def folded(text: str) -> str:
    """Return a name without what does not matter: full width, case, blanks and marks."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def names_of(thing: Synonyms) -> list[str]:
    """Return every name of a thing."""
    return [thing.zh, thing.en, thing.key, *thing.also]


def find(word: str, things: Iterable[Thing]) -> Thing | None:
    """Return the thing that a word names, if one does."""
    wanted = folded(word)
    return next((x for x in things if wanted in {folded(name) for name in names_of(x)}), None)


def nearest(word: str, things: Iterable[Thing]) -> Thing | None:
    """Return the thing that a word was probably meant to name, if any is near."""
    known = {folded(name): x for x in things for name in names_of(x)}
    near = difflib.get_close_matches(folded(word)[:60], list(known), n=1, cutoff=_NEAR)
    return known[near[0]] if near else None
