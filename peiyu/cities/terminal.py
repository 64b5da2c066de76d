"""What a planner reads of several cities, in Chinese and English."""

from __future__ import annotations

from peiyu.cities.document import CitiesDocument, CityGoalRow, Together
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.indicators import with_unit
from peiyu.words.loader import words
from peiyu.words.numbers import asked, chance, count, interval, money_en, money_zh, points, rate

HALF = 0.5
NUMBERS = ("target", "median", "interval", "probability", "delta", "net")


def print_cities(d: CitiesDocument, lang: str) -> None:
    """Print goal by goal what every city promises, how likely it is, and what its plan changes."""
    w, screen = words("cities", lang), stdout(lang)
    money = money_zh if lang == "zh" else money_en
    for city in d.cities:
        titles = {key: getattr(city, f"{key}_{lang}") for key in ("plan", "baseline")}
        facts = {"as_of": city.as_of, "members": city.members, **titles}
        screen.heading(getattr(city, lang), f" {w['about'].format(**facts, money=money(city.cost_wan))}")
        table = Grid(first_to_go=[w[key] for key in ("likelihood", "basis", "deadline", "net", "interval")])
        for key in ("goal", "deadline", *NUMBERS, "likelihood", "basis"):
            table.add_column(w[key], justify="right" if key in NUMBERS else "left")
        for row in d.goals:
            if row.city == city.city:
                table.add_row(*_cells(row, lang))
        screen.table(table)
    if d.together is not None:
        _print_together(d.together, {c.city: getattr(c, lang) for c in d.cities}, lang)
    for name, reason in d.left_out.items():
        screen.print(w["left_out"].format(city=name, reason=reason))
    screen.print(w["what"])


def _print_together(said: Together, names: dict[str, str], lang: str) -> None:
    """Print how fast the cities grow, and which of every two grows faster in years that they share."""
    w, screen = words("cities", lang), stdout(lang)
    screen.heading(w["together"].format(since=said.since, until=said.until))  # longer than the table is wide
    table = Grid()
    for key in ("city", "growth", "interval"):
        table.add_column(w[key], justify="left" if key == "city" else "right")
    for x in said.growth:
        table.add_row(names[x.city], rate(x.median), interval(x.q05, x.q95, rate))
    screen.table(table)
    for pair in said.pairs:
        here, there, ahead = pair.city, pair.other, pair.ahead
        first, other, ahead = (here, there, ahead) if ahead >= HALF else (there, here, 1.0 - ahead)
        screen.print(w["ahead"].format(city=names[first], other=names[other], chance=chance(ahead)))
    screen.print(w["shared"])


def _cells(row: CityGoalRow, lang: str) -> list[str]:
    moved = row.net_ci90[0] > 0 or row.net_ci90[1] < 0
    said = words("likelihood", lang)
    return [
        with_unit(getattr(row, lang), row.unit, lang),
        row.deadline,
        asked(row.operator, row.value),
        count(row.median),
        interval(row.q05, row.q95),
        chance(row.probability),
        points(row.delta_probability),
        interval(row.net_ci90[0], row.net_ci90[1]) if moved else words("cities", lang)["none"],
        said[row.likelihood],
        said[row.basis],
    ]
