"""Which parameters the data identify, and which only repeat their prior."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from agents.parameters import NAMES, Parameters
from agents.table import Floats
from calibration.fit.fit import Fit
from calibration.fit.outlook import scores_of

META = {f.name: f.metadata for f in fields(Parameters)}
"""Unit, source and Chinese name of every parameter."""


def scores(fit: Fit) -> Floats:
    """Return the draws as normal scores under their priors, (draws, parameters)."""
    return scores_of(fit.draws, fit.outlook)


def contraction(fit: Fit) -> pd.DataFrame:
    """Return one row per parameter, most identified first.

    Columns: name, zh, unit, source; prior_05, prior_50, prior_95; posterior_05, posterior_50, posterior_95; shift, the
    posterior mean in prior standard deviations; contraction, 1 - var(posterior) / var(prior) on the normal-score
    scale, so 0 means that the data say nothing and 1 that they say everything; informed, whether they say anything.
    """
    z, told, outlook = scores(fit), set(fit.provenance.informed), fit.outlook
    rows = []
    for j, name in enumerate(NAMES):
        prior = outlook.prior(name).value(np.array([0.05, 0.5, 0.95])).tolist()
        posterior = np.quantile(fit.draws[:, j], (0.05, 0.5, 0.95)).tolist()
        words = [META[name][key] for key in ("zh", "unit", "source")]
        # a parameter that was never moved differs from its prior by the luck of a few hundred draws only
        one = float(1.0 - z[:, j].var()) if name in told else 0.0
        rows.append((name, *words, *prior, *posterior, float(z[:, j].mean()), one, name in told))
    levels = ("05", "50", "95")
    columns = ["name", "zh", "unit", "source", *(f"prior_{x}" for x in levels), *(f"posterior_{x}" for x in levels)]
    frame = pd.DataFrame(rows, columns=[*columns, "shift", "contraction", "informed"])
    return frame.sort_values(["contraction", "name"], ascending=[False, True], ignore_index=True)
