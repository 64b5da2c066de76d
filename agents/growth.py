"""How an enterprise's year closes: staff, revenue, and whether it is in a high-growth episode.

The evidence on growth is yearly (P4-P7), so growth happens once a year, in the quarter in which the
enterprise closes its books. That keeps the yearly growth rates exactly as fat-tailed as published.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from agents.compiled import compiled
from agents.table import EVERY_ROW, Bools, Floats, Ints, rows_where

REFERENCE_EMPLOYEES = 20.0
"""Size at which the published shock spread applies [A41]."""
HIGH_GROWTH_YEARS, HIGH_GROWTH_RATE = 3, 0.20
HIGH_GROWTH_MIN_EMPLOYEES = 10.0
"""High growth is measured over three years, for enterprises that began with ten staff or more [A52]."""
_GRID_STEP, _GRID_SIZE = 1.0 / 64.0, 64 * 40
Pair = tuple[Floats, Floats]
"""Of staff and of revenue per head, (n,) each."""


def closes_in(slot: Ints) -> Ints:
    """Return the quarter of the year, 0 to 3, in which each enterprise's business year closes: spread evenly."""
    # slots of every queue count up, so their two lowest bits spread closings evenly without a draw
    return slot & 3


def closes_now(closes: Ints, quarter: int) -> Ints:
    """Return the rows of the enterprises whose business year closes this quarter."""
    return rows_where(closes == quarter % 4)


def shock_table(shape: float) -> Floats:
    """Tabulate |x| of a unit-variance Subbotin shock against its tail score.

    Density proportional to exp(-|x/a|^b / b); with G ~ Gamma(1/b), |x| = a (b G)^(1/b). The score is
    -ln(1 - P(|X| <= x)), on which |x| is smooth, so a linear look-up is exact to 1e-3 of a standard deviation.
    """
    tail = np.exp(-_GRID_STEP * np.arange(_GRID_SIZE + 1))
    # of the upper tail (gammainccinv), which keeps its digits where 1 - tail would round to one
    unscaled = (shape * special.gammainccinv(1.0 / shape, tail)) ** (1.0 / shape)
    variance = shape ** (2.0 / shape) * special.gamma(3.0 / shape) / special.gamma(1.0 / shape)
    return unscaled / np.sqrt(variance)


def shock(u: Floats, table: Floats) -> Floats:
    """Turn uniforms into unit-variance Subbotin shocks, (n,), through `shock_table`."""
    centred = 2.0 * u - 1.0
    # an addressed uniform has a score of 36 at most; the cut keeps any other inside the table, which ends at 40
    score = np.minimum(-np.log1p(-np.abs(centred)) / _GRID_STEP, _GRID_SIZE - 1e-6)
    return np.copysign(_looked_up(table, score), centred)


@compiled
def _looked_up(table: Floats, place: Floats) -> Floats:
    """Return the numbers of a table at places between its own, by straight lines."""
    found = np.empty(len(place))
    for i in range(len(place)):
        below = int(place[i])
        found[i] = table[below] + (place[i] - below) * (table[below + 1] - table[below])
    return found


def spread(employees: Floats, *, sd: float, exponent: float) -> Floats:
    """Return the standard deviation of the yearly shock, (n,): sd * (employees / 20)^-exponent (P5, P6)."""
    return sd * np.exp(-exponent * np.log(employees / REFERENCE_EMPLOYEES))


def persistence(employees: Floats, *, small: float, large: float) -> Floats:
    """Return the autocorrelation of growth, (n,): one value below 20 staff, one from there on (P7)."""
    return np.where(employees < REFERENCE_EMPLOYEES, small, large)


def in_three_years(growth: Floats, rows: Ints | slice = EVERY_ROW) -> Floats:
    """Return log growth over three years of the rows, (rows,), from that of each year, (n, 3)."""
    # each year is one line of its block (`agents.table`), so that it is read along memory
    newest, second, third = growth.T
    return newest[rows] + second[rows] + third[rows]


def in_high_growth(total: Floats, employees: Floats, *, yearly_rate: float) -> Bools:
    """Tell who has grown by more than `yearly_rate` a year over three years from ten staff or more.

    `total` is (n,), log growth of staff in the three years; `employees` is staff now.
    """
    high = grew_fast(total, yearly_rate=yearly_rate)
    rows = rows_where(high)  # they are few
    high[rows] = began_large(total[rows], employees[rows])
    return high


def grew_fast(total: Floats, *, yearly_rate: float) -> Bools:
    """Tell whose log growth over three years is above `yearly_rate` a year."""
    return total > HIGH_GROWTH_YEARS * np.log1p(yearly_rate)


def began_large(total: Floats, employees: Floats) -> Bools:
    """Tell who had the staff, three years ago, from which on high growth is measured."""
    return employees * np.exp(-total) >= HIGH_GROWTH_MIN_EMPLOYEES


def growth_for_hazard(ln_hazard_ratio: Floats | float, shock_sd: float) -> Floats:
    """Translate a log hazard ratio of entering high growth into yearly growth.

    The three-year sum of Laplace-like shocks has tail exp(-sqrt(2) x / (sd sqrt(3))). A yearly shift d
    moves the sum by 3 d, so ln HR = 3 d sqrt(2) / (sd sqrt(3)) and d = ln HR * sd / sqrt(6).
    """
    return np.asarray(ln_hazard_ratio) * shock_sd / np.sqrt(6.0)


def takes_off(u: Floats, rate: Floats, candidate: Bools) -> Bools:
    """Tell which candidates become leaders this quarter: P = 1 - exp(-rate / 4) (P10)."""
    return candidate & (u < -np.expm1(-rate / 4.0))


def age_factor(age_years: Floats, *, median: float, s: float) -> Floats:
    """Return the relative take-off rate by age, (n,), one at the usual age of taking off.

    exp(-(ln(age / median))^2 / (2 s^2)): a log-normal bump. The spread s is P11's; the usual age is the time
    from founding to the valuation, which is shorter than the age of leaders (A80).
    """
    # an enterprise founded this quarter has age zero, which has no log
    away = np.log(np.maximum(age_years, 0.25) / median) / s
    return np.exp(-0.5 * away * away)


def decay_factor(*, half_life_years: float) -> float:
    """Return the share that is left of the fading part of a voucher boost a quarter later (P18)."""
    return 0.5 ** (0.25 / half_life_years)


@compiled
def add_up(years: Pair, lifts: Pair, revenue: Floats, district: Ints, track: Ints, share: Floats) -> None:
    """Add a quarter of the yearly lifts to what the year has had so far: own less what rivals' lift takes.

    In every market, a district's track, the revenue-weighted mean lift, times the displacement share (P20), is taken
    from all, so treating everyone nets to 1 - share. `share` is (districts, tracks).
    """
    growth, gain = lifts
    year_growth, year_gain = years
    size, taken = np.zeros(share.shape), np.zeros((2, *share.shape))  # first the lift itself, then what it takes
    for i in range(len(revenue)):
        d, k = district[i], track[i]
        size[d, k] += revenue[i]
        if growth[i] != 0.0:
            taken[0, d, k] += growth[i] * revenue[i]
        if gain[i] != 0.0:
            taken[1, d, k] += gain[i] * revenue[i]
    # a market without revenue takes from nobody
    for which, d, k in np.ndindex(taken.shape):
        if size[d, k] > 0.0:
            taken[which, d, k] = share[d, k] * (taken[which, d, k] / size[d, k])
    for i in range(len(revenue)):
        d, k = district[i], track[i]
        # lifts are yearly rates, and a year has four quarters of them
        year_growth[i] += (growth[i] - taken[0, d, k]) / 4.0
        year_gain[i] += (gain[i] - taken[1, d, k]) / 4.0
