"""Measure the speed: `python -m tests.bench.run`. Prints one table; asserts nothing about time."""

from __future__ import annotations

import gc
import os
import platform
import resource
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import mesa
import numpy as np

from agents.parameters import Parameters
from sim import quarter
from sim.city.city import load_city
from sim.model.model import IndustryModel
from sim.processes import crew
from sim.scenario.scenario import load_scenario
from sim.workers import Workers
from tests.twin import TwinModel

SIZES = tomllib.loads(Path(__file__).with_name("sizes.toml").read_text("utf8"))
FORK, END = quarter.parse(SIZES["fork"]), quarter.parse(SIZES["end"])


def peak_mib(who):
    """Return the peak resident memory, MiB; Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(who).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def cpu():
    """Return the processor's name where Linux tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def register_at_fork(city, history):
    """Estimate the enterprises at the fork under default parameters from a run at a tenth of the size."""
    trial = IndustryModel(city, history, Parameters(), as_of=FORK, weight=10.0).run_to(FORK)
    return 10.0 * len(trial.state.enterprises)


def timed(model, size):
    """Run the eight quarters; return enterprise-quarters a second.

    As in `timeit`, the garbage collector rests meanwhile: it would walk the other model's objects too.
    """
    gc.collect()
    gc.disable()
    began, done = perf_counter(), 0
    while model.quarter < END:
        model.step()
        done += size(model)
    seconds = perf_counter() - began
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


def main():
    city = load_city("hangzhou")
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    began = perf_counter()
    measured, batch = members()  # first: on Linux a worker's peak memory starts from its parent's
    alone = [member(seed) for seed in range(1, SIZES["repeats"] + 1)]
    fast, slow, (many, few) = speeds(city, history, plan)
    m, quarters = SIZES["members"], END - FORK
    history_s, forecast_s = mean(x[0] for x in measured), mean(x[1] for x in measured)
    each = batch / m["members"]  # wall-clock seconds a member, the processes at work together
    implied = f"implied for {m['forecast']} members, {m['processes']} processes"
    share = forecast_s / (history_s + forecast_s)
    rows = [
        ("machine", f"{cpu()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"),
        ("software", f"Python {platform.python_version()}, NumPy {np.__version__}, Mesa {mesa.__version__}"),
        ("columns, full step", f"{median(fast):,.0f} enterprise-quarters/s at {many:,} enterprises"),
        ("", f"{min(fast):,.0f} to {max(fast):,.0f} in {len(fast)} runs of {quarters} quarters"),
        ("twin, full step", f"{median(slow):,.0f} enterprise-quarters/s at {few:,} enterprises"),
        ("", f"{min(slow):,.0f} to {max(slow):,.0f} in {len(slow)} runs of {quarters} quarters"),
        ("columns / twin", f"{median(fast) / median(slow):.1f}"),
        (
            "one process alone",
            f"{median(x[0] for x in alone):.2f} s history, {median(x[1] for x in alone):.2f} s forecast",
        ),
        (
            f"{m['processes']} processes at once",
            f"{history_s:.2f} s history, {forecast_s:.2f} s forecast a member, mean",
        ),
        (f"{quarters} forecast quarters", f"{forecast_s:.2f} s a member at {measured[0][3]:,} enterprises"),
        (implied, f"{each * m['forecast'] * share:.0f} s forecast, {each * m['forecast']:.0f} s with history"),
        (
            "peak memory",
            f"{peak_mib(resource.RUSAGE_SELF):,.0f} MiB here, {max(x[2] for x in measured):,.0f} MiB a worker",
        ),
        ("", f"{peak_mib(resource.RUSAGE_CHILDREN):,.0f} MiB the largest child, by getrusage"),
        ("this benchmark", f"{perf_counter() - began:.0f} s"),
    ]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"{name:{width}}  {value}")


if __name__ == "__main__":
    main()
