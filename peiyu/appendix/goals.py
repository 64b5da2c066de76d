"""The first sections of the appendix: an answer per goal, the table of readings, goals together, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from peiyu.appendix.page import NONE, Page, number_of
from peiyu.appendix.scenarios import scenario_title
from peiyu.document.tree import Block, Cell, Code, Column, Heading, Inline, Number, Paragraph, Span, Table
from peiyu.runs.change import PARTS
from peiyu.runs.change_document import ChangeDocument
from peiyu.words.indicators import indicator_label
from peiyu.words.loader import words
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings
from sim.store.document import Kept
from sim.versions import source_version


def answers(page: Page) -> list[Block]:
    """Return one sentence per goal, about its main reading."""
    s = page.stored
    facts = {"run": Code(s.id), "version": Code(str(s.run["version"]))}
    intro = page.told("intro", members=page.input("members"), seed=page.input("seed"), **facts)
    out: list[Block] = [Heading(1, page.say("answers")), intro]
    if s.city_changed:
        out.append(page.told("city_changed"))
    if s.code_changed:
        out.append(page.told("code_changed", then=Code(str(s.run["code"])), now=Code(source_version())))
    return out + [_answer(page, goal, r) for goal, r in main_readings(page.city)]


def _answer(page: Page, goal: Goal, r: Reading) -> Paragraph:
    row = page.stored.forecast(goal.key, r.key)
    low, middle, high = (page.stored_number(goal.key, r.key, k) for k in ("q05", "median", "q95"))
    said = words("likelihood", page.lang)
    names = {"goal": page.name(goal), "reading": page.name(r), "unit": page.unit(r), "grade": r.evidence}
    names |= {"word": said[row["likelihood"]], "basis": said[row["basis"]]}
    facts: dict[str, object] = {"asked": page.asked(goal, r), "median": middle, "interval": Span(low, high)}
    chance = page.stored_number(goal.key, r.key, "probability", "chance")
    facts["others"] = (*_others(page, goal, r), *_hangs(page, goal, r))
    told = page.told("answer", deadline=page.when(row["deadline"]), p=chance, **names, **facts)
    return replace(told, role="answer")


def _others(page: Page, goal: Goal, main: Reading) -> Iterator[Inline]:
    """Give what the other readings of a goal say, where it has any."""
    rest = [r for r in goal.readings if r is not main]
    gap, stop = page.marks["semicolon"], page.marks["is"]
    found: list[Inline] = []
    for k, r in enumerate(rest):
        chance = page.stored_number(goal.key, r.key, "probability", "chance")
        found += [(gap if k else "") + page.name(r) + stop, chance]
    if rest:
        yield from page.told("answer_others", found=tuple(found)).parts


def _hangs(page: Page, goal: Goal, r: Reading) -> Iterator[Inline]:
    """Give how the model's answer hangs on what the reading is said to hang on."""
    row = page.stored.forecast(goal.key, r.key)
    if r.hangs_on is None or row["hangs_low"] is None or row["hangs_high"] is None:
        return
    columns = {"p": "model_probability", "low": "hangs_low", "high": "hangs_high"}
    chances = {k: page.stored_number(goal.key, r.key, column, "chance") for k, column in columns.items()}
    yield from page.told("answer_hangs", what=indicator_label(r.hangs_on, page.lang), **chances).parts


def goals(page: Page) -> list[Block]:
    """Return the table of goals and readings."""
    w = page.say
    columns = (
        Column(w("goal")), Column(w("reading")), Column(w("asked"), right=True),
        Column(w("median"), right=True), Column(w("interval"), right=True),
        Column(w("p"), right=True), Column(w("likelihood")), Column(w("error"), right=True), Column(w("rests")),
        Column(w("when"), right=True), Column(w("needed"), right=True),
    )  # fmt: skip
    rows = tuple(_goal_row(page, g, r, i) for g in page.city.goals for i, r in enumerate(g.readings))
    said = words("likelihood", page.lang)
    table = Table("goals", w("t_goals"), columns, rows, (said["scale"], said["rests"], w("grades")))
    return [Heading(1, w("goals")), page.told("goals_intro"), table, *_acts(page)]


def _acts(page: Page) -> list[Block]:
    """Return in how many members each adaptive rule of the scenario acted; nothing for a scenario without rules."""
    s = page.stored
    out: list[Block] = []
    for rule, branch, when, share in s.store.effects.rule_acts(s.id, s.members):
        said = Number(f"run/{s.id}/rule/{rule}/{branch}/{when}", share, "", "chance")
        out.append(page.told("acted", rule=Code(rule), branch=Code(branch), when=page.when(when), share=said))
    return out


def _goal_row(page: Page, goal: Goal, r: Reading, i: int) -> tuple[Cell, ...]:
    row = page.stored.forecast(goal.key, r.key)

    def n(field: str) -> Number:
        return page.stored_number(goal.key, r.key, field)

    passage, said = row["first_passage"], words("likelihood", page.lang)
    return (
        (page.name(goal) if i == 0 else "",),
        (("★" if r.primary else "") + page.name(r),),
        (f"{r.operator.replace('>=', '≥').replace('<=', '≤')} ", n("value")),
        (n("median"),),
        (Span(n("q05"), n("q95")),),
        (page.stored_number(goal.key, r.key, "probability", "chance"),),
        (said[row["likelihood"]],),
        (page.stored_number(goal.key, r.key, "mc_error", "error"),),
        (f"{r.evidence} {said[row['basis']]}",),
        (Code(passage),) if passage else (page.say("never"),),
        (n("still_needed"),),
    )


def together(page: Page) -> list[Block]:
    """Return the joint probabilities."""
    w, n = page.say, len(page.city.goals)
    every = page.told("joint_all", n=page.input("goals"), p=page.joint(n))
    rows = tuple(((str(k),), (page.joint(k),)) for k in sorted(page.stored.joints))
    columns = Column(w("at_least")), Column(w("probability"), right=True)
    return [Heading(1, w("joint")), every, Table("joint", w("t_joint"), columns, rows)]


def change(page: Page) -> list[Block]:
    """Return what changed since an earlier run: decomposed if that was done, else as it is."""
    head: list[Block] = [Heading(1, page.say("change"))]
    kept = [a for a in page.kept(ChangeDocument) if a.document.new == page.stored.id]
    if kept:
        return head + _decomposed(page, kept[0])
    old = _earlier(page)
    if old is None:
        return [*head, page.told("change_none", command=Code("peiyu change OLD NEW"))]
    return head + _difference(page, old)


def _earlier(page: Page) -> dict[str, Any] | None:
    """Return the last finished run of the city made before this one, other scenarios at an earlier origin only."""
    found = page.stored.store.earlier(page.stored.id)
    return None if found is None else page.stored.store.run_row(found)


def _difference(page: Page, old: dict[str, Any]) -> list[Block]:
    """Return the plain difference of the main readings' probabilities."""
    w, s = page.say, page.stored
    before = {(f["goal"], f["reading"]): float(f["probability"]) for f in s.store.last_forecast(old["run_id"])}
    rows = []
    for goal, r in main_readings(page.city):
        if (goal.key, r.key) in before:
            now = page.stored_number(goal.key, r.key, "probability", "chance")
            path = f"run/{old['run_id']}/forecast/{goal.key}/{r.key}/probability"
            then = Number(path, before[goal.key, r.key], "", "chance")
            gap = Number(f"{now.id} - {then.id}", now.value - then.value, "", "points")
            rows.append(((page.name(goal),), (then,), (now,), (gap,)))
    columns = (
        Column(w("goal")), Column(w("before"), right=True), Column(w("now"), right=True),
        Column(w("difference"), w("pp"), right=True),
    )  # fmt: skip
    ask = Code(f"peiyu change {old['run_id']} {s.id}")
    about = {"scenario": scenario_title(page, old["scenario"]), "as_of": page.when(old["as_of"])}
    said = page.told("change_plain", old=Code(old["run_id"]), command=ask, **about)
    return [said, Table("change", w("t_change"), columns, tuple(rows))]


def _decomposed(page: Page, a: Kept[ChangeDocument]) -> list[Block]:
    """Return the change and its four parts for the main readings."""
    w = page.say
    kept = {(row.goal, row.reading): (i, row) for i, row in enumerate(a.document.goals)}
    rows: list[tuple[Cell, ...]] = []
    for goal, r in main_readings(page.city):
        if (goal.key, r.key) in kept:
            i, row = kept[goal.key, r.key]
            ends = [number_of(a, f"goals/{i}/{k}", getattr(row, k), "chance") for k in ("old", "new")]
            parts = [(number_of(a, f"goals/{i}/{k}", getattr(row, k), "points"),) for k in PARTS]
            rows.append(((page.name(goal),), (ends[0],), *parts, (ends[1],)))
    columns = (
        Column(w("goal")), Column(w("before"), right=True),
        *(Column(w(f"part_{k}"), w("pp"), right=True) for k in PARTS), Column(w("now"), right=True),
    )  # fmt: skip
    table = Table("change", w("t_change"), columns, tuple(rows) or ((NONE,) * len(columns),))
    return [page.told("change_parts", old=Code(a.document.old)), table]
