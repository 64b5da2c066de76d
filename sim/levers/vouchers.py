"""Vouchers: services bought from others, and computing power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.enterprises import Enterprises
from agents.table import Floats, Ints, rows_where
from agents.terms import Terms
from sim.levers.base import Lever, lever
from sim.levers.context import Desk


def use_of(e: Enterprises, rows: Ints, desk: Desk, name: str) -> tuple[Floats, Floats]:
    """Split voucher holders into used and additional, as 0/1 (n,) each (P17).

    An enterprise buys something it would not have bought (additional), replaces its own money
    (deadweight), or lets the voucher lapse (unused); which, is its own draw.
    """
    p = desk.parameters
    u = desk.draw(f"use:{name}", e.slot[rows])
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
    effects = ("voucher_additional", "voucher_unused", "voucher_effect", "voucher_half_life", "voucher_permanent")

    face_value: float  # 万元
    reach: float = 1.0  # share of eligible enterprises that ask in a year

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        rows = self.eligible.rows(e, desk)
        rows = rows[rows_where(desk.draw(f"ask:{self.name}", e.slot[rows]) < self.reach / 4.0)]
        used, additional = desk.uses[self.name] = use_of(e, rows, desk, self.name)
        paid = self.grant(e, rows, self.face_value * used, desk)
        share = paid / self.face_value
        boost, won = desk.parameters.voucher_effect * share * additional, rows_where(paid > 0)
        terms.offer(rows[won], boost=boost[won])
        desk.ledger.pay(self.name, paid)


@lever
@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeVoucher(Lever):
    """算力券: pays a share of computing bills up to a cap from a yearly pool; additional use is real R&D."""

    plan_action = 9
    effects = ("voucher_additional", "voucher_unused", "knowledge_elasticity")

    rate: float  # share of the bill
    cap: float  # 万元 a year and enterprise
    compute_share: float  # of R&D that is computing, an assumption

    def apply(self, terms: Terms, e: Enterprises, desk: Desk) -> None:
        rows = self.eligible.rows(e, desk)
        used, additional = desk.uses[self.name] = use_of(e, rows, desk, self.name)
        bill = self.compute_share * e.rd_spend[rows] / 4.0
        paid = self.grant(e, rows, used * np.minimum(self.rate * bill, self.cap / 4.0), desk)
        won = rows_where(paid > 0)
        terms.offer(rows[won], rd_extra=(paid * additional)[won], grant=(paid * (1.0 - additional))[won])
        desk.ledger.pay(self.name, paid)
