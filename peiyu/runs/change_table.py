"""What a planner reads of a change between two forecasts, in Chinese and English."""

from __future__ import annotations

from rich.table import Table

from peiyu.forecasts.terminal import WORDS as FORECAST_WORDS
from peiyu.forecasts.terminal import chance, label
from peiyu.runs.change import PARTS, Change
from peiyu.screen.console import stdout
from sim.city.city import City

WORDS = {
    "zh": {
        "before": "上次", "after": "本次", "model": "模型", "data": "数据", "policy": "政策", "luck": "随机",
        "parts": "各列为百分点:模型=代码与后验的变化;数据=新数据与新起点;政策=情景的变化;随机=种子与成员数。",
    },
    "en": {
        "before": "Before", "after": "Now", "model": "Model", "data": "Data", "policy": "Policy", "luck": "Luck",
        "parts": "In percentage points. Model: code and posterior. Data: the new origin and what became known by then. Policy: the"
        " scenario. Luck: seed and members.",
    },
}  # fmt: skip


def print_change(c: Change, city: City, lang: str) -> None:
    """Print what of every reading's change is data, policy, model and luck, in percentage points."""
    w, console = FORECAST_WORDS[lang] | WORDS[lang], stdout()
    console.print(
        f"[bold]{city.title[lang]}[/bold] {c.old.run_id} ({c.old.as_of}, {c.old.scenario}) → {c.new.run_id}"
        f" ({c.new.as_of}, {c.new.scenario})"
    )
    table = Table(header_style="bold")
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    for key in ("before", *PARTS, "after"):
        table.add_column(w[key], justify="right", no_wrap=True)
    rows = {(row["goal"], row["reading"]): row for row in c.rows}
    shown = [(g, r, rows[g.key, r.key]) for g in city.goals for r in g.readings if (g.key, r.key) in rows]
    for goal, r, row in shown:
        points = [f"{100 * float(str(row[part])):+.1f}" for part in PARTS]
        ends = [chance(float(str(row[end]))) for end in ("old", "new")]
        table.add_row(label(goal, lang), label(r, lang), ends[0], *points, ends[1])
    console.print(table)
    console.print(w["parts"])
