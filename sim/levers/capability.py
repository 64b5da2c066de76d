"""Enterprises and people: coaching, compute supply, talent, attraction of leaders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Enterprises
from agents.table import rows_where
from agents.terms import Terms
from sim.levers.base import Lever, lever
from sim.levers.context import QuarterContext


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthCoaching(Lever):
    """培育辅导: growth support for high-growth candidates (高成长性企业); it works while it is paid."""

    plan_action = 5
    effects = ("coaching_growth", "large_effect")
    path = ("future_employees", "future_high_growth", "future_revenue")

    cost: float  # 万元 a year and enterprise

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        rows = self.eligible.rows(e, context)
        paid = self.grant(e, rows, np.full(len(rows), self.cost / 4.0), context)
        won = rows_where(paid > 0)
        terms.offer(rows[won], growth_lift=context.parameters.coaching_growth * self.strength(context.quarter))
        context.ledger.pay(self.name, paid)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeSupply(Lever):
    """算力设施: computing gets cheaper in the tracks that need it; what it saves buys more of it, which is real R&D."""

    plan_action = 9
    effects = ("compute_saving", "knowledge_elasticity", "dose_elasticity")
    path = ("future_rd_spend", "future_revenue")

    compute_share: float  # of R&D that is computing, an assumption

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        rows = self.eligible.rows(e, context)
        saving = context.parameters.compute_saving * self.dose(context)
        if saving != 0.0:
            terms.offer(rows, rd_extra=saving * self.compute_share * e.rd_spend[rows] / 4.0)
        context.ledger.pay_city(self.name, self.pool(context.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class TalentProgramme(Lever):
    """人才: more founders and faster growth in future tracks, as long as it runs."""

    plan_action = 12
    effects = ("talent_entry", "talent_growth", "dose_elasticity")
    path = ("entries", "future_enterprises", "future_employees")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        dose = self.dose(context)
        context.city.entry_lift += context.parameters.talent_entry * dose * context.future
        if dose != 0.0:
            terms.offer(self.eligible.rows(e, context), growth_lift=context.parameters.talent_growth * dose)
        context.ledger.pay_city(self.name, self.pool(context.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderAttraction(Lever):
    """领军企业引领: enterprises from outside settle here (招商引资), and candidates are helped to list (上市后备)."""

    plan_action = 4
    effects = ("leader_attraction", "listing_pool", "dose_elasticity")
    path = ("attracted", "future_listed_leaders")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        context.city.attraction_lift += context.parameters.leader_attraction * self.dose(context)
        context.city.listing_lift += context.parameters.listing_pool * self.dose(context)
        context.ledger.pay_city(self.name, self.pool(context.quarter))
