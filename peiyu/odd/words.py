"""Words of the model description in a language: prose and headings by key, and the Chinese of what code says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agents.parameters import Parameters
from peiyu.odd.translations import fingerprint, translations, vocabulary
from peiyu.words.loader import words


@dataclass(frozen=True, slots=True)
class OddWords:
    """Everything the description says in one language, with the facts its prose names."""

    lang: str
    facts: dict[str, str]
    asked: dict[str, str] = field(default_factory=dict)  # texts of the code that were looked up, by where they stand

    def prose(self, key: str) -> tuple[str, ...]:
        """Return the paragraphs of a key, facts filled in."""
        text = words("odd", self.lang)[key].format(**self.facts)
        return tuple(text.split("\n\n"))

    def head(self, key: str) -> str:
        """Return a title, caption or column heading."""
        return words("odd_heads", self.lang)[key]

    def heads(self, *keys: str) -> tuple[str, ...]:
        """Return several headings."""
        return tuple(self.head(key) for key in keys)

    def word(self, text: str) -> str:
        """Return a unit or another single word; one without Chinese stays as it is."""
        if self.lang == "zh" and text not in vocabulary():
            self.asked[text] = text
        return vocabulary().get(text, text) if self.lang == "zh" else text

    def say(self, where: str, text: str) -> str:
        """Return what code says at a place, in Chinese if that translates exactly this text, else as it is."""
        if self.lang != "zh" or not text or text in vocabulary():
            return self.word(text)
        self.asked[where] = text
        found = translations().get(where)
        return found.zh if found and found.of == fingerprint(text) else text

    def source(self, parameter: str) -> str:
        """Return where a parameter's value comes from; codes of the evidence review are the same in both languages."""
        text = str(Parameters.__dataclass_fields__[parameter].metadata["source"])
        if not re.search("[a-z]{2}", text):
            return text
        drive = re.fullmatch(r"drive_(\w+)_\d{4}", parameter)  # of all its years the same
        return self.say(f"agents.drive.{drive[1]}.source" if drive else f"agents.parameters.{parameter}.source", text)

    def either(self, en: str, zh: str) -> str:
        """Pick the language of a text that the city or the code gives in both."""
        return zh if self.lang == "zh" else en

    def yes(self, flag: bool) -> str:
        """Write a mark for yes and nothing for no."""
        return self.head("yes") if flag else ""

    def missing(self) -> list[str]:
        """Return where texts stand, of those asked for so far, that have English in them and no translation."""
        return sorted(k for k, text in self.asked.items() if k not in translations() and re.search("[A-Za-z]", text))

    def outdated(self) -> list[str]:
        """Return where translations stand whose English has changed or is gone, of what was asked for so far."""
        now = {key: fingerprint(text) for key, text in self.asked.items()}
        return sorted(key for key, found in translations().items() if now.get(key) != found.of)
