"""The section that sets scenarios side by side, and where their effects arise, from stored comparisons."""

from __future__ import annotations

from peiyu.appendix.page import Page, of, scenario_title
from peiyu.comparison.compare_document import CompareDocument, EffectRow
from peiyu.comparison.split_document import SplitDocument
from peiyu.comparison.terminal import LEAKS
from peiyu.document.tree import NONE, AnalysisName, Block, Cell, Column, Heading, Inline, Number, Span, Table, number_of
from peiyu.words.evidence import outside_words
from peiyu.words.levers import lever_name
from peiyu.words.loader import Words, words
from sim.city.readings import main_readings
from sim.store.document import Kept

Compared = Kept[CompareDocument]
INFERRED = ("vouchers_paid_additional", "vouchers_deadweight_wan", "relabelled_wan", "relabelled_enterprises")
"""Leaks that nobody can count, as they say what firms would have done or reported otherwise."""
MOVED = 0.05
"""A change of a probability from which on it is told in a sentence."""


def compare(page: Page) -> list[Block]:
    """Return what each scenario changes, in one table, with a verdict in a sentence for each."""
    w, kept = page.say, comparisons(page)
    if not kept:
        return []
    a = kept[0]
    names = _later(a)
    found = {(e.scenario, e.goal, e.reading): (i, e) for i, e in enumerate(a.document.effects)}
    rows = []
    for goal, r in main_readings(page.city):
        cells = [_net(page, a, found.get((name, goal.key, r.key))) for name in names]
        rows.append(((page.name(goal),), *cells))
    columns = (Column(w("goal")), *(Column(scenario_title(page, name)) for name in names))
    base = scenario_title(page, a.document.scenario)
    table = Table("net_effects", w("t_net_effects", base=base), columns, tuple(rows), (w("net_note"),))
    verdicts = [_verdict(page, a, name) for name in names]
    intro = page.told("compare_short", base=base, members=number_of(a, "members", float(a.document.members)))
    return [Heading(1, w("compare")), intro, *verdicts, table, *_splits(page)]


def _net(page: Page, a: Compared, found: tuple[int, EffectRow] | None) -> Cell:
    """Return a net effect with its interval, or in words that there is none to be told apart."""
    if found is None:
        return NONE
    i, e = found
    if not clear(e):
        return (page.say("not_apart"),)
    net = number_of(a, f"effects/{i}/net", e.net)
    return (net, page.say("open_bracket"), *span(a, f"effects/{i}/net_ci90", e.net_ci90), page.say("close_bracket"))


def _verdict(page: Page, a: Compared, name: str) -> Block:
    """Say in a sentence what a scenario costs, and which goals it makes clearly more or less likely."""
    found = {(e.goal, e.reading): (i, e) for i, e in enumerate(a.document.effects) if e.scenario == name}
    mine = [(g, *found[g.key, r.key]) for g, r in main_readings(page.city) if (g.key, r.key) in found]
    title = scenario_title(page, name)
    if not mine:
        return page.told("verdict_none", scenario=title)
    _, i, e = mine[0]
    cost = number_of(a, f"effects/{i}/cost_wan", e.cost_wan, "money")
    moved = [(page.name(g), number_of(a, f"effects/{i}/delta_probability", e.delta_probability, "points"))
             for g, i, e in mine if weighty(e)]  # fmt: skip
    goals = tuple(x for k, (goal, by) in enumerate(moved) for x in _point(page, goal, by, k > 0))
    counted = any(clear(e) for _, _, e in mine)
    key = "moves" if moved else "counts" if counted else "nothing"
    return page.told(f"verdict_{key}", scenario=title, cost=cost, goals=goals)


def _point(page: Page, goal: str, by: Number, later: bool) -> Cell:
    """Return a goal with the change of its probability in brackets."""
    w = page.say
    return ((page.marks["comma"] if later else "") + goal + w("open_bracket"), by, w("points_close"))


def effects(page: Page) -> list[Block]:
    """Return effects by scenario in full, from the newest comparison that the run is part of."""
    w = page.say
    kept = comparisons(page)
    if not kept:
        return []
    a = kept[0]
    base = scenario_title(page, a.document.scenario)
    out: list[Block] = [Heading(1, w("effects"), annex=True), page.text(w("compare_intro", base=base))]
    for name in _later(a):
        out += _effects(page, a, name)
        said = next(f for f in a.document.scenarios if f.scenario == name).levers_outside_evidence
        out += [page.text(line) for line in outside_words(said, page.stored.scenario, page.lang)]
        out += _leaks(page, a, name)
    return out


def comparisons(page: Page) -> list[Compared]:
    """Return the comparisons that the run is part of: those over all its members first, then the wider, the newer."""
    members = page.stored.members
    kept = page.kept(CompareDocument)
    return sorted(kept, key=lambda a: (a.document.members != members, -len(a.document.scenarios)))


def _later(a: Compared) -> list[str]:
    return [f.scenario for f in a.document.scenarios][1:]


def _effects(page: Page, a: Compared, name: str) -> list[Block]:
    """Return a scenario's effects on the main readings, and what it costs."""
    w, title = page.say, scenario_title(page, name)
    found = {(e.goal, e.reading): (i, e) for i, e in enumerate(a.document.effects) if e.scenario == name}
    rows, cost = [], None
    for goal, r in main_readings(page.city):
        if (goal.key, r.key) in found:
            i, e = found[goal.key, r.key]
            cost = (i, e)
            rows.append(((page.name(goal),), *_effect(page, a, i, e)))
    columns = [
        Column(w("goal")), Column(w("gross"), right=True), Column(w("additional"), right=True),
        Column(w("spillover"), right=True), Column(w("displaced"), right=True),
        Column(w("net"), right=True), Column(w("net_span"), right=True),
        Column(w("delta"), w("pp"), right=True), Column(w("unit_cost"), right=True),
    ]  # fmt: skip
    if not any(e.cost_per_net_unit is not None for _, e in found.values()):  # nothing has a price of its own
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    out: list[Block] = []
    if cost:
        paid = number_of(a, f"effects/{cost[0]}/cost_wan", cost[1].cost_wan, "money")
        out.append(page.told("cost_total", scenario=title, cost=paid))
    return [*out, Table(f"effects_{name}", w("t_effects", scenario=title), tuple(columns), tuple(rows))]


def _effect(page: Page, a: Compared, i: int, e: EffectRow) -> tuple[Cell, ...]:
    path = f"effects/{i}"
    return (
        of(a, f"{path}/gross", e.gross), of(a, f"{path}/additional", e.additional),
        of(a, f"{path}/spillover", e.spillover), of(a, f"{path}/displaced", e.displaced),
        of(a, f"{path}/net", e.net), span(a, f"{path}/net_ci90", e.net_ci90),
        of(a, f"{path}/delta_probability", e.delta_probability, "points"),
        _unit_cost(page, a, path, e),
    )  # fmt: skip


def _unit_cost(page: Page, a: Compared, path: str, e: EffectRow) -> Cell:
    """Return what a unit costs, with its interval, or in words why there is no such number."""
    ends = e.cost_per_net_unit_ci90
    if e.cost_per_net_unit is None or ends is None:
        return (words("comparison", page.lang)[f"note_{e.cost_note}"],) if e.cost_note else NONE
    low, high = (number_of(a, f"{path}/cost_per_net_unit_ci90/{i}", x, "money") for i, x in enumerate(ends))
    return (number_of(a, f"{path}/cost_per_net_unit", e.cost_per_net_unit, "money"), " (", Span(low, high), ")")


def clear(effect: EffectRow) -> bool:
    """Tell whether the interval of a net effect leaves out zero."""
    low, high = effect.net_ci90
    return bool(low > 0.0 or high < 0.0)


def weighty(effect: EffectRow) -> bool:
    """Tell whether a change of a probability is large enough to be told, and told apart from none."""
    low, high = effect.ci90
    return abs(effect.delta_probability) >= MOVED and bool(low > 0.0 or high < 0.0)


def span(a: AnalysisName, path: str, ends: list[float] | None) -> Cell:
    """Return an interval of an analysis' document, or nothing."""
    if not ends:
        return NONE
    low, high = (number_of(a, f"{path}/{i}", float(x)) for i, x in enumerate(ends))
    return (Span(low, high),)


def _leaks(page: Page, a: Compared, name: str) -> list[Block]:
    """Return the support of a scenario that was no effect."""
    w = page.say
    said = words("comparison", page.lang)
    found = enumerate(a.document.leaks)
    rows = [
        ((_leak(page, said, x.item),), of(a, f"leaks/{i}/value", x.value), of(a, f"leaks/{i}/base", x.base),
         span(a, f"leaks/{i}/difference_ci90", x.difference_ci90))
        for i, x in sorted(found, key=lambda row: LEAKS.index(row[1].item)) if x.scenario == name
    ]  # fmt: skip
    if not rows:
        return []
    columns = (
        Column(w("item")), Column(w("in_scenario"), right=True), Column(w("in_base"), right=True),
        Column(w("difference_span"), right=True),
    )  # fmt: skip
    return [Table(f"leaks_{name}", w("t_leaks", scenario=scenario_title(page, name)), columns, tuple(rows))]


def _leak(page: Page, said: Words, item: str) -> str:
    """Return the name of a leak, marked where no office could count it: a number of the model, of no real firm."""
    return said[item] + (page.say("by_model") if item in INFERRED else "")


def _splits(page: Page) -> list[Block]:
    """Return the newest split of an effect among levers."""
    w, kept = page.say, page.kept(SplitDocument)
    if not kept:
        return []
    a = kept[0]
    doc, out = a.document, [page.told("split_intro", members=of(a, "members", a.document.members))]
    moved = {(x.goal, x.reading) for x in doc.whole if x.net != 0.0 or x.delta_probability != 0.0}
    kept_goals = [(g, r) for g, r in main_readings(page.city) if (g.key, r.key) in moved]
    rows = [row for g, r in kept_goals for row in _split_rows(page, a, (g.key, r.key), page.name(g))]
    columns = (
        Column(w("goal")), Column(w("player")), Column(w("net"), right=True),
        Column(w("net_span"), right=True), Column(w("delta"), w("pp"), right=True),
    )  # fmt: skip
    title = scenario_title(page, doc.scenario)
    shared = [Table("split", w("t_split", scenario=title), columns, tuple(rows))] if rows else []
    return [*out, *shared, _split_cost(page, a, title)]


def _split_cost(page: Page, a: Kept[SplitDocument], title: str) -> Table:
    """Return what each kind of lever costs, which is the same for every reading."""
    w, first = page.say, a.document.shares[0]
    rows: list[tuple[Cell, ...]] = [
        ((_player(page, x.player),), of(a, f"shares/{i}/cost_wan", x.cost_wan, "money"))
        for i, x in enumerate(a.document.shares)
        if (x.goal, x.reading) == (first.goal, first.reading)
    ]
    rows.append(((w("whole"),), of(a, "whole/0/cost_wan", a.document.whole[0].cost_wan, "money")))
    columns = Column(w("player")), Column(w("cost"), right=True)
    return Table("split_cost", w("t_split_cost", scenario=title), columns, tuple(rows))


def _split_rows(page: Page, a: Kept[SplitDocument], key: tuple[str, str], name: str) -> list[tuple[Cell, ...]]:
    """Return the shares of one reading's effect, and the whole."""
    rows: list[tuple[Cell, ...]] = []
    for part, shared in (("shares", a.document.shares), ("whole", a.document.whole)):
        for i, x in enumerate(shared):
            if (x.goal, x.reading) == key and (part == "whole" or x.net or x.delta_probability):
                path = f"{part}/{i}"
                who: Cell = (page.say("whole"),) if part == "whole" else (_player(page, x.player),)
                points = of(a, f"{path}/delta_probability", x.delta_probability, "points")
                effect = of(a, f"{path}/net", x.net), span(a, f"{path}/net_ci90", x.net_ci90)
                rows.append(((name if not rows else "",), who, *effect, points))
    return rows


def _player(page: Page, player: str) -> Inline:
    """Return the name of a kind of lever, or the code name of a lever."""
    said = words("comparison", page.lang)
    return said[player] if player in said else lever_name(player, page.stored.scenario, page.lang)


def where(page: Page) -> list[Block]:
    """Return net effects by district and by track, where they are told apart from none."""
    w = page.say
    head: list[Block] = [Heading(1, w("where"), annex=True)]
    kept = comparisons(page)
    if not kept:
        return []
    out: list[Block] = []
    for name in _later(kept[0]):
        for axis in ("district", "track"):
            out += _parts(page, kept[0], name, axis)
    return [*head, page.told("where_intro"), *out] if out else []


def _parts(page: Page, a: Compared, name: str, axis: str) -> list[Block]:
    """Return one table: districts or tracks down, goals with an effect across."""
    w = page.say
    places = page.city.districts if axis == "district" else page.city.tracks
    found = {
        (x.goal, x.code): (i, x)
        for i, x in enumerate(a.document.parts)
        if x.scenario == name and x.axis == axis and (x.net_ci90[0] > 0.0 or x.net_ci90[1] < 0.0)
    }
    firm = {(e.scenario, e.goal, e.reading) for e in a.document.effects if clear(e)}
    some = {goal for goal, _ in found}
    goals = [g for g, r in main_readings(page.city) if (name, g.key, r.key) in firm and g.key in some]
    rows = []
    for place in places:
        if any(k[1] == place.key for k in found):
            cells = (found.get((g.key, place.key)) for g in goals)
            rows.append(((page.name(place),), *(of(a, f"parts/{x[0]}/net", x[1].net) if x else NONE for x in cells)))
    if not rows or not goals:
        return []
    word = w(axis)
    columns = (Column(w("place")), *(Column(page.name(g), right=True) for g in goals))
    caption = w("t_parts", scenario=scenario_title(page, name), axis=word)
    return [Table(f"{axis}s_{name}", caption, columns, tuple(rows))]
