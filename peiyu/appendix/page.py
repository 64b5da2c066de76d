"""What every section of the appendix needs: the run, the words of a language, and ids for numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peiyu.document.prose import filled
from peiyu.document.tree import NONE, AnalysisName, Cell, Inline, Kind, Number, Paragraph, Role, number_of
from peiyu.runs.stored import StoredRun
from peiyu.words.indicators import measure_word
from peiyu.words.loader import Words, words
from peiyu.words.names import label, when
from peiyu.words.titles import title_of
from sim.city.city import City, District, Goal, Reading, Track
from sim.state.indicators import INDICATORS
from sim.store.document import D, Kept

NOT_THINGS = ("万元", "万元/年", "比例")
"""Units of what can be a part of one."""


@dataclass(frozen=True, slots=True)
class Page:
    """The run in one language."""

    stored: StoredRun
    lang: str
    inputs: Mapping[str, float] = field(default_factory=dict)  # see appendix_inputs.given

    @property
    def city(self) -> City:
        """The city of the run."""
        return self.stored.city

    @property
    def words(self) -> Words:
        """The words of the language."""
        return words("appendix", self.lang)

    @property
    def marks(self) -> Words:
        """What stands between words and around numbers in the language."""
        return words("punctuation", self.lang)

    def say(self, key: str, **facts: object) -> str:
        """Return the words of a key with facts filled in."""
        return self.words[key].format(**facts)

    def told(self, key: str, **facts: object) -> Paragraph:
        """Return the sentences of a key, with numbers, commands and quotes as what they are."""
        return Paragraph(filled(self.words[key], facts))

    def name(self, thing: Goal | Reading | District | Track) -> str:
        """Return the name of whatever the city names in both languages."""
        return label(thing, self.lang)

    def text(self, *parts: Inline, role: Role = "body") -> Paragraph:
        """Return a paragraph."""
        return Paragraph(tuple(parts), role)

    def when(self, label: str) -> str:
        """Write a quarter as a reader says it: 2026年底 or the end of 2026, 2026年第三季度 or 2026 Q3."""
        return when(label, self.lang)

    def unit(self, reading: Reading) -> str:
        """Return the measure word of a count in Chinese; English needs none."""
        return measure_word(reading.indicator, self.lang)

    def counted(self, reading: Reading) -> Kind:
        """Return how numbers of a reading are written: things are whole, shares and money are not."""
        about = INDICATORS[reading.indicator]
        return "count" if about.kind == "ratio" or about.unit in NOT_THINGS else "whole"

    def asked(self, goal: Goal, reading: Reading) -> Cell:
        """Write what a reading asks for, in words."""
        value = self.stored_number(goal.key, reading.key, "value", self.counted(reading))
        return (self.say(reading.operator) + self.space(), value, self.unit(reading))

    def stored_number(self, goal: str, reading: str, column: str, kind: Kind = "count") -> Number:
        """Return a number of the stored statement about a reading."""
        value = float(self.stored.forecast(goal, reading)[column])
        return Number(f"run/{self.stored.id}/forecast/{goal}/{reading}/{column}", value, "", kind)

    def joint(self, at_least: int) -> Number:
        """Return the probability that at least so many goals are reached."""
        return Number(f"run/{self.stored.id}/joint/{at_least}", self.stored.joints[at_least], "", "chance")

    def input(self, path: str, kind: Kind = "count") -> Number:
        """Return a number that went into the run: of its record, a lever, a prior, the posterior or the data."""
        return Number(f"run/{self.stored.id}/{path}", self.inputs[path], "", kind)

    def kept(self, model: type[D]) -> list[Kept[D]]:
        """Return the stored analyses of a model's kind that rest on this run, the newest first."""
        return self.stored.store.kept(model, self.stored.id)

    def space(self) -> str:
        """Return what stands between a sentence and a command inside it."""
        return self.marks["gap"]


def of(analysis: AnalysisName, path: str, value: object, kind: Kind = "count", unit: str = "") -> Cell:
    """Return a cell with a number of an analysis' document, or nothing where the document has none."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return NONE
    return (number_of(analysis, path, float(value), kind, unit),)


def scenario_title(page: Page, name: str) -> str:
    """Return a scenario's title: in Chinese as the store has it, in English as its file has it, else its name."""
    mine = page.stored.scenario
    if mine is not None and mine.name == name:
        return mine.title[page.lang]
    stored = page.stored.store.scenario_title(name) if page.lang == "zh" else None
    return stored or title_of(name, page.city, page.lang)
