"""Vouchers: services bought from others, and computing power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Enterprises
from agents.institutions import Institutions
from agents.table import Floats, Ints, rows_where, those
from agents.terms import Terms
from sim.levers.base import Lever, lever
from sim.levers.context import QuarterContext
from sim.levers.ledger import Line


def use_of(e: Enterprises, rows: Ints, context: QuarterContext, name: str) -> tuple[Floats, Floats]:
    """Split voucher holders into used and additional, as 0/1 (n,) each (P17).

    An enterprise buys something it would not have bought (additional), replaces its own money
    (deadweight), or lets the voucher lapse (unused); which, is its own draw.
    """
    p = context.parameters
    u = context.draw(f"use:{name}", e.slot[rows])
    # one uniform for three outcomes: additional at its lower end, unused at its upper end, deadweight between
    unused = (1.0 - p.voucher_additional) * p.voucher_unused
    used = u < 1.0 - unused
    return used.astype(float), (u < p.voucher_additional).astype(float)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceVoucher(Lever):
    """服务券: pays part of a service bought from a platform; raises the hazard of high growth for a while.

    Used additional vouchers add P18's log hazard ratio; it halves every half-life, a small part stays.
    """

    plan_action = 6
    programme = "ServiceVoucher"
    effects = ("voucher_additional", "voucher_unused", "voucher_effect", "voucher_half_life", "voucher_permanent")
    path = ("future_high_growth", "future_employees", "future_revenue")

    face_value: float  # 万元
    reach: float = 1.0  # share of eligible enterprises that ask in a year

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        rows = self.eligible.rows(e, context)
        rows = those(rows, context.draw(f"ask:{self.name}", e.slot[rows]) < self.reach / 4.0)
        # kept in the context for whoever compares scenarios (`sim.ensemble.record`)
        used, additional = context.uses[self.name] = use_of(e, rows, context, self.name)
        paid = self.grant(e, rows, self.face_value * used, context)
        share = paid / self.face_value
        boost, won = context.parameters.voucher_effect * share * additional, rows_where(paid > 0)
        terms.offer(rows[won], boost=boost[won])
        context.ledger.pay(self.name, paid)

    def account(self, institutions: Institutions, line: Line) -> None:
        institutions.programmes[self.programme].record(line.amount, line.payments)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeVoucher(Lever):
    """算力券: pays a share of computing bills up to a cap from a yearly pool; additional use is real R&D."""

    plan_action = 9
    programme = "ComputeVoucher"
    effects = ("voucher_additional", "voucher_unused", "knowledge_elasticity")
    path = ("future_rd_spend", "future_revenue")

    rate: float  # share of the bill
    cap: float  # 万元 a year and enterprise
    compute_share: float  # of R&D that is computing, an assumption

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        rows = self.eligible.rows(e, context)
        used, additional = context.uses[self.name] = use_of(e, rows, context, self.name)
        bill = self.compute_share * e.rd_spend[rows] / 4.0
        paid = self.grant(e, rows, used * np.minimum(self.rate * bill, self.cap / 4.0), context)
        won = rows_where(paid > 0)
        terms.offer(rows[won], rd_extra=(paid * additional)[won], grant=(paid * (1.0 - additional))[won])
        context.ledger.pay(self.name, paid)

    def account(self, institutions: Institutions, line: Line) -> None:
        institutions.programmes[self.programme].record(line.amount, line.payments)
