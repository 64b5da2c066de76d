"""What a watched run says of growth: high growth, the shape of yearly growth, and how long it lasts (M4-M7)."""

from __future__ import annotations

import numpy as np

from agents import growth
from agents.enterprises import Recognition, Stage
from agents.table import Bools, Floats, Ints
from calibration.moments import shapes
from calibration.moments.life_courses import Watched
from calibration.moments.measures import ratio

EIGHT_QUARTERS = 8
LIST_NAMES = 100
"""A list of the fastest growing is a Top 100, as most of those whose turnover was measured [A70]."""


def high_growth_share(w: Watched) -> float:
    """Return the share of enterprises of ten staff or more with 10 % a year over three years, mean of two years."""
    return float(w.series["high_growth_share"][-EIGHT_QUARTERS:].mean())


def gazelle_rate(w: Watched) -> float:
    """Return the share of enterprises in a 20 % episode, mean of two years."""
    return float(w.series["gazelle_rate"][-EIGHT_QUARTERS:].mean())


def information_ratio(w: Watched) -> float:
    """Return the 10 % high-growth share in compute-heavy tracks by that of all, the nearest there is to ICT."""
    f = w.final
    # as the census of the model counts them, but for all quarters of closing together
    old = ~f["dormant"] & (w.end - f["born"] >= 4 * growth.HIGH_GROWTH_YEARS)
    total = growth.in_three_years(f["growth"])
    began = growth.began_large(total, f["employees"])
    high = growth.in_high_growth(total, f["employees"], yearly_rate=0.10)
    base, ict = old & began, old & began & f["compute_heavy"]
    return ratio(ratio(high[ict].sum(), ict.sum()), ratio(high[base].sum(), base.sum()))


def labelled_gazelles(w: Watched) -> float:
    """Return the share of enterprises in a 20 % episode that hold the high-tech label."""
    high = w.final["stage"] == Stage.HIGH_GROWTH
    return ratio((w.final["until"][high, Recognition.HNTE] > w.end).sum(), high.sum())


# --- M6, M7: years of growth


def years_of_growth(w: Watched, least: float) -> tuple[Floats, Floats]:
    """Return staff before and log growth of the last five years' closings from `least` staff on."""
    g = w.register.growth[:, -5:]
    # staff is what the books show at their close; growth leads back to where the year began
    before = w.register.staff[:, -5:] / np.exp(g)
    held = ~np.isnan(g) & (before >= least)
    return before[held], g[held]


def growth_shape(w: Watched) -> float:
    """Return the Subbotin shape of yearly growth from 20 staff on, the kind of enterprise in A33-A36."""
    return shapes.subbotin_shape(years_of_growth(w, growth.REFERENCE_EMPLOYEES)[1])


def gaussian_rejected(w: Watched) -> float:
    """Return ln p of a Gaussian for the same growth rates."""
    return shapes.against_gaussian(years_of_growth(w, growth.REFERENCE_EMPLOYEES)[1])


def size_variance(w: Watched) -> float:
    """Return beta of sd ~ size^-beta, from ten staff on: below, the floor of one person cuts shocks off."""
    return shapes.spread_slope(*years_of_growth(w, growth.HIGH_GROWTH_MIN_EMPLOYEES))


def three_years(w: Watched) -> tuple[Floats, Bools]:
    """Return log growth over the three years to each year, (n, years), and where it began with ten staff or more."""
    g = w.register.growth
    total = np.full(g.shape, np.nan)
    total[:, 2:] = g[:, 2:] + g[:, 1:-1] + g[:, :-2]
    return total, w.register.staff / np.exp(total) >= growth.HIGH_GROWTH_MIN_EMPLOYEES


def repeated_high_growth(w: Watched) -> float:
    """Return the chance that 20 % a year over three years is followed by the same in the next three (P9)."""
    total, held = three_years(w)
    high = total > growth.HIGH_GROWTH_YEARS * np.log1p(growth.HIGH_GROWTH_RATE)
    both = held[:, :-3] & held[:, 3:]
    return ratio((both & high[:, :-3] & high[:, 3:]).sum(), (both & high[:, :-3]).sum())


def list_stay(w: Watched) -> float:
    """Return the share of a Top 100 by three-year growth that is on it again a year later [A70]."""
    total, held = three_years(w)
    ranked = np.where(held, total, -np.inf)
    listed = np.zeros(held.shape, bool)
    for year in range(growth.HIGH_GROWTH_YEARS, held.shape[1]):
        best = np.argsort(-ranked[:, year], kind="stable")[:LIST_NAMES]
        listed[best, year] = held[best, year]
    return ratio((listed[:, :-1] & listed[:, 1:]).sum(), listed[:, :-1].sum())


def high_years(w: Watched) -> tuple[Ints, Ints]:
    """Return yearly spells of high growth that end after, and that reach, each length in years, (longest,) each.

    A year is high when staff grows by more than 20 % from ten or more. Three-year windows would not do here:
    one large year stays in three of them, so their spells end by arithmetic.
    """
    g = w.register.growth
    big = w.register.staff / np.exp(g) >= growth.HIGH_GROWTH_MIN_EMPLOYEES
    high = big & (g > np.log1p(growth.HIGH_GROWTH_RATE))
    ended, reached = np.zeros(g.shape[1], np.int64), np.zeros(g.shape[1], np.int64)
    length = np.zeros(len(g), np.int64)
    for year in range(1, g.shape[1] - 1):
        begins = high[:, year] & ~high[:, year - 1] & ~np.isnan(g[:, year - 1])
        length = np.where(begins, 1, np.where(high[:, year] & (length > 0), length + 1, 0))
        seen = (length > 0) & ~np.isnan(g[:, year + 1])
        reached += np.bincount(length[seen], minlength=g.shape[1])
        ended += np.bincount(length[seen & ~high[:, year + 1]], minlength=g.shape[1])
    return ended[1:], reached[1:]


def hazard_falls(w: Watched) -> float:
    """Return the hazard of leaving high growth after the first year, less that in the first [A71]."""
    ended, reached = high_years(w)
    return ratio(ended[1:].sum(), reached[1:].sum()) - ratio(ended[0], reached[0])


def autocorrelation(w: Watched, *, large: bool) -> float:
    """Return the correlation of growth with the year before, under 20 staff or from 20 on [A38, A39]."""
    g, staff = w.register.growth, w.register.staff
    both = ~np.isnan(g[:, 1:]) & ~np.isnan(g[:, :-1])
    before = np.where(both, staff[:, :-1], 0.0)  # staff when the second year began
    at_floor = 1.5  # one person cannot shrink
    held = (
        before >= growth.REFERENCE_EMPLOYEES if large else (before < growth.REFERENCE_EMPLOYEES) & (before > at_floor)
    )
    held &= both
    if held.sum() < shapes.MIN_SAMPLE:
        return float("nan")
    return float(np.corrcoef(g[:, :-1][held], g[:, 1:][held])[0, 1])
