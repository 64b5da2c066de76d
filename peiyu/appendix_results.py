"""Sections made from analyses in the store: what would change the answer, the backtest, the check of the fit."""

from __future__ import annotations

from typing import Any

from peiyu.appendix_page import NONE, Page, number_of, of
from peiyu.appendix_scenarios import scenario_title
from peiyu.appendix_tree import Block, Cell, Code, Column, Heading, Kind, Quote, Span, Table
from sim.store import Analysis

COMMANDS = {"fails_when": "peiyu fails-when {run}", "search": "peiyu search --scenario {scenario}",
            "sensitivity": "peiyu sensitivity {run}"}  # fmt: skip
WIDEST, LONGEST = 7, 30
"""Columns and rows of a result shown whole in print; the file of the result has the rest."""


def alters(page: Page) -> list[Block]:
    """Return what would change the answer: when it fails, better mixes, what it is sensitive to."""
    out: list[Block] = [Heading(1, page.say("alters"))]
    facts = {"run": page.stored.id, "scenario": page.stored.run["scenario"]}
    for kind, command in COMMANDS.items():
        out.append(Heading(2, page.say(kind)))
        kept = page.analyses(kind)
        if not kept:
            out += page.missing(command.format(**facts))
        else:
            out += _search(page, kept[0]) if kind == "search" else generic(page, kept[0], kind)
    return out


def _search(page: Page, a: Analysis) -> list[Block]:
    """Return the finalists of a search, the best and the most robust named."""
    w, doc = page.say, a.document
    rows = []
    for i, f in enumerate(doc["finalists"]):
        stage, path = f["confirmed"], f"finalists/{i}/confirmed"
        best = doc["winner"] is not None and f["mix"] == doc["winner"]["mix"]
        role = "winner" if best else "robust" if f["mix"] == doc["robust"]["mix"] else "other"
        mix = "; ".join(f"{k} × {x:g}" for k, x in f["mix"].items())
        rows.append(
            ((w(role),), (Code(mix),), of(a, f"{path}/probability", stage["probability"], "chance"),
             of(a, f"{path}/expected_goals", stage["expected_goals"]), of(a, f"{path}/cost_wan", stage["cost_wan"]),
             (w("yes" if stage["keeps_budgets"] else "no"),))
        )  # fmt: skip
    columns = (
        Column(w("mix"), 1.6), Column(w("settings"), 4.0), Column(w("p"), 1.1, right=True),
        Column(w("expected"), 1.3, right=True), Column(w("cost"), 1.4, w("wan"), right=True), Column(w("kept"), 1.0),
    )  # fmt: skip
    intro = w("search_intro", scenario=scenario_title(page, doc["scenario"]), tried=doc["tried"])
    found = [] if doc["winner"] else [page.text(w("no_winner"))]
    return [page.text(intro), *found, Table("search", w("t_search"), columns, tuple(rows))]


def generic(page: Page, a: Analysis, kind: str) -> list[Block]:
    """Return a result whose form this page does not know: its lists as tables, its single values as one."""
    title = page.say(kind)
    single = {k: x for k, x in a.document.items() if isinstance(x, str | int | float) and not isinstance(x, bool)}
    out: list[Block] = [page.text(page.say("generic"))]
    if single:
        rows = tuple(((Code(k),), _any(a, k, x)) for k, x in single.items())
        columns = Column(page.say("key"), 1.0), Column(page.say("value"), 2.0)
        out.append(Table(kind, page.say("t_generic", title=title), columns, rows))
    for key, rows_of in a.document.items():
        if isinstance(rows_of, list) and rows_of and all(isinstance(x, dict) for x in rows_of):
            caption = page.say("t_generic", title=title) + page.say("sep") + key
            out.append(_listed(a, f"{kind}_{key}", caption, rows_of))
    return out


def _listed(a: Analysis, key: str, caption: str, found: list[dict[str, Any]]) -> Table:
    """Return a list of records as a table."""
    names = [k for k, x in found[0].items() if x is None or isinstance(x, str | int | float | list)][:WIDEST]
    field = key.partition("_")[2] if key.startswith(("fails_when_", "sensitivity_")) else key
    field = field.removeprefix("when_")
    rows = tuple(tuple(_any(a, f"{field}/{i}/{k}", x.get(k)) for k in names) for i, x in enumerate(found[:LONGEST]))
    columns = tuple(Column(k, 1.0, right=isinstance(found[0][k], int | float)) for k in names)
    return Table(key, caption, columns, rows)


def _any(a: Analysis, path: str, x: Any) -> Cell:
    """Return any plain value of a document as a cell."""
    if isinstance(x, str):
        return (Code(x),)
    if isinstance(x, list) and len(x) == len(("low", "high")) and all(isinstance(v, int | float) for v in x):
        low, high = (number_of(a, f"{path}/{i}", float(v), "digits") for i, v in enumerate(x))
        return (Span(low, high),)
    return of(a, path, x, "digits")


def backtest(page: Page) -> list[Block]:
    """Return the record of the model and its comparators at past origins, losses named."""
    w = page.say
    head: list[Block] = [Heading(1, w("backtest"))]
    kept = page.stored.store.analyses("backtest")
    mine = [a for a in kept if a.city == page.city.name]
    if not mine:
        return head + page.missing(f"peiyu backtest --city {page.city.name}")
    a = mine[0]
    keys: dict[str, Kind] = {"pairs": "count", "crps_mean": "error", "relative_crps": "digits", "coverage90": "chance"}
    rows = tuple(
        ((Code(r["model"]),), *(of(a, f"summary/{i}/{k}", r[k], kind) for k, kind in keys.items()))
        for i, r in enumerate(a.document["summary"])
    )
    columns = (Column(w("method"), 1.6), *(Column(w(f"b_{k}"), 1.2, right=True) for k in keys))
    lost = [(i, r) for i, r in enumerate(a.document["regions"]) if r["relative"] > 1.0]
    won = len(a.document["regions"]) - len(lost)
    out: list[Block] = [page.text(w("backtest_intro")), Table("backtest", w("t_backtest"), columns, rows)]
    if lost:
        worse = tuple(
            ((Code(str(r["region"])),), of(a, f"regions/{i}/relative", r["relative"], "digits")) for i, r in lost
        )
        heads = Column(w("b_region"), 2.0), Column(w("b_relative_crps"), 1.0, right=True)
        out.append(Table("backtest_losses", w("t_losses"), heads, worse))
    return [*head, *out, page.text(w("b_won", won=won, lost=len(lost)))]


def check(page: Page) -> list[Block]:
    """Return the moments of the check, misses first."""
    w = page.say
    head: list[Block] = [Heading(1, w("check"))]
    mine = [a for a in page.stored.store.analyses("check") if a.city == page.city.name]
    mine = [a for a in mine if a.document.get("draws") == page.stored.run["fit_sha"]]
    if not mine:
        return head + page.missing(f"peiyu check --city {page.city.name}")
    a = mine[0]
    rows = tuple(_moment(page, a, i, m) for i, m in enumerate(a.document["moments"]))
    columns = (
        Column(w("moment"), 0.8), Column(w("what"), 3.4), Column(w("found"), 1.1, right=True),
        Column(w("interval"), 1.8, right=True), Column(w("allowed"), 1.8, right=True), Column(w("verdict"), 1.2),
    )  # fmt: skip
    return [*head, page.text(w("check_intro")), Table("check", w("t_check"), columns, rows)]


def _moment(page: Page, a: Analysis, i: int, m: dict[str, Any]) -> tuple[Cell, ...]:
    path = f"moments/{i}"

    def ends(low: str, high: str) -> Cell:
        if m[low] is None or m[high] is None:
            return NONE
        two = (number_of(a, f"{path}/{k}", float(m[k]), "digits") for k in (low, high))
        return (Span(*two),)

    return (
        (Code(m["moment"]),), (Quote(m[page.lang]),), of(a, f"{path}/median", m["median"], "digits"),
        ends("q05", "q95"), ends("lower", "upper"), (Code(str(m["verdict"])),),
    )  # fmt: skip
