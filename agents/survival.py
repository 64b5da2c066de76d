"""Who leaves the register, and who only stops being active."""

from __future__ import annotations

import numpy as np

from agents.table import Bools, Floats, Ints

AGE_BANDS_YEARS = (1, 2, 3, 7)
"""Upper ends of the age bands of the national survival report [A01-A05]."""


def hazard_by_age(by_band: Floats, oldest: int) -> Floats:
    """Tabulate the quarterly registry exit hazard by age in quarters, (oldest + 1,).

    A yearly probability p becomes 1 - (1 - p)^(1/4). `by_band` holds the yearly probabilities of
    the bands 0-1, 1-2, 2-3, 3-7 and 7+ years. Source: P1 of the evidence (rows A01-A05).
    """
    age = np.arange(oldest + 1) / 4.0
    # side: at the end of a band the next one holds, so that age 1.0 is in the second year
    yearly = by_band[np.searchsorted(AGE_BANDS_YEARS, age, side="right")]
    return 1.0 - (1.0 - yearly) ** 0.25


def exit_hazard(
    base: Floats | float, employees: Floats, lift: Floats | float, *, size_slope: float, typical: float
) -> Floats:
    """Return each enterprise's quarterly registry exit hazard, (n,), in [0, 1].

    h = base(age) * (employees / typical)^size_slope * exp(lift)

    `typical` is the size at which the published hazard by age applies. Source: P1, P2.
    """
    return np.minimum(base * np.exp(size_slope * np.log(employees / typical) + lift), 1.0)


def falls_dormant(u: Floats, hazard: Floats, activity_multiplier: float) -> Bools:
    """Tell which active enterprises stop being active this quarter while staying on the register.

    Activity ends at `activity_multiplier` times the registry hazard (P2), so the extra part is
    (multiplier - 1) * hazard; a multiplier below one adds nothing.
    """
    return u < max(activity_multiplier - 1.0, 0.0) * hazard


def age_in_quarters(quarter: int, born: Ints, oldest: int) -> Ints:
    """Return ages in quarters, cut at `oldest`."""
    return np.minimum(quarter - born, oldest)


def quarterly(yearly: float) -> float:
    """Turn a yearly probability into a quarterly one: 1 - (1 - p)^(1/4)."""
    return float(-np.expm1(np.log1p(-yearly) / 4.0))
