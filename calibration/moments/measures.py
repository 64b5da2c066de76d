"""What a watched run says of survival, age, size, finance and leaders (M1-M3, M8-M10): from `Watched` to one number.

NaN means that the run holds nothing to measure: too few enterprises of the kind.
"""

from __future__ import annotations

import numpy as np

from agents.enterprises import NEVER, Stage
from agents.table import Bools, Floats, Ints
from calibration.moments import shapes
from calibration.moments.life_courses import Watched

FOUR_YEARS, FIVE_YEARS = 16, 20
STOCK_GROWTH = 0.08
"""The middle of the 6-10 % a year at which the age targets of M3 hold [A08-A12]."""
SEED_YEARS, SEED_AGE, SEED_FOLLOWED = 4, 5, 8
"""Years of first rounds from the opening on, oldest age then, years followed: 2008-10 was seen in 2017 [A74]."""


def ratio(part: float, whole: float) -> float:
    """Divide, or say that there was nothing to divide by."""
    return float(part / whole) if whole > 0 else float("nan")


# --- M1, M2, M3: survival and age


def quarterly_hazard(w: Watched) -> Floats:
    """Return the exit hazard by age in quarters, (ages,), over the whole run."""
    risk, exits = (np.sum(x, axis=0).astype(float) for x in (w.at_risk, w.exits))
    return np.divide(exits, risk, out=np.zeros(len(risk)), where=risk > 0)


def yearly_hazard(w: Watched, first: int, last: int) -> float:
    """Return the yearly exit hazard in years of age `first` to `last`: 1 - (product of 1 - q)^(1 / years)."""
    # a product over quarters, because who leaves early is not at risk later
    q = quarterly_hazard(w)[4 * (first - 1) : 4 * last]
    return float(1.0 - np.prod(1.0 - q) ** (4.0 / len(q)))


def survival(w: Watched, years: int) -> float:
    """Return the share that is still on the register after so many years."""
    return float(np.prod(1.0 - quarterly_hazard(w)[: 4 * years]))


def _per_year(w: Watched, counts: list[int]) -> float:
    """Return events a year by the mean stock, over the last four years."""
    stock = np.mean([x.sum() for x in w.at_risk[-FOUR_YEARS:]])
    return ratio(int(sum(counts[-FOUR_YEARS:])) / 4.0, float(stock))


def exit_rate(w: Watched) -> float:
    """Return yearly exits by the stock."""
    return _per_year(w, [int(x.sum()) for x in w.exits])


def entry_rate(w: Watched) -> float:
    """Return yearly entries by the stock."""
    return _per_year(w, w.entries)


def stable_ages(w: Watched) -> tuple[Floats, Floats]:
    """Return enterprises and exits by age, (ages,), of a population with the run's hazards that grows by 8 % a year.

    n(a) ~ exp(-growth a / 4) * survival(a). The run's own age structure also holds how fast the city's stock
    happened to grow, which the targets do not: they are stated at 6-10 %.
    """
    q = quarterly_hazard(w)
    alive = np.concatenate(([1.0], np.cumprod(1.0 - q[:-1])))
    n = alive * np.exp(-STOCK_GROWTH * np.arange(len(q)) / 4.0)
    return n, n * q


def _share_to_five(by_age: Floats, *, included: bool) -> float:
    """Return the share aged under five years, or up to five `included`."""
    return ratio(by_age[: FIVE_YEARS + included].sum(), by_age.sum())


def _mean_age(exits: Floats) -> float:
    """Return the mean age in years; an age in whole quarters stands for its middle."""
    return ratio(float((exits * (np.arange(len(exits)) + 0.5)).sum() / 4.0), float(exits.sum()))


def young_exits(w: Watched) -> float:
    """Return the share of exits aged five years or less, at 8 % stock growth."""
    return _share_to_five(stable_ages(w)[1], included=True)


def age_at_exit(w: Watched) -> float:
    """Return the mean age at exit in years, at 8 % stock growth."""
    return _mean_age(stable_ages(w)[1])


def young_living(w: Watched) -> float:
    """Return the share of living enterprises under five years, at 8 % stock growth."""
    return _share_to_five(stable_ages(w)[0], included=False)


def raw_ages(w: Watched) -> dict[str, float]:
    """Return stock growth a year and the moments of M3 as the city's own run has them, over the last five years."""
    exits = np.sum(w.exits[-FIVE_YEARS:], axis=0).astype(float)
    stock = [float(x.sum()) for x in w.at_risk]
    return {
        "stock_growth": float(np.log(stock[-1] / stock[-1 - FIVE_YEARS]) / 5.0),
        "young_exits": _share_to_five(exits, included=True),
        "age_at_exit": _mean_age(exits),
        "young_living": float((w.end - w.final["born"] < FIVE_YEARS).mean()),
    }


# --- M8, M9, M10: size, finance, leaders


def size_tail(w: Watched) -> float:
    """Return the exponent of the upper tenth of staff at the end, the dormant left out [A42]."""
    return shapes.hill(w.final["employees"][~w.final["dormant"]])


def seed_cohort(w: Watched) -> Bools:
    """Return who closed a first round in the cohort's years, at five years of age or less, (n,)."""
    first = w.register.rounds[:, 0]
    young = first - w.register.born <= 4 * SEED_AGE
    return (first != NEVER) & (first <= w.start + 4 * SEED_YEARS) & young


def _cohort_share(w: Watched, when: Ints) -> float:
    """Return the share of the seed cohort to which something happened within eight years."""
    cohort = seed_cohort(w)
    in_time = (when != NEVER) & (when <= w.register.rounds[:, 0] + 4 * SEED_FOLLOWED)
    return ratio((cohort & in_time).sum(), cohort.sum())


def next_round(w: Watched, count: int) -> float:
    """Return the share of the seed cohort that closed round number `count` [A74, A75]."""
    return _cohort_share(w, w.register.rounds[:, count - 1])


def cohort_exit(w: Watched) -> float:
    """Return the share of the seed cohort that listed; the model knows no acquisitions [A77]."""
    return _cohort_share(w, w.register.listed)


def cohort_billion(w: Watched) -> float:
    """Return the share of the seed cohort worth a billion dollars or more at some time [A76]."""
    return _cohort_share(w, w.register.billion)


def leader_age(w: Watched) -> float:
    """Return the mean age in years of leaders that are not listed, as unicorn lists count them [A80, A81]."""
    leads = (w.final["stage"] == Stage.LEADER) & (w.final["listed"] == NEVER)
    return float((w.end - w.final["born"][leads]).mean() / 4.0) if leads.any() else float("nan")


def listing_age(w: Watched) -> float:
    """Return the median age in years at listing, of the last five years' listings [A83, A84]."""
    lists = w.register.listed > w.end - FIVE_YEARS
    ages = (w.register.listed - w.register.born)[lists] / 4.0
    return float(np.median(ages)) if len(ages) else float("nan")
