"""Enterprises and people: coaching, compute supply, talent, attraction of leaders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Enterprises, Terms
from sim.levers.base import Lever, lever
from sim.levers.desk import Desk


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthCoaching(Lever):
    """培育辅导: growth support for high-growth candidates (高成长性企业)."""

    cost: float  # 万元 a year and enterprise

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        rows = self.eligible.rows(e, desk)
        paid = self.grant(e, rows, np.full(len(rows), self.cost / 4.0), desk)
        terms.growth_lift[rows] += desk.parameters.coaching_growth * self.strength(desk.quarter) * (paid > 0)
        terms.reached[rows] |= paid > 0
        desk.ledger.pay(self.name, paid)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeSupply(Lever):
    """算力设施: cheaper computing power helps the tracks that need it to grow."""

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        rows = self.eligible.rows(e, desk)
        terms.growth_lift[rows] += desk.parameters.compute_growth * self.strength(desk.quarter)
        terms.reached[rows] = True
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class TalentProgramme(Lever):
    """人才: more founders and faster growth in future tracks."""

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        strength = self.strength(desk.quarter)
        desk.city.entry_lift += desk.parameters.talent_entry * strength * desk.future
        rows = self.eligible.rows(e, desk)
        terms.growth_lift[rows] += desk.parameters.talent_growth * strength
        terms.reached[rows] = True
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderAttraction(Lever):
    """领军企业引领: headquarters and research centres of leaders settle in the city (招商引资)."""

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        desk.city.attraction_lift += desk.parameters.leader_attraction * self.strength(desk.quarter)
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))
