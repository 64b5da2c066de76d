"""Words of the model description in a language: prose and headings by key, and the Chinese of what code says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from peiyu.odd import en as odd_en
from peiyu.odd import zh as odd_zh
from peiyu.odd import zh_catalogue as odd_zh_catalogue

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Words:
    """Everything the description says in one language, with the facts its prose names."""

    lang: str
    facts: dict[str, str]
    asked: set[str] = field(default_factory=set)  # texts of the code that were looked up in the catalogue

    def untranslated(self) -> list[str]:
        """Return the texts asked for so far that have English in them and are not in the catalogue."""
        return sorted(t for t in self.asked if re.search("[A-Za-z]", t) and t not in odd_zh_catalogue.CHINESE)

    def prose(self, key: str) -> tuple[str, ...]:
        """Return the paragraphs of a key, facts filled in."""
        source = odd_zh.PROSE if self.lang == "zh" else odd_en.PROSE
        return tuple(paragraph.format(**self.facts) for paragraph in source[key])

    def head(self, key: str) -> str:
        """Return a title, caption or column heading."""
        return (odd_zh.HEADS if self.lang == "zh" else odd_en.HEADS)[key]

    def knows(self, key: str) -> bool:
        """Tell whether a heading was written by hand."""
        return key in (odd_zh.HEADS if self.lang == "zh" else odd_en.HEADS)

    def heads(self, *keys: str) -> tuple[str, ...]:
        """Return several headings."""
        return tuple(self.head(key) for key in keys)

    def say(self, text: str) -> str:
        """Return what code says, in Chinese where the catalogue has exactly this text, else as it is."""
        if self.lang == "zh" and text:
            self.asked.add(text)
            return odd_zh_catalogue.CHINESE.get(text, text)
        return text

    def either(self, en: str, zh: str) -> str:
        """Pick the language of a text that the city or the code gives in both."""
        return zh if self.lang == "zh" else en

    def yes(self, flag: bool) -> str:
        """Write a mark for yes and nothing for no."""
        return self.head("yes") if flag else ""

    def outdated(self) -> list[str]:
        """Return the texts of the catalogue that the code did not say so far, in order."""
        return sorted(odd_zh_catalogue.CHINESE.keys() - self.asked)
