"""What the fits of other cities say of a city before its own numbers are seen: priors pooled over cities.

On normal scores, on which every prior is N(0, 1), part of what is not known of a parameter is the same in every city
and the rest is a city's own:

    theta_c = mu + eta_c,    mu ~ N(0, r),    eta_c ~ N(0, 1 - r)

so that nothing is believed of a city alone that its prior does not say. r, the common part, is itself not known: every
value from 0 to 0.95 is as likely before the fits are seen. A fit that left mean m and variance v of a score that began
as N(0, 1) has seen a number m / (1 - v) with variance v / (1 - v); with these numbers of all cities, mu and theta of a
further city are normal given r, and the mixture over r is taken as the normal with its mean and variance.

What the national evidence says of growth and closing (the moments) is in every fit, and in that of the new city too:
pooling it would count it once for every city, so the parameters that it speaks of are left to it.

Parameters are pooled one by one: what hangs together within a fit is not carried over, so pooled priors are wider than
they could be. What a fit has learned nothing of counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.parameters import NAMES
from agents.table import Floats
from calibration.fit.fit import BASE, Fit
from calibration.fit.outlook import POOL, Outlook, scores_of
from sim.city.files import CITIES, shipped_cities
from sim.inputs.text import is_file, read_text

COMMON_PARTS = np.linspace(0.0, 0.95, 20)
"""Values of r, equally likely before."""
BY_MOMENTS = (
    "hazard_1_2", "hazard_2_3", "hazard_3_7", "hazard_7_up", "exit_size_slope", "founding_staff",
    "drift", "drift_young", "shock_sd", "shock_shape",
)  # fmt: skip
"""Parameters of which the moments speak: their runs over the prior answer to these, with t-values of 4 to 31."""
LEAST_TOLD = 1e-3
"""A variance this near to one has seen nothing."""
DIGITS = 4
"""Decimals of pooled scores; a fit keeps them with its outlook."""


@dataclass(frozen=True, slots=True)
class CityScores:
    """Mean and variance of a fit's draws on normal scores, (parameters,); nan where the fit has learned nothing."""

    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, fit: Fit) -> CityScores:
        """Read them off a fit: of the parameters that it names as informed, the size of the city apart."""
        z = scores_of(fit.draws, fit.outlook)
        told = np.isin(NAMES, fit.provenance.informed) & (np.array(NAMES) != POOL)
        nothing = np.full(len(NAMES), np.nan)
        return cls(
            np.where(told, z.mean(axis=0), nothing),
            np.where(told, z.var(axis=0), nothing),
        )


def pooled(seen: list[CityScores]) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of a further city's scores, (parameters,) each; 0 and 1 where none tells."""
    mean, variance = np.array([s.mean for s in seen]), np.array([s.variance for s in seen])
    told = variance < 1.0 - LEAST_TOLD  # nan tells nothing
    left = np.where(told, 1.0 - variance, 1.0)
    number, error = np.where(told, mean / left, 0.0), np.where(told, variance / left, np.inf)
    given = [_given(r, number, error) for r in COMMON_PARTS]
    evidence = np.array([g[2] for g in given])
    weight = np.exp(evidence - evidence.max(axis=0))
    weight /= weight.sum(axis=0)
    means, variances = np.array([g[0] for g in given]), np.array([g[1] for g in given])
    middle = (weight * means).sum(axis=0)
    return middle, np.sqrt((weight * (variances + means**2)).sum(axis=0) - middle**2)


def _given(r: float, number: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Return a further city's mean and variance, and the log evidence, (parameters,), where the common part is r."""
    own = 1.0 - r
    precision = 1.0 / (error + own)  # of what each city says of mu
    total = precision.sum(axis=0)
    # mu with variance r, written so that r = 0 needs no case of its own
    share = r / (1.0 + r * total)
    pull = (precision * number).sum(axis=0)
    logs = np.where(precision > 0.0, np.log(np.where(precision > 0.0, precision, 1.0)), 0.0).sum(axis=0)
    fit = logs - np.log1p(r * total) - (precision * number**2).sum(axis=0) + share * pull**2
    return share * pull, share + own, 0.5 * fit


def shipped_fits() -> dict[str, Fit]:
    """Return the shipped cities' own fits, by city: those that began with no other city's."""
    found = {}
    for name in shipped_cities():
        made = CITIES / name / f"{BASE}.json"
        if is_file(made):
            fit = Fit.read(read_text(made.with_suffix(".csv")), read_text(made))
            if not fit.outlook.pooled:
                found[name] = fit
    return found


def with_pooled(outlook: Outlook, fits: dict[str, Fit]) -> Outlook:
    """Return an outlook in which what fits of other cities have learned is the prior."""
    return replace(outlook, pooled=pooled_scores(fits.values()), cities=sorted(fits))


def pooled_scores(fits: Iterable[Fit], leave: Sequence[str] = BY_MOMENTS) -> dict[str, list[float]]:
    """Return mean and deviation of a further city's scores, by the name of the parameters that fits tell of."""
    seen = [CityScores.of(fit) for fit in fits]
    if not seen:
        return {}
    mean, sd = (x.round(DIGITS) for x in pooled(seen))
    told = [j for j, name in enumerate(NAMES) if name not in leave and (mean[j] != 0.0 or sd[j] != 1.0)]
    return {NAMES[j]: [float(mean[j]), float(sd[j])] for j in told}
