"""The ledger: every payment of every lever, by quarter, with how many it reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from agents.table import Floats, added


@dataclass(slots=True)
class Line:
    """What one lever paid in one quarter."""

    amount: float = 0.0  # 万元
    payments: int = 0
    budget: float = 0.0  # 万元 available in the quarter


class Payment(NamedTuple):
    """What one lever paid in one quarter, as it is filed."""

    quarter: int
    lever: str
    amount: float  # 万元
    payments: int
    budget: float  # 万元 available in the quarter


@dataclass(slots=True)
class Ledger:
    """Payments of the current quarter by lever name; `closed` keeps the earlier quarters."""

    weight: float = 1.0  # enterprises a row stands for
    lines: dict[str, Line] = field(default_factory=dict)
    closed: list[Payment] = field(default_factory=list)

    def open_line(self, lever: str, budget: float) -> None:
        """Say what a lever may spend this quarter."""
        self.lines[lever] = Line(budget=budget)

    def left(self, lever: str) -> float:
        """Return what a lever may still spend this quarter, per row of the model, 万元."""
        line = self.lines[lever]
        return max(line.budget - line.amount, 0.0) / self.weight

    def pay(self, lever: str, amounts: Floats) -> None:
        """Write payments, (n,), 万元; zero amounts are not payments.

        Raises `AssertionError` when a lever would spend more than its budget: that is a fault of ours.
        """
        line = self.lines[lever]
        line.amount += float(amounts.sum()) * self.weight
        line.payments += round(np.count_nonzero(amounts > 0) * self.weight)
        # the slack is for the rounding of sums over many payments
        if line.amount > line.budget * (1 + 1e-9) + 1e-6:
            raise AssertionError(f"{lever} paid {line.amount} of {line.budget}")

    def pay_city(self, lever: str, amount: float, payments: int = 1) -> None:
        """Write a payment for the whole city, 万元, as far as the budget goes; it does not scale with the weight."""
        line = self.lines[lever]
        paid = min(amount, max(line.budget - line.amount, 0.0))
        line.amount += paid
        line.payments += payments if paid > 0 else 0

    def total(self) -> float:
        """Return what all levers have paid this quarter, 万元."""
        return added(line.amount for line in self.lines.values())

    def open_page(self) -> None:
        """Start the quarter with a blank page."""
        self.lines = {}

    def close(self, quarter: int) -> None:
        """File the quarter's lines and start blank."""
        self.closed += [Payment(quarter, name, x.amount, x.payments, x.budget) for name, x in self.lines.items()]
        self.lines = {}
