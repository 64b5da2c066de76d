"""What a planner reads of a comparison in the terminal, in Chinese or English."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from peiyu.comparison.result import Comparison
from peiyu.comparison.rows import Effect, PartEffect
from peiyu.comparison.split import MEMBERS, Share, Split
from peiyu.forecasts.result import Forecast
from peiyu.forecasts.terminal import print_acts
from peiyu.screen.console import stdout
from peiyu.words.names import label
from peiyu.words.numbers import count
from sim.city.city import Goal, Reading

Named = dict[tuple[str, str], tuple[Goal, Reading]]

WORDS = {
    "zh": {
        "goal": "目标", "reading": "口径", "gross": "总效应", "additional": "新增", "net": "净效应", "interval": "90% 区间",
        "delta": "概率变化", "unpaired": "配对之利", "per_unit": "每净单位(万元)", "cost": "费用(万元)", "members": "个成员",
        "files": "详细结果", "track": "赛道", "district": "区县市", "where": "主口径的净效应分布",
        "what": "总效应:受支持(或仅在本情景出现)而计入的企业;新增:其中没有政策就不会计入的;净效应:再减去对手和其他区县的损失。"
        "概率变化为百分点。配对之利:不配对的种子要达到同样精度,需要多少倍的成员。–:差异不随成员变动。",
        "leaks": "支持中不产生效应的部分", "here": "本情景", "base": "基准",
        "vouchers_lapsed": "未使用的券(张)", "vouchers_paid": "兑付的券(张)", "vouchers_paid_additional": "其中带来新增支出(张)",
        "vouchers_wan": "券兑付额(万元)", "vouchers_deadweight_wan": "其中本来也会支出(万元)",
        "relabelled_wan": "受支持高企虚增的研发(万元/年)", "relabelled_enterprises": "虚增研发的受支持高企(家)",
        "tenants": "先导区租户(家)", "tenants_created": "其中新创", "tenants_attracted": "其中市外迁入", "tenants_moved": "其中市内迁入",
        "tenants_standing": "其中原本就在当地",
        "split": "效应分解(沙普利值)", "player": "政策工具", "all": "合计", "kinds": "按类精确计算", "levers": "按项抽样",
        "funding": "基金与资助", "vouchers": "券", "zones": "先导区与园区", "other": "其他工具",
        "most": "分解最多用 {n} 个成员。",
    },
    "en": {
        "goal": "Goal", "reading": "Reading", "gross": "Gross", "additional": "Additional", "net": "Net", "interval": "90 % interval",
        "delta": "ΔP", "unpaired": "Unpaired", "per_unit": "Cost/net unit", "cost": "cost (10k CNY)", "members": "members",
        "files": "Details", "track": "Track", "district": "District", "where": "Where the net effect on the main reading arises",
        "what": "Gross: enterprises that count and were reached (or are there in this scenario only). Additional: those of them that would"
        " not count otherwise. Net: less what rivals and other districts lose. ΔP in percentage points, costs in 10k CNY. Unpaired: how"
        " many times the members unpaired seeds would need for the same precision; – where the difference does not vary.",
        "leaks": "Support that was no effect", "here": "scenario", "base": "base",
        "vouchers_lapsed": "vouchers that lapsed", "vouchers_paid": "vouchers paid", "vouchers_paid_additional": "of them for something new",
        "vouchers_wan": "paid for vouchers (10k CNY)", "vouchers_deadweight_wan": "of it for what was bought anyway",
        "relabelled_wan": "relabelled R&D of supported label holders (10k CNY a year)",
        "relabelled_enterprises": "supported label holders that relabel", "tenants": "tenants of pilot zones",
        "tenants_created": "of them founded because of the scenario", "tenants_attracted": "of them from outside the city",
        "tenants_moved": "of them moved from elsewhere in the city", "tenants_standing": "of them there anyway",
        "split": "Effects shared (Shapley)", "player": "Levers", "all": "all", "kinds": "by kind, exact", "levers": "by lever, sampled",
        "funding": "funds and grants", "vouchers": "vouchers", "zones": "zones and parks", "other": "other levers",
        "most": "A split uses at most {n} members.",
    },
}  # fmt: skip


def print_comparison(c: Comparison, lang: str, out: Path, drawn: list[str]) -> None:
    """Print paired effects of every scenario against the first, where they arise, what leaked, and the splits."""
    w, console = WORDS[lang], stdout()
    base = c.forecasts[0]
    console.print(f"[bold]{base.city.title[lang]}: {base.scenario.title[lang]} →[/bold] {base.members} {w['members']}")
    named: Named = {(g.key, r.key): (g, r) for g in base.city.goals for r in g.readings}
    for f in c.forecasts[1:]:
        console.print(_effects(c, f, named, lang))
        places = _places(c, f, lang)
        if places is not None:
            console.print(places)
        console.print(_leaks(c, f, lang))
        print_acts(console, f, lang)
    for split in c.splits:
        console.print(_split(split, named, lang))
    console.print(w["what"])
    if c.splits:
        console.print(w["most"].format(n=MEMBERS))
    files = ["compare.json", "effects.csv", "parts.csv", "leaks.csv", "ladder.csv", "ledger.csv", *drawn, "peiyu.db"]
    console.print(f"{w['files']}: {out}/ ({', '.join(files)})")


def _effects(c: Comparison, f: Forecast, named: Named, lang: str) -> Table:
    w = WORDS[lang]
    mine = [e for e in c.effects if e.scenario == f.scenario.name]
    table = Table(title=f"{f.scenario.title[lang]} · {w['cost']} {count(mine[0].cost_wan)}", header_style="bold")
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    for key in ("gross", "additional", "net", "interval", "delta", "interval", "per_unit", "unpaired"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for i, e in enumerate(mine):
        goal, r = named[e.goal, e.reading]
        begins, ends = (j in (-1, len(mine)) or mine[j].goal != e.goal for j in (i - 1, i + 1))
        name = ("* " if r.primary else "  ") + label(r, lang)
        table.add_row(label(goal, lang) if begins else "", name, *_cells(e), end_section=ends)
    return table


def _cells(e: Effect) -> list[str]:
    per_unit = "–" if e.cost_per_net_unit is None else count(e.cost_per_net_unit)
    units = [count(e.gross), count(e.additional), count(e.net), _span(e.net_ci90, 1.0)]
    times = "–" if e.unpaired_times is None else f"×{count(e.unpaired_times)}"
    return [*units, f"{100 * e.delta_probability:+.1f}", _span(e.ci90, 100.0), per_unit, times]


def _span(ends: tuple[float, float], times: float) -> str:
    return f"{times * ends[0]:+.1f} – {times * ends[1]:+.1f}"


def _places(c: Comparison, f: Forecast, lang: str) -> Table | None:
    """Return the net effect on main readings by track and district, one column a goal; None where there is none."""
    w, city = WORDS[lang], f.city
    mine = {(p.goal, p.axis, p.code): p for p in c.parts if p.scenario == f.scenario.name}
    goals = [g for g in city.goals if any(key[0] == g.key for key in mine)]
    if not goals:
        return None
    table = Table(title=w["where"], header_style="bold")
    table.add_column("")
    for g in goals:
        table.add_column(label(g, lang), justify="right", overflow="fold")
    places = [("track", t.key, t) for t in city.tracks if t.future] + [("district", d.key, d) for d in city.districts]
    for axis, code, thing in places:
        table.add_row(f"{w[axis]}: {label(thing, lang)}", *(_net(mine.get((g.key, axis, code))) for g in goals))
    return table


def _net(part: PartEffect | None) -> str:
    return "–" if part is None else f"{part.net:+.1f} ({_span(part.net_ci90, 1.0)})"


def _leaks(c: Comparison, f: Forecast, lang: str) -> Table:
    w = WORDS[lang]
    table = Table(title=w["leaks"], header_style="bold")
    table.add_column("")
    for key in ("here", "base"):
        table.add_column(w[key], justify="right")
    mine = {x.item: x for x in c.leaks if x.scenario == f.scenario.name}
    for item in (key for key in w if key in mine):  # in the order of the words
        table.add_row(w[item], count(mine[item].value), count(mine[item].base))
    return table


def _split(s: Split, named: Named, lang: str) -> Table:
    w = WORDS[lang]
    table = Table(title=f"{w['split']}: {s.scenario}, {w[s.by]}, {s.members} {w['members']}", header_style="bold")
    for key in ("goal", "reading", "player"):
        table.add_column(w[key], overflow="fold")
    for key in ("net", "interval", "delta", "interval", "per_unit"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for (goal_key, reading_key), (goal, r) in named.items():
        if not r.primary:
            continue
        mine = [x for x in (*s.rows, *s.whole) if (x.goal, x.reading) == (goal_key, reading_key) and _matters(x)]
        for i, x in enumerate(mine):
            first = (label(goal, lang), label(r, lang)) if i == 0 else ("", "")
            table.add_row(*first, w.get(x.player, x.player), *_share_cells(x), end_section=i == len(mine) - 1)
    return table


def _matters(x: Share) -> bool:
    """Tell whether a share is anything at all in any member."""
    return any(x.net_ci90) or any(x.ci90)


def _share_cells(x: Share) -> list[str]:
    per_unit = "–" if x.cost_per_net_unit is None else count(x.cost_per_net_unit)
    return [
        f"{x.net:+.1f}", _span(x.net_ci90, 1.0), f"{100 * x.delta_probability:+.1f}", _span(x.ci90, 100.0), per_unit,
    ]  # fmt: skip
