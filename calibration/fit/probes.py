"""Probes: runs of a few draws kept with a fit, so that a model that does something else is noticed, and where.

A probe is repeated when a fit is read. A model that repeats it to rounding is the model that was fitted, whatever
its source looks like.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from agents.parameters import Parameters
from calibration.fit.basis import same
from calibration.fit.history import History
from sim import quarter
from sim.cache import recall, remember
from sim.inputs.said import Said
from sim.state.indicators import NAMES
from sim.versions import source_version, versions

PROBES = 3
"""Draws that are probed: the first, the middle and the last."""
WEIGHT = 10.0
"""Enterprises a row stands for in a probe: thousands of rows, which take little longer than hundreds and of which more
stand near a threshold that moved."""
CACHE = "probes"
"""Where repeated probes are remembered."""
TOTAL = "sum"
"""Stands for all quarters together, so that no quarter between year-ends goes unseen."""

Draw = Callable[[int], Parameters]


@dataclass(frozen=True, slots=True)
class Probe:
    """What one run gave: every indicator at each year-end, and its sum over all quarters."""

    draw: int
    seed: int
    weight: float
    ends: list[str]
    numbers: dict[str, list[float]]


def probe(history: History, draw: Draw, n: int) -> list[Probe]:
    """Run the probes of a posterior of `n` draws."""
    rows = sorted({0, n // 2, n - 1})[:PROBES]
    return [_run(history, draw, Probe(i, k, WEIGHT, [], {})) for k, i in enumerate(rows, 1)]


def _run(history: History, draw: Draw, asked: Probe) -> Probe:
    """Return a probe with what its run gives now."""
    series = replace(history, weight=asked.weight).series(draw(asked.draw), asked.seed)
    first = history.city.start + 1
    ends = [i for i in range(len(series)) if quarter.label(first + i).endswith("Q4")]
    numbers = {
        name: [*(float(x) for x in series[ends, column]), float(series[:, column].sum())]
        for column, name in enumerate(NAMES)
    }
    return replace(asked, ends=[*(quarter.label(first + i) for i in ends), TOTAL], numbers=numbers)


def behaviour_change(history: History, draw: Draw, kept: list[Probe]) -> Said | None:
    """Say which number of a probe the model no longer repeats, or nothing.

    An indicator that was not there when the fit was made says nothing about it.
    """
    key = _key(history, kept, draw)
    if key in _repeated or recall(CACHE, key) is not None:
        _repeated.add(key)
        return None
    # only success is remembered: a difference is worked out again, so that it can be told
    for was in kept:
        now = _run(history, draw, was)
        for name, values in was.numbers.items():
            if name not in now.numbers:
                return Said("the model's behaviour changed (it no longer counts {name})", name=name)
            for end, a, b in zip(was.ends, values, now.numbers[name], strict=True):
                if not same(a, b):
                    return Said(
                        "the model's behaviour changed (probe of draw {draw}: {name} {end} {change})",
                        draw=was.draw,
                        name=name,
                        end=end,
                        change=_pair(a, b),
                    )
    _repeated.add(key)
    remember(CACHE, key, "")
    return None


_repeated: set[str] = set()
"""Keys of probes that this process has repeated."""


def _key(history: History, kept: list[Probe], draw: Draw) -> str:
    """Name a repetition by everything that decides how it ends."""
    runs = [(p, draw(p.draw)) for p in kept]
    parts = (source_version(), versions(), history.city.sha, history.scenario.sha, history.as_of, runs)
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _pair(a: float, b: float) -> str:
    """Write two numbers with as many digits as tell them apart."""
    for digits in (5, 8, 11):
        was, now = (f"{x:,.{digits}g}" for x in (a, b))
        if was != now:
            break
    return f"{was} → {now}"
