"""What a message says, kept apart from the language it is said in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_JOINED: Final = "{first}{second}"
_ENGLISH: Final[Mapping[str, str]] = {}


class Said:
    """An English template and what fills its `{names}`; `str` of it is the English text."""

    def __init__(self, template: str, /, **fields: object) -> None:
        self.template, self.fields = template, fields

    def told(self, words: Mapping[str, str]) -> str:
        """Return the text in the language of a catalogue, which holds a template for each English one."""
        fields = {name: x.told(words) if isinstance(x, Said) else x for name, x in self.fields.items()}
        return words.get(self.template, self.template).format(**fields)

    def __str__(self) -> str:
        return self.told(_ENGLISH)

    def __add__(self, other: Said | str) -> Said:
        return Said(_JOINED, first=self, second=other)


def alike(text: object) -> Said:
    """Return what is said alike in every language: names, numbers, what the user wrote."""
    return Said(_JOINED, first=text, second="")


NOTHING: Final = alike("")
