"""Measure the speed, beside other simulators': `python -m tests.bench.run`. Prints one table, and JSON with --json.

It asserts nothing about time. A rival that is not installed is left out with the reason.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import resource
import tomllib
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time

import mesa
import numpy as np

from agents.parameters import Parameters
from sim import quarter
from sim.city.city import load_city
from sim.model.model import IndustryModel
from sim.processes import crew
from sim.scenario.scenario import load_scenario
from sim.workers import Workers
from tests.bench import kept, rivals
from tests.bench.machine import conditions, load, peak_mib
from tests.twin import TwinModel

SIZES = tomllib.loads(Path(__file__).with_name("sizes.toml").read_text("utf8"))
FORK, END = quarter.parse(SIZES["fork"]), quarter.parse(SIZES["end"])


def register_at_fork(city, history):
    """Estimate the enterprises at the fork under default parameters from a run at a tenth of the size."""
    trial = IndustryModel(city, history, Parameters(), as_of=FORK, weight=10.0).run_to(FORK)
    return 10.0 * len(trial.state.enterprises)


def timed(model, size):
    """Run the eight quarters; return enterprise-quarters a second of the processor, which other work disturbs less.

    As in `timeit`, the garbage collector rests meanwhile: it would walk the other model's objects too.
    """
    gc.collect()
    gc.disable()
    began, done = process_time(), 0
    while model.quarter < END:
        model.step()
        done += size(model)
    seconds = process_time() - began
    gc.enable()
    return done / seconds


def speeds(city, history, plan):
    """Measure columns and twin in alternation; return both lists, the register sizes at the fork."""
    p, usual = Parameters(), register_at_fork(city, history)
    many = replace(p, opening_pool=p.opening_pool * SIZES["columns"]["enterprises"] / usual)
    weight = usual / SIZES["twin"]["enterprises"]
    columns = IndustryModel(city, history, many, as_of=FORK).run_to(FORK)
    twin = TwinModel(city, history, p, as_of=FORK, weight=weight).run_to(FORK)
    fast, slow = [], []
    for _ in range(SIZES["repeats"]):
        forked = columns.fork(plan)
        fast.append(timed(forked, lambda m: len(m.state.enterprises)))
        forked.release()
        slow.append(timed(twin.fork(plan), lambda m: len(m.firms)))
    sizes = len(columns.state.enterprises), len(twin.firms)
    columns.release()
    return fast, slow, sizes


def member(seed):
    """Run one member at full size; return seconds of history, of the fork with its forecast, and peak MiB."""
    city = load_city("hangzhou")
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    began = perf_counter()
    root = IndustryModel(city, history, Parameters(), seed=seed, as_of=FORK).run_to(FORK)
    at_fork = perf_counter()
    forked = root.fork(plan).run_to(END)
    ended = perf_counter()
    rows = len(forked.state.enterprises)
    root.release()
    forked.release()
    return at_fork - began, ended - at_fork, peak_mib(resource.RUSAGE_SELF), rows


def members():
    """Run members on several processes at once; return their measurements and the seconds of the whole batch."""
    n, processes = SIZES["members"]["members"], SIZES["members"]["processes"]
    several = Workers(processes)
    list(several.spread(member, [0] * processes))  # start the workers, fill the caches
    began = perf_counter()
    measured = list(several.spread(member, range(1, n + 1)))
    seconds = perf_counter() - began
    crew().close()  # so that RUSAGE_CHILDREN counts the workers
    return measured, seconds


def steps(fast, slow, sizes, others):
    """Return every measured step by name, the columns first: what a second of one core does."""
    ours = {
        name: {"version": made_by, "agents": size, "steps": END - FORK} | rivals.spread(found)
        for name, made_by, size, found in (
            ("columns", version("peiyu"), sizes[0], fast), ("twin", mesa.__version__, sizes[1], slow),
        )
    }  # fmt: skip
    return {name: x | {"note": rivals.NOTES[name]} for name, x in (ours | others).items()}


def whole_members(measured, batch, alone):
    """Return seconds and memory of members at full size, several processes at once and one alone."""
    m, quarters = SIZES["members"], END - FORK
    history, forecast = mean(x[0] for x in measured), mean(x[1] for x in measured)
    each = batch / m["members"] * m["forecast"]  # wall-clock seconds, the processes at work together
    return {
        "processes": m["processes"], "quarters": quarters, "enterprises": measured[0][3],
        "alone": {"history": median(x[0] for x in alone), "forecast": median(x[1] for x in alone)},
        "at_once": {"history": history, "forecast": forecast},
        "implied": {"members": m["forecast"], "forecast": each * forecast / (history + forecast), "with_history": each},
        "mib": {
            "here": peak_mib(), "worker": max(x[2] for x in measured), "child": peak_mib(resource.RUSAGE_CHILDREN),
        },
    }  # fmt: skip


def table(found):
    """Return the rows that are printed: name and value."""
    where, m, step = found["conditions"], found["members"], found["steps"]
    mib, implied = m["mib"], m["implied"]
    return [
        ("machine", f"{where['machine']}, {where['date']}, load {where['load']} before, {found['load_after']} after"),
        ("software", found["software"]),
        *(rivals.line(name, step[key], "enterprise-quarters") for key, name in rivals.OURS.items()),
        ("columns / twin", f"{step['columns']['median'] / step['twin']['median']:.1f}"),
        *(rivals.line(name, step[key]) for key, name in rivals.NAMES.items()),
        *(("  note", f"{rivals.TITLES[key]}: {x['note']}") for key, x in step.items() if "skipped" not in x),
        ("one process alone", f"{m['alone']['history']:.2f} s history, {m['alone']['forecast']:.2f} s forecast"),
        (
            f"{m['processes']} processes at once",
            f"{m['at_once']['history']:.2f} s history, {m['at_once']['forecast']:.2f} s forecast a member, mean",
        ),
        (f"{m['quarters']} forecast quarters", f"{m['at_once']['forecast']:.2f} s a member at {m['enterprises']:,} enterprises"),
        (
            f"implied for {implied['members']} members, {m['processes']} processes",
            f"{implied['forecast']:.0f} s forecast, {implied['with_history']:.0f} s with history",
        ),
        ("peak memory", f"{mib['here']:,.0f} MiB here, {mib['worker']:,.0f} MiB a worker"),
        ("", f"{mib['child']:,.0f} MiB the largest child, by getrusage"),
        ("this benchmark", f"{found['seconds']:.0f} s"),
    ]  # fmt: skip


def measured_now(python):
    """Measure everything; return what was found as it is written to JSON."""
    city = load_city("hangzhou")
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    began, where = perf_counter(), conditions("python -m tests.bench.run")
    apart, batch = members()  # first: on Linux a worker's peak memory starts from its parent's
    alone = [member(seed) for seed in range(1, SIZES["repeats"] + 1)]
    whole = whole_members(apart, batch, alone)
    fast, slow, sizes = speeds(city, history, plan)
    others = rivals.every(SIZES["contagion"] | {"repeats": SIZES["repeats"]}, python)
    software = f"Python {platform.python_version()}, NumPy {np.__version__}, Mesa {mesa.__version__}"
    return {
        "conditions": where, "software": software, "steps": steps(fast, slow, sizes, others), "members": whole,
        "load_after": load(), "seconds": perf_counter() - began,
    }  # fmt: skip


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--rivals-python", help=f"an interpreter that has Starsim and Covasim; else {rivals.VARIABLE}, else this one")
    ask.add_argument("--json", type=Path)
    ask.add_argument("--keep", action="store_true", help="for docs/scale.md")
    asked = ask.parse_args()
    found = measured_now(asked.rivals_python)
    rows = table(found)
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", "utf8")
    if asked.keep:
        kept.write("steps", found)


if __name__ == "__main__":
    main()
