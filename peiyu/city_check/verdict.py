"""The verdict on a city: usable or not, and the one command that is next."""

from __future__ import annotations

from peiyu.city_check.document import CityCheckDocument, FindingRow
from peiyu.city_check.findings import findings
from peiyu.words.indicators import indicator_label
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import count, money_en, money_zh
from peiyu.words.titles import title_of
from sim.city.city import City
from sim.city.readings import every_reading

TITLES = ("refused", "warning", "assumed", "known")
"""Levels in the order they are told."""


def verdict_of(city: City, lang: str = "en") -> CityCheckDocument:
    """Return what is found in a city and what it comes to; the reasons of refusals are told in a language."""
    rows = findings(city, lang)
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
        lines += ["", w[f"title_{level}"], *(f"  - {_sentence(city, row, lang)}" for row in rows)] if rows else []
    return [*lines, "", w["next"].format(command=document.next)]


def _sentence(city: City, row: FindingRow, lang: str) -> str:
    values = {key: count(x) if isinstance(x, int | float) else x for key, x in row.values.items()}
    values |= {key: name for key, x in row.values.items() if (name := _name(city, key, x, lang))}
    return words("city_check", lang)[row.finding].format(**values)


def _name(city: City, kind: str, value: str | int | float, lang: str) -> str:
    """Return what a reader calls a value of a finding, with the key that stands in the city's files; or nothing."""
    if kind == "money":
        return money_zh(float(value)) if lang == "zh" else money_en(float(value))
    if kind == "reading":
        named = {f"{g.key}/{r.key}": f"{label(g, lang)} · {label(r, lang)}" for g, r in every_reading(city)}
    elif kind == "name":
        named = {f"district {d.key}": label(d, lang) for d in city.districts}
        named |= {f"track {t.key}": label(t, lang) for t in city.tracks}
    elif kind == "scenario":
        named = {str(value): title_of(str(value), city, lang)}
    elif kind == "indicator":
        return indicator_label(str(value), lang)
    else:
        return ""
    name = named.get(str(value))
    return words("city_check", lang)["named"].format(name=name, key=value) if name else ""
