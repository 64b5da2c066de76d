"""Knowledge: basic research, open challenges, pilot plants, consortia."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import NEVER, Enterprises, Recognition
from agents.table import rows_where, those
from agents.terms import Terms
from sim.levers.base import Lever, lever
from sim.levers.capacity import CountedLever
from sim.levers.context import QuarterContext


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class BasicResearch(Lever):
    """源头创新: laboratories and universities feed spin-offs (衍生企业) and add to what enterprises know.

    Of every 万元 spent, `spillover` works like real R&D of the enterprises around, shared out by their own R&D.
    """

    plan_action = 1
    effects = ("basic_research", "spillover", "knowledge_elasticity", "dose_elasticity")
    path = ("entries", "future_rd_spend", "future_revenue")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        context.city.spin_off_lift += context.parameters.basic_research * self.dose(context)
        spent = self.pool(context.quarter)
        rows = self.eligible.rows(e, context)
        own = e.rd_spend[rows]
        # per row: one stands for `weight` enterprises, and the city's money is for all of them
        gained = context.parameters.spillover * spent / context.ledger.weight / max(float(own.sum()), 1e-9)
        if gained != 0.0:
            terms.offer(rows, rd_extra=gained * own)
        context.ledger.pay_city(self.name, spent)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChallenge(CountedLever):
    """揭榜挂帅: awards key projects to the enterprises with most knowledge; results come after review.

    `size` is relative to the usual number of projects a year, of which reviewers and candidates let it have less and
    less (`sim.levers.capacity`). The city pays a share of each project's cost up to a cap; what it pays is real R&D of
    the enterprise. Projects that are on record are awarded as they were.
    """

    plan_action = 2
    counts, office = "projects", "open_challenge"
    effects = ("projects_rate", "project_cost", "project_success", "project_years")
    path = ("future_rd_spend", "key_results")

    share: float  # of a project's cost
    cap: float  # 万元 a project

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        p = context.parameters
        self.pay_office(context)
        beside = context.projects_unseen * p.projects_rate * self.push(context.quarter) / 4.0
        wanted = (context.projects + beside) / context.ledger.weight
        rows = self.eligible.rows(e, context)
        rows = those(rows, e.project_due[rows] == NEVER)
        # stochastic rounding: a broken number of projects is the expected one; one draw for the lever and quarter
        count = int(np.floor(wanted + context.draw(f"round:{self.name}", np.zeros(1, np.int64))[0]))
        # knowledge in logs, so that a standard deviation of quality counts as much as e times the knowledge
        merit = self.priority(e, rows, context) + np.log(e.knowledge[rows])
        if count < len(rows):
            rows = rows[np.argpartition(-merit, count)[:count]]
        paid = self.grant(e, rows, np.full(len(rows), min(self.share * p.project_cost, self.cap)), context)
        won = rows_where(paid > 0)
        terms.offer(rows[won], project=True, rd_extra=paid[won])
        context.ledger.pay(self.name, paid)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class PilotPlants(Lever):
    """概念验证、中试平台: raise the odds that key projects succeed and help set up technology centres."""

    plan_action = 3
    effects = ("pilot_plant_lift", "dose_elasticity")
    path = ("key_results", "tech_centres_new")

    platforms: float  # a year
    platform_grant: float  # 万元

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        lift = context.parameters.pilot_plant_lift * self.dose(context)
        if lift != 0.0:
            terms.offer(self.eligible.rows(e, context), result_lift=lift)
            terms.invite(Recognition.TECH_CENTRE, self.eligible.mask(e, context), lift)
        context.ledger.pay_city(self.name, self.size * self.platforms * self.platform_grant / 4.0)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumSupport(CountedLever):
    """创新联合体: the city asks leaders and universities to form consortia and shares their cost.

    `size` is relative to the usual number a year, with less and less for more (`sim.levers.capacity`). A consortium
    helps the key projects of its track, for good.
    """

    plan_action = 2
    counts, office = "consortia", "consortium_support"
    effects = ("consortia_rate", "spontaneous_consortia", "consortium_lift")
    path = ("consortia", "key_results")

    support: float = 0.0  # 万元 a year in all

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        context.city.consortia_push += self.push(context.quarter)
        self.pay_office(context)
        context.ledger.pay_city(self.name, self.size * self.support / 4.0)
