"""The two pages that come first: how many goals are reached, what decides the open ones, why, and what to do."""

from __future__ import annotations

from importlib.util import find_spec

from peiyu.appendix.goals import against_last
from peiyu.appendix.page import Page
from peiyu.appendix.reasons import best_lever, deciding, judged, reasons, suggestions, unsettled, watch
from peiyu.document.tree import Block, Cell, Column, Heading, Inline, Paragraph, Span, Strong, Table
from peiyu.runs.verdicts import VERDICTS
from peiyu.words.loader import words
from sim import quarter
from sim.city.readings import GoalReading
from sim.inputs.errors import InputError

ROWS = 5
"""Most open goals in the table; those nearest to even come first, the rest are named above it."""


def summary(page: Page) -> list[Block]:
    """Return the two pages."""
    open_goals = unsettled(page)[:ROWS]
    return [
        Heading(1, page.say("brief"), counted=False), *_answer(page), *_chart(page),
        *_list(page, "reasons", reasons(page)),
        *([_open(page, open_goals)] if open_goals else []),
        *_list(page, "since_last", [against_last(page)]), *_list(page, "watch", watch(page)),
        *_list(page, "suggestions", suggestions(page)),
    ]  # fmt: skip


def _answer(page: Page) -> list[Block]:
    """Say how many goals are reached, open and missed, and which."""
    counts = {k: page.input(f"verdict/{k}") for k in VERDICTS}
    deadline = max(page.city.goals, key=lambda g: g.deadline).deadline
    every = {"n": page.input("goals"), "all": page.joint(len(page.city.goals))}
    said = page.told("brief_answer", deadline=page.when(quarter.label(deadline)), **every, **counts)
    named = [_named(page, k, judged(page, k)) for k in VERDICTS]
    parts = tuple(piece for p in named if p for piece in p)
    return [Paragraph(said.parts, "brief"), Paragraph((*parts, page.say("brief_scale")), "brief")]


def _named(page: Page, kind: str, goals: list[GoalReading]) -> Cell:
    if not goals:
        return ()
    found: list[Inline] = []
    for i, (g, r) in enumerate(goals):
        found.append((page.marks["comma"] if i else "") + page.name(g) + page.say("open_bracket"))
        found += [page.stored_number(g.key, r.key, "probability", "chance"), page.say("close_bracket")]
    return page.told(f"brief_{kind}", goals=tuple(found)).parts


def _chart(page: Page) -> list[Block]:
    """Return the chart of all goals, where it can be drawn."""
    if find_spec("matplotlib") is None:
        return []
    from peiyu.appendix.chances import chances  # noqa: PLC0415  matplotlib is an extra

    try:
        return [chances(page), page.text(page.say("chances_note"), role="note")]
    except InputError:  # no Chinese font; the section of figures says how to get one
        return []


def _list(page: Page, key: str, items: list[Cell]) -> list[Block]:
    """Return a bold heading with one sentence, or with numbered ones, each a paragraph."""
    head = Strong(page.say(f"brief_{key}") + page.say("sep"))
    if len(items) == 1:
        return [Paragraph((head, *items[0]), "brief")]
    marked = ((f"{i}. ", *item) for i, item in enumerate(items, 1))
    first, *rest = marked
    return [Paragraph((head, *first), "brief"), *(Paragraph(x, "brief") for x in rest)]


def _open(page: Page, goals: list[GoalReading]) -> Table:
    """Return what decides each goal that is not settled, and which lever moves it most for the money."""
    w, said = page.say, words("likelihood", page.lang)
    rows = []
    for g, r in goals:
        row = page.stored.forecast(g.key, r.key)
        low, middle, high = (page.stored_number(g.key, r.key, k, page.counted(r)) for k in ("q05", "median", "q95"))
        chance = page.stored_number(g.key, r.key, "probability", "chance")
        expected: Cell = (middle, w("open_bracket"), Span(low, high).even(), w("close_bracket"))
        rows.append(
            ((page.name(g),), (chance, " " + said[row["likelihood"]]), page.asked(g, r), expected, deciding(page, g, r),
             best_lever(page, g, r))
        )  # fmt: skip
    columns = (
        Column(w("goal")), Column(w("p")), Column(w("asked")), Column(w("expected_count")), Column(w("deciding")),
        Column(w("best_lever")),
    )  # fmt: skip
    return Table("open_goals", w("t_open"), columns, tuple(rows))
