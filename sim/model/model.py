"""The model: one `step` is one quarter."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Self

import mesa
import numpy as np

from agents import growth, places, survival
from agents.enterprises import NEVER, Enterprises, Stage
from agents.institutions import Consortium, District, GuidanceFund, VoucherProgramme
from agents.parameters import Parameters
from agents.table import Bools, Floats, Ints
from agents.terms import Terms
from sim.city.city import City
from sim.levers import CityTerms, Desk, Lever
from sim.levers.base import Outcome
from sim.levers.context import Zones
from sim.levers.funding import TIER_ROUNDS
from sim.levers.funding import GuidanceFund as FundLever
from sim.levers.ledger import Ledger
from sim.levers.vouchers import ComputeVoucher, ServiceVoucher
from sim.model import business as conduct
from sim.model import founding, institutions
from sim.model import recognition as rounds
from sim.scenario import rule as rules
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS, Census
from sim.streams import Streams

OLDEST = 4 * 40
"""Ages are told apart up to forty years."""


@dataclass(frozen=True, slots=True)
class CityCodes:
    """The city's tracks as columns, (tracks,)."""

    future: Bools
    compute_heavy: Bools
    rd_multiplier: Floats


class IndustryModel(mesa.Model):
    """A city's technology enterprises under a policy scenario.

    `policy` is the scenario in force (Mesa 3.5 has a `scenario` of its own);
    `as_of` is the last quarter data can speak of; `weight` is how many enterprises a row stands for;
    `reports_from` is the first quarter of which numbers are asked, all unless it is set;
    `parted` is the first quarter under this policy, `fired` are its adaptive rules that have acted.
    """

    def __init__(
        self,
        city: City,
        scenario: Scenario,
        parameters: Parameters,
        *,
        seed: int = 1,
        as_of: int,
        weight: float = 1.0,
    ) -> None:
        super().__init__(rng=seed)
        self.city, self.policy, self.parameters = city, scenario, parameters
        self.as_of, self.weight, self.reports_from = as_of, weight, city.start
        self.parted, self.fired = city.start + 1, list[rules.Fired]()
        self.quarter, self.acting = city.start, list[Lever]()
        self.streams = Streams(seed)
        self.city_codes = CityCodes(
            np.array([t.future for t in city.tracks]),
            np.array([t.compute_heavy for t in city.tracks]),
            np.array([t.rd_multiplier for t in city.tracks]),
        )
        p = parameters
        bands = np.array([p.hazard_0_1, p.hazard_1_2, p.hazard_2_3, p.hazard_3_7, p.hazard_7_up])
        self.hazard_by_age = survival.hazard_by_age(bands, OLDEST)
        self.shock_table = growth.shock_table(p.shock_shape)
        self.facts = institutions.facts_by_quarter(city, as_of)
        self.ledger, self.flows, self.counts = Ledger(weight), Counter[str](), institutions.Counts()
        self._gather_institutions()
        self.enterprises: Enterprises = founding.opening(self)
        self.terms = Terms.blank(len(self.enterprises))
        self.opening_stock = self.stock_by_cell()
        self.desk = self._desk(CityTerms.blank(len(city.districts), len(city.tracks)))
        self.census = Census.of(self)
        self.datacollector = mesa.DataCollector({i.name: i.measure for i in INDICATORS.values()})

    def step(self) -> None:
        """Advance one quarter. The order of these lines is the model."""
        self.turn_the_calendar()
        terms, offer = self.terms_in_force()  # blank, then each lever in force adds its offer
        founding.found(self, terms, offer)
        conduct.invest(self, terms)
        conduct.grow(self, terms)
        conduct.take_off(self, offer)
        public_equity = conduct.raise_money(self, terms)
        first, again = rounds.recognise(self, terms)  # only recognitions with a round this quarter
        self.settle(Outcome(first, again, public_equity))  # levers pay for what they promised
        conduct.relocate(self, offer)
        conduct.leave(self, terms)
        institutions.run(self, offer)  # the few: zones, consortia, scenes
        self.take_stock()

    def turn_the_calendar(self) -> None:
        """Move to the next quarter with a blank ledger page and blank flows."""
        self.quarter += 1
        self.ledger.lines = {}
        self.flows = Counter()

    def terms_in_force(self) -> tuple[Terms, CityTerms]:
        """Start from nothing and let each lever in force add its offer."""
        self.terms.clear(len(self.enterprises))
        offer = CityTerms.blank(len(self.city.districts), len(self.city.tracks))
        self.desk, self.acting = self._desk(offer), self.levers()
        for lever in self.acting:
            self.ledger.open_line(lever.name, lever.pool(self.quarter))
            lever.apply(self.terms, self.enterprises, self.desk)
        return self.terms, offer

    def settle(self, outcome: Outcome) -> None:
        """Let levers that pay on results pay, and keep the accounts of funds and voucher programmes."""
        for lever in self.acting:
            lever.settle(self.enterprises, outcome, self.desk)
            line = self.ledger.lines[lever.name]
            if isinstance(lever, FundLever):
                self.funds[lever.tier].record(line.amount, line.payments)
            elif isinstance(lever, ServiceVoucher | ComputeVoucher):
                self.programmes[type(lever).__name__].record(line.amount, line.payments)

    def take_stock(self) -> None:
        """Count everything once, at the end of the quarter."""
        if self.quarter >= self.reports_from:
            self.census = Census.of(self)
            self.datacollector.collect(self)
        else:
            for numbers in self.datacollector.model_vars.values():
                numbers.append(np.nan)
        self.ledger.close(self.quarter)
        self.fired += rules.fire(self)  # they act from the next quarter on

    def levers(self) -> list[Lever]:
        """Return the levers in force this quarter."""
        return [x for x in self.policy.levers_in(self.quarter, self.fired) if x.in_force(self.quarter)]

    def draw(self, decision: str, slot: Ints | None = None) -> Floats:
        """Return U(0,1) for this decision this quarter, one per enterprise (or per slot given)."""
        return self.streams.uniform(decision, self.quarter, self.enterprises.slot if slot is None else slot)

    def stock_by_cell(self) -> Floats:
        """Count enterprises by district x track, (districts * tracks,)."""
        e, shape = self.enterprises, (len(self.city.districts), len(self.city.tracks))
        return places.count(e.district, e.track, np.zeros(shape)).ravel()

    def run_to(self, quarter: int) -> Self:
        """Step until `quarter` has been simulated."""
        while self.quarter < quarter:
            self.step()
        return self

    def fork(self, scenario: Scenario) -> Self:
        """Copy the whole state and turn the copy to another scenario; the original is untouched."""
        shared = (
            self.city,
            self.parameters,
            self.policy,
            self.hazard_by_age,
            self.shock_table,
            self.city_codes,
            self.facts,
            self.acting,  # this and what follows are made anew in every quarter
            self.terms,
            self.desk,
            self.census,
        )
        reported = self.datacollector.model_vars.values()  # lists of numbers, which a list can share
        twin = deepcopy(self, {id(x): x for x in shared} | {id(x): x.copy() for x in reported})
        return twin.turn_to(scenario)

    def turn_to(self, scenario: Scenario) -> Self:
        """Go on under another scenario from here; under the same one, rules that have acted stay so.

        Raises `InputError` for a rule dated before.
        """
        if scenario != self.policy:
            rules.refuse_past(scenario, self.quarter)
            self.parted, self.fired = self.quarter + 1, []
        self.policy = scenario
        self.enterprises.reached[:] = False
        return self

    def release(self) -> None:
        """Let go of the model's rows: Mesa keeps a counter, and with it the model, alive for ever otherwise."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.enterprises, self.terms = Enterprises.blank(0), Terms.blank(0)
        self.census = Census.of(self)
        del self.desk

    def _desk(self, offer: CityTerms) -> Desk:
        zones = Zones.blank(len(self.pilot_zones))
        for z in self.pilot_zones:
            if z.since != NEVER:
                zones.status[z.index] = z.designated, z.provincial, z.national
                zones.works[z.index] = z.works
        codes = self.city_codes
        return Desk(
            self.quarter,
            self.parameters,
            self.ledger,
            offer,
            codes.future,
            codes.compute_heavy,
            zones,
            self.counts.scenes_matched,
            self.draw,
        )

    def _gather_institutions(self) -> None:
        self.pilot_zones = institutions.possible_zones(self)
        self.funds = {tier: GuidanceFund(self, tier) for tier in TIER_ROUNDS}
        self.programmes = {c.__name__: VoucherProgramme(self, c.__name__) for c in (ServiceVoucher, ComputeVoucher)}
        self.consortia = list[Consortium]()
        self.districts = [District(self, i, d.key) for i, d in enumerate(self.city.districts)]

    def enterprise(self, slot: int) -> dict[str, Any]:
        """Return one enterprise's view: every column by name, stage by word. Raises `KeyError` when it is not there."""
        rows = np.flatnonzero(self.enterprises.slot == slot)
        if not len(rows):
            raise KeyError(f"no enterprise with slot {slot} in this quarter")
        e = self.enterprises
        view = {name: getattr(e, name)[rows[0]] for name, _, _ in Enterprises.describe()}
        return view | {"stage": Stage(view["stage"]).name, "age_quarters": self.quarter - int(view["born"])}
