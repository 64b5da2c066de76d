"""The step of other simulators, measured in the same run as ours: each in a process of its own, by an interpreter that has it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

SCRIPT = Path(__file__).with_name("contagion.py")
VARIABLE = "PEIYU_RIVALS_PYTHON"
"""Names an interpreter that has Starsim and Covasim, where this one has not."""
ONE_CORE = {f"{name}_NUM_THREADS": "1" for name in ("NUMBA", "OMP", "OPENBLAS", "MKL")}
QUIET = {"STARSIM_INSTALL_FONTS": "0", "MPLBACKEND": "agg"}
MOST_SECONDS = 600
OURS = {"columns": "peiyu, a quarter", "twin": "plain Mesa, the same quarter"}
NAMES = {
    "mesa": "Mesa, SIS",
    "starsim_sis": "Starsim, SIS",
    "starsim_sir": "Starsim, SIR",
    "covasim": "Covasim",
}
TITLES = OURS | NAMES
NOTES = {
    "columns": "a quarter: every rule of an enterprise, all levers of the plan, 52 indicators counted",
    "twin": "the same quarter, enterprise by enterprise; tests hold the two equal",
    "mesa": "one disease: the ill meet four others; a step does far less than a quarter of ours",
    "starsim_sis": "one disease in a random network of four contacts, its other defaults; far less than ours",
    "starsim_sir": "the same with recovery for good",
    "covasim": "a day of one disease with its course, random contacts; less than ours",
}


def interpreter(name, chosen=None):
    """Return the interpreter that runs a rival: ours has Mesa, the others may be elsewhere."""
    return sys.executable if name == "mesa" else str(chosen or os.environ.get(VARIABLE) or sys.executable)


def spread(found):
    """Return median, least and most of some numbers, and how many there are."""
    return {"median": median(found), "min": min(found), "max": max(found), "runs": len(found)}


def measure(name, python, agents, steps, repeats):
    """Return the agent-steps a second and core of a rival, or under `skipped` why there are none."""
    words = [python, str(SCRIPT), name, *map(str, (agents, steps, repeats))]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | ONE_CORE | QUIET
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment, timeout=MOST_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"skipped": f"{error}"}
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing said"]
        return {"skipped": f"it ended with {done.returncode}: {said[-1]}"}
    told = json.loads(done.stdout.splitlines()[-1])
    if "skipped" in told:
        return {"skipped": f"{told['skipped']}; pip install -e '.[bench]', or name an interpreter with --rivals-python"}
    rates = [told["agents"] * told["steps"] / s for s in told["seconds"]]
    return {"version": told["version"], "agents": told["agents"], "steps": told["steps"]} | spread(rates)


def every(size, chosen=None):
    """Return what was measured of every rival, by name."""
    return {
        name: measure(name, interpreter(name, chosen), size["agents"], size["steps"], size["repeats"])
        for name in NAMES
    }  # fmt: skip


def line(name, x, unit="agent-steps"):
    """Return how a measured step stands in the table: what it is, and its numbers or why there are none."""
    if "skipped" in x:
        return name, f"skipped: {x['skipped']}"
    numbers = f"{x['median']:>12,.0f} {unit}/s and core ({x['min']:,.0f} to {x['max']:,.0f} in {x['runs']} runs)"
    return name, f"{numbers}, {x['agents']:,} agents"
