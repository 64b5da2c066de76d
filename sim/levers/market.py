"""Demand and exchange: application scenes, demonstrations, contests and forums."""

from __future__ import annotations

from dataclasses import dataclass

from agents.enterprises import Enterprises, Terms
from sim.levers.base import Lever, lever
from sim.levers.desk import Desk


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationScenes(Lever):
    """应用场景: the city releases scenes; matched enterprises get a first customer."""

    release: float = 1.0  # relative to the usual number a year

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        p, strength = desk.parameters, self.strength(desk.quarter)
        desk.city.scene_push += self.release * strength
        rows = self.eligible.rows(e, desk)
        matched = p.scenes_rate * self.release * strength * p.scene_match / desk.ledger.weight
        chance = min(matched / max(len(rows), 1), 1.0)  # enterprises with a running scene
        lucky = desk.draw(f"scene:{self.name}", e.slot[rows]) < chance
        terms.growth_lift[rows] += p.scene_growth * lucky
        terms.reached[rows] |= lucky
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrations(Lever):
    """示范推广: model samples (示范样本) and benchmarks; scenes and projects are completed more often."""

    push: float = 1.0

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        strength = self.strength(desk.quarter)
        desk.city.sample_push += self.push * strength
        rows = self.eligible.rows(e, desk)
        terms.result_lift[rows] += desk.parameters.demonstration_lift * strength
        terms.reached[rows] = True
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePlatforms(Lever):
    """开放合作: contests, forums and congresses attract enterprises and become exchange platforms (交流平台)."""

    push: float = 1.0

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        strength = self.strength(desk.quarter)
        desk.city.platform_push += self.push * strength
        desk.city.attraction_lift += desk.parameters.contest_attraction * strength
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))
