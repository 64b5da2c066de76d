"""Grades that a city claims and its rows do not support: one line on stderr, before numbers that rest on them."""

from __future__ import annotations

from itertools import groupby

from peiyu.screen.lines import tell
from peiyu.words.loader import words
from peiyu.words.numbers import count
from sim.city.city import City
from sim.city.history import Overstated

SHOWN = 5
"""Rows of a file that are named; of more only how many there are."""


def tell_grades(city: City, lang: str) -> None:
    """Say on stderr, in one line, by file and row what is read as a lower grade than it claims."""
    if city.overstated:
        parts = [_told(list(rows), lang) for _, rows in groupby(city.overstated, key=lambda x: x.file)]
        w = words("city_check", lang)
        tell(
            w["overstated_all"].format(
                n=count(len(city.overstated)), rows=w["overstated_between"].join(parts), city=city.on_command_line
            )
        )


def _told(rows: list[Overstated], lang: str) -> str:
    w = words("city_check", lang)
    names = w["overstated_comma"].join(
        w["overstated_row"].format(row=x.row, claimed=x.claimed, read=x.read) for x in rows[:SHOWN]
    )
    more = w["overstated_more"].format(n=count(len(rows) - SHOWN)) if len(rows) > SHOWN else ""
    return f"{rows[0].file}: {names}{more}"
