"""Gross, additional and net: three numbers for every effect of policy.

Gross counts the enterprises that meet a goal's reading and that some lever reached since the scenarios
parted. Additional is gross less those that meet it without the lever too: the same enterprise's life in the
first scenario, by common random numbers. Net is the paired difference of the totals, so displacement is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.enterprises import NEVER, Recognition, Stage
from agents.table import Bools

if TYPE_CHECKING:
    from sim.city import City, Reading
    from sim.model import IndustryModel

Mask = Callable[["IndustryModel", int], Bools]
"""Tells which enterprises count towards an indicator at the end, given the first quarter counted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Gross and additional enterprises of one reading in one member, against the first scenario."""

    goal: str
    reading: str
    gross: float
    additional: float


def _held(kind: Recognition) -> Mask:
    return lambda m, _since: m.census.valid[:, kind] & m.census.future


def _first_held(kind: Recognition) -> Mask:
    return lambda m, since: (m.enterprises.first[:, kind] >= since) & m.census.future


MASKS: dict[str, Mask] = {
    "future_hnte_new": _first_held(Recognition.HNTE),
    "future_hnte_stock": _held(Recognition.HNTE),
    "future_tech_centres_new": _first_held(Recognition.TECH_CENTRE),
    "future_tech_centres_stock": _held(Recognition.TECH_CENTRE),
    "future_unicorns": lambda m, _since: (m.enterprises.stage == Stage.LEADER) & m.census.future,
    "future_revenue_leaders": lambda m, _since: (m.enterprises.revenue >= m.city.leader.revenue_tier) & m.census.future,
    "future_listed_leaders": lambda m, _since: (m.enterprises.listed != NEVER) & m.census.future,
}
"""Indicators that count enterprises; for others (zones, scenes) gross and additional are the net difference."""


def tally(city: City, model: IndustryModel, first: IndustryModel) -> list[Tally]:
    """Return gross and additional of every reading that counts enterprises."""
    return [
        _one(goal.key, reading, model, first)
        for goal in city.goals
        for reading in goal.readings
        if reading.indicator in MASKS
    ]


def _one(goal: str, reading: Reading, model: IndustryModel, first: IndustryModel) -> Tally:
    counts = MASKS[reading.indicator]
    with_lever = model.enterprises.slot[counts(model, reading.since) & model.enterprises.reached]
    reached = model.enterprises.slot[model.enterprises.reached]
    without = first.enterprises.slot[counts(first, reading.since)]
    anyway = np.isin(without, reached, assume_unique=True).sum()
    gross = model.weight * len(with_lever)
    return Tally(goal, reading.key, gross, gross - model.weight * float(anyway))
