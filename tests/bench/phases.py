"""Measure where the time of a quarter goes: `python -m tests.bench.phases`. Asserts nothing about time.

Each line of `IndustryModel.step` is timed by the processor's clock at two sizes of the city; what does not grow with the
city is apart from what each enterprise adds. Beside it: what moving all columns through memory once would take.
"""

from __future__ import annotations

import argparse
import gc
from collections import defaultdict
from contextlib import ExitStack
from statistics import median
from time import perf_counter, process_time
from unittest.mock import patch

import numpy as np

from sim.city.city import load_city
from sim.model import business, founding, institutions, mobility, recognition
from sim.model.model import IndustryModel
from sim.scenario.scenario import load_scenario
from tests.bench import kept
from tests.bench.machine import conditions
from tests.bench.member import sized
from tests.bench.run import FORK, SIZES

LINES = {
    "terms_in_force": IndustryModel, "found": founding, "invest": business, "grow": business, "take_off": business,
    "raise_money": business, "recognise": recognition, "settle": IndustryModel, "relocate": mobility, "leave": mobility,
    "run": institutions, "take_stock": IndustryModel,
}  # fmt: skip
"""The lines of a step, and where each is written."""
ENTERPRISES, QUARTERS, REPEATS = (5_000, 50_000), 8, 9
MOVED = 200 * 2**20
"""Bytes that are copied to learn how fast memory is: more than any cache holds."""


def timed(function, name, seconds):
    """Return a function that adds what it takes of the processor to its name."""

    def measured(*args, **how):
        began = process_time()
        made = function(*args, **how)
        seconds[name] += process_time() - began
        return made

    return measured


def of_size(city, enterprises):
    """Return the milliseconds of every line in a quarter, medians of several runs, the enterprises and their bytes."""
    history, plan = load_scenario("history", city), load_scenario(SIZES["scenario"], city)
    root = IndustryModel(city, history, sized(city, enterprises), as_of=FORK).run_to(FORK)
    runs = []
    for _ in range(REPEATS):
        seconds, forked = defaultdict(float), root.fork(plan)
        gc.collect()
        gc.disable()
        with ExitStack() as stack:
            for name, where in LINES.items():
                stack.enter_context(patch.object(where, name, timed(getattr(where, name), name, seconds)))
            began = process_time()
            for _ in range(QUARTERS):
                forked.step()
            seconds["step"] = process_time() - began
        gc.enable()
        rows = (len(root.state.enterprises) + len(forked.state.enterprises)) / 2
        runs.append({name: 1e3 * x / QUARTERS for name, x in seconds.items()})
        forked.release()
    e = root.state.enterprises
    size = sum(block.itemsize * len(block) for block in e._blocks.values())
    root.release()
    return {name: median(r[name] for r in runs) for name in runs[0]}, rows, size


def bandwidth():
    """Return how many bytes a second are copied, reading and writing counted."""
    source, target = np.ones(MOVED // 8), np.ones(MOVED // 8)
    best = np.inf
    for _ in range(5):
        began = perf_counter()
        np.copyto(target, source)
        best = min(best, perf_counter() - began)
    return 2 * MOVED / best


def measured():
    """Return milliseconds of every line that do not grow, nanoseconds that an enterprise adds, and memory's share."""
    city, where = load_city("hangzhou"), conditions("python -m tests.bench.phases")
    (few, small, _), (many, large, size) = (of_size(city, n) for n in ENTERPRISES)
    each = {name: (many[name] - few[name]) / (large - small) for name in many}
    lines = {name: {"at": many[name], "fixed": few[name] - each[name] * small, "each": 1e6 * each[name]} for name in many}
    return {"conditions": where, "enterprises": large, "lines": lines, "bytes": size, "bandwidth": bandwidth()}


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--keep", action="store_true", help="for docs/scale.md")
    keep = ask.parse_args().keep
    found = measured()
    for name, x in found["lines"].items():
        print(f"{name:16} {x['at']:7.3f} ms at {found['enterprises']:,.0f}: {x['fixed']:6.3f} ms and {x['each']:6.1f} ns an enterprise")
    print(f"{found['bytes']} bytes an enterprise, {found['bandwidth'] / 1e9:.1f} GB/s copied")
    if keep:
        kept.write("phases", found)


if __name__ == "__main__":
    main()
