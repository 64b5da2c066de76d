"""What a planner reads of `peiyu fails-when`: a sentence a box, a sentence where there is none, and the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from peiyu.odd.source import summary
from peiyu.screen.console import stdout
from peiyu.words.names import reading_label
from peiyu.words.numbers import chance, count, digits
from peiyu.words.parameters import parameter_label, parameter_value
from sim.city.city import City, Goal, Reading
from sim.scenario.scenario import Scenario

WORDS = {
    "zh": {
        "missed": "不达标", "reached": "达标", "sep": "且", "below": "{name}低于 {high}", "above": "{name}高于 {low}", "between": "{name}在 {low} 与 {high} 之间",
        "lever_below": "{name}的规模小于情景的 {high} 倍", "lever_above": "{name}的规模大于情景的 {low} 倍", "lever_between": "{name}的规模在情景的 {low} 与 {high} 倍之间",
        "box": "{goal}:当{limits}时,{outcome}的概率为 {density}(该区域占 {mass} 的情形,包含 {coverage} 的{outcome}情形;全部情形中为 {base})。用未参与寻找的成员检验:概率 {density_out},包含 {coverage_out}。",
        "further": "{goal}:此外,在其余情形中(概率为 {base}),当{limits}时,{outcome}的概率为 {density}(该区域占 {mass} 的情形,包含 {coverage} 的{outcome}情形)。用未参与寻找的成员检验:概率 {density_out},包含 {coverage_out}。",
        "rare_low": "{goal}:{members} 个成员中{outcome}的有 {hits} 个,过少,无从判断何时{outcome},故不寻找区域。", "rare_high": "{goal}:{members} 个成员中{outcome}的有 {hits} 个,几乎处处如此,没有哪个区域更突出,故不寻找区域。",
        "none": "{goal}:{outcome}的概率为 {share},没有哪个参数或政策规模的区域明显高于此;起作用的是随机因素或许多因素的共同作用。",
        "does_not_hold": "{goal}:{outcome}的概率为 {share},没有找到站得住的区域:找到的最好区域在寻找所用的成员中为 {density},在未参与寻找的成员中只有 {density_out}。",
        "ask_reached": "可用 --reaches 反过来问何时达标", "ask_missed": "可去掉 --reaches 反过来问何时不达标", "title": "何时{outcome}", "goal": "目标 · 口径", "no": "区域", "limit": "条件", "basis": "依据", "data": "数据", "literature": "文献", "assumption": "假设", "choice": "政策", "alone": "满足者", "p": "准 p 值", "again": "重抽再现",
        "rows": "依据:条件所涉的数值来自校准数据、文献、假设,还是政策选择。满足者=单独满足该条件的成员占比;准 p 值=该条件若不起作用,仅凭偶然得到同样结果的概率;重抽再现=重抽成员后仍选中该条件的比例。",
        "note": "区域说明何处{outcome}更多,不等于原因;多数情形下{outcome}的目标,{option}。概率为模型本身的概率,证据等级 C 的未作收缩。", "files": "详细结果", "members": "个成员", "run": "运行", "sizes": "每个成员的政策规模在 0 到 2 倍之间各自抽取。",
        "figure": "左：寻找该区域所用的成员，方框为该区域。右：逐步收缩途中的各区域。", "axis": "{name}，{unit}", "times": "情景的倍数", "some": "成员", "found_on": "寻找所用的成员", "left_out": "未参与寻找的成员",
    },
    "en": {
        "missed": "missed", "reached": "reached", "sep": " and ", "below": "{name} below {high}", "above": "{name} above {low}", "between": "{name} between {low} and {high}",
        "lever_below": "{name} smaller than {high} times the scenario's", "lever_above": "{name} larger than {low} times the scenario's", "lever_between": "{name} between {low} and {high} times the scenario's",
        "box": "{goal}: with {limits}, it is {outcome} with a probability of {density} (this is {mass} of all cases and holds {coverage} of those in which it is {outcome}; overall {base}). Tested on members that were left out: probability {density_out}, holding {coverage_out}.",
        "further": "{goal}: besides, among the other cases ({base} in all), with {limits}, it is {outcome} with a probability of {density} (this is {mass} of all cases and holds {coverage} of those in which it is {outcome}). Tested on members that were left out: probability {density_out}, holding {coverage_out}.",
        "rare_low": "{goal}: {outcome} in {hits} of {members} members, too few to say when, so no box is asked.", "rare_high": "{goal}: {outcome} in {hits} of {members} members, almost everywhere, so no region stands out and no box is asked.",
        "none": "{goal}: {outcome} with a probability of {share}, and no region of parameters or lever sizes has clearly more; chance decides, or many things together.",
        "does_not_hold": "{goal}: {outcome} with a probability of {share}; no region holds. The best one has {density} on the members it was found on, but only {density_out} on members left out.",
        "ask_reached": "--reaches asks what it takes to reach them", "ask_missed": "leave --reaches out to ask when they are missed", "title": "When it is {outcome}", "goal": "Goal · reading", "no": "Box", "limit": "Limit", "basis": "Rests on", "data": "data", "literature": "literature", "assumption": "assumption", "choice": "choice", "alone": "Kept by", "p": "Quasi-p", "again": "Resamples",
        "rows": "Rests on: whether the input comes from the fit to data, from literature, from an assumption, or is a choice. Then the share of members that keep it; the chance of the same hits if it did nothing; the share of resamples that limit the same input.",
        "note": "A region says where it is {outcome} more often, not why; for goals that are mostly {outcome}, {option}. Probabilities are the model's own; grade C is not shrunk.", "files": "Details", "members": "members", "run": "run", "sizes": "Every member has its own lever sizes, from 0 to 2 times the scenario's.",
        "figure": "Left: members of the box's own sample; the frame is the box. Right: boxes on the way of the peeling.", "axis": "{name}, {unit}", "times": "× the scenario's", "some": "members", "found_on": "where it was found", "left_out": "members left out",
    },
}  # fmt: skip


def lever_label(name: str, scenario: Scenario, lang: str) -> str:
    """Return the name of a scenario's lever for a reader: its Chinese term with its own name, or its own name in words."""
    if lang == "en":
        return name.replace("_", " ")
    cls = type(next(x for x in scenario.levers if x.name == name))
    return f"{summary(cls).partition(': ')[0]}({name})"


def limit_text(limit: dict[str, Any], scenario: Scenario, lang: str) -> str:
    """Return one limit in words."""
    low, high, name = limit["low"], limit["high"], limit["input"]
    side = "between" if None not in (low, high) else "above" if high is None else "below"
    if limit["kind"] == "lever":
        ends = {k: "" if limit[k] is None else digits(round(limit[k], 2)) for k in ("low", "high")}
        return WORDS[lang][f"lever_{side}"].format(name=lever_label(name, scenario, lang), **ends)
    ends = {k: "" if limit[k] is None else parameter_value(name, limit[k], lang) for k in ("low", "high")}
    return WORDS[lang][side].format(name=parameter_label(name, lang), **ends)


def goal_text(goal: Goal, reading: Reading, lang: str) -> str:
    """Return a reading with what it asks."""
    sign = {">=": "≥", "<=": "≤"}.get(reading.operator, reading.operator)
    return f"{reading_label(goal, reading, lang)} {sign} {count(reading.value)}"


def sentence_of_box(row: dict[str, Any], asked: tuple[Goal, Reading], scenario: Scenario, lang: str) -> str:
    """Say in one sentence where a goal is missed or reached, and how well that holds."""
    w = WORDS[lang]
    return w["box" if row["box"] == 1 else "further"].format(
        goal=goal_text(*asked, lang),
        limits=w["sep"].join(limit_text(x, scenario, lang) for x in row["limits"]),
        outcome=w[row["outcome"]],
        density=chance(row["density"]),
        mass=chance(row["mass"]),
        coverage=chance(row["coverage"]),
        base=chance(row["base_rate"]),
        density_out=chance(row["density_left_out"]),
        coverage_out=chance(row["coverage_left_out"]),
    )


def sentence_without(row: dict[str, Any], asked: tuple[Goal, Reading], lang: str) -> str:
    """Say in one sentence why no box is reported."""
    w, half = WORDS[lang], 0.5
    key = row["reason"] if row["reason"] != "rare" else "rare_low" if row["share"] < half else "rare_high"
    shares = {k: chance(x) for k in ("share", "density") if (x := row.get(k)) is not None}
    out = row.get("density_left_out")
    counts = {k: row[k] for k in ("members", "hits")}
    shares["density_out"] = chance(out) if out is not None else "–"
    return w[key].format(goal=goal_text(*asked, lang), outcome=w[row["outcome"]], **counts, **shares)


def print_boxes(document: dict[str, Any], city: City, scenario: Scenario, lang: str, out: Path) -> None:
    """Print every sentence, and the limits of the boxes as a table."""
    w = WORDS[lang]
    outcome = w[document["outcome"]]
    console = stdout()
    console.print(f"[bold]{city.title[lang]} · {scenario.title[lang]} · {w['title'].format(outcome=outcome)}[/bold]")
    head = f"{document['members']} {w['members']} · {w['run']} {document['run_id']}"
    console.print(f"{head} · {w['sizes']}" if document["levers"] else head)
    for row in [*document["boxes"], *document["without_box"]]:
        console.print(f"• {row[f'sentence_{lang}']}", soft_wrap=True)
    if document["boxes"]:
        console.print(_limits_table(document, city, scenario, lang))
        console.print(w["rows"])
    option = w["ask_missed" if document["outcome"] == "reached" else "ask_reached"]
    console.print(w["note"].format(outcome=outcome, option=option))
    console.print(f"{w['files']}: {out}/ (fails_when.json, fails_when.csv, fails_when.svg)")


def _limits_table(document: dict[str, Any], city: City, scenario: Scenario, lang: str) -> Table:
    w = WORDS[lang]
    table = Table(header_style="bold")
    for key in ("goal", "no", "limit", "basis", "alone", "p", "again"):
        table.add_column(w[key], justify="right" if key in ("alone", "p", "again") else "left")
    names = {(g.key, r.key): reading_label(g, r, lang) for g in city.goals for r in g.readings}
    for row in document["boxes"]:
        for i, x in enumerate(row["limits"]):
            first = (names[row["goal"], row["reading"]], str(row["box"])) if i == 0 else ("", "")
            numbers = (chance(x["alone"]), f"{x['quasi_p']:.2g}", f"{x['reproduced']:.0%}")
            table.add_row(*first, limit_text(x, scenario, lang), w[x["rests_on"]], *numbers)
    return table


COLUMNS = [
    "goal", "reading", "outcome", "box", "input", "kind", "unit", "rests_on", "low", "high", "alone", "quasi_p", "reproduced",
    "base_rate", "mass", "density", "coverage", "mass_left_out", "density_left_out", "coverage_left_out", "chance",
]  # fmt: skip


def frame(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a limit of a box, with the box's own numbers."""
    rows = [row | limit for row in document["boxes"] for limit in row["limits"]]
    return pd.DataFrame(rows, columns=COLUMNS)
