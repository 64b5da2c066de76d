"""Running what a document lacks: the commands whose analyses the store does not have, until the time is up."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peiyu.runs.stored import StoredRun
from sim.inputs.errors import InputError
from sim.inputs.said import Said

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
SPLIT_MEMBERS = 100
"""Most members of a split."""
GRACE = 30.0
"""Seconds in which a command that is stopped may keep what it has done."""
NO_POLICY = "no_policy"
"""The scenario, common to every city, that a baseline itself is compared with."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An analysis that the store does not have, and the words of the command that makes it."""

    kind: str
    words: tuple[str, ...]


def seconds(text: str) -> float:
    """Read a length of time such as 20m, 90s or 1h. Raises `InputError` for another."""
    found = re.fullmatch(r"(\d{1,4})([smh])", text.strip())
    if found is None or int(found[1]) == 0:
        raise InputError(
            Said('--within: "{text}" is no length of time; write a number and s, m or h, such as 20m.', text=text)
        )
    return int(found[1]) * UNITS[found[2]]


def missing(s: StoredRun, scenario: str | None) -> list[Missing]:
    """Return what a document of the run would leave out, what tells most for its time first."""
    have = {a.kind for a in s.store.analysis_listing(s.id)}
    have |= {a.kind for a in s.store.analysis_listing() if a.kind in ("check", "backtest") and a.city == s.city.name}
    city, name = ("--city", s.city.on_command_line), scenario or str(s.run["scenario"])
    asked = (*city, "--as-of", str(s.run["as_of"]), "--seed", str(s.run["seed"]))
    of_run = ("--scenario", name, *asked)
    base = NO_POLICY if s.run["scenario"] == s.city.baseline else s.city.baseline
    every = (
        Missing("compare", ("compare", base, name, *asked, "--members", str(s.members))),
        Missing("fails_when", ("fails-when", *of_run, "--members", str(s.members))),
        Missing("split", ("compare", base, name, *asked, "--members", str(min(s.members, SPLIT_MEMBERS)), "--split")),
        Missing("check", ("check", *city)),
        Missing("sensitivity", ("sensitivity", *of_run, "--effort", "small")),
        Missing("search", ("search", *of_run)),
        Missing("backtest", ("backtest", *city)),
    )
    return [x for x in every if x.kind not in have]


def complete(
    left: list[Missing], within: float, place: tuple[str, ...], run: Callable[[list[str], float], bool]
) -> list[str]:
    """Run the commands one after the other until the time is up; returns what could not be finished.

    Parameters
    ----------
    within
        Seconds for all of them.
    place
        Options that say where the store and the files are.
    run
        Runs a command for at most so many seconds, and tells whether it came to its end.
    """
    ends, unfinished = time.monotonic() + within, []
    for x in left:
        remains = ends - time.monotonic()
        if remains <= 0.0 or not run([*x.words, *place], remains):
            unfinished.append(x.kind)
    return unfinished


def as_process(words: list[str], most: float) -> bool:
    """Run a command of this program in a process of its own; one that takes too long is asked to stop."""
    process = subprocess.Popen([sys.executable, "-m", "peiyu", *words, "--json"], stdout=subprocess.DEVNULL)
    try:
        return process.wait(most) == 0
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # what is done is kept, as after Ctrl-C
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
        return False


def where(db: Path, out: Path) -> tuple[str, ...]:
    """Return the options that say where the store and the files are."""
    return ("--db", str(db), "--out", str(out))
