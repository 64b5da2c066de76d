"""Names of regions and series of the historical record, and of methods that forecast them, in either language."""

from __future__ import annotations

from peiyu.words.loader import words
from peiyu.words.numbers import count


def place(region: str, lang: str) -> str:
    """Return the name of a region; what has none keeps its key."""
    parts, known = region.split("/"), words("places", "zh")  # English names are the keys themselves
    if not any(p in known for p in parts):
        return region
    if lang == "zh":
        return "".join(known.get(p, p) for p in parts)
    return ", ".join(p.replace("_", " ").title() if p in known else p for p in reversed(parts))


def series(name: str, lang: str) -> str:
    """Return the name of a series of settled goals; what has none keeps its key."""
    return words("series", lang).get(name, name if lang == "zh" else name.replace("_", " "))


def method(name: str, lang: str) -> str:
    """Return the name of a model or of a method that it is compared with; what has none keeps its key."""
    return words("methods", lang).get(name, name)


def goal(region: str, what: str, target: float, year: int, lang: str) -> str:
    """Write a settled goal: where, of what, how much and until when."""
    facts = {"place": place(region, lang), "series": series(what, lang), "target": count(target), "year": year}
    return words("backtest", lang)["goal_asked"].format(**facts)
