"""Which parameters the summaries of a population of runs speak of, and how strongly: a regression that chooses.

Summaries are regressed on normal scores, not the other way round: what is left over is then the simulator's noise
alone, however many parameters act at once, and a parameter that moves a summary by a fifth of that noise is seen. A
parameter comes in when it correlates with what the ones before it leave over; those that never come in are not moved.
"""

from __future__ import annotations

import numpy as np

from agents.table import Floats, Ints

CLEAR = 4.5
"""t-value from which a correlation is taken for more than chance: among 5,000 pairs one in thirty times."""
ROUNDS = 8
MEMORY = 0.01
"""Variance of a score, as a part of its prior's, at which the runs and the slopes of before count alike."""
MOST = 0.25
"""Parameters that may come in, as a part of the runs: slopes need several runs each."""


def slopes(z: Floats, s: Floats, weight: Floats, before: Floats) -> Floats:
    """Return the slopes of the summaries on the scores, (d, k); zero for scores that no summary has spoken of.

    `weight` says how much each run counts, (n,). `before` are the slopes of the generation before: in directions in
    which the population has hardly any spread left they stay, elsewhere the runs decide.
    """
    root = np.sqrt(weight / weight.mean())[:, None]
    x, y = (root * (a - np.average(a, axis=0, weights=weight)) for a in (z, s))
    size = np.sqrt((x**2).sum(axis=0)) + 1e-12
    told: Ints = np.flatnonzero(np.any(before != 0.0, axis=1))
    out = before.copy()
    if len(told):
        out[told] += _towards(x[:, told], y - x @ before)
    left = y - x @ out
    for _ in range(ROUNDS):
        news = _spoken_of(x / size, left, told)
        if not len(news):
            break
        told = np.sort(np.concatenate((told, news)))
        out = before.copy()
        out[told] += _towards(x[:, told], y - x @ before)
        left = y - x @ out
    return out


def _spoken_of(x: Floats, left: Floats, told: Ints) -> Ints:
    """Return which scores, columns of unit length, correlate clearly with what is left over, the clearest first."""
    n = len(x)
    spread = np.sqrt((left**2).sum(axis=0))
    seen = spread > 1e-12 * np.sqrt(n)
    r = np.clip(np.abs(x.T @ left) / np.where(seen, spread, np.inf), 0.0, 1.0 - 1e-12)
    t = (r * np.sqrt((n - len(told)) / (1.0 - r**2))).max(axis=1)
    t[told] = 0.0
    room = max(int(MOST * n) - len(told), 0)
    clear = np.flatnonzero(t > CLEAR)
    return clear[np.argsort(-t[clear], kind="stable")[:room]]


def _towards(x: Floats, left: Floats) -> Floats:
    """Return what the runs add to the slopes of before, (told, k): least squares with a ridge."""
    ridge = MEMORY * len(x) * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(x.T @ x + ridge, x.T @ left))
