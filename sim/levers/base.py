"""The common part of every lever: dates, money, who is eligible, who comes first, and who says so.

A lever is a frozen dataclass with one method, `apply`. It fills blank terms and writes what it pays to
the ledger; it never edits an enterprise. To add one: write the class in the module of its family,
decorate it, name it in a scenario. Nothing else to touch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import reduce
from typing import Any, ClassVar, Literal

import numpy as np

from agents.enterprises import Enterprises, Recognition
from agents.institutions import Institutions
from agents.table import EVERY_ROW, Bools, Floats, Ints, rows_where, those
from agents.terms import Terms
from sim.levers.allocation import allocate
from sim.levers.context import QuarterContext
from sim.levers.ledger import Line

Allocation = Literal["quality", "first_come", "lottery"]
Evidence = Literal["A", "B", "C", "D"]
JUDGEMENT_ERROR = 2.0
"""Width of the uniform error with which offices judge quality, sd of quality; an assumption."""
NO_AMOUNT = frozenset({"compute_share"})
"""Numbers of levers that describe enterprises, not what these are given."""
STRICT = {"extra": "forbid", "allow_inf_nan": False}
"""Scenario files may not hold keys a lever does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligible:
    """Who may be supported; what is left out does not matter."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    tracks: tuple[int, ...] | Literal["future", "compute_heavy", "all"] = "future"
    districts: tuple[int, ...] = ()  # empty: all
    max_age_years: float = 1e6
    min_age_years: float = 0.0
    max_employees: float = 1e9
    max_revenue: float = 1e12  # 万元/年
    min_rd_intensity: float = 0.0
    recognised: str = ""  # a recognition that must be valid
    in_zone: bool = False

    def rows(self, e: Enterprises, context: QuarterContext) -> Ints:
        """Return the rows of eligible enterprises; the dormant are never eligible."""
        # levers with equal conditions share the look-up: a frozen dataclass is a key by its values
        return context.remembered(self, lambda: self._find(e, context))

    def mask(self, e: Enterprises, context: QuarterContext) -> Bools:
        """Tell who is eligible, (n,); cheaper than rows where that is nearly everybody."""
        return context.remembered(("mask", self), lambda: self._mask(e, context))

    def among(self, mask: Bools, e: Enterprises, context: QuarterContext) -> Ints:
        """Return the rows of those of a mask who are eligible."""
        if self.tracks == "all":
            return rows_where(self.mask(e, context) & mask)
        rows = self.rows(e, context)
        return those(rows, mask[rows])

    def _find(self, e: Enterprises, context: QuarterContext) -> Ints:
        if self.tracks == "all":
            return rows_where(self.mask(e, context))
        rows = context.remembered(("tracks", self.tracks), lambda: self._active_in_tracks(e, context))
        for passes in self._conditions(e, context):  # each looks only at who is left
            rows = those(rows, passes(rows))
        return rows

    def _mask(self, e: Enterprises, context: QuarterContext) -> Bools:
        if self.tracks == "all":  # whole columns are faster to read than nearly all of their rows
            passed = (passes(EVERY_ROW) for passes in self._conditions(e, context))
            return reduce(np.logical_and, passed, ~e.dormant)
        mask = np.zeros(len(e), bool)
        mask[self.rows(e, context)] = True
        return mask

    def _active_in_tracks(self, e: Enterprises, context: QuarterContext) -> Ints:
        if self.tracks == "future":
            return rows_where(e.future & ~e.dormant)
        tracks = np.flatnonzero(context.compute_heavy).tolist() if self.tracks == "compute_heavy" else self.tracks
        here = reduce(np.logical_or, (e.track == k for k in tracks), np.zeros(len(e), bool))  # they are few
        return rows_where(here & ~e.dormant)

    def _conditions(self, e: Enterprises, context: QuarterContext) -> Iterator[Callable[[Any], Bools]]:
        """Give the conditions this lever really sets, cheap and strict ones first."""
        limits: tuple[tuple[str, Callable[[Any], Bools]], ...] = (
            ("max_age_years", lambda rows: e.born[rows] >= context.quarter - math.floor(4 * self.max_age_years)),
            ("min_age_years", lambda rows: e.born[rows] <= context.quarter - math.ceil(4 * self.min_age_years)),
            ("max_employees", lambda rows: e.employees[rows] <= self.max_employees),
            ("max_revenue", lambda rows: e.revenue[rows] <= self.max_revenue),
            ("min_rd_intensity", lambda rows: e.rd_intensity[rows] >= self.min_rd_intensity),
            ("districts", lambda rows: self._in_district(context)[e.district[rows]]),
            ("recognised", lambda rows: e.until[:, Recognition[self.recognised.upper()]][rows] > context.quarter),
            ("in_zone", lambda rows: e.zone[rows] > 0),
        )
        return (passes for name, passes in limits if getattr(self, name) != getattr(_NO_CONDITION, name))

    def _in_district(self, context: QuarterContext) -> Bools:
        named = np.zeros(len(context.city.entry_lift), bool)
        named[list(self.districts)] = True
        return named


_NO_CONDITION = Eligible()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """Base of every lever; the fields are those any scenario entry may set."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
    plan_action: ClassVar[int]  # the article of the action plan it carries out
    effects: ClassVar[tuple[str, ...]]  # parameters that say how strongly it works
    path: ClassVar[tuple[str, ...]]  # indicators that it moves, one after the other
    programme: ClassVar[str] = ""  # the voucher programme whose account it keeps, if any

    name: str
    start: int  # quarter
    end: int  # quarter, included
    budget: float  # 万元 a year
    source: str  # where a planner can check it, or "assumption: ..."
    size: float = 1.0  # relative to what is written: multiplies the money, and effects by their dose
    ramp_quarters: int = 4
    allocation: Allocation = "quality"
    evidence: Evidence = "D"
    eligible: Eligible = field(default_factory=Eligible)

    def in_force(self, quarter: int) -> bool:
        """Tell whether the lever acts in a quarter."""
        return self.start <= quarter <= self.end

    def strength(self, quarter: int) -> float:
        """Return the ramp: from 1/ramp_quarters in the first quarter to one."""
        return min(1.0, (quarter - self.start + 1) / max(self.ramp_quarters, 1))

    def dose(self, context: QuarterContext) -> float:
        """Return what multiplies an effect whose prior speaks of size one: ramp * size^dose_elasticity."""
        return self.strength(context.quarter) * self.size**context.parameters.dose_elasticity

    def pool(self, quarter: int) -> float:
        """Return what may be spent in a quarter: a quarter of the yearly budget times size, ramped, 万元."""
        return self.budget * self.size / 4.0 * self.strength(quarter)

    def amounts(self) -> dict[str, float]:
        """Return what says how much of the lever there is: its money, its size, and what a single case gets."""
        own = {f.name for f in fields(self)} - {f.name for f in fields(Lever)} - NO_AMOUNT
        cases = {name: getattr(self, name) for name in sorted(own)}
        numbers = {name: float(x) for name, x in cases.items() if isinstance(x, int | float)}
        return {"money": self.budget * self.size, "size": self.size} | numbers

    def apply(self, terms: Terms, e: Enterprises, context: QuarterContext) -> None:
        """Add this lever's offer to this quarter's terms and pay for it."""
        raise AssertionError(f"{type(self).__name__} has no apply")

    def settle(self, e: Enterprises, outcome: Outcome, context: QuarterContext) -> None:
        """Pay for what happened this quarter because of the offer; most levers pay when they offer."""

    def account(self, institutions: Institutions, line: Line) -> None:
        """Write the quarter's payments into the account of the institution that made them; most levers have none."""

    def priority(self, e: Enterprises, rows: Ints, context: QuarterContext) -> Floats:
        """Rank claimants: by a noisy view of quality, by who comes first, or by lot."""
        lottery = context.draw(f"priority:{self.name}", e.slot[rows])
        if self.allocation == "lottery":
            return lottery
        if self.allocation == "first_come":
            return lottery + e.reached[rows]  # who has been here before knows the way
        return e.quality[rows] + JUDGEMENT_ERROR * lottery

    def grant(self, e: Enterprises, rows: Ints, claim: Floats, context: QuarterContext) -> Floats:
        """Allocate what is left of the quarter's pool to the claims, (n,), 万元."""
        # where the money is enough for all, nobody has to be ranked, and nothing is drawn
        left = context.ledger.left(self.name)
        return claim if claim.sum() <= left else allocate(claim, self.priority(e, rows, context), left)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to enterprises this quarter, for levers that pay on results; all by row."""

    recognised_first: Bools  # (n, recognitions) first recognised now
    recognised_again: Bools  # (n, recognitions) renewed or recognised again now
    public_equity: Floats  # (n,) 万元 of public equity taken up


LEVERS: dict[str, type[Lever]] = {}


def lever(cls: type[Lever]) -> type[Lever]:
    """Register a lever under its snake_case name, the `type` a scenario file uses."""
    LEVERS["".join("_" + c.lower() if c.isupper() else c for c in cls.__name__).lstrip("_")] = cls
    return cls
