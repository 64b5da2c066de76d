"""What the summary says of each goal: what decides it, which lever moves it, why, what to watch and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from peiyu.appendix.comparison import comparisons
from peiyu.appendix.page import Page, scenario_title
from peiyu.comparison.compare_document import EffectRow
from peiyu.comparison.split_document import ShareRow, SplitDocument
from peiyu.document.tree import Cell, Inline, number_of
from peiyu.runs.published import next_publication, publication_month
from peiyu.runs.verdicts import verdict
from peiyu.sensitivity.document import DatumRow, SensitivityDocument
from peiyu.words.indicators import indicator_label, label_of_city
from peiyu.words.levers import lever_name
from peiyu.words.loader import words
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import GoalReading, main_readings
from sim.store.document import Kept

MOST = 3
"""Reasons, suggestions and numbers to watch; more are not read."""
APART = 0.5
"""Difference of the chances of two readings from which on the reading decides more than anything that is done."""


def judged(page: Page, kind: str) -> list[GoalReading]:
    """Return the goals of a verdict, by their main reading."""
    found = main_readings(page.city)
    return [(g, r) for g, r in found if verdict(str(page.stored.forecast(g.key, r.key)["likelihood"])) == kind]


def unsettled(page: Page) -> list[GoalReading]:
    """Return the goals that are not expected to be reached, those nearest to even first."""
    found = [*judged(page, "open"), *judged(page, "missed")]
    return sorted(found, key=lambda x: abs(float(page.stored.forecast(x[0].key, x[1].key)["probability"]) - 0.5))


def deciding(page: Page, goal: Goal, r: Reading) -> Cell:
    """Return the number that decides a goal: what its chance hangs on, or what is still to be added a quarter."""
    row = page.stored.forecast(goal.key, r.key)
    if r.hangs_on is not None and row["hangs_low"] is not None and row["hangs_high"] != row["hangs_low"]:
        ends = {k: page.stored_number(goal.key, r.key, f"hangs_{k}", "chance") for k in ("low", "high")}
        return page.told("decides_hangs", what=indicator_label(r.hangs_on, page.lang), **ends).parts
    if float(row["still_needed"] or 0.0) >= 1.0:
        needed = page.stored_number(goal.key, r.key, "still_needed")
        return page.told("decides_needed", needed=needed, unit=page.unit(r)).parts
    return page.told("decides_count").parts


def best_lever(page: Page, goal: Goal, r: Reading) -> Cell:
    """Return the lever that moves a goal most for its money, or the sentence that none does or nobody has looked."""
    splits = page.kept(SplitDocument)
    for a in sorted(splits, key=lambda a: a.document.by != "levers"):
        found = _most_for_the_money(a, goal, r)
        if found is not None:
            i, x = found
            return (_player(page, x.player), *_moved(page, a, f"shares/{i}", x, r))
    if splits:
        return page.told("no_lever").parts
    return _whole_scenario(page, goal, r)


def _most_for_the_money(a: Kept[SplitDocument], goal: Goal, r: Reading) -> tuple[int, ShareRow] | None:
    """Return the share with the largest effect for its money, of those told apart from none that help and cost."""
    mine = [(i, x) for i, x in enumerate(a.document.shares) if (x.goal, x.reading) == (goal.key, r.key)]
    helps = [(i, x) for i, x in mine if x.cost_wan > 0.0 and _helps(x, r)]
    return max(helps, key=lambda found: abs(found[1].net) / found[1].cost_wan, default=None)


def _helps(x: ShareRow | EffectRow, r: Reading) -> bool:
    low, high = x.net_ci90
    return low > 0.0 if r.operator in (">=", ">") else high < 0.0


def _player(page: Page, player: str) -> Inline:
    said = words("comparison", page.lang)
    return said[player] if player in said else lever_name(player, page.stored.scenario, page.lang)


def _moved(page: Page, a: Kept[SplitDocument], path: str, x: ShareRow, r: Reading) -> Cell:
    facts: dict[str, object] = {"net": number_of(a, f"{path}/net", x.net), "unit": page.unit(r)}
    facts["cost"] = number_of(a, f"{path}/cost_wan", x.cost_wan, "money")
    if x.cost_per_net_unit is None:
        return page.told("lever_moved", **facts).parts
    each = number_of(a, f"{path}/cost_per_net_unit", x.cost_per_net_unit, "money")
    return page.told("lever_price", each=each, **facts).parts


def _whole_scenario(page: Page, goal: Goal, r: Reading) -> Cell:
    """Return what the newest comparison says of all levers together, where no split was made."""
    kept = comparisons(page)
    if not kept:
        return page.told("lever_unknown").parts
    a = kept[0]
    mine = [(i, e) for i, e in enumerate(a.document.effects) if (e.goal, e.reading) == (goal.key, r.key)]
    helps = [(i, e) for i, e in mine if e.cost_wan > 0.0 and _helps(e, r)]
    if not helps:
        return page.told("no_lever").parts
    i, e = max(helps, key=lambda found: abs(found[1].net) / found[1].cost_wan)
    net, cost = number_of(a, f"effects/{i}/net", e.net), number_of(a, f"effects/{i}/cost_wan", e.cost_wan, "money")
    facts = {"scenario": scenario_title(page, e.scenario), "net": net, "unit": page.unit(r), "cost": cost}
    return page.told("scenario_moved", **facts).parts


def reasons(page: Page) -> list[Cell]:
    """Return why some goals are not expected to be reached: what falls short, hangs on a number, or on a word."""
    return list(_taken([_short(page), _hanging(page), _worded(page), _ruled(page), _at_hand(page)]))


def _taken(found: list[Cell | None]) -> Iterator[Cell]:
    yield from [x for x in found if x is not None][:MOST]


def _short(page: Page) -> Cell | None:
    """Name the goal whose expected count falls farthest short of what is asked."""

    def reach(x: GoalReading) -> float:
        return float(page.stored.forecast(x[0].key, x[1].key)["median"]) / max(x[1].value, 1.0)

    goals = [x for x in unsettled(page) if x[1].operator in (">=", ">") and reach(x) < 1.0]
    if not goals:
        return None
    g, r = min(goals, key=reach)
    numbers = {k: page.stored_number(g.key, r.key, k, page.counted(r)) for k in ("median", "value")}
    return page.told("because_short", goal=page.name(g), unit=page.unit(r), **numbers).parts


def _hanging(page: Page) -> Cell | None:
    """Name the open goal that hangs on one number nobody counts."""
    for g, r in unsettled(page):
        row = page.stored.forecast(g.key, r.key)
        if r.hangs_on and row["hangs_low"] is not None and row["hangs_high"] - row["hangs_low"] > APART / 2.0:
            ends = {k: page.stored_number(g.key, r.key, f"hangs_{k}", "chance") for k in ("low", "high")}
            what = indicator_label(r.hangs_on, page.lang)
            return page.told("because_hangs", goal=page.name(g), what=what, **ends).parts
    return None


def _apart(page: Page) -> tuple[Goal, Reading, Reading] | None:
    """Return the goal whose readings lie farthest apart, with the strictest and the loosest of them."""

    def p(g: Goal, r: Reading) -> float:
        return float(page.stored.forecast(g.key, r.key)["probability"])

    found = [
        (g, min(g.readings, key=lambda r: p(g, r)), max(g.readings, key=lambda r: p(g, r))) for g in page.city.goals
    ]
    wide = max(found, key=lambda x: p(x[0], x[2]) - p(x[0], x[1]))
    return wide if p(wide[0], wide[2]) - p(wide[0], wide[1]) >= APART else None


def _worded(page: Page) -> Cell | None:
    """Name the goal that its reading decides."""
    found = _apart(page)
    if found is None:
        return None
    g, strict, loose = found
    ends = {"low": strict, "high": loose}
    chances = {k: page.stored_number(g.key, r.key, "probability", "chance") for k, r in ends.items()}
    names = {"strict": page.name(strict), "loose": page.name(loose)}
    return page.told("because_words", goal=page.name(g), **names, **chances).parts


def _ruled(page: Page) -> Cell:
    """Say on how many goals no data of the city speak."""
    return page.told("because_record", n=page.input("readings/no_data"), all=page.input("readings")).parts


def _at_hand(page: Page) -> Cell:
    """Say how many goals are at hand anyway."""
    return page.told("because_at_hand", n=page.input("verdict/reached")).parts


def suggestions(page: Page) -> list[Cell]:
    """Return what to do: settle a reading, count what decides, put money where it works, report what cannot be met."""
    return list(_taken([_settle(page), _count(page), _late(page), _define(page), _review(page)]))


def _settle(page: Page) -> Cell | None:
    found = _apart(page)
    if found is None:
        return None
    g, strict, loose = found
    return page.told("do_settle", goal=page.name(g), strict=page.name(strict), loose=page.name(loose)).parts


def _count(page: Page) -> Cell | None:
    found = next(((g, r) for g, r in unsettled(page) if r.hangs_on), None)
    if found is None:
        return None
    g, r = found
    return page.told("do_count", goal=page.name(g), what=indicator_label(str(r.hangs_on), page.lang)).parts


def _late(page: Page) -> Cell | None:
    goals = judged(page, "missed")
    if not goals:
        return None
    return page.told("do_report", goals=page.marks["comma"].join(page.name(g) for g, _ in goals)).parts


def _define(page: Page) -> Cell | None:
    goals = [g for g, r in main_readings(page.city) if page.stored.forecast(g.key, r.key)["basis"] == "assumption"]
    return page.told("do_define", goals=page.marks["comma"].join(map(page.name, goals))).parts if goals else None


def _review(page: Page) -> Cell:
    return page.told("do_review").parts


def watch(page: Page) -> list[Cell]:
    """Return the published numbers that would tell most, by date; without that analysis, the counts of open goals."""
    kept = page.kept(SensitivityDocument)
    if not kept:
        return _next_counts(page) or [page.told("watch_nothing").parts]
    a = kept[0]
    best: dict[tuple[str, str], tuple[int, DatumRow]] = {}
    for i, row in enumerate(a.document.readings):
        x = row.best_soon if row.primary else None
        if x is not None and (x.variance_cut or 0.0) > (x.variance_cut_half or 0.0):
            best.setdefault((x.quarter, x.indicator), (i, x))
    told = sorted(best.values(), key=lambda found: -(found[1].variance_cut or 0.0))[:MOST]
    return [_datum(page, a, i, x) for i, x in sorted(told, key=lambda found: found[1].quarter)] or [
        page.told("watch_nothing").parts
    ]


def _datum(page: Page, a: Kept[SensitivityDocument], i: int, x: DatumRow) -> Cell:
    row = a.document.readings[i]
    goal = next(g for g in page.city.goals if g.key == row.goal)
    cut = number_of(a, f"readings/{i}/information/soon/0/variance_cut", float(x.variance_cut or 0.0), "chance")
    what = label_of_city(x.indicator, page.lang, page.city)
    facts = {"when": page.when(x.quarter), "what": what, "goal": page.name(goal), "cut": cut}
    out = _month(page, publication_month(page.city, x.indicator, quarter.parse(x.quarter)))
    return page.told("watch_datum", out=out, **facts).parts


def _month(page: Page, at: tuple[int, int] | None) -> str:
    """Say when a number is usually out, if that is known."""
    if at is None:
        return ""
    year, month = at
    return page.say("usually_out", date=words("dates", page.lang)["month"].format(year=year, month=month))


def _next_counts(page: Page) -> list[Cell]:
    """Return the next published counts of open goals by date, and the goals whose counts nobody publishes."""
    dated, silent = [], []
    for g, r in unsettled(page):
        found = next_publication(page.city, r.indicator, page.stored.as_of)
        if found is None:
            silent.append(page.name(g))
        else:
            dated.append((found[1], page.when(quarter.label(found[0])), page.name(g)))
    told = [
        page.told("watch_count", when=ends, goal=goal, out=_month(page, at)).parts for at, ends, goal in sorted(dated)
    ]
    if silent:
        told.append(page.told("watch_silent", goals=page.marks["comma"].join(silent)).parts)
    return told[:MOST]
