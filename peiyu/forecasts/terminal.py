"""What a planner reads in the terminal, in Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from peiyu.forecasts.outcomes import outcome_table
from peiyu.screen.console import stdout
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import chance, count, interval, score
from sim import quarter

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from peiyu.forecasts.result import Forecast
    from sim.city.city import City
    from sim.ensemble.forecast import GoalForecast


def goals_table(city: City, rows: dict[tuple[str, str], GoalForecast], lang: str) -> Table:
    """Return the table of goals from rows by (goal, reading)."""
    w = words("forecast", lang)
    table = Table(show_lines=False, header_style="bold")
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    for key in ("asked", "median", "interval", "p", "error"):
        table.add_column(w[key], justify="right", no_wrap=True)
    table.add_column(w["evidence"], justify="center")
    for key in ("when", "needed"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for goal in city.goals:
        for i, r in enumerate(goal.readings):
            g = rows[goal.key, r.key]
            table.add_row(
                label(goal, lang) if i == 0 else "",
                ("* " if r.primary else "  ") + label(r, lang),
                f"{r.operator} {count(r.value)}",
                count(g.median),
                interval(g.q05, g.q95),
                chance(g.probability),
                score(g.mc_error),
                g.evidence,
                g.first_passage or w["never"],
                count(g.still_needed),
                end_section=i == len(goal.readings) - 1,
            )
    return table


def print_forecast(f: Forecast, lang: str, out: Path) -> None:
    """Print the table of goals and the joint probabilities."""
    w, console = words("forecast", lang), stdout()
    rows = {(g.goal, g.reading): g for g in f.goals}
    console.print(f"[bold]{f.city.title[lang]} · {f.scenario.title[lang]}[/bold]")
    console.print(f"{w['as_of']} {quarter.label(f.as_of)} · {f.members} {w['members']} · {w['run']} {f.run_id}")
    console.print(goals_table(f.city, rows, lang))
    _print_joint(console, f.joint.all, f.joint.at_least, len(f.city.goals), lang)
    print_acts(console, f, lang)
    console.print(outcome_table(f.outcomes, lang))
    console.print(w["grades"])
    console.print(f"{w['files']}: {out}/ (forecast.json, goals.csv, outcomes.csv, paths.csv, ledger.csv, peiyu.db)")


def print_acts(console: Console, f: Forecast, lang: str) -> None:
    """Print in how many members each adaptive rule acted; nothing for a scenario without rules."""
    told = words("forecast", lang)["acted"]
    for x in f.acts:
        console.print(f"{told.format(x.rule, x.quarter, x.branch)} {chance(x.share)}")


def _print_joint(console: Console, every: float, at_least: dict[int, float], goals: int, lang: str) -> None:
    w = words("forecast", lang)
    half = (goals + 1) // 2
    some = [k for k in (half, round(0.75 * goals), goals - 1) if k in at_least]
    parts = [f"{w['at_least']} {k}/{goals} {w['of']}: {chance(at_least[k])}" for k in sorted(set(some))]
    console.print(f"{w['all']}: {chance(every)} · " + " · ".join(parts))
