"""What a planner reads of a comparison in the terminal, in Chinese or English."""

from __future__ import annotations

from pathlib import Path

from peiyu.comparison.reasons import sentence
from peiyu.comparison.result import Comparison
from peiyu.comparison.rows import Effect, OutcomeEffect, PartEffect
from peiyu.comparison.split import MEMBERS, LeverShare, Split
from peiyu.forecasts.outcomes import outcome_label, shown_years
from peiyu.forecasts.result import Forecast
from peiyu.forecasts.terminal import print_acts
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING, count, interval, points
from sim.city.city import Goal, Reading
from sim.scenario.evidence import differing_outside

Named = dict[tuple[str, str], tuple[Goal, Reading]]
LEAKS = (
    "vouchers_lapsed", "vouchers_paid", "vouchers_paid_additional", "vouchers_wan", "vouchers_deadweight_wan",
    "relabelled_wan", "relabelled_enterprises", "tenants", "tenants_created", "tenants_attracted", "tenants_moved",
    "tenants_standing",
)  # fmt: skip
"""What support pays for that is no effect, in the order in which it is told."""

LESS = ("unpaired", "displaced", "spillover", "gross", "additional", "per_unit")
"""What a narrow terminal does without first, of the table of effects."""


def print_comparison(c: Comparison, lang: str, out: Path, drawn: list[str]) -> None:
    """Print paired effects of every scenario against the first, where they arise, what leaked, and the splits."""
    w, console = words("comparison", lang), stdout(lang)
    base = c.forecasts[0]
    console.heading(f"{base.city.title[lang]}: {base.scenario.title[lang]} →", f" {base.members} {w['members']}")
    named: Named = {(g.key, r.key): (g, r) for g in base.city.goals for r in g.readings}
    for f in c.forecasts[1:]:
        console.table(_effects(c, f, named, lang))
        for line in outside_words(outside_document(differing_outside(base.scenario, f.scenario, base.city)), lang):
            console.print(line)
        for x in (x for x in c.reasons if x.scenario == f.scenario.name):
            console.print(sentence(x, f, lang))
        for table in (_costs(c, f, lang), _outcomes(c, f, lang), _places(c, f, lang)):
            if table is not None:
                console.table(table)
        console.table(_leaks(c, f, lang))
        print_acts(console, f, lang)
    for split in c.splits:
        console.table(_split(split, named, lang))
    console.print(w["what"])
    if c.splits:
        console.print(w["most"].format(n=MEMBERS))
    tables = ["effects.csv", "costs.csv", "outcomes.csv", "parts.csv", "leaks.csv", "ladder.csv", "ledger.csv"]
    files = ["compare.json", *tables, *drawn, "peiyu.db"]
    console.print(f"{w['files']}: {out}/ ({', '.join(files)})")


def _effects(c: Comparison, f: Forecast, named: Named, lang: str) -> Grid:
    w = words("comparison", lang)
    mine = [e for e in c.effects if e.scenario == f.scenario.name]
    title = f"{f.scenario.title[lang]} · {w['cost']} {count(mine[0].cost_wan)}"
    table = Grid(title, first_to_go=[w[key] for key in LESS])
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    numbers = ("gross", "additional", "spillover", "displaced", "net", "interval", "delta", "interval")
    for key in (*numbers, "per_unit", "unpaired"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for i, e in enumerate(mine):
        goal, r = named[e.goal, e.reading]
        begins, ends = (j in (-1, len(mine)) or mine[j].goal != e.goal for j in (i - 1, i + 1))
        name = ("* " if r.primary else "  ") + label(r, lang)
        table.add_row(label(goal, lang) if begins else "", name, *_cells(e, lang), end_section=ends)
    return table


def _cells(e: Effect, lang: str) -> list[str]:
    per_unit = unit_cost_words(e, lang)
    who = [count(x) for x in (e.gross, e.additional, e.spillover, e.displaced)]
    units = [*who, count(e.net), interval(*e.net_ci90)]
    times = NOTHING if e.unpaired_times is None else f"×{count(e.unpaired_times)}"
    return [*units, points(e.delta_probability), interval(*e.ci90, points), per_unit, times]


def unit_cost_words(x: Effect | OutcomeEffect | LeverShare, lang: str) -> str:
    """Return what a unit costs, with its interval, or in words why there is no such number."""
    if x.cost_per_net_unit is None or x.cost_per_net_unit_ci90 is None:
        return words("comparison", lang)[f"note_{x.cost_note}"]
    return f"{count(x.cost_per_net_unit)} ({interval(*x.cost_per_net_unit_ci90)})"


def _costs(c: Comparison, f: Forecast, lang: str) -> Grid | None:
    """Return what each lever paid, where that is not the same as in the base; None where it is for all."""
    w = words("comparison", lang)
    mine = [x for x in c.costs if x.scenario == f.scenario.name and any(x.difference_ci90)]
    if not mine:
        return None
    table = Grid(w["costs"])
    table.add_column(w["player"], overflow="fold")
    for key in ("here", "base", "difference", "interval"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for x in mine:
        numbers = [count(n) for n in (x.cost_wan, x.base_wan, x.difference_wan)]
        table.add_row(x.lever, *numbers, interval(*x.difference_ci90))
    return table


def _outcomes(c: Comparison, f: Forecast, lang: str) -> Grid | None:
    """Return what the scenario changes about outcomes by year; None where it changes none."""
    w = words("comparison", lang)
    mine = [x for x in c.outcomes if x.scenario == f.scenario.name and (x.gross or any(x.net_ci90))]
    if not mine:
        return None
    table = Grid(w["outcomes"])
    table.add_column(w["outcome"], overflow="fold")
    for key in ("year", "gross", "additional", "spillover", "displaced", "net", "interval", "per_unit"):
        table.add_column(w[key], justify="right", no_wrap=True)
    shown = shown_years(sorted({x.year for x in mine}))
    for name in dict.fromkeys(x.indicator for x in mine):
        rows = [x for x in mine if x.indicator == name and x.year in shown]
        for i, x in enumerate(rows):
            numbers = [count(n) for n in (x.gross, x.additional, x.spillover, x.displaced, x.net)]
            cells = [str(x.year), *numbers, interval(*x.net_ci90), unit_cost_words(x, lang)]
            table.add_row("" if i else outcome_label(name, lang), *cells, end_section=i == len(rows) - 1)
    return table


def _places(c: Comparison, f: Forecast, lang: str) -> Grid | None:
    """Return the net effect on main readings by track and district, one column a goal; None where there is none."""
    w, city = words("comparison", lang), f.city
    mine = {(p.goal, p.axis, p.code): p for p in c.parts if p.scenario == f.scenario.name}
    goals = [g for g in city.goals if any(key[0] == g.key for key in mine)]
    if not goals:
        return None
    table = Grid(w["where"])
    table.add_column("")
    for g in goals:
        table.add_column(label(g, lang), justify="right", overflow="fold")
    places = [("track", t.key, t) for t in city.tracks if t.future] + [("district", d.key, d) for d in city.districts]
    for axis, code, thing in places:
        table.add_row(f"{w[axis]}: {label(thing, lang)}", *(_net(mine.get((g.key, axis, code))) for g in goals))
    return table


def _net(part: PartEffect | None) -> str:
    return NOTHING if part is None else f"{count(part.net)} ({interval(*part.net_ci90)})"


def _leaks(c: Comparison, f: Forecast, lang: str) -> Grid:
    w = words("comparison", lang)
    table = Grid(w["leaks"])
    table.add_column("")
    for key in ("here", "base"):
        table.add_column(w[key], justify="right")
    mine = {x.item: x for x in c.leaks if x.scenario == f.scenario.name}
    for item in (key for key in LEAKS if key in mine):
        table.add_row(w[item], count(mine[item].value), count(mine[item].base))
    return table


def _split(s: Split, named: Named, lang: str) -> Grid:
    w = words("comparison", lang)
    table = Grid(f"{w['split']}: {s.scenario}, {w[s.by]}, {s.members} {w['members']}")
    for key in ("goal", "reading", "player"):
        table.add_column(w[key], overflow="fold")
    for key in ("net", "interval", "delta", "interval", "per_unit"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for (goal_key, reading_key), (goal, r) in named.items():
        if not r.primary:
            continue
        mine = [x for x in (*s.rows, *s.whole) if (x.goal, x.reading) == (goal_key, reading_key) and _matters(x)]
        for i, x in enumerate(mine):
            first = (label(goal, lang), label(r, lang)) if i == 0 else ("", "")
            table.add_row(*first, w.get(x.player, x.player), *_share_cells(x, lang), end_section=i == len(mine) - 1)
    return table


def _matters(x: LeverShare) -> bool:
    """Tell whether a share is anything at all in any member."""
    return any(x.net_ci90) or any(x.ci90)


def _share_cells(x: LeverShare, lang: str) -> list[str]:
    change = points(x.delta_probability), interval(*x.ci90, points)
    return [count(x.net), interval(*x.net_ci90), *change, unit_cost_words(x, lang)]
