"""Demand and exchange: application scenes, demonstrations, contests and forums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Enterprises
from agents.table import those
from agents.terms import Terms
from sim.levers.base import lever
from sim.levers.capacity import CountedLever
from sim.levers.context import QuarterContext


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationScenes(CountedLever):
    """应用场景: the city releases scenes; the enterprise that a scene is matched to has a first customer while it runs.

    `size` is relative to the usual number a year, with less and less for more (`sim.levers.capacity`). Scenes released
    in a quarter are matched in the next.
    """

    plan_action = 10
    counts, office = "scenes", "application_scenes"
    effects = ("scenes_rate", "spontaneous_scenes", "scene_match", "scene_growth", "scene_years")
    path = ("scenes_completed", "future_revenue")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        context.city.scene_push += self.push(context.quarter)
        rows = self.eligible.rows(e, context)
        rows = those(rows, e.scene_until[rows] <= context.quarter)
        u = context.draw(f"round:{self.name}", np.zeros(1, np.int64))[0]
        # scenes that would have come without the lever are not its doing; they help whom they would have helped
        anyway = context.parameters.spontaneous_scenes
        asked = (1.0 - anyway) * self.push(context.quarter)
        own = asked / max(anyway + asked, 1e-12)
        # stochastic rounding: rows that stand for several enterprises get the right number of scenes on average
        count = int(own * context.scenes / context.ledger.weight + u)
        if count < len(rows):
            rows = rows[np.argpartition(-self.priority(e, rows, context), count)[:count]]
        terms.offer(rows, scene=True)
        context.ledger.pay_city(self.name, self.pool(context.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrations(CountedLever):
    """示范推广: model samples (示范样本) and benchmarks; scenes and projects are completed more often.

    `size` is relative to the usual number of samples a year, with less and less for more (`sim.levers.capacity`).
    """

    plan_action = 11
    counts, office = "samples", "demonstrations"
    effects = ("samples_rate", "spontaneous_samples", "demonstration_lift", "dose_elasticity")
    path = ("demonstration_samples", "scenes_completed")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        lift = context.parameters.demonstration_lift * self.dose(context)
        context.city.sample_push += self.push(context.quarter)
        context.city.completion_lift += lift
        if lift != 0.0:
            terms.offer(self.eligible.rows(e, context), result_lift=lift)
        context.ledger.pay_city(self.name, self.pool(context.quarter))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePlatforms(CountedLever):
    """开放合作: contests, forums and congresses attract enterprises and become exchange platforms (交流平台).

    `size` is relative to the usual number of platforms a year, with less and less for more (`sim.levers.capacity`).
    """

    plan_action = 14
    counts, office = "platforms", "exchange_platforms"
    effects = ("platforms_rate", "spontaneous_platforms", "contest_attraction", "dose_elasticity")
    path = ("exchange_platforms", "attracted")

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        context.city.platform_push += self.push(context.quarter)
        context.city.attraction_lift += context.parameters.contest_attraction * self.dose(context)
        context.ledger.pay_city(self.name, self.pool(context.quarter))
