"""The section on the plan itself: its words, how they are read, where the count stands, how much time has passed."""

from __future__ import annotations

from peiyu.appendix.page import Page
from peiyu.document.tree import Block, Cell, Column, Heading, Inline, Kind, Number, Paragraph, Quote, Table
from peiyu.runs.published import Published, last_published
from peiyu.words.numbers import sign
from sim import quarter
from sim.city.city import Goal, Reading
from sim.city.readings import main_readings


def plan(page: Page) -> list[Block]:
    """Return the plan's words beside what is counted, what was published, and how far it has come."""
    w = page.say
    columns = (
        Column(w("goal")), Column(w("quoted")), Column(w("scope")), Column(w("asked"), right=True),
        Column(w("published")), Column(w("present"), right=True), Column(w("pace"), right=True),
    )  # fmt: skip
    mains = main_readings(page.city)
    seen = {g.key: last_published(page.city, r.indicator, page.stored.as_of) for g, r in mains}
    rows = tuple(_goal(page, g, r, seen[g.key]) for g, r in mains)
    note = w("plan_note", as_of=page.when(quarter.label(page.stored.as_of)))
    sources = page.marks["semicolon"].join(dict.fromkeys(g.source for g in page.city.goals))
    intro = page.told("plan_intro", source=Quote(sources))
    said = _published(page, [(g, seen[g.key]) for g, _ in mains])
    return [Heading(1, w("plan")), intro, Table("plan", w("t_plan"), columns, rows, (note,)), *said]


def _goal(page: Page, goal: Goal, r: Reading, seen: Published | None) -> tuple[Cell, ...]:
    def n(kind: str, written: Kind) -> Number:
        return page.input(f"{kind}/{goal.key}/{r.key}", written)

    w, counted = page.say, page.counted(r)
    value = page.stored_number(goal.key, r.key, "value", counted)
    asked = (f"{sign(r.operator)} ", value)
    scope = r.scope.get(page.lang) or page.name(r)
    present = (n("present", counted), page.unit(r))
    done, elapsed = n("done", "share"), n("elapsed", "share")
    pace: tuple[Cell, ...] = ((done, " / ", elapsed),)
    if elapsed.value > done.value:
        pace = ((done, " / ", elapsed, w("open_bracket") + w("behind") + w("close_bracket")),)
    known: Cell = (w("not_published"),)
    if seen is not None:
        where = w("open_bracket") + w(f"of_{seen.scope}") + page.marks["comma"]
        known = (n("published", counted), page.unit(r) + where, Quote(seen.period), w("close_bracket"))
    return ((page.name(goal),), (Quote(goal.quote),), (scope,), asked, known, present, *pace)


def _published(page: Page, found: list[tuple[Goal, Published | None]]) -> list[Block]:
    """Return the sources of the published numbers in one small paragraph; nothing without any."""
    pieces: list[Inline] = []
    for goal, seen in found:
        if seen is not None:
            between = page.marks["semicolon"] if pieces else page.say("published_from")
            source = Quote(f"{seen.title} ({seen.publisher})")
            pieces += [between + page.name(goal) + page.say("sep"), source]
    return [Paragraph((*pieces, page.marks["stop"].strip()), "note")] if pieces else []
