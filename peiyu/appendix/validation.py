"""Sections on how far the model can be trusted: its record at past origins, earlier forecasts, the check of the fit."""

from __future__ import annotations

from peiyu.appendix.page import Page, of
from peiyu.backtest.document import BacktestDocument
from peiyu.document.tree import NONE, Block, Cell, Code, Column, Heading, Kind, Span, Table, number_of
from peiyu.fit.check_document import CheckDocument, MomentRow
from peiyu.review.document import ReviewDocument
from peiyu.review.page import ReviewPage, blocks
from peiyu.words.history import method, place, series
from sim.store.document import Kept

SCORES: dict[str, Kind] = {"pairs": "count", "crps_mean": "error", "relative_crps": "error", "coverage90": "chance"}
VERDICTS = {"missing": "missing_moment"}
"""Words of a verdict whose own word says something else here."""


def backtest(page: Page) -> list[Block]:
    """Return the record of the model and its comparators at past origins, losses named."""
    w = page.say
    head: list[Block] = [Heading(1, w("backtest"), annex=True)]
    mine = [a for a in page.stored.store.kept(BacktestDocument) if a.city == page.city.name]
    if not mine:
        return []
    a = mine[0]
    rows = tuple(
        ((method(r.model, page.lang),), *(of(a, f"summary/{i}/{k}", getattr(r, k), kind) for k, kind in SCORES.items()))
        for i, r in enumerate(a.document.summary)
    )
    columns = (Column(w("method")), *(Column(w(f"b_{k}"), right=True) for k in SCORES))
    out: list[Block] = [page.told("backtest_intro"), Table("backtest", w("t_backtest"), columns, rows)]
    return [*head, *out, _differences(page, a), *_losses(page, a), *_settled(page, a)]


def _differences(page: Page, a: Kept[BacktestDocument]) -> Table:
    """Return against which comparator the model wins, loses, or neither."""
    w = page.say
    rows = []
    for i, r in enumerate(a.document.differences):
        low, high = (number_of(a, f"differences/{i}/ci90/{k}", float(x), "error") for k, x in enumerate(r.ci90))
        result = "win" if high.value < 0.0 else "loss" if low.value > 0.0 else "tie"
        gap = of(a, f"differences/{i}/difference", r.difference, "error")
        name = (method(r.against, page.lang),)
        rows.append((name, of(a, f"differences/{i}/pairs", r.pairs), gap, (Span(low, high),), (w(result),)))
    columns = (
        Column(w("method")), Column(w("b_pairs"), right=True), Column(w("difference_crps"), right=True),
        Column(w("ci90"), right=True), Column(w("result")),
    )  # fmt: skip
    return Table("differences", w("t_differences"), columns, tuple(rows), (w("diff_note"),))


def _losses(page: Page, a: Kept[BacktestDocument]) -> list[Block]:
    """Return the regions in which the model did worse than the best comparator."""
    w = page.say
    lost = [(i, r) for i, r in enumerate(a.document.regions) if r.relative > 1.0]
    if not lost:
        return [page.told("b_no_losses")]
    rows = tuple(
        (
            (place(r.region, page.lang),),
            of(a, f"regions/{i}/pairs", r.pairs),
            of(a, f"regions/{i}/relative", r.relative, "error"),
        )
        for i, r in lost
    )
    columns = (
        Column(w("b_region")), Column(w("b_pairs"), right=True),
        Column(w("b_relative_crps"), right=True),
    )  # fmt: skip
    return [page.told("b_losses"), Table("backtest_losses", w("t_losses"), columns, rows)]


def _settled(page: Page, a: Kept[BacktestDocument]) -> list[Block]:
    """Return the goals whose outcome is known, with what was said when they were set."""
    w, goals = page.say, a.document.goals
    if not goals:
        return []
    rows = tuple(
        ((place(g.region, page.lang),), (series(g.series, page.lang),),
         ("≥ ", *of(a, f"goals/{i}/target", g.target)), (Code(str(g.deadline)),),
         (Code(g.origin),), of(a, f"goals/{i}/probability", g.probability, "chance"),
         of(a, f"goals/{i}/base_rate", g.base_rate, "chance"), (w("g_yes" if g.outcome else "g_no"),),
         of(a, f"goals/{i}/brier", g.brier, "error"))
        for i, g in enumerate(goals)
    )  # fmt: skip
    columns = (
        Column(w("g_region")), Column(w("g_series")), Column(w("g_target"), right=True),
        Column(w("g_by")), Column(w("g_set")), Column(w("g_p"), right=True),
        Column(w("g_base"), right=True), Column(w("g_outcome")), Column(w("g_brier"), right=True),
    )  # fmt: skip
    scores, every = {"ours": "peiyu", "base": "base_rate", "rule": "required_growth"}, a.document.goals_summary["all"]
    said = {k: of(a, f"goals_summary/all/brier_{x}", getattr(every, f"brier_{x}"), "error") for k, x in scores.items()}
    summed = page.told("g_sum", n=of(a, "goals_summary/all/goals", every.goals), **said)
    return [summed, Table("settled", w("t_settled"), columns, rows)]


def looked_back(page: Page) -> list[Block]:
    """Return how earlier forecasts did, from the newest review that ends with this run; nothing where there is none."""
    mine = [a for a in page.kept(ReviewDocument) if a.document.forecasts[-1].run == page.stored.id]
    if not mine:
        return []
    review = ReviewPage(mine[0], page.city, page.lang)
    return [Heading(1, review.words["title"], annex=True), *blocks(review, 2)]


def checked(page: Page) -> Kept[CheckDocument] | None:
    """Return the newest check of the fit that the run rests on."""
    mine = [a for a in page.stored.store.kept(CheckDocument) if a.city == page.city.name]
    return next((a for a in mine if a.document.draws == page.stored.run["fit_sha"]), None)


def check(page: Page) -> list[Block]:
    """Return the moments of the check, misses first."""
    w = page.say
    head: list[Block] = [Heading(1, w("check"), annex=True)]
    a = checked(page)
    if a is None:
        return []
    rows = tuple(_moment(page, a, i, m) for i, m in enumerate(a.document.moments))
    columns = (
        Column(w("moment")), Column(w("what_moment")), Column(w("found"), right=True),
        Column(w("interval"), right=True), Column(w("allowed"), right=True), Column(w("use")),
        Column(w("verdict")),
    )  # fmt: skip
    intro = page.told("check_intro", members=of(a, "members", a.document.members))
    return [*head, intro, Table("check", w("t_check"), columns, rows)]


def _moment(page: Page, a: Kept[CheckDocument], i: int, m: MomentRow) -> tuple[Cell, ...]:
    w, path = page.say, f"moments/{i}"
    allowed = (w("covers"),) if m.rule == "covers" else _ends(page, a, path, {"lower": m.lower, "upper": m.upper})
    verdict = w(VERDICTS.get(m.verdict, m.verdict))
    return (
        (Code(m.moment),), (m.zh if page.lang == "zh" else m.en,),
        of(a, f"{path}/median", m.median, "digits"),
        _ends(page, a, path, {"q05": m.q05, "q95": m.q95}), allowed, (w(m.use),), (verdict,),
    )  # fmt: skip


def _ends(page: Page, a: Kept[CheckDocument], path: str, ends: dict[str, float | None]) -> Cell:
    """Return an interval, a bound where one end is open, or nothing."""
    low, high = (
        None if x is None else number_of(a, f"{path}/{k}", float(x), "digits") for k, x in ends.items()
    )
    if low and high:
        return (Span(low, high),)
    if low is None and high is None:
        return NONE
    return (page.say("from_on" if low else "up_to") + " ", *(x for x in (low, high) if x))
