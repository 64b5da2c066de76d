"""What every section of the appendix needs: the run, the words of a language, and ids for numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peiyu.appendix_run import Stored
from peiyu.appendix_tree import Block, Cell, Code, Inline, Kind, Number, Paragraph, Role
from peiyu.appendix_words import WORDS, when
from peiyu.document import Section
from sim.city import City, Goal, Reading
from sim.store import Analysis

NONE: Cell = ("–",)
"""A cell with nothing in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The run in one language."""

    stored: Stored
    lang: str
    description: tuple[Section, ...] = ()  # the seven elements of the model description

    @property
    def city(self) -> City:
        """The city of the run."""
        return self.stored.city

    def say(self, key: str, **facts: object) -> str:
        """Return the words of a key with facts filled in."""
        return WORDS[self.lang][key].format(**facts)

    def name(self, thing: Goal | Reading | Any) -> str:
        """Return the name of whatever the city names in both languages."""
        return str(thing.zh if self.lang == "zh" else thing.en)

    def text(self, *parts: Inline, role: Role = "body") -> Paragraph:
        """Return a paragraph."""
        return Paragraph(tuple(parts), role)

    def when(self, label: str) -> str:
        """Write a quarter as a reader says it."""
        return when(label, self.lang)

    def asked(self, reading: Reading) -> str:
        """Write what a reading asks for, in words."""
        gap = "" if self.lang == "zh" else " "
        return f"{self.say(reading.operator)}{gap}{reading.value:,.0f}"

    def stored_number(self, goal: str, reading: str, field: str, kind: Kind = "count") -> Number:
        """Return a number of the stored statement about a reading."""
        value = float(self.stored.forecast(goal, reading)[field])
        return Number(f"run/{self.stored.id}/forecast/{goal}/{reading}/{field}", value, "", kind)

    def joint(self, at_least: int) -> Number:
        """Return the probability that at least so many goals are reached."""
        return Number(f"run/{self.stored.id}/joint/{at_least}", self.stored.joints[at_least], "", "chance")

    def analyses(self, kind: str) -> list[Analysis]:
        """Return the stored analyses of a kind that rest on this run, the newest first."""
        return self.stored.store.analyses(kind, self.stored.id)

    def missing(self, command: str) -> list[Block]:
        """Say which command makes a result that the store does not have."""
        return [self.text(self.say("missing"), self.space(), Code(command), self.say("missing_end"))]

    def space(self) -> str:
        """Return what stands between a sentence and a command inside it."""
        return "" if self.lang == "zh" else " "

    def primaries(self) -> list[tuple[Goal, Reading]]:
        """Return every goal with its main reading."""
        return [(g, next(r for r in g.readings if r.primary)) for g in self.city.goals]

    def readings(self) -> list[tuple[Goal, Reading]]:
        """Return every goal with every reading."""
        return [(g, r) for g in self.city.goals for r in g.readings]


def of(analysis: Analysis, path: str, value: object, kind: Kind = "count", unit: str = "") -> Cell:
    """Return a cell with a number of an analysis' document, or nothing where the document has none."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return NONE
    return (number_of(analysis, path, float(value), kind, unit),)


def number_of(analysis: Analysis, path: str, value: float, kind: Kind = "count", unit: str = "") -> Number:
    """Return a number of an analysis' document, its path the keys and places from the top."""
    return Number(f"analysis/{analysis.kind}/{analysis.key}/{path}", value, unit, kind)
