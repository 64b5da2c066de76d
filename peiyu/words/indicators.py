"""Names of indicators for readers: the label of the code in Chinese, plain words in English."""

from __future__ import annotations

from peiyu.words.loader import words
from sim.state.indicators import INDICATORS


def measure_word(name: str, lang: str) -> str:
    """Return what stands behind a count of an indicator in Chinese; English has no measure words."""
    return INDICATORS[name].unit if lang == "zh" else ""


def indicator_label(name: str, lang: str) -> str:
    """Return the name of an indicator in a language."""
    return INDICATORS[name].label if lang == "zh" else words("indicators", lang).get(name, name.replace("_", " "))
