"""Forecast whether a city's industry-cultivation plan (培育计划) reaches its goals, and which lever changes that.

Eight names are all a notebook needs: `load_city`, `load_scenario`, `run_model`, `run_ensemble`, `forecast`,
`compare`, `open_store`, `draw`. They are loaded when first used, so that a command that needs no model loads none.
"""

from typing import TYPE_CHECKING

from peiyu import namesakes

if TYPE_CHECKING:
    from peiyu.api import compare, draw, forecast, load_city, load_scenario, open_store, run_ensemble, run_model

__all__ = [
    "compare",
    "draw",
    "forecast",
    "load_city",
    "load_scenario",
    "open_store",
    "run_ensemble",
    "run_model",
]
namesakes.look()


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from peiyu import api  # noqa: PLC0415  loads the model

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
