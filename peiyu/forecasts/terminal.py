"""What a planner reads in the terminal, in Chinese or English."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from peiyu.forecasts.result import Forecast
from peiyu.runs.change import PARTS, Change
from sim import quarter
from sim.city.city import City, District, Goal, Reading, Track
from sim.ensemble.forecast import GoalForecast
from sim.inputs.errors import InputError, suggest
from sim.store.store import Store

WORDS = {
    "zh": {
        "goal": "目标", "reading": "口径", "asked": "要求", "median": "中位数", "interval": "90% 区间", "p": "达成概率",
        "error": "误差", "evidence": "证据", "when": "达到时间", "needed": "还需/季",
        "scenario": "情景", "never": "未达到",
        "all": "全部目标(主口径)同时达成", "at_least": "至少达成", "of": "项", "members": "个成员", "run": "运行",
        "as_of": "数据截至", "grades": "证据等级:A 本指标已校准;B 依据替代指标;C 仅有先验,概率向同类目标的历史达成率收缩一半。标 * 者为主口径。",
        "files": "详细结果", "analysis": "分析", "runs": "所用运行",
        "acted": "规则“{}”在 {} 末触发({})的成员占",
        "before": "上次", "after": "本次", "model": "模型", "data": "数据", "policy": "政策", "luck": "随机",
        "parts": "各列为百分点:模型=代码与后验的变化;数据=新数据与新起点;政策=情景的变化;随机=种子与成员数。",
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
        "before": "Before", "after": "Now", "model": "Model", "data": "Data", "policy": "Policy", "luck": "Luck",
        "parts": "In percentage points. Model: code and posterior. Data: the new origin and what became known by then. Policy: the"
        " scenario. Luck: seed and members.",
    },
}  # fmt: skip


def _console() -> Console:
    """Return a console on stdout, wide enough for the table when it is not a terminal."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 150, highlight=False)


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
    w, console = WORDS[lang], _console()
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


def print_change(c: Change, city: City, lang: str) -> None:
    """Print what of every reading's change is data, policy, model and luck, in percentage points."""
    w, console = WORDS[lang], _console()
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


def print_runs(store: Store, lang: str, as_json: bool) -> None:
    """List the runs of a store."""
    sql = (
        "SELECT r.run_id, r.city, r.scenario, r.as_of, r.seed, count(m.member) AS members, r.created FROM runs r"
        " LEFT JOIN members m USING (run_id) GROUP BY r.run_id ORDER BY r.created, r.run_id"
    )
    rows = list(store.db.query(sql))
    if as_json:
        _console().file.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return
    table = Table(header_style="bold")
    for name in ("run", "city", "scenario", "as_of", "seed", "members", "created"):
        table.add_column(WORDS[lang].get(name, name))
    for row in rows:
        table.add_row(*(str(x) for x in row.values()))
    _console().print(table)
    _print_analyses(store, None, lang)


def _print_analyses(store: Store, run_id: str | None, lang: str) -> None:
    """List the stored analyses, of a run or all, with the id that their numbers begin with; nothing if none."""
    rows = [
        (f"analysis/{kind}/{key}", city, ", ".join(json.loads(runs)) or "–", created)
        for kind, key, city, runs, created in store.db.execute(
            "SELECT kind, key, city, runs, created FROM analyses ORDER BY created, kind, key"
        )
        if run_id is None or run_id in json.loads(runs)
    ]
    if not rows:
        return
    table = Table(header_style="bold")
    for name in ("analysis", "city", "runs", "created"):
        table.add_column(WORDS[lang].get(name, name), overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def print_run(store: Store, run_id: str, lang: str, as_json: bool) -> None:
    """Show one run's last forecast as it was stored. Raises `InputError` for a run that is not there."""
    known = [r["run_id"] for r in store.db.query("SELECT run_id FROM runs")]
    if run_id not in known:
        raise InputError(f'{store.path}: no run "{run_id}".{suggest(run_id, known)} peiyu show lists the runs.')
    sql = "SELECT * FROM forecasts WHERE run_id = ? AND members = (SELECT max(members) FROM forecasts WHERE run_id = ?)"
    rows = list(store.db.query(sql, (run_id, run_id)))
    if not rows:
        raise InputError(f"{store.path}: run {run_id} was not finished; run the same forecast again to finish it.")
    if as_json:
        _console().file.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
        return
    names = (
        "goal",
        "reading",
        "operator",
        "value",
        "median",
        "q05",
        "q95",
        "probability",
        "mc_error",
        "evidence",
        "first_passage",
    )
    table = Table(title=run_id, header_style="bold")
    for name in names:
        table.add_column(WORDS[lang].get(name, name), no_wrap=name in ("goal", "reading"))
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in names))
    _console().print(table)
    _print_analyses(store, run_id, lang)


def _cell(name: str, x: object) -> str:
    """Write a stored value: probabilities with three decimals, counts as a reader expects."""
    if not isinstance(x, float):
        return str(x or "–")
    return f"{x:.3f}" if name in {"probability", "mc_error"} else number(x)
