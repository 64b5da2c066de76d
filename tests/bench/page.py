"""Measure the planner's page: `python -m tests.bench.page`. Prints a table, and JSON with --json; asserts nothing about time."""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from urllib.parse import urlsplit

from tests.others import children

LOOKS = (20, 60, 128)
SCREENS = ("/", "/export", "/compare", "/watch?member=3&quarter=8105", "/evidence")
LEVERS = ("fund_seedling", "zones_municipal", "zones_national")
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
QUIET_SECONDS, SAMPLE_SECONDS = 1.5, 0.02


class Served:
    """A page that is served in a process of its own."""

    def __init__(self, process, address):
        self.process, self.at = process, urlsplit(address).netloc

    def get(self, path):
        """Return status and content of one address, read as a browser reads it."""
        line = HTTPConnection(self.at, timeout=600)
        try:
            line.request("GET", path)
            told = line.getresponse()
            return told.status, told.read()
        finally:
            line.close()

    def stream(self, path):
        """Give the events of a stream with the second at which each came; closing the generator is moving on."""
        line = HTTPConnection(self.at, timeout=600)
        try:
            began = perf_counter()
            line.request("GET", path)
            told, kind = line.getresponse(), ""
            while text := told.readline().decode():
                if text.startswith("event: "):
                    kind = text[7:].strip()
                elif text.startswith("data: "):
                    yield kind, perf_counter() - began, json.loads(text[6:])
        finally:
            line.close()

    def pids(self):
        """Return the server's process and all below it."""
        found, left = [], [self.process.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            left += children(pid)
        return found

    def rss_mb(self):
        """Return the resident memory of all its processes, MB; what they share is counted in each."""
        return sum(_status(pid, "VmRSS:") for pid in self.pids()) / 1000

    def cpu(self):
        """Return the processor seconds its workers have used."""
        return sum(map(_cpu, self.pids()[1:]))

    def quiet(self, seconds=QUIET_SECONDS):
        """Wait until the workers have nothing to do; return the seconds until they had not."""
        began, since, was = perf_counter(), perf_counter(), self.cpu()
        while perf_counter() - since < seconds:
            sleep(SAMPLE_SECONDS)
            now = self.cpu()
            if now - was > 1.5 / TICK:
                since, was = perf_counter(), now
        return since - began


def _status(pid, key):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith(key)), 0.0)


def _cpu(pid):
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / TICK


@contextmanager
def served(*options):
    """Serve a page in a folder that is taken away afterwards."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "peiyu", "page", "--no-browser", "--port", "0", "--out", out, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield Served(process, process.stdout.readline().strip()), Path(out)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


_fresh = count(1)


def moved(lever="fund_seedling"):
    """Return a question that nobody has asked before: a lever moved to a size of its own."""
    return f"/answer?lang=en&base=plan_as_written&set={lever}.size:{1.0 + 0.001 * next(_fresh):.3f}"


def person(page, moves, looks, waits):
    """Move a lever so many times and wait for the last look each time; keep the seconds to every look."""
    for _ in range(moves):
        for kind, at, told in page.stream(moved()):
            if kind == "answer":
                looks.setdefault(told["members"], []).append(at)
                if told["members"] >= LOOKS[-1] or told["last"]:
                    break
            elif kind == "waiting":
                waits.append(told["others"])


def visitor(page, stop, seconds):
    """Open screens one after the other until told to stop; keep the seconds each took."""
    chosen = random.Random(1)
    while not stop.is_set():
        path = chosen.choice(SCREENS)
        began = perf_counter()
        status, _ = page.get(path)
        assert status == 200, path
        seconds.setdefault(path, []).append(perf_counter() - began)
        sleep(0.1)


def together(page, people, moves):
    """Have so many people move levers at once, and somebody look at other screens; return what was measured."""
    looks, waits, seen, stop = {}, [], {}, threading.Event()
    askers = [threading.Thread(target=person, args=(page, moves, looks, waits)) for _ in range(people)]
    looker = threading.Thread(target=visitor, args=(page, stop, seen))
    for thread in (*askers, looker):
        thread.start()
    most = 0.0
    while any(thread.is_alive() for thread in askers):
        most = max(most, page.rss_mb())
        sleep(0.2)
    stop.set()
    looker.join()
    every = sorted(x for by in seen.values() for x in by)
    return {
        "people": people, "load": round(os.getloadavg()[0], 1),
        "looks": {n: {"median": median(x), "longest": max(x)} for n, x in sorted(looks.items()) if n in LOOKS},
        "pages": {"n": len(every), "p50": median(every), "p95": every[int(0.95 * (len(every) - 1))], "longest": every[-1],
                  "by": {path: {"median": median(x), "longest": max(x)} for path, x in sorted(seen.items())}},
        "waited_for": max(waits, default=0), "rss_mb": round(most),
    }  # fmt: skip


def cancelled(page, times=6):
    """Return the seconds until the workers rest after somebody has moved on, each time."""
    out = []
    for i in range(times):
        asked = page.stream(moved(LEVERS[i % len(LEVERS)] if i else "fund_seedling"))
        waiter = threading.Thread(target=lambda a=asked: next(a, None))
        waiter.start()
        waiter.join()  # the coarse answer is there, the rest is at work
        asked.close()
        out.append(page.quiet())
    return {"median": median(out), "longest": max(out)}


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, nargs="+", default=[1, 3])
    asked.add_argument("--moves", type=int, default=4)
    asked.add_argument("--as-of", default="2026Q1")
    asked.add_argument("--json", type=Path)
    told = asked.parse_args()
    began = perf_counter()
    with served("--as-of", told.as_of) as (page, _):
        first = perf_counter() - began
        coarse = next(at for kind, at, x in page.stream("/answer?lang=en") if kind == "answer")
        page.quiet(3.0)
        warm = perf_counter() - began
        for path in SCREENS:  # opened once before: what the first visit makes is measured apart
            at = perf_counter()
            page.get(path)
            print(f"first visit of {path}: {perf_counter() - at:.2f} s")
        list(page.stream("/answer?lang=en"))
        made = {
            "as_of": told.as_of, "cores": os.cpu_count(), "served_after": first, "cold_coarse": coarse, "warm_after": warm,
            "rss_warm_mb": round(page.rss_mb()), "people": [together(page, n, told.moves) for n in told.people],
            "cancel": cancelled(page), "load": os.getloadavg()[0],
        }  # fmt: skip
    print(f"served after {first:.1f} s, first coarse answer {coarse:.1f} s later (cold), all states warm after {warm:.0f} s")
    print(f"{made['rss_warm_mb']} MB when warm; at rest {made['cancel']['median']:.2f} s (at most {made['cancel']['longest']:.2f}) after moving on")
    for x in made["people"]:
        looks = ", ".join(f"{n}: {y['median']:.2f} ({y['longest']:.2f})" for n, y in x["looks"].items())
        p = x["pages"]
        print(f"{x['people']} people, load {x['load']}: seconds to members, median (longest): {looks}; {x['rss_mb']} MB")
        print(f"  screens meanwhile: p50 {p['p50']:.3f}, p95 {p['p95']:.3f}, longest {p['longest']:.3f} s of {p['n']}")
        print("  " + ", ".join(f"{path}: {y['median']:.3f} ({y['longest']:.3f})" for path, y in p["by"].items()))
    if told.json:
        told.json.write_text(json.dumps(made, indent=1), "utf8")


if __name__ == "__main__":
    main()
