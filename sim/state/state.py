"""The state of a city in a quarter: all that processes read and change, and nothing of policy."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import mesa
import numpy as np

from agents import founding, growth, survival
from agents.enterprises import Enterprises, Recognition
from agents.institutions import Institutions
from agents.parameters import Parameters
from agents.table import EVERY_ROW, Bools, Floats, Ints
from sim.city.city import City
from sim.city.facts import PublicRecord, public_record, published
from sim.levers.ledger import Ledger
from sim.state.census import Census
from sim.state.known import KnownEnterprises
from sim.streams import Streams

MOST_FUTURE = 0.9
"""Future tracks never make up more of a city than this."""
OLDEST = 4 * 40
"""Ages are told apart up to forty years."""


@dataclass(frozen=True, slots=True)
class Constants:
    """What stays as it is through a run: the city's tracks as columns, and tables that follow from the parameters."""

    future: Bools  # (tracks,)
    compute_heavy: Bools  # (tracks,)
    rd_multiplier: Floats  # (tracks,)
    track_shares: Floats  # (tracks,) of the opening population
    entry_shares: Floats  # (tracks,) of those who come
    hazard_by_age: Floats  # (quarters of age,) chance to be struck off in a quarter
    shock_table: Floats  # quantiles of the growth shock, see `agents.growth.shock`

    @classmethod
    def of(cls, city: City, p: Parameters) -> Self:
        """Work them out once."""
        bands = np.array([p.hazard_0_1, p.hazard_1_2, p.hazard_2_3, p.hazard_3_7, p.hazard_7_up])
        return cls(
            np.array([t.future for t in city.tracks]),
            np.array([t.compute_heavy for t in city.tracks]),
            np.array([t.rd_multiplier for t in city.tracks]),
            _with_future(city, np.array([t.share for t in city.tracks]), p.future_share),
            _with_future(city, np.array([t.entry_share for t in city.tracks]), p.future_share),
            survival.hazard_by_age(bands, OLDEST),
            growth.shock_table(p.shock_shape),
        )


def _with_future(city: City, shares: Floats, factor: float) -> Floats:
    """Return the tracks' shares with those of the future tracks times a factor, the others giving way, (tracks,)."""
    future = np.array([t.future for t in city.tracks])
    whole = float(shares[future].sum())
    if not 0.0 < whole < 1.0:
        return shares
    scaled = min(whole * factor, MOST_FUTURE)
    return np.where(future, shares * scaled / whole, shares * (1.0 - scaled) / (1.0 - whole))


@dataclass(slots=True, eq=False)
class State:
    """A city in a quarter. Processes take it, change it and return what the next one asks for.

    Apart from the agents in `institutions`, whose model is Mesa's, it knows nothing of the model that steps it.
    """

    city: City
    parameters: Parameters
    streams: Streams
    as_of: int  # the last quarter data can speak of
    weight: float  # enterprises a row stands for
    constants: Constants
    record: PublicRecord  # what was on record at `as_of`
    known: KnownEnterprises  # what its known enterprises had published by then
    institutions: Institutions
    quarter: int
    ledger: Ledger
    enterprises: Enterprises = field(default_factory=lambda: Enterprises.blank(0))
    opening_stock: Floats = field(default_factory=lambda: np.zeros(0))  # (districts * tracks,)
    flows: Counter[str] = field(default_factory=Counter)  # of the quarter, in rows
    # first recognised this quarter in future tracks, whoever leaves in it included: slots, districts, tracks
    newly: dict[Recognition, tuple[Ints, Ints, Ints]] = field(default_factory=dict)
    census: Census = field(default_factory=Census.blank)  # of the last quarter that was reported

    @classmethod
    def unpeopled(
        cls, model: mesa.Model, city: City, parameters: Parameters, *, seed: int, as_of: int, weight: float
    ) -> Self:
        """Return the city at its opening quarter before anybody is there."""
        return cls(
            city,
            parameters,
            Streams(seed),
            as_of,
            weight,
            Constants.of(city, parameters),
            public_record(city, as_of),
            KnownEnterprises.of(published(city, as_of), city.opening.revenue_per_employee),
            Institutions(model),
            city.start,
            Ledger(weight),
        )

    def draw(self, decision: str, slot: Ints | None = None) -> Floats:
        """Return U(0,1) for this decision this quarter, one per enterprise (or per slot given)."""
        return self.streams.uniform(decision, self.quarter, self.enterprises.slot if slot is None else slot)

    def on_record(self, rows: Ints | slice = EVERY_ROW) -> Bools:
        """Tell whose figures are published for this quarter, (rows,)."""
        return self.enterprises.on_record[rows] >= self.quarter

    def stock_by_cell(self) -> Floats:
        """Count enterprises by district x track, (districts * tracks,)."""
        e, shape = self.enterprises, (len(self.city.districts), len(self.city.tracks))
        return founding.count(e.district, e.track, np.zeros(shape)).ravel()
