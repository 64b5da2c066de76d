"""What a planner reads of `peiyu fails-when`: a sentence a box, a sentence where there is none, and the table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from peiyu.fails_when.document import BoxFacts, FailsWhenDocument, LimitRow, WithoutFacts
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.levers import lever_term
from peiyu.words.loader import words
from peiyu.words.names import reading_label
from peiyu.words.numbers import NOTHING, asked, chance, digits, p_value, percent
from peiyu.words.parameters import parameter_label, parameter_value
from sim.city.city import City, Goal, Reading
from sim.scenario.scenario import Scenario


def lever_label(name: str, scenario: Scenario, lang: str) -> str:
    """Return the name of a scenario's lever: in Chinese its term with its own name, else its own name in words."""
    if lang == "en":
        return name.replace("_", " ")
    cls = type(next(x for x in scenario.levers if x.name == name))
    return f"{lever_term(cls)}({name})"


def limit_text(limit: LimitRow, scenario: Scenario, lang: str) -> str:
    """Return one limit in words."""
    low, high, name = limit.low, limit.high, limit.input
    sides = {"low": low, "high": high}
    side = "between" if None not in (low, high) else "above" if high is None else "below"
    if limit.kind == "lever":
        ends = {k: "" if x is None else digits(round(x, 2)) for k, x in sides.items()}
        return words("fails_when", lang)[f"lever_{side}"].format(name=lever_label(name, scenario, lang), **ends)
    ends = {k: "" if x is None else parameter_value(name, x, lang) for k, x in sides.items()}
    return words("fails_when", lang)[side].format(name=parameter_label(name, lang), **ends)


def goal_text(goal: Goal, reading: Reading, lang: str) -> str:
    """Return a reading with what it asks."""
    return f"{reading_label(goal, reading, lang)} {asked(reading.operator, reading.value)}"


def sentence_of_box(row: BoxFacts, asked: tuple[Goal, Reading], scenario: Scenario, lang: str) -> str:
    """Say in one sentence where a goal is missed or reached, and how well that holds."""
    w = words("fails_when", lang)
    return w["box" if row.box == 1 else "further"].format(
        goal=goal_text(*asked, lang),
        limits=w["sep"].join(limit_text(x, scenario, lang) for x in row.limits),
        outcome=w[row.outcome],
        density=chance(row.density),
        mass=chance(row.mass),
        coverage=chance(row.coverage),
        base=chance(row.base_rate),
        density_out=chance(row.density_left_out),
        coverage_out=chance(row.coverage_left_out),
    )


def sentence_without(row: WithoutFacts, asked: tuple[Goal, Reading], lang: str) -> str:
    """Say in one sentence why no box is reported."""
    w, half = words("fails_when", lang), 0.5
    key = row.reason if row.reason != "rare" else "rare_low" if row.share < half else "rare_high"
    shares = {k: chance(x) for k, x in {"share": row.share, "density": row.density}.items() if x is not None}
    out = row.density_left_out
    counts = {"members": row.members, "hits": row.hits}
    shares["density_out"] = chance(out) if out is not None else NOTHING
    return w[key].format(goal=goal_text(*asked, lang), outcome=w[row.outcome], **counts, **shares)


def print_boxes(document: FailsWhenDocument, city: City, scenario: Scenario, lang: str, out: Path) -> None:
    """Print every sentence, and the limits of the boxes as a table."""
    w = words("fails_when", lang)
    outcome = w[document.outcome]
    console = stdout(lang)
    console.heading(f"{city.title[lang]} · {scenario.title[lang]} · {w['title'].format(outcome=outcome)}")
    head = f"{document.members} {w['members']} · {w['run']} {document.run_id}"
    console.print(f"{head} · {w['sizes']}" if document.levers else head)
    for row in [*document.boxes, *document.without_box]:
        console.print(f"• {row.sentence_zh if lang == 'zh' else row.sentence_en}")
    if document.boxes:
        console.table(_limits_table(document, city, scenario, lang))
        console.print(w["rows"])
    option = w["ask_missed" if document.outcome == "reached" else "ask_reached"]
    console.print(w["note"].format(outcome=outcome, option=option))
    console.print(f"{w['files']}: {out}/ (fails_when.json, fails_when.csv, fails_when.svg)")


def _limits_table(document: FailsWhenDocument, city: City, scenario: Scenario, lang: str) -> Grid:
    w = words("fails_when", lang)
    table = Grid()
    for key in ("goal", "no", "limit", "basis", "alone", "p", "again"):
        table.add_column(w[key], justify="right" if key in ("alone", "p", "again") else "left")
    names = {(g.key, r.key): reading_label(g, r, lang) for g in city.goals for r in g.readings}
    for row in document.boxes:
        for i, x in enumerate(row.limits):
            first = (names[row.goal, row.reading], str(row.box)) if i == 0 else ("", "")
            numbers = (chance(x.alone), p_value(x.quasi_p), percent(x.reproduced))
            table.add_row(*first, limit_text(x, scenario, lang), w[x.rests_on], *numbers)
    return table


COLUMNS = [
    "goal", "reading", "outcome", "box", "input", "kind", "unit", "rests_on", "low", "high", "alone", "quasi_p",
    "reproduced", "base_rate", "mass", "density", "coverage", "mass_left_out", "density_left_out",
    "coverage_left_out", "chance",
]  # fmt: skip


def frame(document: FailsWhenDocument) -> pd.DataFrame:
    """Return one row a limit of a box, with the box's own numbers."""
    rows = [row.plain() | limit.plain() for row in document.boxes for limit in row.limits]
    return pd.DataFrame(rows, columns=COLUMNS)
