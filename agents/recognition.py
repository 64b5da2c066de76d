"""Recognition (认定): one generic rule for every label, from eligibility to renewal and revocation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.compiled import compiled
from agents.table import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class RdBand:
    """The R&D share asked of enterprises up to one revenue.

    Attributes
    ----------
    revenue_up_to
        Upper end of the band, inclusive, 万元/yr; `inf` for the last band.
    at_least
        R&D spending as a share of revenue, a decimal.
    """

    revenue_up_to: float
    at_least: float


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """The thresholds of one recognition, in force from `start` until the next version.

    Attributes
    ----------
    start
        First quarter in which these thresholds decide.
    min_age_quarters
        Quarters since founding.
    rd_bands
        R&D shares ordered by revenue; the last band reaches `inf`.
    min_revenue, max_revenue
        Revenue allowed, 万元/yr.
    max_employees
        Most employees allowed.
    source
        Where each number comes from, or what was assumed.
    min_rd_spend
        R&D spending asked for, 万元/yr; 0 where the rule has no floor.
    """

    start: int
    min_age_quarters: int
    rd_bands: tuple[RdBand, ...]
    min_revenue: float
    max_revenue: float
    max_employees: float
    source: str
    min_rd_spend: float = 0.0


@dataclass(frozen=True, slots=True)
class RecognitionRule:
    """One recognition (认定) with every version of its thresholds.

    Attributes
    ----------
    round_quarter
        Quarter of the year, 1 to 4, in which the yearly round is decided.
    validity_quarters
        How long the label lasts; 0 means until it is withdrawn.
    requires
        Key of another recognition that must be held, or None.
    since
        First quarter of the programme.
    """

    key: str
    zh: str
    en: str
    round_quarter: int
    validity_quarters: int
    requires: str | None
    since: int
    versions: tuple[RuleVersion, ...]

    def in_force(self, quarter: int) -> RuleVersion | None:
        """Return the thresholds that decide in `quarter`, or None before the programme exists."""
        if quarter < self.since:
            return None
        started = [version for version in self.versions if version.start <= quarter]
        return started[-1] if started else None


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
    # the slack of 1e-12: who reports just what is asked (`innovation.reported_rd`) must not fail by rounding
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
    # a constant hazard over the year of the round; expm1 keeps small rates exact
    return u < -np.expm1(-rate * np.exp(lift))
