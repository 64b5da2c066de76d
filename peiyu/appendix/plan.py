"""The section on the plan itself: its words, how they are read, where the count stands, how much time has passed."""

from __future__ import annotations

from peiyu.appendix.page import Page
from peiyu.document.tree import Block, Cell, Column, Heading, Number, Quote, Table
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings


def plan(page: Page) -> list[Block]:
    """Return the plan's words beside what is counted and how far it has come."""
    w = page.say
    columns = (
        Column(w("goal")), Column(w("quoted")), Column(w("scope")), Column(w("asked"), right=True),
        Column(w("present"), right=True), Column(w("pace"), right=True), Column(w("elapsed"), right=True),
    )  # fmt: skip
    rows = tuple(_goal(page, g, r) for g, r in main_readings(page.city))
    note = w("plan_note", as_of=page.when(quarter.label(page.stored.as_of)))
    sources = page.marks["semicolon"].join(dict.fromkeys(g.source for g in page.city.goals))
    intro = page.told("plan_intro", source=Quote(sources))
    return [Heading(1, w("plan")), intro, Table("plan", w("t_plan"), columns, rows, (note,))]


def _goal(page: Page, goal: Goal, r: Reading) -> tuple[Cell, ...]:
    def n(kind: str) -> Number:
        return page.input(f"{kind}/{goal.key}/{r.key}", "whole" if kind == "present" else "share")

    asked = (f"{r.operator.replace('>=', '≥').replace('<=', '≤')} ", page.stored_number(goal.key, r.key, "value"))
    scope = r.scope.get(page.lang) or page.name(r)
    return (
        (page.name(goal),), (Quote(goal.quote),), (scope,), asked, (n("present"), page.unit(r)), (n("done"),),
        (n("elapsed"),),
    )  # fmt: skip
