"""What a planner reads in the terminal, in Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from peiyu.screen.console import stdout
from sim import quarter

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from peiyu.forecasts.result import Forecast
    from sim.city.city import City, District, Goal, Reading, Track
    from sim.ensemble.forecast import GoalForecast

WORDS = {
    "zh": {
        "goal": "目标", "reading": "口径", "asked": "要求", "median": "中位数", "interval": "90% 区间", "p": "达成概率",
        "error": "误差", "evidence": "证据", "when": "达到时间", "needed": "还需/季",
        "scenario": "情景", "never": "未达到",
        "all": "全部目标(主口径)同时达成", "at_least": "至少达成", "of": "项", "members": "个成员", "run": "运行",
        "as_of": "数据截至", "grades": "证据等级:A 本指标已校准;B 依据替代指标;C 仅有先验,概率向同类目标的历史达成率收缩一半。标 * 者为主口径。",
        "files": "详细结果", "analysis": "分析", "runs": "所用运行",
        "acted": "规则“{}”在 {} 末触发({})的成员占",
    },
    "en": {
        "goal": "Goal", "reading": "Reading", "asked": "Asked", "median": "Median", "interval": "90 % interval", "p": "P(reached)",
        "error": "MC error", "evidence": "Evidence", "when": "Reached", "needed": "Needed/q",
        "scenario": "Scenario", "never": "not reached",
        "all": "All goals (main readings) together", "at_least": "At least", "of": "goals", "members": "members", "run": "run",
        "as_of": "data to", "grades": "Evidence: A the series itself is calibrated; B a proxy is; C prior only, P is shrunk half-way to"
        " the hit rate of goals of its kind. * marks the main reading.",
        "files": "Details", "analysis": "analysis", "runs": "runs",
        "acted": "Rule {} acted at the end of {} ({}) in",
    },
}  # fmt: skip


def label(thing: Goal | Reading | District | Track, lang: str) -> str:
    """Return the name of a goal, reading, district or track in a language."""
    return thing.zh if lang == "zh" else thing.en


def reading_label(goal: Goal, reading: Reading, lang: str) -> str:
    """Return a goal and one of its readings as a reader knows them."""
    return f"{label(goal, lang)} · {label(reading, lang)}"


def number(x: float) -> str:
    """Write a count as a reader expects: whole from ten on, one decimal below."""
    ten = 10
    return f"{x:,.0f}" if abs(x) >= ten or float(x).is_integer() else f"{x:.1f}"


def chance(p: float) -> str:
    """Write a probability in percent, never rounding to certainty."""
    low, high = 0.005, 0.995
    return "<1%" if p < low else ">99%" if p > high else f"{p:.0%}"


def goals_table(city: City, rows: dict[tuple[str, str], GoalForecast], lang: str) -> Table:
    """Return the table of goals from rows by (goal, reading)."""
    w = WORDS[lang]
    table = Table(show_lines=False, header_style="bold")
    for key in ("goal", "reading"):
        table.add_column(w[key], overflow="fold")
    for key in ("asked", "median", "interval", "p", "error"):
        table.add_column(w[key], justify="right", no_wrap=True)
    table.add_column(w["evidence"], justify="center")
    for key in ("when", "needed"):
        table.add_column(w[key], justify="right", no_wrap=True)
    for goal in city.goals:
        for i, r in enumerate(goal.readings):
            g = rows[goal.key, r.key]
            table.add_row(
                label(goal, lang) if i == 0 else "",
                ("* " if r.primary else "  ") + label(r, lang),
                f"{r.operator} {number(r.value)}",
                number(g.median),
                f"{number(g.q05)} – {number(g.q95)}",
                chance(g.probability),
                f"{g.mc_error:.3f}",
                g.evidence,
                g.first_passage or w["never"],
                number(g.still_needed),
                end_section=i == len(goal.readings) - 1,
            )
    return table


def print_forecast(f: Forecast, lang: str, out: Path) -> None:
    """Print the table of goals and the joint probabilities."""
    w, console = WORDS[lang], stdout()
    rows = {(g.goal, g.reading): g for g in f.goals}
    console.print(f"[bold]{f.city.title[lang]} · {f.scenario.title[lang]}[/bold]")
    console.print(f"{w['as_of']} {quarter.label(f.as_of)} · {f.members} {w['members']} · {w['run']} {f.run_id}")
    console.print(goals_table(f.city, rows, lang))
    _print_joint(console, f.joint.all, f.joint.at_least, len(f.city.goals), lang)
    print_acts(console, f, lang)
    console.print(w["grades"])
    console.print(f"{w['files']}: {out}/ (forecast.json, goals.csv, paths.csv, ledger.csv, peiyu.db)")


def print_acts(console: Console, f: Forecast, lang: str) -> None:
    """Print in how many members each adaptive rule acted; nothing for a scenario without rules."""
    for x in f.acts:
        console.print(f"{WORDS[lang]['acted'].format(x.rule, x.quarter, x.branch)} {chance(x.share)}")


def _print_joint(console: Console, every: float, at_least: dict[int, float], goals: int, lang: str) -> None:
    w = WORDS[lang]
    half = (goals + 1) // 2
    some = [k for k in (half, round(0.75 * goals), goals - 1) if k in at_least]
    parts = [f"{w['at_least']} {k}/{goals} {w['of']}: {chance(at_least[k])}" for k in sorted(set(some))]
    console.print(f"{w['all']}: {chance(every)} · " + " · ".join(parts))
