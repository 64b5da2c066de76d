"""Titles of scenarios in a document: of the shipped files in both languages, else as the store has them."""

from __future__ import annotations

from peiyu.appendix.page import Page
from sim.inputs.errors import InputError
from sim.scenario.scenario import load_scenario, shipped_scenarios


def scenario_title(page: Page, name: str) -> str:
    """Return a scenario's title: in Chinese as the store has it, in English as its file has it, else its name."""
    mine = page.stored.scenario
    if mine is not None and mine.name == name:
        return mine.title[page.lang]
    if page.lang != "zh":
        return _english(page, name)
    return page.stored.store.scenario_title(name) or name


def _english(page: Page, name: str) -> str:
    plain = name.replace("_", " ")
    if name not in shipped_scenarios():
        return plain
    try:
        return load_scenario(name, page.city).title["en"]
    except InputError:
        return plain
