"""The section on what would change the answer: when goals fail, better mixes, sensitivity and value of information."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agents.parameters import Parameters
from peiyu.appendix.page import Page, of, scenario_title
from peiyu.document.tree import NONE, Block, Cell, Code, Column, Heading, Inline, Table, number_of
from peiyu.fails_when.document import BoxRow, FailsWhenDocument, WithoutRow
from peiyu.fails_when.terminal import limit_text
from peiyu.search.search_document import SearchDocument
from peiyu.sensitivity.document import ReadingRow, SensitivityDocument
from peiyu.sensitivity.terminal import goal_name
from peiyu.words.evidence import outside_words
from peiyu.words.indicators import label_of_city
from peiyu.words.levers import lever_name
from peiyu.words.parameters import parameter_label
from sim.store.document import D, Kept

ALWAYS = 0.5
"""Share of the simulations from which on an outcome without a region is nearly everywhere, not rare."""
MOST_MOVES = 2
"""Factors named for each goal."""
PARTS = ("calibrated", "other", "lever_effects", "chance", "together")


def alters(page: Page) -> list[Block]:
    """Return what would change the answer, of what was computed."""
    parts = [
        *_newest(page, FailsWhenDocument, _fails_when),
        *_newest(page, SearchDocument, _search),
        *_newest(page, SensitivityDocument, _sensitivity),
    ]
    return [Heading(1, page.say("alters")), *parts] if parts else []


def _newest(page: Page, model: type[D], section: Callable[[Page, Kept[D]], list[Block]]) -> list[Block]:
    """Return the section of the newest analysis of a kind, or nothing where there is none."""
    kept = page.kept(model)
    return [Heading(2, page.say(model.kind)), *section(page, kept[0])] if kept else []


def _fails_when(page: Page, a: Kept[FailsWhenDocument]) -> list[Block]:
    """Return the regions in which goals are missed, and the goals without one."""
    w, doc = page.say, a.document
    outcome = w(doc.outcome)
    members = number_of(a, "members", float(doc.members))
    out: list[Block] = [page.told("fw_intro", members=members, outcome=outcome)]
    out += [page.told("fw_levers")] if doc.levers else []
    rows = tuple(_region(page, a, i, row) for i, row in enumerate(doc.boxes))
    columns = (
        Column(w("goal")), Column(w("fw_condition")), Column(w("fw_density"), right=True),
        Column(w("fw_base"), right=True), Column(w("fw_mass"), right=True),
        Column(w("fw_coverage", outcome=outcome), right=True), Column(w("fw_out"), right=True),
    )  # fmt: skip
    caption = w("t_fw", outcome=outcome)
    out.append(Table("fails_when", caption, columns, rows) if rows else page.told("fw_none"))
    return out + _without_region(page, a, outcome)


def _region(page: Page, a: Kept[FailsWhenDocument], i: int, row: BoxRow) -> tuple[Cell, ...]:
    keys = ("density", "base_rate", "mass", "coverage", "density_left_out")
    return (
        (goal_name(row, page.city, page.lang),),
        (_condition(page, row),),
        *(of(a, f"boxes/{i}/{k}", getattr(row, k), "chance") for k in keys),
    )


def _condition(page: Page, row: BoxRow) -> Inline:
    """Return the limits of a region in words, or, without the scenario's file, the sentence that was stored."""
    scenario = page.stored.scenario
    if scenario is None:
        return row.sentence_zh if page.lang == "zh" else row.sentence_en
    return page.marks["semicolon"].join(limit_text(x, scenario, page.lang) for x in row.limits)


def _without_region(page: Page, a: Kept[FailsWhenDocument], outcome: str) -> list[Block]:
    w = page.say
    rows = tuple(
        (
            (goal_name(row, page.city, page.lang),),
            of(a, f"without_box/{i}/share", row.share, "chance"),
            (_reason(page, row),),
        )
        for i, row in enumerate(a.document.without_box)
    )
    columns = (
        Column(w("goal")), Column(w("fw_share", outcome=outcome), right=True), Column(w("fw_why")),
    )  # fmt: skip
    return [Table("fails_when_without", w("t_fw_without"), columns, rows)] if rows else []


def _reason(page: Page, row: WithoutRow) -> str:
    """Say why no region was found: what hardly ever happens and what nearly always does have reasons of their own."""
    often = "always" if row.share >= ALWAYS else "seldom"
    return page.say(f"rare_{often}" if row.reason == "rare" else row.reason)


def _search(page: Page, a: Kept[SearchDocument]) -> list[Block]:
    """Return the finalists of a search, the best and the most robust named."""
    w, doc = page.say, a.document
    names = page.marks["comma"].join(goal_name(x, page.city, page.lang) for x in doc.goals)
    facts = {"tried": of(a, "tried", doc.tried), "members": of(a, "members/confirm", doc.members.confirm)}
    out: list[Block] = [page.told("search_intro", scenario=scenario_title(page, doc.scenario), goals=names, **facts)]
    asked = {"search_wanted": ("p", "probability"), "search_budget": ("budget", "budget_wan"),
             "search_year": ("budget", "budget_year_wan")}  # fmt: skip
    for words, (fact, key) in asked.items():
        value = getattr(doc, key)
        if value is not None:
            out.append(page.told(words, **{fact: of(a, key, value, "level" if fact == "p" else "money")}))
    if doc.probability is not None and doc.winner is None:
        out.append(page.told("no_winner"))
    limited = doc.budget_wan is not None or doc.budget_year_wan is not None
    columns = (
        Column(w("mix")), Column(w("lever_sizes")), Column(w("p_all"), right=True),
        Column(w("expected"), right=True), Column(w("cost"), right=True),
        *([Column(w("kept"))] if limited else []),
    )  # fmt: skip
    rows = tuple(_finalist(page, a, i, limited) for i in range(len(doc.finalists)))
    gaps = {k: of(a, f"optimism/{k}", x, "points") for k, x in doc.optimism.plain().items()}
    outside: dict[str, float | None] = {}
    for f in doc.finalists:
        outside |= f.levers_outside_evidence
    flagged = [page.text(line) for line in outside_words(outside, page.stored.scenario, page.lang)]
    return [*out, Table("search", w("t_search"), columns, rows), *flagged, page.told("optimism", **gaps)]


def _finalist(page: Page, a: Kept[SearchDocument], i: int, limited: bool) -> tuple[Cell, ...]:
    w, doc = page.say, a.document
    f, path = doc.finalists[i], f"finalists/{i}"
    mix, last = f.mix, f.confirmed
    best = doc.winner is not None and mix == doc.winner.mix
    firm = mix == doc.robust.mix
    role = "both" if best and firm else "winner" if best else "robust" if firm else "other_mix"
    sizes = tuple(_sizes(page, a, path, mix)) or (w("unchanged"),)
    kept = (w("yes" if last.keeps_budgets else "no"),)
    return (
        (w(role),), sizes, of(a, f"{path}/confirmed/probability", last.probability, "chance"),
        of(a, f"{path}/confirmed/expected_goals", last.expected_goals, "digits"),
        of(a, f"{path}/confirmed/cost_wan", last.cost_wan, "money"), *([kept] if limited else []),
    )  # fmt: skip


def _sizes(page: Page, a: Kept[SearchDocument], path: str, mix: dict[str, float]) -> Iterator[Inline]:
    """Give the levers whose size is not the scenario's, and those left out."""
    changed = {name: x for name, x in mix.items() if x not in (0.0, 1.0)}
    gone = page.marks["comma"].join(_lever(page, name) for name, x in mix.items() if x == 0.0)
    for k, (name, x) in enumerate(changed.items()):
        size = number_of(a, f"{path}/mix/{name}", float(x), "digits")
        yield from ("; " if k else "", _lever(page, name), " × ", size)
    if gone:
        yield from (("; " if changed else "") + page.say("without") + page.space(), gone)


def _sensitivity(page: Page, a: Kept[SensitivityDocument]) -> list[Block]:
    """Return variance budgets, what moves counts most, and what to publish, for the main readings."""
    w, doc = page.say, a.document
    mains = [(i, row) for i, row in enumerate(doc.readings) if row.primary and row.budget.count]
    if not mains:
        return [page.told("no_sensitivity")]
    shares = tuple(_shares(page, a, i, row) for i, row in mains)
    heads = ["others" if p == "other" else p for p in PARTS]
    columns = (Column(w("goal")), *(Column(w(k), right=True) for k in (*heads, "observation")))
    out: list[Block] = [page.told("sens_intro"), Table("budget", w("t_budget"), columns, shares)]
    moves = tuple(row for i, x in mains for row in _moves(page, a, i, x))
    columns = (
        Column(w("goal")), Column(w("factor")), Column(w("move"), right=True),
        Column(w("move_size"), right=True),
    )  # fmt: skip
    out += [page.told("moves_intro"), Table("moves", w("t_moves"), columns, moves)] if moves else []
    out += _singles(page, a, mains)
    told = tuple(row for i, x in mains for row in _information(page, a, i, x))
    columns = (
        Column(w("goal")), Column(w("datum")), Column(w("quarter")), Column(w("cut"), right=True),
        Column(w("cut_half"), right=True), Column(w("narrow"), right=True),
        Column(w("brier"), right=True),
    )  # fmt: skip
    out += [page.told("information_intro"), Table("information", w("t_information"), columns, told)] if told else []
    return out


def _shares(page: Page, a: Kept[SensitivityDocument], i: int, row: ReadingRow) -> tuple[Cell, ...]:
    found = {x.part: (k, x.share) for k, x in enumerate(row.budget.count or [])}
    path, seen = f"readings/{i}/budget/count", row.observation.count
    parts = (
        of(a, f"{path}/{found[part][0]}/share", found[part][1], "chance") if part in found else NONE for part in PARTS
    )
    observed = of(a, f"readings/{i}/observation/count/at_least", seen.at_least, "chance") if seen else NONE
    return ((goal_name(row, page.city, page.lang),), *parts, observed)


def _moves(page: Page, a: Kept[SensitivityDocument], i: int, row: ReadingRow) -> Iterator[tuple[Cell, ...]]:
    moving = [x for x in row.morris.count or [] if x.size > 0.0]
    for k, x in enumerate(moving[:MOST_MOVES]):
        path = f"readings/{i}/morris/count/{k}"
        name = goal_name(row, page.city, page.lang) if k == 0 else ""
        yield (name,), _factor(page, x.factor), of(a, f"{path}/change", x.change), of(a, f"{path}/size", x.size)


def _singles(page: Page, a: Kept[SensitivityDocument], mains: list[tuple[int, ReadingRow]]) -> list[Block]:
    """Return the parameter that explains most of each reading's variance by itself."""
    w, rows = page.say, []
    for i, row in mains:
        for x in (row.parameters.count or [])[:1]:
            path = f"readings/{i}/parameters/count/0"
            share = of(a, f"{path}/share", x.share, "chance")
            rows.append(
                (
                    (goal_name(row, page.city, page.lang),),
                    _factor(page, x.factor),
                    share,
                    of(a, f"{path}/low_third", x.low_third),
                    of(a, f"{path}/high_third", x.high_third),
                )
            )
    columns = (
        Column(w("goal")), Column(w("factor")), Column(w("explains"), right=True),
        Column(w("low_third"), right=True), Column(w("high_third"), right=True),
    )  # fmt: skip
    return [Table("singles", w("t_singles"), columns, tuple(rows))] if rows else []


def _information(page: Page, a: Kept[SensitivityDocument], i: int, row: ReadingRow) -> Iterator[tuple[Cell, ...]]:
    """Give the most telling number of the first year, and the most telling one of all if it is another."""
    seen: list[tuple[str, str]] = []
    for key, told in (("soon", row.information.soon), ("best", row.information.best)):
        for x in (told or [])[:1]:
            if (datum := (x.datum, x.quarter)) not in seen:
                path = f"readings/{i}/information/{key}/0"
                numbers = ("variance_cut", "variance_cut_half", "interval_cut")
                label = label_of_city(x.indicator, page.lang, page.city)
                name = goal_name(row, page.city, page.lang) if not seen else ""
                cells = (of(a, f"{path}/{k}", getattr(x, k), "chance") for k in numbers)
                yield (name,), (label,), (Code(x.quarter),), *cells, of(a, f"{path}/brier_cut", x.brier_cut, "error")
                seen.append(datum)


def _lever(page: Page, name: str) -> str:
    return lever_name(name, page.stored.scenario, page.lang)


def _factor(page: Page, key: str) -> Cell:
    """Return the name of a factor: a parameter, a lever's size, or a group of either."""
    kind, colon, name = key.partition(":")
    words = page.words
    if colon:
        return (words.get(kind, kind) + page.say("sep") + words.get(name, name),)
    if key.startswith("lever "):
        return page.told("size_of", name=_lever(page, key.removeprefix("lever "))).parts
    return (parameter_label(key, page.lang) if key in Parameters.__dataclass_fields__ else words.get(key, key),)
