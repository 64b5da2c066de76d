"""What was printed of a label, as a function of first-timers: flows, stocks, mid-year counts, bounds.

Certifications are first-timers and renewals; stocks are three years of certifications; what is printed in mid-year
has most of the year's round still before it.
"""

from __future__ import annotations

import numpy as np

from agents.table import Floats, Ints
from calibration.panel.assumptions import assumptions
from calibration.panel.data import CERTIFIED, DECEMBER, FLOW, FLOWS, STOCK, Point
from calibration.panel.latent import Hierarchy, Observe, Seen
from sim.city.regions import nation, provinces

LATE = 10
"""Month from which the part of the round that has come is given by month."""


def is_recognition(series: str) -> bool:
    """Tell whether a series belongs to the high-tech label, whose flows and stocks are one panel."""
    return series in (STOCK, *FLOWS)


def year_share(month: int) -> float:
    """Return how much of a year's change in stock has come by the end of a month: rounds are late in the year."""
    rounds = assumptions().rounds
    return rounds.month_share * month if month < LATE else rounds.late_shares[month - LATE]


def certified(levels: Floats, q: Floats | float) -> Floats:
    """Return certifications from log first-timers, both (..., years)."""
    # a Gauss-Newton step that is far off must not overflow
    first = np.exp(np.clip(levels, -5.0, 18.0))
    flows = first.copy()
    # cohorts before the data renew too: at steady growth they sum to a geometric series
    flows[..., :3] /= 1.0 - q * np.exp(-3.0 * assumptions().rounds.growth_before)
    for t in range(3, levels.shape[-1]):
        flows[..., t] = first[..., t] + (q[..., 0] if isinstance(q, np.ndarray) else q) * flows[..., t - 3]
    return flows


def with_country(points: list[Point]) -> list[Point]:
    """Add the country's certifications in years when every province's are known."""
    needed, error = provinces(), assumptions().printed.country_error
    flows = [p for p in points if p.series == FLOW and p.region in needed]
    out = list(points)
    for year in sorted({p.year for p in flows}):
        mine = [p for p in flows if p.year == year]
        # a sum with a province missing would be a lower bound of unknown slack
        if len(mine) == len(needed):
            total = float(np.log(np.exp([p.log for p in mine]).sum()))
            out.append(Point(FLOW, nation(), "flow", year, 12, total, error, "none"))
    return out


def seen_of(points: list[Point], names: list[str], first: int) -> tuple[Seen, Ints, Ints]:
    """Return observations with the column of their year and their month; flows have month 0, filings -1."""
    sign = {"none": 0, "lower": 1, "upper": -1}
    bound = np.array([sign[p.bound] for p in points])
    code = {FLOW: 0, CERTIFIED: -1}
    kinds = np.array([code.get(p.series, p.month) for p in points])
    printed, rounds = assumptions().printed, assumptions().rounds
    which = [kinds == 0, kinds == -1, kinds == DECEMBER]
    extra = np.select(which, [printed.proposed_error, rounds.filed_error, rounds.stock_error], rounds.mid_year_error)
    error = np.hypot(np.array([p.error for p in points]), extra)
    value = np.array([p.log for p in points]) + printed.bound_gap * bound
    error = np.where(bound != 0, np.hypot(error, printed.bound_error), error)
    regions = np.array([names.index(p.region) for p in points])
    return Seen(regions, value, error, bound), np.array([p.year - first for p in points]), kinds


def prior_of(seen: Seen, times: Ints, kinds: Ints, h: Hierarchy, growth: float) -> Floats:
    """Return prior mean levels: the long-run growth, at the height of the data; cities start below their province."""
    start = assumptions().start
    above = np.where(kinds > 0, start.stock_over_level, start.flow_over_level)
    centre = float(np.mean(seen.value - growth * (times - times.max()) - above))
    t = np.arange(h.years) - times.max()
    depth = h.within.sum(axis=1) - 1.0
    own = np.where(depth > 0, -start.region_over_part * depth, 0.0)[:, None]
    return centre + own + growth * t[None, :] * np.ones(h.shape)


def observer(seen: Seen, times: Ints, kinds: Ints, q: float | None) -> Observe:
    """Return the function from levels to expected logs and their slopes."""
    rows = np.arange(len(times))
    if q is None:

        def plain(x: Floats) -> tuple[Floats, Floats]:
            slope = np.zeros((len(rows), x.shape[1]))
            # a label without rounds: its log level moves evenly between year-ends
            share = kinds / 12.0
            slope[rows, times] = share
            slope[rows, times - 1] += 1.0 - share
            return (slope * x[seen.region]).sum(axis=1), slope

        return plain
    shares = np.array([year_share(int(k)) for k in np.maximum(kinds, 1)])
    valid, filed = np.log(assumptions().rounds.valid_share), np.log(assumptions().rounds.filed_share)

    def renewing(x: Floats) -> tuple[Floats, Floats]:
        mine = x[seen.region]
        flows = certified(mine, q)
        first = np.exp(np.clip(mine, -5.0, 18.0))
        first[:, :3] = flows[:, :3]

        def total(ends: Ints, width: int) -> tuple[Floats, Floats]:
            value, slope = np.zeros(len(rows)), np.zeros(mine.shape)
            for back in range(width):
                at = ends - back
                value += flows[rows, at]
                factor = 1.0
                while (at >= 0).any():
                    ok = at >= 0
                    # of the count by a log level: who came three years back counts by q, six years back by q^2
                    slope[rows[ok], at[ok]] += factor * first[rows[ok], at[ok]]
                    at, factor = at - 3, factor * q
            return np.log(value), slope / value[:, None]

        one, d_one = total(times, 1)
        three, d_three = total(times, 3)
        before, d_before = total(times - 1, 3)
        stock = valid + shares * three + (1.0 - shares) * before
        d_stock = shares[:, None] * d_three + (1.0 - shares)[:, None] * d_before
        flow, is_flow = one + np.where(kinds == -1, filed, 0.0), kinds <= 0
        return np.where(is_flow, flow, stock), np.where(is_flow[:, None], d_one, d_stock)

    return renewing
