"""Forecast whether a city's industry-cultivation plan (培育计划) reaches its goals, and which lever changes that.

Eight names are all a notebook needs: `load_city`, `load_scenario`, `run_model`, `run_ensemble`, `forecast`,
`compare`, `open_store`, `draw`.
"""

from peiyu.api import compare, draw, forecast, run_ensemble, run_model
from sim.city.city import load_city
from sim.scenario.scenario import load_scenario
from sim.store.store import open_store

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
