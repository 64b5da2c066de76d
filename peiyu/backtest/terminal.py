"""What a planner reads of a backtest: who forecast better, where we lost, and what became of goals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table

from peiyu.screen.console import stdout
from peiyu.words.numbers import chance, count

WORDS = {
    "zh": {
        "title": "历史回测:只用当时已知的数据",
        "model": "模型",
        "pairs": "预测数",
        "crps": "CRPS(对数)",
        "relative": "相对最优对照",
        "ours": "本模型/该模型",
        "coverage": "90% 覆盖率",
        "kind": "类别",
        "horizon": "年数",
        "best": "最优对照",
        "region": "地区",
        "won": "胜/总",
        "regions": "本模型占优最多和落后的地区",
        "goal": "目标",
        "set": "设定",
        "p": "达成概率",
        "base": "基准率",
        "rule": "所需增速法则",
        "outcome": "结果",
        "yes": "达成",
        "no": "未达成",
        "goals": "已有结果的目标",
        "brier": "Brier 得分",
        "files": "详细结果",
        "lost": "本模型落后的地区",
        "of": "项",
        "reached": "达成",
        "hindsight": "事后基准率",
        "with_model": "有模型的目标",
        "all": "全部目标",
        "basis": "依据",
        "model basis": "模型",
        "base rate": "基准率",
        "note": "CRPS 越低越好;相对值小于 1 表示优于最优对照。部分模型只能拟合部分序列,只在它能预测的数上比较。",
        "flows": "年度认定数",
        "high-tech stocks": "高企有效数",
        "all, own point at the origin": "全部:起报年有本地数",
        "stocks, own point at the origin": "存量:起报年有本地数",
        "stocks, own point older": "存量:本地数较旧",
        "other stocks": "其他称号",
    },
    "en": {
        "title": "Backtest: with what was known at the time only",
        "model": "Model",
        "pairs": "Pairs",
        "crps": "CRPS (log)",
        "relative": "Relative to best",
        "ours": "peiyu / it",
        "coverage": "90 % coverage",
        "kind": "Kind",
        "horizon": "Years",
        "best": "Best comparator",
        "region": "Region",
        "won": "Won",
        "regions": "Regions",
        "goal": "Goal",
        "set": "Set",
        "p": "P(reached)",
        "base": "Base rate",
        "rule": "Growth rule",
        "outcome": "Outcome",
        "yes": "reached",
        "no": "missed",
        "goals": "Settled goals",
        "brier": "Brier score",
        "files": "Details",
        "lost": "Regions where the model lost",
        "of": "goals",
        "reached": "reached",
        "hindsight": "base rate in hindsight",
        "with_model": "with a model",
        "all": "all",
        "basis": "Basis",
        "model basis": "model",
        "base rate": "base rate",
        "note": "CRPS: lower is better; relative below 1 is better than the best comparator. A model that cannot be"
        " fitted to every series is compared on the pairs it forecast.",
        "flows": "yearly certifications",
        "high-tech stocks": "high-tech enterprises",
        "all, own point at the origin": "all, own point at the origin",
        "stocks, own point at the origin": "stocks, own point at the origin",
        "stocks, own point older": "stocks, own point older",
        "other stocks": "other labels",
    },
}


def _table(title: str, left: list[str], right: list[str]) -> Table:
    """Return an empty table with text columns and number columns."""
    table = Table(title=title, header_style="bold", title_justify="left")
    for name in left:
        table.add_column(name, overflow="fold")
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def print_backtest(document: dict[str, Any], lang: str, out: Path) -> None:
    """Print the summary by model and by kind, regions where we lost, and goals."""
    w, screen = WORDS[lang], stdout()
    screen.print(summary_table(document, w))
    screen.print(slices_table(document, w))
    lost = [r for r in document["regions"] if r["relative"] > 1.0]
    words = [f"{r['region']} {r['relative']:.2f} ({r['won']}/{r['pairs']})" for r in lost]
    won = sum(r["won"] for r in document["regions"])
    total = sum(r["pairs"] for r in document["regions"])
    screen.print(
        f"{w['won']}: {won}/{total}. {w['lost']} ({len(lost)}/{len(document['regions'])}): {', '.join(words) or '–'}"
    )
    if document["goals"]:
        screen.print(goals_table(document, w))
        for part, s in document["goals_summary"].items():
            screen.print(_brier_line(w[part], s, w))
    screen.print(w["note"])
    screen.print(f"{w['files']}: {out}/ (backtest.json, backtest_pairs.csv, backtest_goals.csv)")


def summary_table(document: dict[str, Any], w: dict[str, str]) -> Table:
    """Return one row per model."""
    table = _table(w["title"], [w["model"]], [w[k] for k in ("pairs", "crps", "relative", "ours", "coverage")])
    for r in document["summary"]:
        table.add_row(
            r["model"], count(r["pairs"]), f"{r['crps_mean']:.3f}", f"{r['relative_crps']:.2f}",
            f"{r['peiyu_relative']:.2f}", f"{r['coverage90']:.0%}",
        )  # fmt: skip
    return table


def slices_table(document: dict[str, Any], w: dict[str, str]) -> Table:
    """Return one row per kind of number and horizon, for our model."""
    table = _table(
        "peiyu", [w["kind"], w["horizon"], w["best"]], [w[k] for k in ("pairs", "crps", "relative", "coverage")]
    )
    for r in [r for r in document["slices"] if r["model"] == "peiyu"]:
        table.add_row(
            w[r["kind"]] if r["horizon"] == "all" else "", r["horizon"] if r["horizon"] != "all" else "1-3", r["best"],
            count(r["pairs"]), f"{r['crps_mean']:.3f}", f"{r['relative_crps']:.2f}", f"{r['coverage90']:.0%}",
        )  # fmt: skip
    return table


def goals_table(document: dict[str, Any], w: dict[str, str]) -> Table:
    """Return one row per settled goal."""
    table = _table(w["goals"], [w["goal"], w["set"], w["basis"]], [w[k] for k in ("p", "base", "rule", "outcome")])
    for g in document["goals"]:
        basis = w["base rate"] if g["basis"] == "base rate" else w["model basis"]
        table.add_row(
            g["goal"], g["origin"], basis,
            *(chance(g[k]) for k in ("probability", "base_rate", "required_growth")),
            w["yes"] if g["outcome"] else w["no"],
        )  # fmt: skip
    return table


def _brier_line(part: str, s: dict[str, Any], w: dict[str, str]) -> str:
    """Return one line of Brier scores."""
    scores = [f"peiyu {s['brier_peiyu']:.3f}", f"{w['base']} {s['brier_base_rate']:.3f}"]
    scores += [
        f"{w['rule']} {s['brier_required_growth']:.3f}",
        f"{w['hindsight']} {s['brier_hindsight_base_rate']:.3f}",
    ]
    return f"{w['brier']}, {part} ({s['reached']}/{s['goals']} {w['reached']}): " + " · ".join(scores)
