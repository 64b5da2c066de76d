"""Names of the regions and series of the historical record, as a reader of either language writes them."""

from __future__ import annotations

from peiyu.words.loader import words


def place(region: str, lang: str) -> str:
    """Return the name of a region; what has none keeps its key."""
    parts = region.split("/")
    if lang == "zh":
        return "".join(words("places", lang).get(p, p) for p in parts)
    return ", ".join(p.replace("_", " ").title() for p in reversed(parts))


def series(name: str, lang: str) -> str:
    """Return the name of a series of settled goals; what has none keeps its key."""
    return words("series", lang).get(name, name if lang == "zh" else name.replace("_", " "))
