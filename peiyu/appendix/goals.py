"""Sections on the goals: the table of readings, goals together, what changed since the last review."""

from __future__ import annotations

from typing import Any

from peiyu.appendix.comparison import MOVED
from peiyu.appendix.page import Page, scenario_title
from peiyu.document.tree import NONE, Block, Cell, Code, Column, Heading, Number, Span, Table, number_of
from peiyu.runs.change import PARTS
from peiyu.runs.change_document import ChangeDocument
from peiyu.words.loader import words
from peiyu.words.numbers import sign
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings
from sim.store.document import Kept

CHANCES = ("model_probability", "base_rate", "probability")
"""What the model says alone, how often like goals were reached, and both pooled."""


def goals(page: Page) -> list[Block]:
    """Return the table of goals and readings."""
    w = page.say
    columns = (
        Column(w("goal")), Column(w("reading")), Column(w("asked"), right=True),
        Column(w("median"), right=True), Column(w("interval"), right=True),
        Column(w("model_p"), right=True), Column(w("record_p"), right=True), Column(w("pooled_p"), right=True),
        Column(w("error"), right=True), Column(w("likelihood")), Column(w("rests")),
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
        return page.stored_number(goal.key, r.key, field, page.counted(r))

    said = words("likelihood", page.lang)
    return (
        (page.name(goal) if i == 0 else "",),
        (("★" if r.primary else "") + page.name(r),),
        (f"{sign(r.operator)} ", n("value")),
        (n("median"),),
        (Span(n("q05"), n("q95")),),
        *((page.stored_number(goal.key, r.key, k, "chance"),) for k in CHANCES),
        (page.stored_number(goal.key, r.key, "mc_error", "spread"),),
        (said[row["likelihood"]],),
        (f"{page.say(f'evidence_{r.evidence}')} {said[row['basis']]}",),
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
        return []
    return head + _difference(page, old)


def against_last(page: Page) -> Cell:
    """Return in a sentence what moved most since the last review, and mainly by what if that was taken apart."""
    kept = [a for a in page.kept(ChangeDocument) if a.document.new == page.stored.id]
    if kept:
        return _moved_by(page, kept[0])
    old = _earlier(page)
    if old is None or old["as_of"] > page.stored.run["as_of"]:  # made earlier of later data: a trial, no review
        return page.told("last_none").parts
    about = {"scenario": scenario_title(page, old["scenario"]), "as_of": page.when(old["as_of"])}
    moved = max(_differences(page, old), key=lambda x: abs(x[2].value), default=None)
    if moved is None or abs(moved[2].value) <= MOVED:
        return page.told("last_same", **about).parts
    goal, then, _, now = moved
    return page.told("last_moved", goal=page.name(goal), then=then, now=now, **about).parts


def _moved_by(page: Page, a: Kept[ChangeDocument]) -> Cell:
    """Return in a sentence which main reading moved most, and which part of the change is largest."""
    old = page.stored.store.run_row(a.document.old)
    about = {"scenario": scenario_title(page, old["scenario"]), "as_of": page.when(old["as_of"])}
    names = {(g.key, r.key): page.name(g) for g, r in main_readings(page.city)}
    mine = [(i, row) for i, row in enumerate(a.document.goals) if (row.goal, row.reading) in names]
    moved = max(mine, key=lambda x: abs(x[1].new - x[1].old), default=None)
    if moved is None or abs(moved[1].new - moved[1].old) <= MOVED:
        return page.told("last_same", **about).parts
    i, row = moved
    part = max(PARTS, key=lambda k: abs(getattr(row, k)))
    then, now = (number_of(a, f"goals/{i}/{k}", getattr(row, k), "chance") for k in ("old", "new"))
    by = number_of(a, f"goals/{i}/{part}", getattr(row, part), "points")
    facts = {"goal": names[row.goal, row.reading], "then": then, "now": now, "by": by}
    return page.told("last_by", part=page.say(f"part_{part}"), **facts, **about).parts


def _differences(page: Page, old: dict[str, Any]) -> list[tuple[Goal, Number, Number, Number]]:
    """Return for each main reading of both runs the probability then, the difference, and the probability now."""
    rows = page.stored.store.last_forecast(old["run_id"])
    before = {(f["goal"], f["reading"]): float(f["probability"]) for f in rows}
    found = []
    for goal, r in main_readings(page.city):
        if (goal.key, r.key) in before:
            now = page.stored_number(goal.key, r.key, "probability", "chance")
            path = f"run/{old['run_id']}/forecast/{goal.key}/{r.key}/probability"
            then = Number(path, before[goal.key, r.key], "", "chance")
            gap = Number(f"{now.id} - {then.id}", now.value - then.value, "", "points")
            found.append((goal, then, gap, now))
    return found


def _earlier(page: Page) -> dict[str, Any] | None:
    """Return the last finished run of the city made before this one, other scenarios at an earlier origin only."""
    found = page.stored.store.earlier(page.stored.id)
    return None if found is None else page.stored.store.run_row(found)


def _difference(page: Page, old: dict[str, Any]) -> list[Block]:
    """Return the plain difference of the main readings' probabilities."""
    w = page.say
    rows = [((page.name(g),), (then,), (now,), (gap,)) for g, then, gap, now in _differences(page, old)]
    columns = (
        Column(w("goal")), Column(w("before"), right=True), Column(w("now"), right=True),
        Column(w("difference"), w("pp"), right=True),
    )  # fmt: skip
    about = {"scenario": scenario_title(page, old["scenario"]), "as_of": page.when(old["as_of"])}
    said = page.told("change_plain", **about)
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
    return [page.told("change_parts"), table]
