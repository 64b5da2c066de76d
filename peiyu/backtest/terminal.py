"""What a planner reads of a backtest: who forecast better, where we lost, and what became of goals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calibration.backtest.backtest import MODEL
from peiyu.backtest import wrong
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.history import goal, method, place
from peiyu.words.loader import Words, words
from peiyu.words.numbers import NOTHING, chance, count, score


def _table(title: str, left: list[str], right: list[str], first_to_go: tuple[str, ...] = ()) -> Grid:
    """Return an empty table with text columns and number columns."""
    table = Grid(title, first_to_go=first_to_go)
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def print_backtest(document: dict[str, Any], lang: str, out: Path) -> None:
    """Print the summary by model and by kind, regions where we lost, and goals."""
    w, screen = words("backtest", lang), stdout(lang)
    for block in wrong_tables(document, w, lang):
        screen.table(block) if isinstance(block, Grid) else screen.print(block)
    screen.table(summary_table(document, lang))
    screen.table(slices_table(document, lang))
    lost = [r for r in document["regions"] if r["relative"] > 1.0]
    where = [f"{place(r['region'], lang)} {score(r['relative'])} ({r['won']}/{r['pairs']})" for r in lost]
    won = sum(r["won"] for r in document["regions"])
    total = sum(r["pairs"] for r in document["regions"])
    lost_in = f"{w['lost']} ({len(lost)}/{len(document['regions'])}): {w['sep'].join(where) or NOTHING}"
    screen.print(f"{w['won']}: {won}/{total}. {lost_in}")
    if document["goals"]:
        screen.table(goals_table(document, lang))
        for part, s in document["goals_summary"].items():
            screen.print(_brier_line(w[part], s, lang))
    screen.print(w["note"])
    screen.print(f"{w['files']}: {out}/ (backtest.json, backtest_pairs.csv, backtest_goals.csv)")


def wrong_tables(document: dict[str, Any], w: Words, lang: str) -> list[Grid | str]:
    """Return how wrong the agent model was, where it was run."""
    part = document.get("abm")
    if part is None:
        return []
    out: list[Grid | str] = [f"{w['wrong']}: {wrong.sentence(part, w)}"]
    for told in wrong.tables(part, w, lang):
        made = _table(told.title, list(told.columns[: told.words]), list(told.columns[told.words :]))
        for row in told.rows:
            made.add_row(*row)
        out += [made] if told.rows else []
    return out


def summary_table(document: dict[str, Any], lang: str) -> Grid:
    """Return one row per model."""
    w = words("backtest", lang)
    table = _table(w["title"], [w["model"]], [w[k] for k in ("pairs", "crps", "relative", "ours", "coverage")])
    for r in document["summary"]:
        table.add_row(
            method(r["model"], lang), count(r["pairs"]), score(r["crps_mean"]), score(r["relative_crps"]),
            score(r["peiyu_relative"]), chance(r["coverage90"]),
        )  # fmt: skip
    return table


def slices_table(document: dict[str, Any], lang: str) -> Grid:
    """Return one row per kind of number and horizon, for our model."""
    w = words("backtest", lang)
    table = _table(
        method(MODEL, lang),
        [w[k] for k in ("kind", "horizon", "best")],
        [w[k] for k in ("pairs", "crps", "relative", "coverage")],
    )
    for r in [r for r in document["slices"] if r["model"] == MODEL]:
        table.add_row(
            w[r["kind"]] if r["horizon"] == "all" else "", r["horizon"] if r["horizon"] != "all" else "1-3",
            method(r["best"], lang),
            count(r["pairs"]), score(r["crps_mean"]), score(r["relative_crps"]), chance(r["coverage90"]),
        )  # fmt: skip
    return table


def goals_table(document: dict[str, Any], lang: str) -> Grid:
    """Return one row per settled goal."""
    w = words("backtest", lang)
    numbers = [w[k] for k in ("p", "base", "rule", "outcome")]
    table = _table(w["goals"], [w["goal"], w["set"], w["basis"]], numbers, (w["basis"], w["rule"], w["base"]))
    for g in document["goals"]:
        basis = w["base rate"] if g["basis"] == "base rate" else w["model basis"]
        table.add_row(
            goal(g["region"], g["series"], g["target"], g["deadline"], lang), g["origin"], basis,
            *(chance(g[k]) for k in ("probability", "base_rate", "required_growth")),
            w["yes"] if g["outcome"] else w["no"],
        )  # fmt: skip
    return table


def _brier_line(part: str, s: dict[str, Any], lang: str) -> str:
    """Return one line of Brier scores."""
    w = words("backtest", lang)
    scores = [f"{method(MODEL, lang)} {score(s['brier_peiyu'])}", f"{w['base']} {score(s['brier_base_rate'])}"]
    scores += [
        f"{w['rule']} {score(s['brier_required_growth'])}",
        f"{w['hindsight']} {score(s['brier_hindsight_base_rate'])}",
    ]
    return f"{w['brier']}, {part} ({s['reached']}/{s['goals']} {w['reached']}): " + " · ".join(scores)
