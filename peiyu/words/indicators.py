"""Names of indicators for readers: the label of the code in Chinese, plain words in English."""

from __future__ import annotations

from peiyu.words.loader import words
from peiyu.words.names import label
from sim.city.city import City, Reading
from sim.state.indicators import INDICATORS

HOLDERS = {"tech_sme_stock": "tech_sme", "srdi_stock": "srdi"}
"""Stocks of labels whose office is another from city to city, and the recognition that gives the label."""


def measure_word(name: str, lang: str) -> str:
    """Return what stands behind a count of an indicator in Chinese; English has no measure words."""
    return INDICATORS[name].unit if lang == "zh" else ""


def with_unit(name: str, unit: str, lang: str) -> str:
    """Add the unit to the name of a sum of money; a count of things needs none."""
    if not unit.startswith("万元"):
        return name
    return f"{name}({unit})" if lang == "zh" else f"{name} ({words('units', lang)[unit]})"


def counted_label(reading: Reading, lang: str) -> str:
    """Return the name of a reading, with the unit of its numbers where they are money."""
    return with_unit(label(reading, lang), INDICATORS[reading.indicator].unit, lang)


def label_of_city(name: str, lang: str, city: City) -> str:
    """Return the name of an indicator as a city calls it: a label that it holds by the name of its own rule."""
    rule = next((r for r in city.rules if HOLDERS.get(name) == r.key), None)
    if rule is None:
        return indicator_label(name, lang)
    return f"{rule.zh}数" if lang == "zh" else f"{rule.en[:1].lower()}{rule.en[1:]}s"


def indicator_label(name: str, lang: str) -> str:
    """Return the name of an indicator in a language, the same for every city."""
    return INDICATORS[name].label if lang == "zh" else words("indicators", lang).get(name, name.replace("_", " "))
