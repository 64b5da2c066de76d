"""Measure one member by the size of its city, on one core: `python -m tests.bench.member`. Asserts nothing about time.

Hangzhou with everything in proportion; each run is a process of its own, which runs the history and then the plan as a forecast
does, with all that it keeps. Then two workers against one over the same members, and one size and length between those
measured against what the law of `tests.bench.law` says of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from statistics import median
from time import perf_counter, process_time

import psutil

from agents.parameters import Parameters
from sim.city.city import load_city
from sim.ensemble.ensemble import Experiment, Member, run_ensemble, run_member, run_on
from sim.processes import crew
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.workers import Workers
from tests.bench import kept, law
from tests.bench.machine import conditions, load, peak_mib
from tests.bench.rivals import spread
from tests.bench.run import FORK, SIZES, register_at_fork

ENTERPRISES = (10_000, 100_000, 1_000_000, 5_000_000)
QUARTERS, REPEATS = 8, 3
PAIRS, PAIR_MEMBERS, PAIR_SIZE = 5, 8, 100_000
CHECKED = {"enterprises": 2_000_000, "quarters": 12}
"""A size and a length that nothing was fitted to."""


def experiment(city, quarters, weight=1.0):
    """Return what a forecast of the plan over so many quarters runs."""
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    return Experiment(city, history, (plan,), FORK, FORK + quarters, weight, FORK)


def sized(city, enterprises):
    """Return the parameters under which so many enterprises are there at the fork."""
    p = Parameters()
    return replace(p, opening_pool=p.opening_pool * enterprises / register_at_fork(city, load_scenario("history", city)))


def one(enterprises, quarters, *, bare=False):
    """Run a member with so many enterprises at the fork; return its seconds of the processor and its peak memory.

    A bare one only steps, and keeps nothing of what a forecast asks of the run.
    """
    city = load_city("hangzhou")
    run_member(experiment(city, quarters, 100.0), Member(0, Parameters(), 1))  # compiles the loops
    asked, member = experiment(city, quarters), Member(0, sized(city, enterprises), 1)
    empty, began = peak_mib(), process_time()
    root = asked.history_of(member)
    at_fork, there, wall = process_time(), len(root.state.enterprises), perf_counter()
    if bare:
        root.turn_to(asked.scenarios[0]).run_to(asked.end)
        at_the_end = len(root.state.enterprises)
    else:
        (made,) = run_on(asked, member, root)
        at_the_end = made.series[-1, NAMES.index("enterprises")]
    ended = process_time()
    return {
        "enterprises": there, "at_the_end": at_the_end, "quarters": quarters,
        "history": at_fork - began, "ahead": ended - at_fork, "ahead_wall": perf_counter() - wall, "empty_mib": empty, "mib": peak_mib(),
    }  # fmt: skip


def apart(enterprises, quarters):
    """Do the same in a process of its own; say the load beside it."""
    words = [sys.executable, "-m", "tests.bench.member", "--one", str(enterprises), "--quarters", str(quarters)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"load": load()}


def of_size(enterprises, repeats):
    """Return the medians over some runs of one size, with least and most of the quarters ahead."""
    found = [apart(enterprises, QUARTERS) for _ in range(repeats)]
    middle = {key: median(x[key] for x in found) for key in found[0]}
    return middle | {"ahead_spread": spread([x["ahead"] for x in found])}


def batch(workers, members, enterprises):
    """Run an ensemble of the plan; return seconds by the clock, and of the processors until the last worker is done."""
    city = load_city("hangzhou")
    asked, p = experiment(city, QUARTERS), sized(city, enterprises)
    began, before = perf_counter(), busy()
    run_ensemble(asked, [Member(i, p, i + 1) for i in range(members)], workers=Workers(workers))
    used = {pid: seconds - before.get(pid, 0.0) for pid, seconds in busy().items()}
    here = used.pop(os.getpid())
    return perf_counter() - began, here + max(used.values(), default=0.0)


def busy():
    """Return the seconds of the processor that this process and each of its workers have used, by process."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return {p.pid: sum(p.cpu_times()[:2]) for p in processes}


def two_against_one():
    """Return how much faster two workers are than one, pair by pair, with the load at each.

    On a machine with other work the clock says how the cores were shared out; the processors' seconds of the busier worker say
    what two idle cores would have given.
    """
    for workers in (1, 2):  # start them and compile the loops, so that neither side is charged for it
        batch(workers, 4, 10_000)
    pairs = []
    for _ in range(PAIRS):
        before = load()
        one_worker, two = batch(1, PAIR_MEMBERS, PAIR_SIZE), batch(2, PAIR_MEMBERS, PAIR_SIZE)
        pairs.append({"clock": one_worker[0] / two[0], "processor": one_worker[1] / two[1], "load": before})
    crew().close()
    by = {key: spread([x[key] for x in pairs]) for key in ("clock", "processor")}
    return by | {"pairs": pairs, "members": PAIR_MEMBERS, "enterprises": PAIR_SIZE}


def tell(r):
    print(
        f"{r['enterprises']:>9,.0f} enterprises: {r['history']:6.2f} s history, {r['ahead']:6.2f} s {r['quarters']:.0f} quarters"
        f" ahead of the processor ({r['ahead_wall']:.2f} s by the clock), {r['mib']:6,.0f} MiB; load {r['load']}",
        flush=True,
    )


def sizes():
    """Measure every size, tell each, and return the part that is kept."""
    rows = []
    for n in ENTERPRISES:
        rows.append(of_size(n, REPEATS))
        tell(rows[-1])
    found = {"conditions": conditions("python -m tests.bench.member"), "rows": rows}
    fitted = law.fitted(rows)
    point = apart(CHECKED["enterprises"], CHECKED["quarters"])
    tell(point)
    said = law.core_seconds(fitted, point["enterprises"], 1, point["quarters"])
    took = point["history"] + point["ahead"]
    print(
        f"exponents: history {law.exponent(rows, 'history'):.2f}, ahead {law.exponent(rows, 'ahead'):.2f}, of the last two sizes"
        f" {law.exponent(rows[-2:], 'ahead'):.2f}; the law says {said:.1f} s of the last, it took {took:.1f} s ({took / said - 1:+.0%}), and"
        f" {fitted.mib(point['enterprises']):,.0f} MiB, it took {point['mib']:,.0f}"
    )
    return found | {"checked": point}


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--one", type=int)
    ask.add_argument("--quarters", type=int, default=QUARTERS)
    ask.add_argument("--bare", action="store_true", help="with --one: steps alone")
    ask.add_argument("--only", choices=("sizes", "workers"))
    ask.add_argument("--keep", action="store_true", help="for docs/scale.md")
    asked = ask.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one, asked.quarters, bare=asked.bare)))
        return
    if asked.only != "workers":  # first: on Linux a process counts its parent's peak memory as its own
        found = sizes()
        if asked.keep:
            kept.write("sizes", found)
    if asked.only != "sizes":
        found = two_against_one() | {"conditions": conditions("python -m tests.bench.member --only workers")}
        for key, x in ((key, found[key]) for key in ("clock", "processor")):
            print(f"two workers against one by the {key}: {x['median']:.2f} times ({x['min']:.2f} to {x['max']:.2f} in {x['runs']} pairs)")
        print(f"load at the pairs: {', '.join(str(x['load']) for x in found['pairs'])}")
        if asked.keep:
            kept.write("two_workers", found)


if __name__ == "__main__":
    main()
