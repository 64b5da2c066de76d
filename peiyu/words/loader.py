"""The words that readers see: a file a part and language, read when it is asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")
"""Each has a folder beside this module."""


class MissingWordsError(KeyError):
    """A key or a part that the files of words do not have."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Words(Mapping[str, str]):
    """The words of one part in one language, by key; `{name}` in them is filled by `str.format`."""

    where: str
    texts: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        try:
            return self.texts[key]
        except KeyError:
            raise MissingWordsError(f'{self.where} has no "{key}"') from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


@cache
def words(part: str, lang: str) -> Words:
    """Return the words of a part, such as "forecast". Raises `MissingWordsError` where there are none."""
    path = FOLDER / lang / f"{part}.toml"
    where = f"words/{lang}/{part}.toml"
    try:
        return Words(where, tomllib.loads(path.read_text("utf8")))
    except FileNotFoundError:
        raise MissingWordsError(f"{where} does not exist") from None
