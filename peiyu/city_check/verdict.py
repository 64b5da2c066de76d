"""The verdict on a city: usable or not, and the one command that is next."""

from __future__ import annotations

from peiyu.city_check.document import CityCheckDocument, FindingRow
from peiyu.city_check.findings import findings
from peiyu.words.loader import words
from peiyu.words.numbers import count
from sim.city.city import City

TITLES = ("refused", "warning", "assumed", "known")
"""Levels in the order they are told."""


def verdict_of(city: City) -> CityCheckDocument:
    """Return what is found in a city and what it comes to."""
    rows = findings(city)
    levels = {row.level for row in rows}
    kinds = {row.finding for row in rows}
    said = "refused" if "refused" in levels else "usable_with_warnings" if "warning" in levels else "usable"
    place = city.on_command_line
    verb = "city-check" if said == "refused" else "calibrate" if kinds & {"no_fit", "stale"} else "forecast"
    command = f"peiyu {verb} {place}" if verb == "city-check" else f"peiyu {verb} --city {place}"
    if verb == "calibrate" and "no_fit" in kinds:
        command += " --quick"
    return CityCheckDocument.model_validate(
        {"city": city.name, "region": city.region, "verdict": said, "findings": rows, "next": command}
    )


def told(city: City, document: CityCheckDocument, lang: str) -> list[str]:
    """Return the verdict as lines, worst first."""
    w = words("city_check", lang)
    lines = [f"{city.title[lang]} · {w[document.verdict]}"]
    for level in TITLES:
        rows = [row for row in document.findings if row.level == level]
        lines += ["", w[f"title_{level}"], *(f"  - {_sentence(row, lang)}" for row in rows)] if rows else []
    return [*lines, "", w["next"].format(command=document.next)]


def _sentence(row: FindingRow, lang: str) -> str:
    values = {key: count(x) if isinstance(x, int | float) else x for key, x in row.values.items()}
    return words("city_check", lang)[row.finding].format(**values)
