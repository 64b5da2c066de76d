"""What a planner reads of a change between two forecasts, in Chinese and English."""

from __future__ import annotations

from peiyu.runs.change import PARTS, Change
from peiyu.runs.change_document import ChangeRow
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import chance, count, digits, points
from sim.city.city import City

End = tuple[float, float | None, float | None]
"""What a forecast says of a reading: probability, median at the deadline, and what is needed a quarter."""


def print_change(c: Change, city: City, lang: str) -> None:
    """Print what of every reading's change is data, policy, model and luck, in percentage points."""
    w, console = words("change", lang), stdout(lang)
    runs = (f"{x.run_id} ({x.as_of}, {x.scenario})" for x in (c.old, c.new))
    console.heading(city.title[lang], f" {' → '.join(runs)}")
    table = Grid()
    for key in ("goal", "reading"):
        table.add_column(words("forecast", lang)[key], overflow="fold")
    for key in ("before", *PARTS, "after"):
        table.add_column(w[key], justify="right", no_wrap=True)
    rows = {(row.goal, row.reading): row for row in c.rows}
    shown = [(g, r, rows[g.key, r.key]) for g in city.goals for r in g.readings if (g.key, r.key) in rows]
    for goal, r, row in shown:
        moved = [points(getattr(row, part)) for part in PARTS]
        ends = [chance(getattr(row, end)) for end in ("old", "new")]
        table.add_row(label(goal, lang), label(r, lang), ends[0], *moved, ends[1])
    console.table(table)
    console.print(w["parts"])
    for goal, r, row in shown:
        told = sentence(row, lang)
        if told is not None:
            console.print(f"{label(goal, lang)}, {label(r, lang)}: {told}")


def sentence(row: ChangeRow, lang: str) -> str | None:
    """Return why a reading's probability moved, or None where it did not by a printed per cent."""
    then, now = (row.old, row.old_median, row.old_needed), (row.new, row.new_median, row.new_needed)
    return moved(then, now, lang, mostly(row.main_part, getattr(row, row.main_part), lang))


def mostly(part: str, by: float, lang: str) -> str:
    """Say which part moved a probability most, and by how much."""
    w = words("change", lang)
    return w["why_part"].format(part=w[f"part_{part}"], points=points(by))


def moved(then: End, now: End, lang: str, why: str = "") -> str | None:
    """Return how a reading's probability moved, or None where it did not by a printed per cent."""
    ends = chance(then[0]), chance(now[0])
    if ends[0] == ends[1] or then[1] is None or now[1] is None:
        return None
    medians = count(then[1]), count(now[1])
    needed = (x if x is None else digits(x) for x in (then[2], now[2]))
    return words("change", lang)["why"].format(*ends, *medians, *needed, why=why)
