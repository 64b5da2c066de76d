"""What a planner reads of a review on the screen: each earlier forecast and what came, settled goals, what moved."""

from __future__ import annotations

from peiyu.document.tree import Cell, plain
from peiyu.review.document import MovedRow, NumberRow, TallyRow
from peiyu.review.page import ReviewPage, bound_mark, goal_name, moved_heads, result, settled_sentences, tally_sentences
from peiyu.runs.change_table import mostly, moved
from peiyu.screen.console import Screen, stdout
from peiyu.screen.grid import Grid
from peiyu.screen.next import USUAL_OUT, next_command
from peiyu.words.indicators import label_of_city
from peiyu.words.loader import words
from peiyu.words.names import when
from peiyu.words.numbers import NOTHING, chance, count, interval, percent, score, whole
from peiyu.words.titles import title_of


def print_review(p: ReviewPage) -> None:
    """Print a review."""
    w, screen, d = p.words, stdout(p.lang), p.document
    screen.heading(p.city.title[p.lang], f"{w['sep']}{w['title']}")
    screen.print(_text(p.told("intro", until=when(d.until, p.lang))))
    for i, tally in enumerate(d.tallies):
        _print_forecast(p, screen, i, tally)
    screen.heading(w["settled"])
    screen.print(_sentences(p, settled_sentences(p)))
    if d.settled:
        screen.table(_settled_table(p))
    if d.goals:
        _print_moved(p, screen)


def _print_forecast(p: ReviewPage, screen: Screen, i: int, tally: TallyRow) -> None:
    """Print the numbers of one forecast and what they tell."""
    about = next(f for f in p.document.forecasts if f.run == tally.run)
    facts = f"{title_of(about.scenario, p.city, p.lang)} · {about.created} · {about.run}"
    screen.heading(p.words["of"].format(as_of=p.origin(tally.run)), f" ({facts})")
    rows = [row for row in p.document.numbers if row.run == tally.run]
    if rows:
        screen.table(_numbers_table(p, rows))
    screen.print(_sentences(p, tally_sentences(p, i, tally)))


def _numbers_table(p: ReviewPage, rows: list[NumberRow]) -> Grid:
    w = p.words
    table = Grid(first_to_go=[w[k] for k in ("percentile", "carried_crps", "crps", "carried")])
    for key in ("number", "quarter"):
        table.add_column(w[key], overflow="fold")
    for key in ("published", "median", "interval", "inside", "carried", "crps", "carried_crps", "percentile"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for row in rows:
        scores = (NOTHING if x is None else score(x) for x in (row.crps, row.carried_crps))
        table.add_row(
            label_of_city(row.indicator, p.lang, p.city), row.quarter, bound_mark(p, row) + whole(row.published),
            whole(row.median), interval(row.q05, row.q95, whole), result(p, row),
            NOTHING if row.carried is None else whole(row.carried), *scores,
            NOTHING if row.percentile is None else percent(row.percentile),
        )  # fmt: skip
    return table


def _settled_table(p: ReviewPage) -> Grid:
    w = p.words
    table = Grid()
    for key in ("goal", "as_of", "outcome"):
        table.add_column(w[key], overflow="fold")
    for key in ("p", "record_p", "model_p", "brier_score"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for row in p.document.settled:
        said = (chance(x) for x in (row.probability, row.record_probability, row.model_probability))
        reached = w["reached" if row.reached else "missed"]
        table.add_row(goal_name(p, row.goal, row.reading), p.origin(row.run), reached, *said, score(row.brier))
    return table


def _print_moved(p: ReviewPage, screen: Screen) -> None:
    """Print the chances of the open goals by forecast, and a sentence on each that moved."""
    d, w = p.document, p.words
    screen.heading(w["moved"])
    table = Grid()
    table.add_column(w["goal"], overflow="fold")
    for head in moved_heads(p):
        table.add_column(head, justify="right", no_wrap=True)
    for row in d.goals:
        said = (NOTHING if x is None else chance(x) for x in row.probabilities)
        table.add_row(goal_name(p, row.goal, row.reading), *said)
    screen.table(table)
    told = [(row, _why(row, p.lang)) for row in d.goals]
    for row, why in told:
        if why is not None:
            screen.print(f"{goal_name(p, row.goal, row.reading)}{w['sep']}{why}")
    still = sum(why is None for _, why in told)
    if still:
        screen.print(w["same"].format(n=count(still)))
    if still < len(told) and all(row.part is None for row in d.goals):
        change = f"change {d.forecasts[0].run} {d.forecasts[-1].run}"
        screen.print(w["apart"].format(command=next_command(change, p.city, USUAL_OUT)), soft_wrap=True)


def _why(row: MovedRow, lang: str) -> str | None:
    """Return how the chance of an open goal moved from the earliest forecast to now, or None where it did not."""
    then, now = (
        (row.probabilities[i], row.medians[i], row.needed[i]) for i in (0, len(row.probabilities) - 1)
    )
    if then[0] is None or now[0] is None:
        return None
    why = mostly(row.part, row.points, lang) if row.part is not None and row.points is not None else ""
    return moved((then[0], *then[1:]), (now[0], *now[1:]), lang, why)


def _sentences(p: ReviewPage, sentences: list[Cell]) -> str:
    return words("punctuation", p.lang)["gap"].join(map(_text, sentences))


def _text(cell: Cell) -> str:
    return "".join(map(plain, cell))
