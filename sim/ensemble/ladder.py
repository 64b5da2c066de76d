"""Ladders: places that are put on a list first and named later. How many of a list are named, by the months since.

The shares named of the ladders on record rise in straight lines between their dates, and go on as they ended. The
share of a new list is drawn around that with the weight of so many places as `ladder_places` says: there are few
ladders on record, and each is one office's own pace.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
from scipy.special import betaincinv

import scenarios
from agents.table import Floats
from sim.ensemble.track_record import settings
from sim.inputs.csv import read_table

FILE = scenarios.FOLDER / "common" / "ladders.csv"
LADDERS = pa.DataFrameSchema(
    {
        "ladder": pa.Column(str),
        "region": pa.Column(str),
        "listed_period": pa.Column(str),
        "listed": pa.Column(int, pa.Check.gt(0, error="more than 0")),
        "named": pa.Column(int, pa.Check.ge(0, error="0 or more")),
        "months": pa.Column(int, pa.Check.gt(0, error="more than 0")),
        "grade": pa.Column(str),
        "sources": pa.Column(str),
        "note": pa.Column(str),
    },
    strict=True,
)
"""Columns of ladders.csv: how many of a list had been named after so many months."""
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Ladder:
    """What a list becomes in so many months."""

    listed: int  # places on record
    share: float  # of a list, named by then

    def named(self, on_the_list: Floats, u: Floats) -> Floats:
        """Return how many of the places on a list are named, at the quantile `u` of the share."""
        places = settings().record.ladder_places
        share = betaincinv(places * self.share, places * (1.0 - self.share), u)
        return np.floor(on_the_list * share)


@cache  # a forecast asks for it several times, and reading it is most of what stating a forecast takes
def _on_record(file: Path) -> pd.DataFrame:
    return read_table(file, LADDERS).sort_values("months")


def ladder_after(months: float) -> Ladder:
    """Return the ladder on record after so many months."""
    table = _on_record(FILE)
    # half a place named and half not stand for what a short record has not seen
    shares = (table.named + 0.5) / (table.listed + 1.0)
    at, known = np.array([0.0, *table.months]), np.array([0.0, *shares])
    pace = (known[-1] - known[-2]) / (at[-1] - at[-2])
    share = np.interp(months, at, known) + pace * max(months - at[-1], 0.0)
    return Ladder(int(table.listed.max()), float(np.clip(share, _LEAST, 1.0 - _LEAST)))
