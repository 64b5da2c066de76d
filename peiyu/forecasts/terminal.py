"""What a planner reads in the terminal, in Chinese or English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peiyu.forecasts.goals_table import goals_table
from peiyu.forecasts.outcomes import outcome_table
from peiyu.screen.console import stdout
from peiyu.screen.next import print_next
from peiyu.words.evidence import outside_document, outside_words
from peiyu.words.indicators import counted_label, indicator_label
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import chance, score
from sim import quarter
from sim.city.readings import main_readings
from sim.ensemble.pool import weight_of
from sim.ensemble.recorded import INFORMED
from sim.ensemble.track_record import of_city

if TYPE_CHECKING:
    from pathlib import Path

    from peiyu.forecasts.result import Forecast
    from peiyu.screen.console import Screen


def print_forecast(f: Forecast, lang: str, out: Path) -> None:
    """Print the table of goals and the joint probabilities."""
    w, console = words("forecast", lang), stdout(lang)
    rows = {(g.goal, g.reading): g for g in f.goals}
    console.heading(f"{f.city.title[lang]} · {f.scenario.title[lang]}")
    console.print(f"{w['as_of']} {quarter.label(f.as_of)} · {f.members} {w['members']} · {w['run']} {f.run_id}")
    console.table(goals_table(f.city, rows, lang, name=counted_label))
    _print_joint(console, f.joint.all, f.joint.at_least, len(f.city.goals), lang)
    _print_hangs(console, f, lang)
    print_acts(console, f, lang)
    for line in outside_words(outside_document(f.outside), f.scenario, lang):
        console.print(line)
    console.table(outcome_table(f.outcomes, lang))
    said = words("likelihood", lang)
    for line in (said["scale"], said["rests"], w["grades"], record_line(f, lang)):
        console.print(line)
    console.print(f"{w['files']}: {out}/ (forecast.json, goals.csv, outcomes.csv, paths.csv, ledger.csv, peiyu.db)")
    print_next(console, ("compare", "page", "appendix"), f.city, out)


def record_line(f: Forecast, lang: str) -> str:
    """Return what the record says of each kind of goal that the city has, and what the model weighs beside it."""
    w, said = words("forecast", lang), words("likelihood", lang)
    record = of_city(f.city)
    kinds = dict.fromkeys(r.decided_by for g in f.city.goals for r in g.readings)
    told = []
    for kind in kinds:
        x = record.get(kind, record[None])
        name = said[kind] if x.own and kind is not None else said["all_kinds"]
        told.append(f"{name} " + w["met"].format(hits=x.hits, n=x.goals, rate=chance(x.rate)))
    weights = " · ".join(f"{said[b]} {score(weight_of(b))}" for b in sorted(INFORMED))
    error = f"{w['error']} {score(max(g.mc_error for g in f.goals))}"
    return f"{w['record']}: {'; '.join(told)}. {w['model_weight']}: {weights}. {error}."


def _print_hangs(console: Screen, f: Forecast, lang: str) -> None:
    """Print how the main readings' answers hang on what they are said to hang on."""
    w = words("forecast", lang)
    stated = {(g.goal, g.reading): g for g in f.goals}
    for goal, r in main_readings(f.city):
        g = stated[goal.key, r.key]
        if r.hangs_on is None or g.hangs_low is None or g.hangs_high is None:
            continue
        named = {"goal": label(goal, lang), "reading": label(r, lang), "what": indicator_label(r.hangs_on, lang)}
        chances = {"p": g.model_probability, "low": g.hangs_low, "high": g.hangs_high}
        console.print(w["hangs"].format(**named, **{k: chance(p) for k, p in chances.items()}))


def print_acts(console: Screen, f: Forecast, lang: str) -> None:
    """Print in how many members each adaptive rule acted; nothing for a scenario without rules."""
    told = words("forecast", lang)["acted"]
    for x in f.acts:
        console.print(f"{told.format(x.rule, x.quarter, x.branch)} {chance(x.share)}")


def _print_joint(console: Screen, every: float, at_least: dict[int, float], goals: int, lang: str) -> None:
    w = words("forecast", lang)
    half = (goals + 1) // 2
    some = [k for k in (half, round(0.75 * goals), goals - 1) if k in at_least]
    parts = [f"{w['at_least']} {k}/{goals} {w['of']}: {chance(at_least[k])}" for k in sorted(set(some))]
    console.print(f"{w['all']}: {chance(every)} · " + " · ".join(parts))
