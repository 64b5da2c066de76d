"""Measure an ensemble by the size of its city: `python -m tests.bench.scale`. Prints a table; asserts nothing about time.

Each size is an invented city, made from a workbook by rule, and runs in a process of its own; memory is what that and
its workers hold together.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import psutil

from agents.parameters import Parameters
from calibration.fit.budget import weight_for
from peiyu.__main__ import run
from sim import quarter
from sim.city.city import load_city
from sim.ensemble.ensemble import Experiment, Member, run_ensemble
from sim.processes import crew
from sim.scenario.scenario import load_scenario
from sim.workers import Workers
from tests.bench.law import exponent
from tests.bench.machine import cpu
from tests.workbooks import CITY, SYNTHETIC, filled, rule

SIZES = (50_000, 100_000, 250_000, 500_000)
MEMBERS, WORKERS, SAMPLE_SECONDS = 4, 2, 0.05
USUAL_POOL, FORK = 9_000, quarter.parse("2024Q4")
"""Technology enterprises of the invented city as its workbook has it; larger ones have everything in proportion."""


def invented(folder, size):
    """Make the folder of an invented city with so many technology enterprises at its last count."""
    counts = [
        ("高新技术企业", "", "", f"{y}年底", f"{rule(y) * size // USUAL_POOL}家", SYNTHETIC) for y in range(2015, 2025)
    ]
    book = filled(folder / "city.xlsx", city=CITY | {"科技企业总数": str(size)}, 数据=counts)
    assert run(["new-city", "invented", "--from", str(book), "--parent", str(folder), "--lang", "en"]) == 0
    return load_city(str(folder / "invented"))


def ensemble(folder, size, *, coarse):
    """Run the baseline and the plan to the last deadline; return what was asked for and seconds."""
    city = invented(folder, size)
    p = replace(Parameters(), opening_pool=float(city.opening.enterprises))
    asked = (load_scenario(city.baseline, city), load_scenario(city.plan, city))
    weight = weight_for(city.opening.enterprises) if coarse else 1.0
    last = max(g.deadline for g in city.goals)
    experiment = Experiment(city, load_scenario(city.in_force, city), asked, FORK, last, weight, FORK)
    began = perf_counter()
    made = run_ensemble(experiment, [Member(i, p, i + 1) for i in range(MEMBERS)], workers=Workers(WORKERS))
    seconds = perf_counter() - began
    crew().close()  # so that RUSAGE_CHILDREN counts the workers
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    there = float(made[-1].of("enterprises")[:, -1].mean())
    return {
        "opening": city.opening.enterprises,
        "there": there,
        "weight": weight,
        "seconds": seconds,
        "cpu": sum(x.ru_utime + x.ru_stime for x in used),
    }


def held(process):
    """Return what a process and all below it hold, MiB."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_info().rss
        except psutil.Error:  # it has just ended
            continue
    return total / 2**20


def measured(size, *, coarse):
    """Run one size in a process of its own; return what it told, and the most that was held at once."""
    words = [sys.executable, "-m", "tests.bench.scale", "--one", str(size), *(["--coarse"] if coarse else [])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as made:
        tree, over, seen = psutil.Process(made.pid), Event(), [0.0]

        def watch():
            while not over.wait(SAMPLE_SECONDS):
                seen.append(held(tree))

        watching = Thread(target=watch)
        watching.start()
        told = made.communicate()[0]
        over.set()
        watching.join()
    assert made.returncode == 0
    return json.loads(told.splitlines()[-1]) | {"enterprises": size, "mib": max(seen)}


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--one", type=int)
    ask.add_argument("--coarse", action="store_true")
    given = ask.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(ensemble(Path(folder), given.one, coarse=given.coarse)))
        return
    print(
        f"{cpu()}, {psutil.cpu_count()} cores, load {psutil.getloadavg()[0]:.1f}; {MEMBERS} members, {WORKERS} processes"
    )
    for coarse in (True, False):
        rows = []
        for size in SIZES:
            rows.append(measured(size, coarse=coarse))
            r = rows[-1]
            print(
                f"{size:>9,} enterprises ({r['opening']:,} at the opening, {r['there']:,.0f} at the end), weight {r['weight']:.1f}:"
                f" {r['seconds']:7.1f} s, {r['cpu']:7.1f} s of processors, {r['mib']:6,.0f} MiB", flush=True,
            )  # fmt: skip
        print(
            f"exponent of seconds {exponent(rows, 'seconds'):.2f}, of processors' {exponent(rows, 'cpu'):.2f}, of memory {exponent(rows, 'mib'):.2f}; load {psutil.getloadavg()[0]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
