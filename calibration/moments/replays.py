"""Replays of quasi-experiments (M11): the study's treatment in the model, forks of one state, paired enterprises.

Every replay compares two futures of the same city that differ by the treatment only, over common random
numbers, so an effect is a difference of one enterprise's two lives. Where the study compared treated with
untreated enterprises, the untreated of the same market are taken off: difference in differences.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agents.enterprises import Recognition
from agents.table import Bools, Floats, Ints
from sim.levers import Lever
from sim.levers.base import Eligible
from sim.levers.vouchers import ServiceVoucher
from sim.levers.zones import PilotZones
from sim.model.founding import FOREVER
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario
from sim.state.state import State

TWO_YEARS, ZONE_YEARS = 8, 7
"""Zones are followed for seven years, so that most ramps of P19 are over."""
SAMPLE = 0.02
"""Share of enterprises treated alone, or left out while all rivals are treated: too few to move a market."""
ASKED = 0.10
"""Share of enterprises that get a voucher, as few as in the trials [B48, B50]."""
PLENTY = 1e9
"""万元 a year: the replays' budgets never bind."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Enterprises at one quarter, in order of slot."""

    slot: Ints
    revenue: Floats
    growth: Floats  # of the last closed year
    zone: Ints
    cell: Ints  # district and track
    reached: Bools

    @classmethod
    def of(cls, s: State) -> Snapshot:
        """Copy what the replays compare."""
        e = s.enterprises
        at = np.argsort(e.slot)
        cell = e.district[at].astype(np.int64) * len(s.city.tracks) + e.track[at]
        return cls(e.slot[at], e.revenue[at], e.growth[at, 0].copy(), e.zone[at], cell, e.reached[at])


def paired(treated: Snapshot, base: Snapshot) -> tuple[Ints, Ints]:
    """Return the positions, in each, of the enterprises that live in both futures."""
    # those that closed in one future only have no second life to be compared with
    _, there, here = np.intersect1d(treated.slot, base.slot, assume_unique=True, return_indices=True)
    return there, here


def effect(change: Floats, treated: Bools, control: Bools) -> float:
    """Return the mean change of the treated less that of the control; NaN where either is empty."""
    if not treated.any() or not control.any():
        return float("nan")
    return float(change[treated].mean() - change[control].mean())


class Replays:
    """The replays of one member, all forked from its state at the origin, with no policy in force."""

    def __init__(self, root: IndustryModel, nothing: Scenario) -> None:
        self.root, self.nothing = root, nothing
        base = root.fork(nothing)
        self.base: dict[int, Snapshot] = {}  # by quarters after the origin
        for quarters in (TWO_YEARS, 4 * ZONE_YEARS):
            self.base[quarters] = Snapshot.of(base.run_to(root.quarter + quarters).state)
        base.release()

    def measure(self) -> dict[str, float]:
        """Return every replay's effect, by moment."""
        return {
            "M11a": self.zone_loss(),
            "M11b1": self.own_finance(),
            "M11b2": self.rivals_finance(),
            "M11c": self.voucher(),
            "M11d": self.label(),
        }

    def zone_loss(self) -> float:
        """Return what tenants lose with a working zone: the reverse of what it gave, ln, against neighbours.

        The study closed zones that worked, in cities of every tier [B54], so every zone works here and none is
        discounted for a top-tier city. Compared are enterprises that were there before the zones, as in the study:
        tenants with those of the same districts and tracks outside.
        """
        p = self.root.state.parameters
        model = self._fork(self._all_zones())
        model.state.parameters = replace(p, zone_top_tier=1.0)
        for zone in model.state.institutions.pilot_zones:
            zone.works = True
            zone.designate(model.quarter, due=model.quarter + 4 * ZONE_YEARS)
        after, base = self._after(model, 4 * ZONE_YEARS), self.base[4 * ZONE_YEARS]
        there, here = paired(after, base)
        known = np.isin(after.slot[there], self.root.state.enterprises.slot)
        inside = known & (after.zone[there] > 0)
        # of the same markets only: displacement and agglomeration work on both sides alike
        same = known & np.isin(after.cell[there], np.unique(after.cell[there][inside]))
        change = np.log(after.revenue[there] / base.revenue[here])
        return -effect(change, inside, same & ~inside)

    def own_finance(self) -> float:
        """Return what a year's access to finance does to an enterprise's own revenue, ln, books closed since [B32]."""
        change, treated = self._financed(everyone=False)
        return float(change[treated].mean())

    def rivals_finance(self) -> float:
        """Return what finance for all rivals does to an enterprise that has none, ln [B33]."""
        change, treated = self._financed(everyone=True)
        return float(change[~treated].mean())

    def voucher(self) -> float:
        """Return what a service voucher still does to yearly growth 12-24 months later [B48, B50]."""
        start = self.root.quarter + 1
        lever = ServiceVoucher(
            **_terms("voucher", start, start), eligible=Eligible(tracks="all"), face_value=10.0, reach=4.0 * ASKED
        )
        after = self._after(self._fork((lever,)), TWO_YEARS)
        return self._growth_effect(after, after.slot[after.reached])

    def label(self) -> float:
        """Return what the high-tech label alone, without money, does to yearly growth 12-24 months later [B07, B69]."""
        model = self._fork(())
        e = model.state.enterprises
        free = np.flatnonzero(e.until[:, Recognition.HNTE] <= model.quarter)
        given = free[self._lottery(model, free) < ASKED]
        e.until[given, Recognition.HNTE] = FOREVER
        slots = e.slot[given].copy()
        return self._growth_effect(self._after(model, TWO_YEARS), slots)

    def _growth_effect(self, after: Snapshot, treated: Ints) -> float:
        base = self.base[TWO_YEARS]
        there, here = paired(after, base)
        mine = np.isin(after.slot[there], treated)
        return effect(after.growth[there] - base.growth[here], mine, ~mine)

    def _financed(self, *, everyone: bool) -> tuple[Floats, Bools]:
        """Close a round for a sample of the local-market enterprises, or for everyone but a sample.

        Return the change of ln revenue once every book that the year of finance touches is closed, two years later,
        and who was treated. Local markets are the
        tracks outside the future industries: the trial was among small enterprises that serve one place.
        """
        model = self._fork(())
        e = model.state.enterprises
        local = np.flatnonzero(~e.future & ~e.dormant)
        sampled = self._lottery(model, local) < SAMPLE
        chosen = local[~sampled] if everyone else local[sampled]
        e.round_at[chosen], e.public_part[chosen] = model.quarter, 0.0
        treated, sample = e.slot[chosen].copy(), e.slot[local[sampled]].copy()
        after, base = self._after(model, TWO_YEARS), self.base[TWO_YEARS]
        there, here = paired(after, base)
        change = np.log(after.revenue[there] / base.revenue[here])
        mine = np.isin(after.slot[there], sample)  # in both runs the sample is who is looked at
        return change[mine], np.isin(after.slot[there], treated)[mine]

    def _all_zones(self) -> tuple[Lever, ...]:
        """Return a lever that helps the tenants of zones and names none: which there are, the replay says."""
        start = self.root.quarter + 1
        return (PilotZones(**_terms("zones", start, start + 4 * ZONE_YEARS), batch_quarters=()),)

    def _fork(self, levers: tuple[Lever, ...]) -> IndustryModel:
        return self.root.fork(replace(self.nothing, name="replay", levers=levers))

    def _after(self, model: IndustryModel, quarters: int) -> Snapshot:
        """Run a fork and let it go."""
        seen = Snapshot.of(model.run_to(self.root.quarter + quarters).state)
        model.release()
        return seen

    def _lottery(self, model: IndustryModel, rows: Ints) -> Floats:
        return model.state.draw("replay", model.state.enterprises.slot[rows])


def _terms(name: str, start: int, end: int) -> dict[str, Any]:
    """Return what every lever of a replay has: its dates and money that never runs out."""
    return {"name": name, "start": start, "end": end, "budget": PLENTY, "source": "replay", "ramp_quarters": 1}
