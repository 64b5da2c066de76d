"""A review as a page: "how did our forecasts do", alone as Markdown and as a section of the next appendix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from peiyu.document.prose import filled
from peiyu.document.tree import (
    NONE,
    AnalysisName,
    Block,
    Cell,
    Code,
    Column,
    Document,
    Heading,
    Kind,
    Number,
    Paragraph,
    Span,
    Table,
    number_of,
)
from peiyu.review.document import MovedRow, NumberRow, ReviewDocument, SettledRow, TallyRow
from peiyu.words.indicators import label_of_city
from peiyu.words.loader import Words, words
from peiyu.words.names import reading_label, when
from peiyu.words.titles import title_of
from sim.city.city import City
from sim.city.readings import every_reading

FEW = 10
"""Fewer numbers, or goals, tell nothing of intervals or chances."""
RARE = 0.05
"""What comes by luck less often tells something all the same."""
CAVEATS = ("out_before", "older", "not_forecast")
"""What of the numbers is no forecast ahead of time, or none at all."""
BRIERS = ("brier", "record_brier", "model_brier")
CHANCES = ("probability", "record_probability", "model_probability")


class KeptReview(AnalysisName, Protocol):
    """A review as it was made, or as the store has it."""

    @property
    def document(self) -> ReviewDocument:
        """What it says."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A review in one language."""

    review: KeptReview
    city: City
    lang: str

    @property
    def document(self) -> ReviewDocument:
        """What the review says."""
        return self.review.document

    @property
    def words(self) -> Words:
        """The words of the language."""
        return words("review", self.lang)

    def number(self, path: str, value: float, kind: Kind = "whole") -> Number:
        """Return a number with its id."""
        return replace(number_of(self.review, path, value, kind), lang=self.lang)

    def cell(self, path: str, value: float | None, kind: Kind = "whole") -> Cell:
        """Return a cell with a number, or with nothing where there is none."""
        return NONE if value is None else (self.number(path, value, kind),)

    def told(self, key: str, **facts: object) -> Cell:
        """Return the sentence of a key."""
        return filled(self.words[key], facts)

    def paragraph(self, sentences: list[Cell]) -> Paragraph:
        """Return sentences as a paragraph."""
        gap = words("punctuation", self.lang)["gap"]
        return Paragraph(tuple(piece for i, said in enumerate(sentences) for piece in ((gap, *said) if i else said)))

    def heads(self, left: tuple[str, ...], right: tuple[str, ...]) -> tuple[Column, ...]:
        """Return columns of words and of numbers."""
        return (*(Column(self.words[k]) for k in left), *(Column(self.words[k], right=True) for k in right))

    def origin(self, run: str) -> str:
        """Return the quarter that a forecast started from, as a reader says it."""
        return when(next(f.as_of for f in self.document.forecasts if f.run == run), self.lang)


def page(review: KeptReview, city: City, lang: str) -> Document:
    """Return the page by itself."""
    p = ReviewPage(review, city, lang)
    title = city.title[lang] + p.words["sep"] + p.words["title"]
    return Document(lang, title, tuple(blocks(p, 1)))


def blocks(p: ReviewPage, level: int) -> list[Block]:
    """Return what stands under the title; headings begin at a level."""
    out: list[Block] = [Paragraph(p.told("intro", until=when(p.document.until, p.lang))), _forecasts(p)]
    for i, tally in enumerate(p.document.tallies):
        out.append(Heading(level, p.words["of"].format(as_of=p.origin(tally.run))))
        out += [p.paragraph(tally_sentences(p, i, tally)), *_numbers(p, tally)]
    out += [Heading(level, p.words["settled"]), p.paragraph(settled_sentences(p)), *_settled(p)]
    return out + _moved(p, level)


def _forecasts(p: ReviewPage) -> Table:
    rows = tuple(
        ((when(f.as_of, p.lang),), (title_of(f.scenario, p.city, p.lang),), (Code(f.created),), (Code(f.run),),
         p.cell(f"forecasts/{i}/members", f.members))
        for i, f in enumerate(p.document.forecasts)
    )  # fmt: skip
    columns = p.heads(("as_of", "scenario", "created", "run"), ("members",))
    return Table("review_forecasts", p.words["t_forecasts"], columns, rows)


def tally_sentences(p: ReviewPage, i: int, t: TallyRow) -> list[Cell]:
    """Return how the numbers of one forecast came out, and how much that can tell."""

    def n(name: str, kind: Kind = "whole") -> Number:
        return p.number(f"tallies/{i}/{name}", getattr(t, name), kind)

    out = [p.told("exact", n=n("exact"), inside=n("exact_inside")) if t.exact else p.told("no_exact")]
    if t.bounds:
        out.append(p.told("bounds", n=n("bounds"), inside=n("bounds_inside")))
    if t.by_luck is not None and t.exact_inside == t.exact:
        out += [p.told("few_all", n=n("exact"))] if t.exact < FEW else []
    elif t.by_luck is not None:
        facts = {"n": n("exact"), "inside": n("exact_inside"), "p": n("by_luck", "share")}
        out.append(p.told("few" if t.exact < FEW and t.by_luck > RARE else "many", **facts))
    if t.compared:
        scores = {"ours": n("crps", "error"), "theirs": n("carried_crps", "error")}
        out.append(p.told("against", n=n("compared"), better=n("better"), **scores))
    elif t.exact:
        out.append(p.told("against_none"))
    return out + [p.told(name, n=n(name)) for name in CAVEATS if getattr(t, name)]


def result(p: ReviewPage, row: NumberRow) -> str:
    """Say whether a number lies inside, or whether a bound contradicts the interval."""
    good, bad = ("yes", "no") if row.bound == "none" else ("held", "broken")
    return p.words[good if row.inside else bad]


def bound_mark(p: ReviewPage, row: NumberRow) -> str:
    """Return what stands before a bound."""
    return "" if row.bound == "none" else p.words[row.bound] + " "


def _numbers(p: ReviewPage, t: TallyRow) -> list[Block]:
    rows = tuple(_number(p, i, row) for i, row in enumerate(p.document.numbers) if row.run == t.run)
    if not rows:
        return []
    before, after = ("published", "median", "interval"), ("carried", "crps", "carried_crps", "percentile")
    w, columns = p.words, (*p.heads(("number", "quarter"), before), *p.heads(("inside",), after))
    caption = w["t_numbers"].format(as_of=p.origin(t.run))
    return [Table(f"review_numbers_{t.run}", caption, columns, rows, (w["scores"],))]


def _number(p: ReviewPage, i: int, row: NumberRow) -> tuple[Cell, ...]:
    def n(name: str, kind: Kind = "whole") -> Cell:
        return p.cell(f"numbers/{i}/{name}", getattr(row, name), kind)

    ends = (p.number(f"numbers/{i}/{k}", getattr(row, k)) for k in ("q05", "q95"))
    return (
        (label_of_city(row.indicator, p.lang, p.city),), (when(row.quarter, p.lang),),
        (bound_mark(p, row), *n("published")), n("median"), (Span(*ends),), (result(p, row),), n("carried"),
        n("crps", "error"), n("carried_crps", "error"), n("percentile", "share"),
    )  # fmt: skip


def settled_sentences(p: ReviewPage) -> list[Cell]:
    """Return what the goals that have settled say of the chances, or that none has."""
    d, out = p.document, list[Cell]()
    if not d.settled and d.first_deadline is not None:
        out.append(p.told("none_settled", n=p.number("open", d.open), deadline=when(d.first_deadline, p.lang)))
    for i, row in enumerate(d.briers):
        means = {k: p.number(f"briers/{i}/{k}", getattr(row, k), "error") for k in BRIERS}
        counts = {k: p.number(f"briers/{i}/{k}", getattr(row, k)) for k in ("readings", "reached")}
        out.append(p.told("brier", as_of=p.origin(row.run), **means, **counts))
    if d.briers and all(row.readings < FEW for row in d.briers):
        out.append(p.told("brier_few"))
    return out + ([p.told("due", n=p.number("due", d.due))] if d.due else [])


def _settled(p: ReviewPage) -> list[Block]:
    rows = tuple(_settled_row(p, i, row) for i, row in enumerate(p.document.settled))
    if not rows:
        return []
    columns = p.heads(("goal", "as_of", "outcome"), ("p", "record_p", "model_p", "brier_score"))
    return [Table("review_settled", p.words["t_settled"], columns, rows)]


def _settled_row(p: ReviewPage, i: int, row: SettledRow) -> tuple[Cell, ...]:
    kinds: dict[str, Kind] = dict.fromkeys(CHANCES, "chance")
    numbers = (p.cell(f"settled/{i}/{k}", getattr(row, k), kind) for k, kind in (kinds | {"brier": "error"}).items())
    came = p.words["reached" if row.reached else "missed"]
    return (goal_name(p, row.goal, row.reading),), (p.origin(row.run),), (came,), *numbers


def goal_name(p: ReviewPage, goal: str, reading: str) -> str:
    """Return a goal with its reading as a reader knows them."""
    return next(reading_label(g, r, p.lang) for g, r in every_reading(p.city) if (g.key, r.key) == (goal, reading))


def _moved(p: ReviewPage, level: int) -> list[Block]:
    """Return the chances of the open goals by forecast; nothing where none is open."""
    d, w = p.document, p.words
    if not d.goals:
        return []
    heads = (*moved_heads(p), w["medians"])
    columns = (Column(w["goal"]), *(Column(head, right=True) for head in heads))
    rows = tuple(_moved_row(p, i, row) for i, row in enumerate(d.goals))
    intro = Paragraph(p.told("moved_intro", n=p.number("open", d.open)))
    return [Heading(level, w["moved"]), intro, Table("review_moved", w["t_moved"], columns, rows)]


def moved_heads(p: ReviewPage) -> list[str]:
    """Return what the columns of chances are called: by the origin, the last one now."""
    return [*(when(f.as_of, p.lang) for f in p.document.forecasts[:-1]), p.words["now"]]


def _moved_row(p: ReviewPage, i: int, row: MovedRow) -> tuple[Cell, ...]:
    chances = (p.cell(f"goals/{i}/probabilities/{j}", x, "chance") for j, x in enumerate(row.probabilities))
    last = len(row.medians) - 1
    then, now = (p.cell(f"goals/{i}/medians/{j}", row.medians[j], "count") for j in (0, last))
    return (goal_name(p, row.goal, row.reading),), *chances, (*then, " → ", *now)
