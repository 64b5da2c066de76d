"""Funding: guidance funds in four tiers, and awards on recognition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from agents import finance
from agents.enterprises import Enterprises, Recognition
from agents.institutions import Institutions
from agents.table import Ints, rows_where, those
from agents.terms import Terms
from sim.levers.base import Lever, Outcome, lever
from sim.levers.context import QuarterContext
from sim.levers.ledger import Line

Tier = Literal["seed", "angel", "venture", "merger"]
TIER_ROUNDS: dict[str, tuple[int, int]] = {
    "seed": (0, 0),
    "angel": (1, 1),
    "venture": (2, 3),
    "merger": (4, 99),
}
"""Equity rounds an enterprise has closed when it belongs to a tier (plan article 13)."""


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceFund(Lever):
    """政府引导基金: co-invests with private money in enterprises of its tier that look for a round.

    The odds of closing rise by P15, private money follows by P16; money buys runway, not quality.
    """

    plan_action = 13
    effects = ("public_odds", "crowd_in", "financed_growth", "government_only")
    path = ("equity_raised", "future_employees", "future_revenue", "future_rd_spend")

    tier: Tier
    ticket: float  # 万元, most in one deal
    public_share: float  # of the deal, at most

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        p = context.parameters
        rows = context.remembered(("looking", self.eligible), lambda: self._looking(e, context))
        low, high = TIER_ROUNDS[self.tier]
        rounds = e.rounds[rows]
        rows = those(rows, (rounds >= low) & (rounds <= high))
        size = finance.deal_size(e.rounds[rows], first=p.first_round, step=p.round_step)
        room = np.maximum(size - terms.equity_offer[rows], 0.0)  # another fund may be in the same deal
        offer = self.grant(e, rows, np.minimum(np.minimum(size * self.public_share, self.ticket), room), context)
        context.commitments[self.name] = (rows, offer)
        won = rows_where(offer > 0)
        terms.offer(rows[won], equity_offer=offer[won], finance_lift=p.public_odds)

    def _looking(self, e: Enterprises, context: QuarterContext) -> Ints:
        """Return the rows of eligible enterprises that investors back and that look for a round; tiers share them."""
        p, rows = context.parameters, self.eligible.among(e.venture, e, context)
        used = finance.burn(e.rd_spend[rows], e.revenue[rows], e.planned[rows], margin=p.margin)
        return those(rows, finance.looks_for_round(e.cash[rows], used, runway=p.runway))

    def settle(self, e: Enterprises, outcome: Outcome, context: QuarterContext) -> None:
        # an offer costs something only where the round has closed
        rows, offer = context.commitments[self.name]
        context.ledger.pay(self.name, np.where(outcome.public_equity[rows] > 0, offer, 0.0))

    def account(self, institutions: Institutions, line: Line) -> None:
        institutions.funds[self.tier].record(line.amount, line.payments)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionAward(Lever):
    """认定奖励: pays enterprises that are recognised, and so draws applications.

    ln application rate rises by `award_response` per 10 万元; the label itself changes nothing (P14).
    """

    plan_action = 5
    effects = ("award_response", "label_effect", "dose_elasticity")
    path = ("hnte_certified", "hnte_stock")

    recognition: str
    first_award: float  # 万元
    renewal_award: float = 0.0  # 万元

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        lift = context.parameters.award_response * self.first_award / 10.0 * self.dose(context)
        terms.invite(Recognition[self.recognition.upper()], self.eligible.mask(e, context), lift)

    def settle(self, e: Enterprises, outcome: Outcome, context: QuarterContext) -> None:
        kind = Recognition[self.recognition.upper()]
        may = self.eligible.mask(e, context)  # who has come since was not offered anything
        first, again = outcome.recognised_first[: len(may), kind], outcome.recognised_again[: len(may), kind]
        rows = rows_where((first | again) & may)
        claim = self.first_award * first[rows] + self.renewal_award * again[rows]
        context.ledger.pay(self.name, self.grant(e, rows, claim, context))


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class SeedlingGrant(Lever):
    """润苗资助: a one-off start-up grant and a place in the reserve pool (培育库) for young enterprises."""

    plan_action = 6
    effects = ("incubation_exit", "distress_exit")
    path = ("exits", "enterprises")

    amount: float  # 万元, once an enterprise

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        rows = self.eligible.rows(e, context)
        rows = those(rows, e.support[rows] < self.amount)  # once
        paid = self.grant(e, rows, np.full(len(rows), self.amount), context)
        won = rows_where(paid > 0)
        terms.offer(rows[won], grant=paid[won], exit_lift=context.parameters.incubation_exit)
        context.ledger.pay(self.name, paid)
