"""What a forecast costs by the size of its question, fitted to measured members; the tables of docs/scale.md come from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

MINUTE = 60.0


@dataclass(frozen=True)
class Line:
    """What an empty city takes, and each enterprise at the fork more."""

    base: float
    each: float

    def __call__(self, enterprises):
        return self.base + self.each * enterprises


@dataclass(frozen=True)
class Law:
    """Seconds of one core and memory of one member."""

    history: Line  # the whole history
    ahead: Line  # one quarter ahead
    mib: Line  # at the peak


def line(rows, found):
    """Fit a line to the enterprises of some measured rows so that each size counts for as much, in per cent."""
    size, y = np.array([r["enterprises"] for r in rows], float), np.array(found, float)
    (base, each), *_ = np.linalg.lstsq(np.stack((1.0 / y, size / y), axis=1), np.ones(len(y)), rcond=None)
    return Line(float(base), float(each))


def fitted(rows):
    """Return the law of measured members."""
    return Law(
        line(rows, [r["history"] for r in rows]),
        line(rows, [r["ahead"] / r["quarters"] for r in rows]),
        line(rows, [r["mib"] for r in rows]),
    )


def exponent(rows, what):
    """Return the slope of the logarithm of a measurement on that of the enterprises: 1 is linear."""
    return float(np.polyfit(np.log([r["enterprises"] for r in rows]), np.log([r[what] for r in rows]), 1)[0])


def core_seconds(law, enterprises, members, quarters):
    """Return the seconds that a forecast of one scenario takes of one core."""
    return members * (law.history(enterprises) + quarters * law.ahead(enterprises))


def minutes(law, question, cores, *, speedup, write_seconds):
    """Return the minutes on so many cores.

    Members are whole, so that the last round may leave cores idle; `speedup` is how much faster two workers are than one; one
    process writes all members to the store, and no number of cores makes that shorter.
    """
    enterprises, members, quarters = question
    rounds = ceil(members / cores)
    alike = core_seconds(law, enterprises, 1, quarters) * 2.0 / speedup
    return max(rounds * alike, members * write_seconds) / MINUTE
