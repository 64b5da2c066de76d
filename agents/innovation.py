"""R&D: what is really spent, what is reported, and the knowledge and key results that follow."""

from __future__ import annotations

import numpy as np

from agents.table import Bools, Floats, Ints, rows_where


def reported_rd(real: Floats, needed: Floats, *, relabelled_share: float) -> Floats:
    """Return R&D as reported, (n,), 万元/年.

    An enterprise short of the threshold reports more, but no more than real / (1 - share), and no
    more than it needs: reporting bunches at the notch. Source: P13 (rows B66, B68).
    """
    return np.maximum(real, np.minimum(needed, real / (1.0 - relabelled_share)))


def knowledge_next(knowledge: Floats, rd_spend: Floats, *, depreciation: float) -> Floats:
    """Return the knowledge stock a year later: (1 - depreciation) * stock + real R&D."""
    return (1.0 - depreciation) * knowledge + rd_spend


def productivity_gain(before: Floats, after: Floats, *, elasticity: float) -> Floats:
    """Return the log gain of revenue per head from knowledge: elasticity * ln(after / before) (P13)."""
    return elasticity * np.log(after / before)


def project_accepted(u: Floats, lift: Floats, *, success: float) -> Bools:
    """Tell which key projects under review are accepted: logit(p) = logit(success) + lift."""
    odds = success / (1.0 - success) * np.exp(lift)
    return u < odds / (1.0 + odds)


def discovers(u: Floats, knowledge: Floats, *, rate: float) -> Bools:
    """Tell who has a key result of its own this quarter: P = 1 - exp(-rate * knowledge / 4).

    `knowledge` is (n,), 万元; `rate` is results a year per 亿元.
    """
    expected = rate * knowledge / 1e4 / 4.0
    found = u < expected  # 1 - exp(-x) is at most x
    rows = rows_where(found)
    found[rows] = u[rows] < -np.expm1(-expected[rows])
    return found


def under_review(project_due: Ints, quarter: int) -> Ints:
    """Return the rows whose key project is reviewed this quarter."""
    return rows_where(project_due == quarter)
