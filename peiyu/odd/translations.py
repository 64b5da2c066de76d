"""The Chinese of what code says in English, by where it stands; each is kept with a hash of the English it translates.

`zh/vocabulary.toml` holds units and other single words, by the word itself. The other files hold texts by qualified
name: one that changes in the code is shown in English until its Chinese and its hash are brought up to date.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from peiyu.words.loader import words
from sim.files import write_whole

FOLDER = Path(__file__).with_name("zh")
VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class Translation:
    """A Chinese text, and the hash of what it translates."""

    of: str
    zh: str


def fingerprint(text: str) -> str:
    """Return a short hash of a text."""
    return blake2b(text.encode(), digest_size=4).hexdigest()


@cache
def vocabulary() -> dict[str, str]:
    """Return the Chinese of units and single words: those of all pages, and those of this one."""
    own: dict[str, str] = tomllib.loads((FOLDER / f"{VOCABULARY}.toml").read_text("utf8"))
    return {**words("units", "zh"), **own}


@cache
def translations() -> dict[str, Translation]:
    """Return every text by the qualified name of where its English stands."""
    files = sorted(p for p in FOLDER.glob("*.toml") if p.stem != VOCABULARY)
    tables = (tomllib.loads(p.read_text("utf8")) for p in files)
    return {key: Translation(**entry) for table in tables for key, entry in table.items()}


def follow(asked: Mapping[str, str]) -> dict[str, str]:
    """Give texts that moved in the code the name of their new place; return new names by old ones."""
    known = translations()
    left = {entry.of: key for key, entry in known.items() if key not in asked}
    fresh = {key: fingerprint(text) for key, text in asked.items() if key not in known}
    moved = {left[of]: key for key, of in fresh.items() if of in left}
    if moved:
        write({moved.get(key, key): entry for key, entry in known.items()})
        translations.cache_clear()
    return moved


def write(entries: Mapping[str, Translation]) -> None:
    """Write the texts, a file for the first part of their names, in order of name."""
    files: dict[str, list[str]] = {}
    for key in sorted(entries):
        zh = json.dumps(entries[key].zh, ensure_ascii=False)
        files.setdefault(key.split(".")[0], []).append(f'[{json.dumps(key)}]\nof = "{entries[key].of}"\nzh = {zh}\n')
    for path in FOLDER.glob("*.toml"):
        if path.stem not in (VOCABULARY, *files):
            path.unlink()
    for name, texts in files.items():
        write_whole(FOLDER / f"{name}.toml", "\n".join(texts))
