"""The verdict on a city on the screen."""

from __future__ import annotations

from peiyu.city_check.document import CityCheckDocument
from peiyu.city_check.verdict import told
from peiyu.screen.console import stdout
from sim.city.city import City


def print_verdict(city: City, document: CityCheckDocument, lang: str) -> None:
    """Print what is found, worst first, and the next command in a line of its own."""
    screen = stdout(lang)
    *found, command = told(city, document, lang)
    for line in found:
        screen.print(line)
    screen.print(command, soft_wrap=True)
