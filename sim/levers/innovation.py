"""Knowledge: basic research, open challenges, pilot plants, consortia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import NEVER, Enterprises, Recognition, Terms
from sim.levers.base import Lever, lever
from sim.levers.desk import Desk


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class BasicResearch(Lever):
    """源头创新: laboratories and universities feed spin-offs (衍生企业) in future tracks."""

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        desk.city.spin_off_lift += desk.parameters.basic_research * self.strength(desk.quarter)
        desk.ledger.pay_city(self.name, self.pool(desk.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChallenge(Lever):
    """揭榜挂帅: awards key projects to the enterprises with most knowledge; results come after review.

    The city lets `projects` times the usual number of projects a year; each pays a share of the
    project's cost up to a cap and raises its odds of success by challenge_lift.
    """

    projects: float = 1.0  # relative to the usual number
    support: float = 300.0  # 万元 a project

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        p = desk.parameters
        wanted = p.projects_rate * self.projects * self.strength(desk.quarter) / 4.0 / desk.ledger.weight
        rows = self.eligible.rows(e, desk)
        rows = rows[e.project_due[rows] == NEVER]
        count = int(np.floor(wanted + desk.draw(f"round:{self.name}", np.zeros(1, np.int64))[0]))
        merit = self.priority(e, rows, desk) + np.log(e.knowledge[rows])
        if count < len(rows):
            rows = rows[np.argpartition(-merit, count)[:count]]
        paid = self.grant(e, rows, np.full(len(rows), self.support), desk)
        won = paid > 0
        terms.project[rows] |= won
        terms.rd_extra[rows] += paid
        terms.reached[rows] |= won
        desk.ledger.pay(self.name, paid)
        terms.result_lift += p.challenge_lift  # only enterprises under review use it


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class PilotPlants(Lever):
    """概念验证、中试平台: raise the odds that key projects succeed and help set up technology centres."""

    platforms: float = 1.0  # a year
    platform_grant: float = 500.0  # 万元

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        strength = self.strength(desk.quarter)
        rows = self.eligible.rows(e, desk)
        terms.result_lift[rows] += desk.parameters.pilot_plant_lift * strength
        terms.recognition_lift[rows, Recognition.TECH_CENTRE] += desk.parameters.pilot_plant_lift * strength
        terms.reached[rows] = True
        desk.ledger.pay_city(self.name, self.platforms * self.platform_grant / 4.0)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumSupport(Lever):
    """创新联合体: the city asks leaders and universities to form consortia and shares their cost."""

    push: float = 1.0  # relative to the usual rate
    support: float = 0.0  # 万元 a year in all

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        desk.city.consortia_push += self.push * self.strength(desk.quarter)
        desk.ledger.pay_city(self.name, self.support / 4.0)
