"""What a scenario is called, by its key: a file of its city is read for it, which loads the model's levers."""

from __future__ import annotations

from sim.city.city import City
from sim.city.shelf import scenario_names
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario


def title_of(scenario: str, city: City, lang: str) -> str:
    """Return a scenario's title by its name; its name in words where the city has none that can be read."""
    if scenario in scenario_names(city.folder):
        try:
            return load_scenario(scenario, city).title[lang]
        except InputError:
            pass
    return scenario.replace("_", " ")
