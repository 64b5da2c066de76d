"""Quarters as integers, so that arithmetic is arithmetic; "2026Q3" is how people write them."""

from __future__ import annotations

import re

from sim.inputs.errors import InputError, standing
from sim.inputs.said import NOTHING, Said
from sim.inputs.shown import quoted

FIRST, LAST = 1949, 2060
"""Years that anything here can speak of; others are typing errors, and would run for a century."""
_QUARTER = re.compile(r"(\d{4})Q([1-4])", re.ASCII)
# what people write instead, only to tell them what they probably meant
_LOOSE = re.compile(r"\s*(\d{4})\s*(?:[-_/. ]|年)?\s*(?:[qQ]|第)?\s*([1-4])\s*(?:季度)?\s*", re.ASCII)
_PERIOD = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-\d{2})?|-H(?P<half>[12])|-?Q(?P<quarter>[1-4]))?",
    re.ASCII,
)

MOST_YEARS = 40
"""Years a run may take from the opening; further off no parameter that was learnt from the past means anything."""


def parse(text: str) -> int:
    """Turn "2026Q3" into quarters since year 0.

    Raises
    ------
    InputError
        If the text is written any other way; the message says how to write it.
    """
    found = _QUARTER.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        loose = _LOOSE.fullmatch(str(text))
        shown = quoted(text, 40)
        said = Said('"{found}" is not a quarter; write year, Q and 1 to 4 in quotes, like "2026Q3".', found=shown)
        raise InputError(said + (_meant(f"{loose[1]}Q{loose[2]}") if loose else NOTHING))
    year = int(found[1])
    if not FIRST <= year <= LAST:
        near = [y for y in _swapped(found[1]) if FIRST <= y <= LAST]
        said = Said('"{found}": a year from {first} to {last} is expected.', found=text, first=FIRST, last=LAST)
        raise InputError(said + (_meant(f"{near[0]}Q{found[2]}") if near else NOTHING))
    return 4 * year + int(found[2]) - 1


def _meant(quarter: str) -> Said:
    return Said(' Did you mean "{word}"?', word=quarter)


def parse_named(name: str, text: str) -> int:
    """Turn the quarter of an option or a field into a number; the message of what is none begins with its name."""
    with standing(name):
        return parse(text)


def _swapped(year: str) -> list[int]:
    """Return the years that two neighbouring digits the other way round would make."""
    return [int(year[:i] + year[i + 1] + year[i] + year[i + 2 :]) for i in range(len(year) - 1)]


def label(quarter: int) -> str:
    """Turn quarters since year 0 into "2026Q3"."""
    return f"{quarter // 4}Q{quarter % 4 + 1}"


def refuse_far(what: Said | str, end: int, opening: int) -> None:
    """Raise `InputError` when a quarter is further from the opening than a run goes."""
    if end - opening <= 4 * MOST_YEARS:
        return
    raise InputError(
        Said(
            "{what} {when} is {years} years after the opening {opening}; write a quarter at most {most} years after"
            " it.",
            what=what,
            when=label(end),
            years=(end - opening) // 4,
            opening=label(opening),
            most=MOST_YEARS,
        )
    )


def period_end(text: str) -> int | None:
    """Return the quarter in which a period of a history file ends, or None for other texts.

    A year ends in its fourth quarter, a month or a day in the quarter that contains it, a half-year
    ("2023-H2") in its second or fourth quarter. A span of years ("2021-2026") has no single end.
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    year = 4 * int(found["year"])
    if found["month"]:
        return year + (int(found["month"]) - 1) // 3
    if found["half"]:
        return year + 2 * int(found["half"]) - 1
    return year + int(found["quarter"] or 4) - 1
