"""How much work a fit is: simulations a generation, how coarse they are, who does them."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.sampler.effort import REFINEMENTS
from sim.workers import Workers

WEIGHT = 2.0
"""While fitting, a row stands for two enterprises; docs/calibration.md shows that it does not bias the summaries."""
ROWS = 5_000
"""Rows at the opening above which a row stands for more, so that a fit of a large city takes no longer."""
PARTICLES = 480
QUICK_PARTICLES, QUICK_WEIGHT, QUICK_ROWS = 160, 6.0, 2_000
"""Of a quick fit: enough for a city whose few numbers meet a prior that other cities have narrowed."""
MIN_ACCEPTANCE = 0.8
"""Part of the fitted draws whose fresh runs must lie within the 95 % bound of the joint chi-square of all numbers.

A fit is refused where fewer do by more than the chance of so few draws."""


def weight_for(enterprises: float, *, quick: bool = False) -> float:
    """Return how many enterprises a row stands for while a city of so many at the opening is fitted."""
    return max(QUICK_WEIGHT, enterprises / QUICK_ROWS) if quick else max(WEIGHT, enterprises / ROWS)


@dataclass(frozen=True, slots=True)
class FitBudget:
    """How much work a fit may be: simulations per generation, enterprises a row stands for, who works; and the seed."""

    particles: int = PARTICLES
    weight: float = WEIGHT
    workers: Workers = Workers(2)
    seed: int = 1
    refinements: int = REFINEMENTS
    min_acceptance: float = MIN_ACCEPTANCE  # below it the fit is refused; trials of a few particles ask for less
