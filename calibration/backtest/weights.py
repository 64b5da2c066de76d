"""How much the model adds to the record of settled goals: its weight in the pool, estimated on goals that are settled.

The weight has a beta prior, [weight] of pool.toml, and the likelihood of each goal's yes or no under the pool. It is
cut where the pool would be worse, in Brier score on the same goals, than the record alone: what has not been shown to
help is not published. `python -m calibration.backtest.publish` writes scenarios/common/model_weights.toml.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.table import Floats
from sim.ensemble.recorded import INFORMED
from sim.ensemble.track_record import WeightPrior, settings

_GRID = (np.arange(400) + 0.5) / 400


class Carried(NamedTuple):
    """A settled goal that the model carries: its probability by the model, by the record, and whether it was met."""

    model: float
    record: float
    hit: bool


def model_weight(goals: Sequence[Carried], prior: WeightPrior | None = None) -> float:
    """Return the model's weight: the mean of its posterior, cut where the pool is worse than the record alone."""
    if not goals:
        return 0.0
    p = settings().weight if prior is None else prior
    model, record, hit = (np.array(column, float) for column in zip(*goals, strict=True))
    pooled = _GRID[:, np.newaxis] * model + (1.0 - _GRID[:, np.newaxis]) * record
    logs = np.log(np.clip(np.where(hit > 0, pooled, 1.0 - pooled), 1e-9, 1.0)).sum(axis=1)
    logs += (p.model - 1.0) * np.log(_GRID) + (p.record - 1.0) * np.log1p(-_GRID)
    mass = np.exp(logs - logs.max())
    return min(float((mass * _GRID).sum() / mass.sum()), _not_worse(model, record, hit))


def _not_worse(model: Floats, record: Floats, hit: Floats) -> float:
    """Return the largest weight at which the Brier score is not above that of the record alone.

    The score is a parabola in the weight, w (w A + 2 B) above the record's, so the root other than 0 bounds it.
    """
    apart = model - record
    square, cross = float((apart**2).sum()), float((apart * (record - hit)).sum())
    return float(np.clip(-2.0 * cross / square, 0.0, 1.0)) if square > 0.0 else 1.0


def left_one_out(goals: Sequence[Carried]) -> list[float]:
    """Return for each goal the weight that all others give."""
    return [model_weight([*goals[:i], *goals[i + 1 :]]) for i in range(len(goals))]


def written(goals: Sequence[Carried]) -> str:
    """Return the text of model_weights.toml."""
    weight = model_weight(goals)
    model, record, hit = (np.array(column, float) for column in zip(*goals, strict=True))
    found = {"pool": weight * model + (1.0 - weight) * record, "model": model, "record": record}
    lines = [
        "# Made by `python -m calibration.backtest.publish` from the settled goals that the panel carries.",
        "# The model's share of the pool by what a reading rests on; 0: it has not been shown to add to the record.",
        f"goals = {len(goals)}", "", "[weight]",
        *(f"{basis} = {weight:.3f}" for basis in sorted(INFORMED)), "",
        "[brier]  # on these goals, asked when they were set",
        *(f"{name} = {((p - hit) ** 2).mean():.4f}" for name, p in found.items()),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
