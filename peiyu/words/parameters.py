"""Plain names of the model's parameters in English and Chinese, and how their values are written."""


from __future__ import annotations

from collections.abc import Collection

import numpy as np

from agents.parameters import Parameters
from peiyu.words.loader import words
from peiyu.words.numbers import digits, rate, relative_change

SHARES = ("share", "share in 10 years", "share of the rest", "share of the bill")
"""Units that are written as percent."""
YEARLY = "1/year"
"""Written as percent a year, or as so many a year where more than one is usual."""
CHANGES = ("ln", "ln HR", "ln TFP", "ln entry", "ln odds", "log/year")
"""Units on the log scale that are written as a change in percent, or as a multiple from two times up."""
BARE = ("ratio", "multiplier", "elasticity", "exponent", "correlation", "shape", "log")
"""Units that need not be said."""
TWICE = 2.0
"""From here on a change is a multiple."""


def is_assumption(source: str) -> bool:
    """Tell whether no publication gives a number."""
    return "assumption" in source


def parameter_label(name: str, lang: str) -> str:
    """Return the plain name of a parameter."""
    about = Parameters.__dataclass_fields__[name].metadata
    return str(about["zh"]) if lang == "zh" else words("parameters", lang)[name]


def unit_of(name: str) -> str:
    """Return the unit in which a parameter is held."""
    return str(Parameters.__dataclass_fields__[name].metadata["unit"])


def rests_on(name: str, informed: Collection[str]) -> str:
    """Return what the value of a parameter rests on: the city's data, literature, or an assumption."""
    source = str(Parameters.__dataclass_fields__[name].metadata["source"])
    return "data" if name in informed else "assumption" if is_assumption(source) else "literature"


def unit_label(name: str, lang: str) -> str:
    """Return the unit of a parameter for a reader."""
    return words("units", lang)[unit_of(name)]


def parameter_value(name: str, x: float, lang: str) -> str:
    """Write a value as a reader expects: rates and shares in percent, log effects as changes or multiples."""
    unit = unit_of(name)
    if unit in SHARES:
        return rate(x)
    if unit == YEARLY:
        counts = getattr(Parameters(), name) >= 1.0
        return (digits(x) if counts else rate(x)) + words("units", lang)["per_year"]
    if unit in CHANGES or name.startswith("drive_"):
        return _change(x, lang) + (words("units", lang)["per_year"] if unit == "log/year" else "")
    return digits(x) if unit in BARE else f"{digits(x)} {unit_label(name, lang)}"


def _change(x: float, lang: str) -> str:
    """Write exp(x) against one."""
    times = float(np.exp(x))
    return digits(times) + words("units", lang)["times"] if times >= TWICE else relative_change(times - 1.0)
