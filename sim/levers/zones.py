"""Places: pilot zones at three levels, and science parks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents.enterprises import Enterprises
from agents.table import Floats, rows_where
from agents.terms import Terms
from sim.levers.base import Lever, lever
from sim.levers.capacity import CountedLever
from sim.levers.context import QuarterContext

Level = Literal["municipal", "provincial", "national"]
LEVELS: tuple[Level, ...] = ("municipal", "provincial", "national")
MIN_RD_INTENSITY = 0.03
"""A park does nothing for tenants without their own R&D (P22, B62); the seed-pool rule asks for 3 %."""


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class PilotZones(CountedLever):
    """先导区: designates zones of a level, evaluates them, and helps their tenants.

    A working zone raises a tenant's revenue per head once, by zone_growth * city-tier discount, spread over the
    zone_ramp years that follow its joining (P19), and founding in its district and track by zone_entry likewise.
    A second level adds the share zone_upgrade of that. Founding that a place gains is partly other places' loss (P20).
    `size` is relative to the usual batch, with less and less for more (`sim.levers.capacity`).
    """

    plan_action = 7
    effects = (
        "zone_growth", "zone_entry", "zone_top_tier", "zone_ramp", "zone_works", "zone_upgrade",
        "displacement_tradable", "zone_candidates", "zone_build_years", "provincial_zones", "national_zones",
        "spontaneous_provincial", "spontaneous_national",
    )  # fmt: skip
    path = ("zones_designated", "zone_tenants", "future_revenue")

    level: Level = "municipal"
    batch_quarters: tuple[int, ...] = (2,)  # quarters of the year in which a batch of municipal zones is named
    evaluation_quarters: tuple[int, ...] = (4,)  # when zones that are due are evaluated
    zone_grant: float = 0.0  # 万元 a year and zone

    @property
    def counts(self) -> str:  # type: ignore[override]  # one class has three offices
        """The count it pushes: zones of its level."""
        return f"zones_{self.level}"

    @property
    def office(self) -> str:  # type: ignore[override]
        """Whose capacity it is."""
        return f"pilot_zones_{self.level}"

    def push(self, quarter: int) -> float:
        """Return how many times the usual rate it brings about, or of municipal zones how many usual batches."""
        named = self.level != "municipal" or quarter % 4 + 1 in self.batch_quarters
        # a list is there from the first day, so there is no ramp
        return self.capacity.reached(self.size) * named

    def amounts(self) -> dict[str, float]:
        return CountedLever.amounts(self) | {"size": self.size * len(self.batch_quarters)}

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        if self.level == "municipal":
            context.city.zone_batch += self.push(context.quarter)
            context.city.zone_evaluation |= context.quarter % 4 + 1 in self.evaluation_quarters
        elif self.level == "provincial":
            context.city.provincial_push += self.push(context.quarter)
        else:
            context.city.national_push += self.push(context.quarter)
        at = LEVELS.index(self.level)
        since = context.zones.status[:, at]
        second = (context.zones.status[:, :at] > 0).any(axis=1)  # a lower level is there already
        worth = context.parameters.zone_top_tier * np.where(second, context.parameters.zone_upgrade, 1.0)
        worth *= (since > 0) & context.zones.works
        self._help_tenants(terms, e, context, worth)
        # possible zones are numbered by district, then by future track, so they fold into a table
        by_cell = (context.parameters.zone_entry * worth).reshape(len(context.city.place_lift), -1)
        context.city.place_lift[:, np.flatnonzero(context.future)] += by_cell  # by district, future tracks only
        count = int((since > 0).sum())
        self.pay_office(context)
        context.ledger.pay_city(self.name, count * self.zone_grant / 4.0, payments=count)

    def _help_tenants(self, terms: Terms, e: Enterprises, context: QuarterContext, worth: Floats) -> None:
        p, years = context.parameters, max(context.parameters.zone_ramp, 0.25)
        rows = context.remembered("tenants", lambda: rows_where(e.zone > 0))
        at = e.zone[rows].astype(np.int64) - 1
        joined = np.maximum(e.zone_since[rows], context.zones.status[at, LEVELS.index(self.level)])
        # the effect has been given in full once the ramp is over: a tenant gains once, not every year
        left = 4.0 * years + 1.0 - (context.quarter - joined)
        part = np.clip(left, 0.0, 1.0)  # of the quarter; the last may be broken
        part *= (worth[at] > 0) & (e.rd_intensity[rows] >= MIN_RD_INTENSITY)
        lift, helped = p.zone_growth * worth[at] / years * part, rows_where(part > 0.0)
        terms.offer(rows[helped], productivity_lift=lift[helped])


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class SciencePark(Lever):
    """产业科技园: parks around universities raise founding in future tracks of their districts and house the young.

    Founding that a park gains is partly other districts' loss (P20); incubation may also end some early (B74).
    """

    plan_action = 8
    effects = ("park_entry", "incubation_exit", "displacement_tradable", "dose_elasticity")
    path = ("entries", "future_enterprises")

    rent_relief: float = 0.0  # 万元 a year and young enterprise

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        at = list(self.eligible.districts) or slice(None)
        context.city.place_lift[at] += context.parameters.park_entry * self.dose(context) * context.future
        rows = self.eligible.rows(e, context)
        paid = self.grant(e, rows, np.full(len(rows), self.rent_relief / 4.0), context)
        won = rows_where(paid > 0)
        terms.offer(rows[won], grant=paid[won], exit_lift=context.parameters.incubation_exit)
        context.ledger.pay(self.name, paid)
