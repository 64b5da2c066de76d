"""What things that have a name in both languages are called in one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from peiyu.words.loader import words

if TYPE_CHECKING:
    from sim.city.city import Goal, Reading


class Named(Protocol):
    """Whatever has a name in both languages: a goal, a reading, a district, a track, a moment."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def label(thing: Named, lang: str) -> str:
    """Return the name of something in a language."""
    return thing.zh if lang == "zh" else thing.en


def when(quarter: str, lang: str) -> str:
    """Write a quarter as a reader says it: 2026年底 or the end of 2026, 2026年第三季度 or 2026 Q3."""
    year, number = quarter.split("Q")
    return words("dates", lang)[f"quarter_{number}"].format(year=year)


def reading_label(goal: Goal, reading: Reading, lang: str) -> str:
    """Return a goal and one of its readings as a reader knows them."""
    return f"{label(goal, lang)} · {label(reading, lang)}"
