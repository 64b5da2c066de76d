"""Time looking something up in a store of ten million rows of series: `python -m tests.bench.big_store`. Asserts nothing about time.

The store is filled by its own writing functions, with members whose numbers are drawn and not simulated: pairs of runs, the second
with effects against the first, a comparison of every pair. Each look is a process of its own, as a planner's command is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from peiyu.review.choice import before
from peiyu.runs.stored import the_run
from sim.city.city import load_city
from sim.ensemble.effects import Part, Tally
from sim.ensemble.stated import GoalForecast, Joint
from sim.scenario.scenario import load_scenario
from sim.state.indicators import NAMES
from sim.store.results import open_results
from sim.store.store import open_store
from tests import stores
from tests.bench import kept
from tests.bench.machine import conditions
from tests.bench.rivals import spread

ROWS, MEMBERS, REPEATS = 10_000_000, 400, 5
FIRST = stores.ORIGIN + 1
A_MEMBER = (stores.END - stores.ORIGIN) * len(NAMES)
"""Rows of series that one member of one run leaves."""
LEVERS = ("fund_seedling", "award_hnte", "zones_municipal", "service_voucher", "growth_coaching")
DOCUMENT_BYTES = 300_000
"""Of a comparison with its parts, about."""


def stated(goal, reading):
    """Return a forecast of one reading, whose numbers mean nothing."""
    usual = {"str": "A", "float": 0.5, "bool": True, "int": 1}
    made = {f.name: usual[str(f.type).split(" |")[0]] for f in fields(GoalForecast)}
    known = {"goal": goal.key, "reading": reading.key, "operator": ">=", "deadline": "2026Q4", "basis": "data", "likelihood": "even"}
    return GoalForecast(**made | known)


def effects(city, random):
    """Return tallies and parts of one member, as many as a comparison of the city has."""
    readings = [(g.key, r.key) for g in city.goals for r in g.readings]
    tallies = [Tally(*at, *random.random(4)) for at in readings]
    places = [("district", x.key) for x in city.districts] + [("track", x.key) for x in city.tracks]
    return tallies, [Part(*at, *place, *random.random(3)) for at in readings[: len(city.goals)] for place in places]


def fill(path, rows, members):
    """Fill a store until its series have so many rows; return seconds by the clock to write one member of one run.

    Writing waits for the disk, so that the processor's seconds would say too little.
    """
    city, random = load_city("hangzhou"), np.random.default_rng(1)
    scenarios = [load_scenario(name, city) for name in (city.baseline, city.plan)]
    pairs, seconds = max(1, -(-rows // (2 * members * A_MEMBER))), 0.0
    goals = [stated(g, r) for g in city.goals for r in g.readings]
    with open_store(path) as store:
        for pair in range(pairs):
            names = [f"{2 * pair + i:012x}" for i in (0, 1)]
            for name, scenario in zip(names, scenarios, strict=True):
                store.register(stores.record(city, scenario, name, seed=pair))
            for member in range(members):
                tallies, parts = effects(city, random)
                paid = [("2025Q1", lever, 100.0, 10, 200.0) for lever in LEVERS]
                two = [
                    stores.trajectory(member, values=random.random((stores.END - stores.START + 1, len(NAMES))), paid=paid),
                    stores.trajectory(
                        member, values=random.random((stores.END - stores.START + 1, len(NAMES))), paid=paid, tallies=tallies,
                        parts=parts, leaks={"before": 1.0},
                    ),
                ]  # fmt: skip
                began = perf_counter()
                store.save_member(names, member, two, stores.START, FIRST)
                seconds += perf_counter() - began
            for name in names:
                store.save_forecast(name, members, goals, Joint(0.5, {1: 0.5}))
            text = json.dumps({"pieces": "x" * DOCUMENT_BYTES})
            row = ("compare", f"{pair:012x}", city.name, json.dumps(names), text)
            store.db.execute("INSERT INTO analyses VALUES (?,?,?,?,?,datetime('now'))", row)
    return seconds / (2 * pairs * members)


def looks(path, run):
    """Return what is timed, by name: the words of a process."""
    peiyu, db = [sys.executable, "-m", "peiyu"], ["--db", str(path), "--lang", "en"]
    return {
        "peiyu show": [*peiyu, "show", *db],
        "peiyu show RUN": [*peiyu, "show", run, *db],
        "peiyu store": [*peiyu, "store", *db],
        "peiyu --version": [*peiyu, "--version"],
    }


def timed(words, repeats):
    """Run a command so often; return seconds by the clock and of the processor, those of the first start left out."""
    clock, processor = [], []
    for _ in range(repeats + 1):
        began, before = perf_counter(), os.times()
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        clock.append(perf_counter() - began)
        processor.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return {"clock": spread(clock[1:]), "processor": spread(processor[1:])}


def choosing(path, repeats):
    """Time what the page, the review and the appendix ask when they choose among runs; the file is opened each time."""
    clock, processor = [], []
    for _ in range(repeats):
        began, used = perf_counter(), process_time()
        with open_results(path) as store:
            newest = store.newest_run()["run_id"]
            the_run(store)
            before(store, newest)
            store.related_runs(newest)
            store.last_forecast(newest)
        clock.append(perf_counter() - began)
        processor.append(process_time() - used)
    return {"clock": spread(clock), "processor": spread(processor)}


def measured(path, runs, repeats):
    """Return seconds of every look."""
    found = {name: timed(words, repeats) for name, words in looks(path, runs[-1]).items()}
    return found | {"choosing among runs": choosing(path, repeats)}


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--rows", type=int, default=ROWS)
    ask.add_argument("--repeats", type=int, default=REPEATS)
    ask.add_argument("--db", type=Path, help="a file for the store, used as it is when it is there")
    ask.add_argument("--keep", action="store_true", help="for docs/scale.md")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.db or Path(folder) / "peiyu.db"
        each = None if path.exists() else fill(path, asked.rows, MEMBERS)
        with open_store(path) as store:
            (rows,) = store.db.execute("SELECT count(*) FROM series").fetchone()
            runs = store.run_ids()
        found = {
            "conditions": conditions("python -m tests.bench.big_store"), "rows": rows, "runs": len(runs), "members": MEMBERS,
            "bytes": path.stat().st_size, "save_seconds": each, "looks": measured(path, runs, asked.repeats),
        }  # fmt: skip
    where = found["conditions"]
    print(f"{where['machine']}, load {where['load']}; {rows:,} rows of series, {len(runs)} runs, {found['bytes'] / 1e6:,.0f} MB")
    if each is not None:
        print(f"written in {1000 * each:.1f} ms a member and run")
    for name, x in found["looks"].items():
        clock, processor = x["clock"], x["processor"]
        print(
            f"{name:20} {clock['median']:5.2f} s ({clock['min']:.2f} to {clock['max']:.2f}), {processor['median']:.2f} s of the"
            f" processor ({processor['min']:.2f} to {processor['max']:.2f})"
        )
    if asked.keep:
        kept.write("store", found)


if __name__ == "__main__":
    main()
