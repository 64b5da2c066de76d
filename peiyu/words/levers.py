"""How a lever is named for planners, and whom it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from peiyu.words.loader import words
from peiyu.words.names import Named, label
from peiyu.words.numbers import digits, money_en, money_zh, percent
from sim.city.city import City
from sim.levers import Lever
from sim.levers.base import Eligible
from sim.scenario.scenario import Scenario

SHARES = ("compute_share", "public_share", "share", "reach", "rate", "min_rd_intensity")
"""Settings that are a part of something."""
MONEY = (
    "cost", "ticket", "first_award", "renewal_award", "amount", "cap", "platform_grant", "support", "face_value",
    "zone_grant", "rent_relief",
)  # fmt: skip
"""Settings in 万元."""


def lever_term(cls: type[Lever]) -> str:
    """Return the planners' word for a type of lever, with which its docstring begins."""
    return str(cls.__doc__).partition(": ")[0]


def lever_name(name: str, scenario: Scenario | None, lang: str) -> str:
    """Return what readers call a lever: its own name, or the word for its type where it has none of its own."""
    known = words("lever_names", lang)
    if name in known:
        return known[name]
    found = next((x for x in scenario.levers if x.name == name), None) if scenario else None
    if found is None or lang != "zh":
        return name.replace("_", " ")
    return lever_term(type(found))


def setting(name: str, lang: str) -> tuple[str, str]:
    """Return what stands before and after the value of a setting."""
    before, _, after = words("lever_settings", lang)[name].partition("{value}")
    return before, after


def setting_value(value: object, lang: str) -> str:
    """Write what is set: a word of the scenario file in plain words, a list with commas, a share in percent."""
    if isinstance(value, tuple | list):
        return words("punctuation", lang)["comma"].join(setting_value(x, lang) for x in value)
    return words("lever_settings", lang)[f"value_{value}"] if isinstance(value, str) else digits(float(str(value)))


def eligible_words(city: City, who: Eligible, lang: str) -> list[str]:
    """Write the conditions a lever sets as readers say them."""
    named: dict[str, Sequence[Named]] = {"districts": city.districts, "tracks": city.tracks}
    out = []
    for f in fields(Eligible):
        value = getattr(who, f.name)
        if value == f.default and f.name != "tracks":
            continue
        if isinstance(value, tuple):
            said = words("punctuation", lang)["comma"].join(label(named[f.name][i], lang) for i in value)
        else:
            said = _condition(f.name, value, lang)
        out.append(said.join(setting(f.name, lang)))
    return out


def _condition(name: str, value: object, lang: str) -> str:
    if value is True:
        return ""
    if name == "max_revenue":
        return money_zh(float(str(value))) if lang == "zh" else money_en(float(str(value)))
    return percent(float(str(value))) if name in SHARES else setting_value(value, lang)


def eligibility(city: City, who: Eligible) -> str:
    """Write the conditions a lever sets, each with its value."""
    parts = []
    for f in fields(Eligible):
        value = getattr(who, f.name)
        if value == f.default and f.name != "tracks":
            continue
        if f.name == "districts":
            value = [city.districts[i].key for i in value]
        elif f.name == "tracks" and not isinstance(value, str):
            value = [city.tracks[i].key for i in value]
        said = (
            ", ".join(value) if isinstance(value, list) else digits(value) if isinstance(value, float) else str(value)
        )
        parts.append(f"{f.name} {said}")
    return "; ".join(parts)
