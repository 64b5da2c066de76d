"""Recognition (认定): one generic rule for every label, from eligibility to renewal and revocation."""

from __future__ import annotations

import numpy as np

from agents.recognition_rule import RuleVersion
from agents.table import Bools, Floats, Ints


def needed_rd(revenue: Floats, rule: RuleVersion) -> Floats:
    """Return the R&D spending the rule asks for, (n,), 万元/年: band share of revenue, or the absolute floor."""
    *lower, last = rule.rd_bands
    share = np.full(len(revenue), last.at_least)
    for band in reversed(lower):
        share[revenue <= band.revenue_up_to] = band.at_least
    return np.maximum(share * revenue, rule.min_rd_spend)


def eligible(age: Ints, revenue: Floats, employees: Floats, rd_reported: Floats, rule: RuleVersion) -> Bools:
    """Tell who meets the thresholds of the rule in force, (n,). `age` is in quarters."""
    return (
        (age >= rule.min_age_quarters)
        & (revenue >= rule.min_revenue)
        & (revenue <= rule.max_revenue)
        & (employees <= rule.max_employees)
        & (rd_reported >= needed_rd(revenue, rule) * (1.0 - 1e-12))
    )


def applies(u: Floats, rate: Floats | float, lift: Floats) -> Bools:
    """Tell which eligible enterprises apply in a yearly round: P = 1 - exp(-rate * exp(lift))."""
    return u < -np.expm1(-rate * np.exp(lift))
