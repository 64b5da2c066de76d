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
    w = words("change", lang)
    ends = chance(row.old), chance(row.new)
    if ends[0] == ends[1] or row.old_median is None or row.new_median is None:
        return None
    medians = count(row.old_median), count(row.new_median)
    needed = (x if x is None else digits(x) for x in (row.old_needed, row.new_needed))
    part = row.main_part
    return w["why"].format(*ends, *medians, *needed, part=w[f"part_{part}"], points=points(getattr(row, part)))
