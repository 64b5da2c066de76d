"""What a planner reads of a comparison in the terminal, in Chinese or English."""

from __future__ import annotations

from pathlib import Path

from peiyu.comparison.reasons import unmoved_goals, way
from peiyu.comparison.result import Comparison
from peiyu.comparison.rows import Effect, OutcomeEffect, PartEffect
from peiyu.comparison.split import MEMBERS, LeverShare, Split
from peiyu.forecasts.outcomes import outcome_label, shown_years
from peiyu.forecasts.result import Forecast
from peiyu.forecasts.terminal import print_acts
from peiyu.screen.console import Screen, stdout
from peiyu.screen.grid import Grid
from peiyu.screen.next import print_next
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.indicators import counted_label
from peiyu.words.levers import lever_name
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


def print_comparison(c: Comparison, lang: str, out: Path, drawn: list[str], *, everything: bool = False) -> None:
    """Print paired effects of every scenario against the first, where they arise, what leaked, and the splits.

    Without `everything` only what is told apart from none is printed, and a line says what was left out.
    """
    w, console = words("comparison", lang), stdout(lang)
    base = c.forecasts[0]
    console.heading(f"{base.city.title[lang]}: {base.scenario.title[lang]} →", f" {base.members} {w['members']}")
    named: Named = {(g.key, r.key): (g, r) for g in base.city.goals for r in g.readings}
    for f in c.forecasts[1:]:
        _print_scenario(console, c, f, named, everything)
    if not everything:
        console.print(w["rest"])
    for split in c.splits:
        console.table(_split(split, named, lang))
    console.print(w["what"])
    if c.splits:
        console.print(w["most"].format(n=MEMBERS))
    tables = ["effects.csv", "costs.csv", "outcomes.csv", "parts.csv", "leaks.csv", "ladder.csv", "ledger.csv"]
    files = ["compare.json", *tables, *drawn, "peiyu.db"]
    console.print(f"{w['files']}: {out}/ ({', '.join(files)})")
    print_next(console, ("appendix", "page", "search"), base.city, out)


def _print_scenario(console: Screen, c: Comparison, f: Forecast, named: Named, everything: bool) -> None:
    """Print what one scenario changes against the first."""
    lang, base = console.lang, c.forecasts[0]
    w = words("comparison", lang)
    mine = [e for e in c.effects if e.scenario == f.scenario.name]
    seen = mine if everything else [e for e in mine if _moved(e)]
    title = f"{f.scenario.title[lang]} · {w['cost']} {count(mine[0].cost_wan)}"
    if seen:
        console.table(_effects(seen, named, title, lang))
    else:
        console.heading(title)
    if len(seen) < len(mine):
        console.print(_unmoved(mine, named, lang))
    outside = outside_document(differing_outside(base.scenario, f.scenario, base.city))
    for line in outside_words(outside, f.scenario, lang):
        console.print(line)
    if everything:
        _print_ways(console, c, f)
    places = _places(c, f, lang) if everything else None
    for table in (_costs(c, f, lang), _outcomes(c, f, lang, everything), places, _leaks(c, f, lang, everything)):
        if table is not None:
            console.table(table)
    print_acts(console, f, lang)


def _print_ways(console: Screen, c: Comparison, f: Forecast) -> None:
    """Print how far every lever gets on its way, where a goal is not told apart."""
    why = [x for x in c.reasons if x.scenario == f.scenario.name]
    if why:
        goals = unmoved_goals(why[0], f, console.lang)
        console.print(words("comparison", console.lang)["ways"].format(by=why[0].by, goals=goals))
    for x in why:
        console.print(f"  {way(x, console.lang)}")


def _moved(e: Effect) -> bool:
    """Tell whether an effect is told apart from none, in what is counted or in the chance."""
    return any(low > 0.0 or high < 0.0 for low, high in (e.net_ci90, e.ci90))


def _unmoved(mine: list[Effect], named: Named, lang: str) -> str:
    """Name the readings that are not told apart from none, in one line."""
    w = words("comparison", lang)
    readings = [label(named[e.goal, e.reading][1], lang) for e in mine if not _moved(e)]
    return w["unmoved"].format(n=len(readings), readings=w["comma"].join(readings))


def _effects(mine: list[Effect], named: Named, title: str, lang: str) -> Grid:
    w = words("comparison", lang)
    table = Grid(title, first_to_go=[w[key] for key in LESS])
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    numbers = ("gross", "additional", "spillover", "displaced", "net", "interval", "delta", "interval")
    # where every cell would say the same, the line under the tables says it once
    priced = any(e.cost_per_net_unit is not None for e in mine)
    for key in (*numbers, *(("per_unit",) if priced else ()), "unpaired"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for i, e in enumerate(mine):
        goal, r = named[e.goal, e.reading]
        begins, ends = (j in (-1, len(mine)) or mine[j].goal != e.goal for j in (i - 1, i + 1))
        name = ("* " if r.primary else "  ") + counted_label(r, lang)
        cells = [*_cells(e), *([unit_cost_words(e, lang)] if priced else []), _times(e)]
        table.add_row(label(goal, lang) if begins else "", name, *cells, end_section=ends)
    return table


def _cells(e: Effect) -> list[str]:
    who = [count(x) for x in (e.gross, e.additional, e.spillover, e.displaced)]
    return [*who, count(e.net), interval(*e.net_ci90), points(e.delta_probability), interval(*e.ci90, points)]


def _times(e: Effect) -> str:
    return NOTHING if e.unpaired_times is None else f"×{count(e.unpaired_times)}"


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
        table.add_row(lever_name(x.lever, f.scenario, lang), *numbers, interval(*x.difference_ci90))
    return table


def _outcomes(c: Comparison, f: Forecast, lang: str, everything: bool) -> Grid | None:
    """Return what the scenario changes about outcomes by year, or about which it tells most; None where it is none."""
    w = words("comparison", lang)
    mine = [x for x in c.outcomes if x.scenario == f.scenario.name and (x.gross or any(x.net_ci90))]
    if not everything:
        last = max((x.year for x in mine), default=0)
        mine = [x for x in mine if x.year == last and (x.net_ci90[0] > 0.0 or x.net_ci90[1] < 0.0)]
    if not mine:
        return None
    priced = any(x.cost_per_net_unit is not None for x in mine)
    table = Grid(w["outcomes"])
    table.add_column(w["outcome"], overflow="fold")
    numbers = ("year", "gross", "additional", "spillover", "displaced", "net", "interval")
    for key in (*numbers, *(("per_unit",) if priced else ())):
        table.add_column(w[key], justify="right", no_wrap=True)
    shown = shown_years(sorted({x.year for x in mine}))
    for name in dict.fromkeys(x.indicator for x in mine):
        rows = [x for x in mine if x.indicator == name and x.year in shown]
        for i, x in enumerate(rows):
            who = [count(n) for n in (x.gross, x.additional, x.spillover, x.displaced, x.net)]
            cells = [str(x.year), *who, interval(*x.net_ci90), *([unit_cost_words(x, lang)] if priced else [])]
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


def _leaks(c: Comparison, f: Forecast, lang: str, everything: bool) -> Grid | None:
    """Return what support paid for that was no effect; without `everything` only what is not zero in both."""
    w = words("comparison", lang)
    table = Grid(w["leaks"])
    table.add_column("")
    for key in ("here", "base"):
        table.add_column(w[key], justify="right")
    mine = {x.item: x for x in c.leaks if x.scenario == f.scenario.name}
    shown = [key for key in LEAKS if key in mine and (everything or mine[key].value or mine[key].base)]
    for item in shown:
        table.add_row(w[item], count(mine[item].value), count(mine[item].base))
    return table if shown else None


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
            first = (label(goal, lang), counted_label(r, lang)) if i == 0 else ("", "")
            table.add_row(*first, w.get(x.player, x.player), *_share_cells(x, lang), end_section=i == len(mine) - 1)
    return table


def _matters(x: LeverShare) -> bool:
    """Tell whether a share is anything at all in any member."""
    return any(x.net_ci90) or any(x.ci90)


def _share_cells(x: LeverShare, lang: str) -> list[str]:
    change = points(x.delta_probability), interval(*x.ci90, points)
    return [count(x.net), interval(*x.net_ci90), *change, unit_cost_words(x, lang)]
