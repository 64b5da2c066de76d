"""What is expected of a city, its size and its drive, before its own numbers are seen; draws as scores under it.

A city that borrows from others has a prior of its own on the normal scores: mean + sd z in place of z, parameter by
parameter (`calibration.fit.pooled`).

The steps of one recognition hang together: their prior is a multivariate normal. Written as mean + root z with a lower
triangular root in the order of the years, z are independent: data of a year move the scores of that year and of those
before, and what is left of later years stays as the prior has it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np
from scipy.special import ndtr, ndtri

from agents.drive import WALKS, step_name
from agents.parameters import NAMES, PRIORS, Parameters
from agents.priors import LogNormal, MovedPrior, Normal, Prior
from agents.table import Floats

EDGE = 1e-9
"""Lies six standard deviations out; at 0 and 1 a quantile is infinite."""
DIGITS = 9
POOL = "opening_pool"
"""The parameter whose prior lies around what a city's profile states."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Means and roots of the covariance of a city's steps, by recognition, in the order of the years; and its size.

    Attributes
    ----------
    pool
        Technology enterprises at the opening, of the profile: the median of the prior of `opening_pool`.
    pooled
        Mean and standard deviation of a parameter's score, by name, where other cities' fits say something of it.
    cities
        The cities whose fits those are.
    """

    mean: dict[str, list[float]]
    root: dict[str, list[list[float]]]
    pool: float = 10_000.0  # as in fits that were made before the size was a city's own
    pooled: dict[str, list[float]] = field(default_factory=dict)
    cities: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, moments: dict[str, tuple[Floats, Floats]], pool: float = pool) -> Self:
        """Return it for means and covariances of some recognitions; the others have what is believed of any city."""
        mean, root = {}, {}
        for kind, walk in WALKS.items():
            m, covariance = moments.get(kind, (walk.mean(), walk.covariance()))
            mean[kind] = _rounded(np.asarray(m)).tolist()
            root[kind] = _rounded(np.asarray(np.linalg.cholesky(covariance), np.float64)).tolist()
        return cls(mean, root, pool)

    def as_kept(self) -> dict[str, Any]:
        """Return it as a fit keeps it: of what is borrowed nothing where nothing is."""
        return {key: x for key, x in asdict(self).items() if key not in ("pooled", "cities") or x}

    def prior(self, name: str) -> Prior:
        """Return one parameter's prior: of the size and of a step of the drive the city's own, else any city's."""
        if name == POOL:
            return self._size()
        middle, spread = self.scores()
        for kind, walk in WALKS.items():
            at = _columns()[kind]
            for k, year in enumerate(walk.years()):
                if step_name(kind, year) == name:
                    row = np.array(self.root[kind][k])
                    return Normal(self.mean[kind][k] + float(row @ middle[at]), float(np.linalg.norm(row * spread[at])))
        j = NAMES.index(name)
        return MovedPrior(PRIORS[name], float(middle[j]), float(spread[j])) if name in self.pooled else PRIORS[name]

    def scores(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the scores before the city's numbers are seen, (parameters,) each."""
        told = np.array([self.pooled.get(name, [0.0, 1.0]) for name in NAMES])
        return told[:, 0], told[:, 1]

    def _size(self) -> Prior:
        usual = PRIORS[POOL]
        if not isinstance(usual, LogNormal):
            raise AssertionError(f"{POOL} has no log-normal prior")
        return replace(usual, median=self.pool)

    def plain(self) -> dict[str, Prior]:
        """Return the priors that a draw is made with one by one: all but the steps, which hang together."""
        return PRIORS | {POOL: self._size()}

    def spread_left(self, name: str, draws: Floats) -> float:
        """Return the standard deviation of a parameter's draws where its prior's is one; 1 means that all is left."""
        rank = self.prior(name).rank(draws[:, NAMES.index(name)])
        return float(ndtri(np.clip(rank, EDGE, 1.0 - EDGE)).std())


def draws_of(z: Floats, outlook: Outlook) -> Floats:
    """Turn normal scores into draws, both (n, parameters)."""
    middle, spread = outlook.scores()
    z = middle + spread * z
    u, priors = np.clip(ndtr(z), EDGE, 1.0 - EDGE), outlook.plain()
    out = np.column_stack([priors[name].value(u[:, j]) for j, name in enumerate(NAMES)])
    for kind, at in _columns().items():
        out[:, at] = np.array(outlook.mean[kind]) + z[:, at] @ np.array(outlook.root[kind]).T
    return out


def scores_of(draws: Floats, outlook: Outlook) -> Floats:
    """Turn draws back into normal scores, both (n, parameters)."""
    priors = outlook.plain()
    ranks = np.column_stack([priors[name].rank(draws[:, j]) for j, name in enumerate(NAMES)])
    z = ndtri(np.clip(ranks, EDGE, 1.0 - EDGE))
    for kind, at in _columns().items():
        z[:, at] = np.linalg.solve(np.array(outlook.root[kind]), (draws[:, at] - np.array(outlook.mean[kind])).T).T
    middle, spread = outlook.scores()
    return (z - middle) / spread


def parameters_of(row: Floats) -> Parameters:
    """Return one draw, (parameters,), by name."""
    return Parameters(**{name: float(x) for name, x in zip(NAMES, row, strict=True)})


def _columns() -> dict[str, list[int]]:
    """Return where the steps of every recognition are in a draw."""
    return {kind: [NAMES.index(step_name(kind, year)) for year in walk.years()] for kind, walk in WALKS.items()}


def _rounded(x: Floats) -> Floats:
    """Return numbers as a fit keeps them, so that they read back the same."""
    return np.vectorize(lambda v: float(f"{v:.{DIGITS}g}"))(x)
