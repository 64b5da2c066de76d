"""The table of goals in the terminal, of a forecast just made or of a stored one; it loads no model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from peiyu.screen.grid import Grid
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import asked, chance, count, interval

if TYPE_CHECKING:
    from sim.city.city import City, Reading
    from sim.ensemble.stated import GoalForecast


def goals_table(
    city: City,
    rows: dict[tuple[str, str], GoalForecast],
    lang: str,
    title: str | None = None,
    name: Callable[[Reading, str], str] = label,
) -> Grid:
    """Return the table of goals from rows by (goal, reading); `name` says what a reading is called in a language."""
    w, said = words("forecast", lang), words("likelihood", lang)
    table = Grid(title, first_to_go=[w[key] for key in ("needed", "when", "rests", "likelihood", "asked")])
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    for key in ("asked", "median", "interval", "p"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for key in ("likelihood", "rests"):
        table.add_column(w[key], overflow="fold")
    for key in ("when", "needed"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for goal in city.goals:
        for i, r in enumerate(goal.readings):
            g = rows[goal.key, r.key]
            table.add_row(
                label(goal, lang) if i == 0 else "",
                ("* " if r.primary else "  ") + name(r, lang),
                asked(r.operator, r.value),
                count(g.median),
                interval(g.q05, g.q95),
                chance(g.probability),
                said[g.likelihood],
                f"{g.evidence} {said[g.basis]}",
                g.first_passage or w["never"],
                count(g.still_needed),
                end_section=i == len(goal.readings) - 1,
            )
    return table
