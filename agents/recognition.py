"""Recognition (认定): one generic rule for every label, from eligibility to renewal and revocation."""

from __future__ import annotations

import numpy as np

from agents.compiled import compiled
from agents.recognition_rule import RuleVersion
from agents.table import Bools, Floats, Ints


def needed_rd(revenue: Floats, rule: RuleVersion) -> Floats:
    """Return the R&D spending the rule asks for, (n,), 万元/年: band share of revenue, or the absolute floor."""
    return _needed(revenue, _bands(rule), float(rule.min_rd_spend))


def eligible(age: Ints, revenue: Floats, employees: Floats, rd_reported: Floats, rule: RuleVersion) -> Bools:
    """Tell who meets the thresholds of the rule in force, (n,). `age` is in quarters."""
    thresholds = (rule.min_age_quarters, rule.min_revenue, rule.max_revenue, rule.max_employees, rule.min_rd_spend)
    return _meets(age, revenue, employees, rd_reported, _bands(rule), np.array(thresholds, float))


def _bands(rule: RuleVersion) -> Floats:
    """Return the upper end of every revenue band and the R&D share asked in it, (bands, 2)."""
    return np.array([(band.revenue_up_to, band.at_least) for band in rule.rd_bands])


@compiled
def _asked(revenue: float, bands: Floats, floor: float) -> float:
    at = 0
    while at < len(bands) - 1 and revenue > bands[at, 0]:
        at += 1
    return max(bands[at, 1] * revenue, floor)


@compiled
def _needed(revenue: Floats, bands: Floats, floor: float) -> Floats:
    needed = np.empty(len(revenue))
    for i in range(len(revenue)):
        needed[i] = _asked(revenue[i], bands, floor)
    return needed


@compiled
def _meets(
    age: Ints, revenue: Floats, employees: Floats, rd_reported: Floats, bands: Floats, thresholds: Floats
) -> Bools:
    youngest, least, most, largest, floor = thresholds
    meets = np.empty(len(age), np.bool_)
    for i in range(len(age)):
        meets[i] = (
            (age[i] >= youngest)
            & (least <= revenue[i])
            & (revenue[i] <= most)
            & (employees[i] <= largest)
            & (rd_reported[i] >= _asked(revenue[i], bands, floor) * (1.0 - 1e-12))
        )
    return meets


def applies(u: Floats, rate: Floats | float, lift: Floats) -> Bools:
    """Tell which eligible enterprises apply in a yearly round: P = 1 - exp(-rate * exp(lift))."""
    return u < -np.expm1(-rate * np.exp(lift))
