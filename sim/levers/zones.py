"""Places: pilot zones at three levels, and science parks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents.enterprises import Enterprises, Terms
from sim.levers.base import Lever, lever
from sim.levers.desk import Desk

MIN_RD_INTENSITY = 0.03
"""A park does nothing for tenants without their own R&D (P22, B62); the seed-pool rule asks for 3 %."""


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class PilotZones(Lever):
    """先导区: designates zones in yearly or half-yearly batches, evaluates them, and helps their tenants.

    A working zone raises tenants' productivity once, by zone_growth * city-tier discount, spread over
    zone_ramp years (P19), and founding in its district and track by zone_entry likewise.
    """

    level: Literal["municipal", "provincial", "national"] = "municipal"
    batch_quarters: tuple[int, ...] = (2,)  # quarters of the year in which a batch is named
    batch_size: float = 1.0  # relative to the usual batch
    evaluation_quarters: tuple[int, ...] = (4,)  # when zones that are due are evaluated
    zone_grant: float = 0.0  # 万元 a year and zone

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        season = desk.quarter % 4 + 1
        if self.level == "municipal":
            desk.city.zone_batch += self.batch_size * (season in self.batch_quarters)
            desk.city.zone_evaluation |= season in self.evaluation_quarters
            self._help_tenants(terms, e, desk)
        elif self.level == "provincial":
            desk.city.provincial_push += self.batch_size
        else:
            desk.city.national_push += self.batch_size
        self._pay(desk)

    def _help_tenants(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        p, zones = desk.parameters, desk.zones
        since = np.where(zones.designated > 0, desk.quarter - zones.designated, -1) / 4.0
        ramping = (since >= 0) & (since < max(p.zone_ramp, 0.25)) & zones.works
        lift = np.where(ramping, p.zone_growth * p.zone_top_tier / max(p.zone_ramp, 0.25), 0.0)
        rows = np.flatnonzero(e.zone > 0)
        at = e.zone[rows] - 1
        terms.growth_lift[rows] += lift[at] * (e.rd_intensity[rows] >= MIN_RD_INTENSITY)
        terms.reached[rows] |= ramping[at]
        pull = np.where((zones.designated > 0) & zones.works, p.zone_entry * p.zone_top_tier, 0.0)
        by_cell = pull.reshape(len(desk.city.entry_lift), -1)  # district by district, future tracks only
        desk.city.entry_lift[:, np.flatnonzero(desk.future)] += by_cell

    def _pay(self, desk: Desk) -> None:
        count = int((desk.zones.designated > 0).sum())
        desk.ledger.pay_city(self.name, count * self.zone_grant / 4.0, payments=count)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class SciencePark(Lever):
    """产业科技园: parks around universities raise founding in future tracks of their districts."""

    rent_relief: float = 0.0  # 万元 a year and young enterprise

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        at = list(self.eligible.districts) or slice(None)
        lift = desk.parameters.park_entry * self.strength(desk.quarter)
        desk.city.entry_lift[at] += lift * desk.future
        rows = self.eligible.rows(e, desk)
        paid = self.grant(e, rows, np.full(len(rows), self.rent_relief / 4.0), desk)
        terms.grant[rows] += paid
        terms.reached[rows] |= paid > 0
        desk.ledger.pay(self.name, paid)
