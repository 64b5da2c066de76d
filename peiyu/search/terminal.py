"""What a planner reads of a search in the terminal: the finalists, the front, who is regretted where, and a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table

from peiyu.screen.console import stdout
from peiyu.search.document import WINNER, document
from peiyu.search.search import Found
from peiyu.words.names import label
from peiyu.words.numbers import chance, count
from sim.city.city import City

SHOWN = 12
"""Most rows of the front."""
LIKELY = 0.1
"""What is called within reach: one in ten."""

WORDS = {
    "zh": {
        "tried": "试算 {tried} 种组合,每种 {screen} 个成员;{race} 个成员复选;{confirm} 个新成员复核", "goals": "目标",
        "finalists": "入围组合(以新成员复核)", "mix": "组合(相对 {scenario} 的规模)", "cost": "费用(万元)", "dearest": "最高年度",
        "promised": "初选概率", "confirmed": "复核概率", "error": "误差", "expected": "期望达成数", "regret": "最大遗憾", "kept": "预算内",
        "winner": "优胜", "robust": "稳健", "both": "优胜、稳健", "yes": "是", "no": "否", "same": "同原情景", "without": "取消 {x}", "only": "只有 {x}", "nothing": "取消全部所搜索的工具", "sep": "、",
        "lever": "政策工具", "mixes": "入围组合中各工具的规模(相对 {scenario})",
        "front": "费用与概率的前沿(初选,{n} 个成员)", "front_expected": "费用与期望达成数的前沿(初选,{n} 个成员)", "p": "概率",
        "regret_table": "各参数分组中的概率(括号内为比该组最优少多少,百分点)", "thirds": "低/中/高",
        "all": "全部所选目标", "at_least": "至少 {k}/{n} 项所选目标", "one": "所选目标",
        "found": "满足 P({what}) ≥ {p} 且费用最低的组合:{mix}。费用 {cost} 万元,复核概率 {confirmed}。",
        "none": "没有组合在复核中达到 P({what}) ≥ {p};最接近的是 {best}。{file} 写入的是稳健组合。",
        "best": "最稳健的组合(各参数分组中最大遗憾最小):{mix}。费用 {cost} 万元,P({what}) 复核为 {confirmed}。",
        "optimism": "乐观偏差(入围组合平均,百分点):初选多报 {screened:+.1f},复选多报 {raced:+.1f};请以复核概率为准。",
        "hint": "P({what}) 在所有入围组合中都低于 1%,前沿改按期望达成数排列;最多有把握的是至少 {k} 项({p}):--at-least {k}。",
        "free": "未参与搜索(情景未给出费用,扩大等于不花钱):{names}。", "fixed": "保持原规模:{names}。",
        "drawn_again": "后验抽样少于所需成员,部分复核成员重复使用参数抽样(随机种子为新)。", "files": "详细结果",
        "next": "查看优胜组合:peiyu compare {scenario} {file}",
        "mixes_tried": "{scenario}：{tried} 种政策组合", "expected_of": "期望达成数，共 {n} 项", "axis": "起点至预测期末的全部支出，亿元（平方根刻度）",
        "tried_dots": "试算组合（初选）", "beyond": "超出预算", "front_line": "前沿（初选）", "ends": "入围组合（复核）",
    },
    "en": {
        "tried": "{tried} mixes tried on {screen} members; finalists raced on {race}, confirmed on {confirm} fresh ones", "goals": "Goals",
        "finalists": "Finalists, confirmed on fresh members", "mix": "Mix (sizes relative to {scenario})", "cost": "Cost (10k CNY)",
        "dearest": "Dearest year", "promised": "P screened", "confirmed": "P confirmed", "error": "MC error", "expected": "Goals expected",
        "regret": "Largest regret", "kept": "In budget", "winner": "winner", "robust": "robust", "both": "winner, robust", "yes": "yes", "no": "no",
        "same": "the scenario itself", "without": "without {x}", "only": "only {x}", "nothing": "none of the levers searched", "sep": ", ",
        "lever": "Lever", "mixes": "Sizes of levers in the finalists, relative to {scenario}",
        "front": "Front of cost and P, as screened on {n} members", "front_expected": "Front of cost and goals expected, as screened on {n} members", "p": "P",
        "regret_table": "P within groups of parameter draws (in brackets: points below the best there)", "thirds": "low/middle/high",
        "all": "all chosen goals", "at_least": "at least {k} of {n} chosen goals", "one": "the chosen goal",
        "found": "Cheapest mix with P({what}) ≥ {p}: {mix}. It costs {cost} (10k CNY) and is confirmed at {confirmed}.",
        "none": "No mix was confirmed at P({what}) ≥ {p}; the nearest reached {best}. {file} holds the robust choice.",
        "best": "Most robust mix (least largest regret over groups of draws): {mix}. It costs {cost} (10k CNY); P({what}) is confirmed at {confirmed}.",
        "optimism": "Optimism, mean of the finalists in points: screening promised {screened:+.1f} too much, racing {raced:+.1f}; go by P confirmed.",
        "hint": "P({what}) is below 1 % for every finalist, so the front is that of the goals expected. Within reach: at least {k} of them ({p}), --at-least {k}.",
        "free": "Not searched, because the scenario gives no cost and more of it would be free: {names}.", "fixed": "Left at their size: {names}.",
        "drawn_again": "The posterior has fewer draws than members asked for: some confirming members use a draw again, with a new seed.", "files": "Details",
        "next": "To look at it: peiyu compare {scenario} {file}",
        "mixes_tried": "{scenario}: {tried} mixes of levers", "expected_of": "Goals expected, of {n}", "axis": "All payments from the origin to the horizon, billion CNY (square-root scale)",
        "tried_dots": "tried (screened)", "beyond": "beyond a budget", "front_line": "front, as screened", "ends": "finalists, confirmed",
    },
}  # fmt: skip


def print_search(found: Found, lang: str, out: Path, drawn: list[str]) -> None:
    """Print finalists, front, regret and what follows from them."""
    w, doc = WORDS[lang], document(found)
    console = stdout()
    q = found.search.q
    console.print(f"[bold]{q.city.title[lang]} · {q.scenarios[0].title[lang]}[/bold]")
    console.print(w["tried"].format(tried=doc["tried"], **doc["members"]))
    console.print(f"{w['goals']}: {w['sep'].join(_goals(doc, q.city, lang))}")
    console.print(_finalists(doc, lang))
    console.print(_mixes(doc, lang))
    console.print(_front(doc, lang))
    console.print(_regret(doc, lang))
    for line in sentences(doc, lang, out):
        console.print(line)
    files = ["search.json", "search.csv", f"{WINNER}.toml", *drawn, "peiyu.db"]
    console.print(f"{w['files']}: {out}/ ({', '.join(files)})")


def sentences(doc: dict[str, Any], lang: str, out: Path) -> list[str]:
    """Return what a search comes to, in sentences."""
    w = WORDS[lang]
    what, file = what_of(doc, lang), f"{out / WINNER}.toml"
    best = doc["winner"] or doc["robust"]
    facts = {
        "what": what, "mix": mix_of(best, lang), "cost": count(best["confirmed"]["cost_wan"]), "file": file,
        "confirmed": chance(best["confirmed"]["probability"]), "p": _percent(doc["probability"]),
        "best": chance(max(f["confirmed"]["probability"] for f in doc["finalists"])),
    }  # fmt: skip
    key = "best" if doc["probability"] is None else "none" if doc["winner"] is None else "found"
    lines = [w[key].format(**facts), w["optimism"].format(**{k: 100 * x for k, x in doc["optimism"].items()})]
    if hopeless(doc):
        lines += _hint(doc, what, lang)
    for key, names in (("free", doc["not_searched_no_cost"]), ("fixed", doc["not_searched"])):
        if names:
            lines.append(w[key].format(names=w["sep"].join(names)))
    if not doc["fresh_draws"]:
        lines.append(w["drawn_again"])
    return [*lines, w["next"].format(scenario=doc["scenario"], file=file)]


def hopeless(doc: dict[str, Any]) -> bool:
    """Tell whether no finalist has a chance of one in a hundred, while several goals were chosen."""
    hope = 0.01
    return len(doc["goals"]) > 1 and all(f["confirmed"]["probability"] < hope for f in doc["finalists"])


def mix_of(state: dict[str, Any], lang: str) -> str:
    """Return a mix in words: the sizes that are not the scenario's, and what is left out or, if that is less, kept."""
    w = WORDS[lang]
    kept = {name: name if x == 1.0 else f"{name} ×{x:g}" for name, x in state["mix"].items() if x > 0.0}
    gone = [name for name in state["mix"] if name not in kept]
    if not kept:
        return w["nothing"]
    if len(gone) > len(kept):
        return w["only"].format(x=w["sep"].join(kept.values()))
    changed = [word for name, word in kept.items() if word != name]
    dropped = [w["without"].format(x=w["sep"].join(gone))] if gone else []
    return w["sep"].join([*changed, *dropped]) or w["same"]


def _hint(doc: dict[str, Any], what: str, lang: str) -> list[str]:
    levels: dict[int, float] = {}
    for f in doc["finalists"]:
        levels |= {int(k): max(p, levels.get(int(k), 0.0)) for k, p in f["confirmed"]["at_least"].items()}
    within = [k for k, p in levels.items() if p >= LIKELY]
    return [WORDS[lang]["hint"].format(what=what, k=max(within), p=chance(levels[max(within)]))] if within else []


def what_of(doc: dict[str, Any], lang: str) -> str:
    """Return what is to be reached: the goal, all of them, or so many."""
    n, k = len(doc["goals"]), doc["at_least"]
    if n == 1:
        return WORDS[lang]["one"]
    return WORDS[lang]["all"] if k in (None, n) else WORDS[lang]["at_least"].format(k=k, n=n)


def _percent(p: float | None) -> str:
    return "" if p is None else f"{100 * p:g} %"


def _goals(doc: dict[str, Any], city: City, lang: str) -> list[str]:
    named = {(g.key, r.key): f"{label(g, lang)} ({label(r, lang)})" for g in city.goals for r in g.readings}
    return [named[x["goal"], x["reading"]] for x in doc["goals"]]


def _finalists(doc: dict[str, Any], lang: str) -> Table:
    w = WORDS[lang]
    table = Table(title=w["finalists"], header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("")
    for key in ("cost", "dearest", "promised", "confirmed", "error", "expected", "regret", "kept"):
        table.add_column(w[key], justify="right")
    for i, f in enumerate(doc["finalists"]):
        now = f["confirmed"]
        table.add_row(
            str(i + 1), _role(doc, f, lang), count(now["cost_wan"]), count(max(now["cost_wan_by_year"].values())),
            chance(f["screened"]["probability"]), chance(now["probability"]), f"{now['mc_error']:.3f}",
            f"{now['expected_goals']:.2f}", f"{100 * doc['regret']['largest'][i]:.1f}",
            w["yes" if now["keeps_budgets"] else "no"],
        )  # fmt: skip
    return table


def _mixes(doc: dict[str, Any], lang: str) -> Table:
    """Return the sizes of levers in the finalists; a lever that all of them leave out has no row."""
    w, ends = WORDS[lang], doc["finalists"]
    table = Table(title=w["mixes"].format(scenario=doc["scenario"]), header_style="bold", min_width=70)
    table.add_column(w["lever"], no_wrap=True)
    for i in range(len(ends)):
        table.add_column(str(i + 1), justify="right")
    for x in doc["levers"]:
        at = [f["mix"][x["lever"]] for f in ends]
        if any(at):
            table.add_row(x["lever"], *(f"×{size:g}" if size else "–" for size in at))
    return table


def _role(doc: dict[str, Any], f: dict[str, Any], lang: str) -> str:
    best, robust = (doc[key] is not None and doc[key]["mix"] == f["mix"] for key in ("winner", "robust"))
    return WORDS[lang]["both" if best and robust else "winner" if best else "robust"] if best or robust else ""


def _front(doc: dict[str, Any], lang: str) -> Table:
    w = WORDS[lang]
    key = "front_expected" if hopeless(doc) else "front"
    table = Table(title=w[key].format(n=doc["members"]["screen"]), header_style="bold")
    for name in ("cost", "p", "expected"):
        table.add_column(w[name], justify="right")
    table.add_column(w["mix"].format(scenario=doc["scenario"]), overflow="fold")
    rows = doc[key]
    every = range(len(rows)) if len(rows) <= SHOWN else [round(i * (len(rows) - 1) / (SHOWN - 1)) for i in range(SHOWN)]
    for x in (rows[i] for i in every):
        expected = f"{x['expected_goals']:.2f}"
        table.add_row(count(x["cost_wan"]), chance(x["probability"]), expected, mix_of(x, lang))
    return table


def _regret(doc: dict[str, Any], lang: str) -> Table:
    w, r = WORDS[lang], doc["regret"]
    table = Table(title=w["regret_table"], header_style="bold")
    table.add_column("#", justify="right")
    for group in r["groups"]:
        name, _, third = group.partition(":")
        table.add_column(f"{name} {w['thirds'].split('/')[int(third) - 1]}", justify="right", overflow="fold")
    for i, (row, short) in enumerate(zip(r["probability"], r["regret"], strict=True), 1):
        table.add_row(str(i), *(f"{chance(p)} ({100 * x:.1f})" for p, x in zip(row, short, strict=True)))
    return table
