"""The dated rule of one recognition: who may apply, when the round is held, how long the label lasts."""

from __future__ import annotations

from dataclasses import dataclass


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
