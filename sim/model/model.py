"""The model: one `step` is one quarter."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, Self

import mesa
import numpy as np

from agents.enterprises import NEVER, Enterprises, Stage
from agents.parameters import Parameters
from agents.terms import Terms
from sim.city.city import City
from sim.levers import CityTerms, Lever, QuarterContext
from sim.levers.base import Outcome
from sim.levers.context import Zones
from sim.model import business, founding, institutions, mobility, recognition
from sim.scenario import rule as rules
from sim.scenario.scenario import Scenario
from sim.state.census import Census
from sim.state.indicators import INDICATORS
from sim.state.state import State


class IndustryModel(mesa.Model):
    """A city's technology enterprises under a policy scenario.

    `state` is the city in this quarter, all that processes read and change;
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
        self.policy, self.reports_from = scenario, city.start
        self.parted, self.fired, self.acting = city.start + 1, list[rules.Fired](), list[Lever]()
        self.state = s = State.unpeopled(self, city, parameters, seed=seed, as_of=as_of, weight=weight)
        institutions.gather(s)
        founding.people(s)
        self.terms, self.context = Terms.blank(len(s.enterprises)), self._context(self._blank_offer())
        reporters = {i.name: partial(_read, i.measure) for i in INDICATORS.values()}
        self.datacollector = mesa.DataCollector(reporters)

    @property
    def quarter(self) -> int:
        """The quarter that has been simulated last."""
        return self.state.quarter

    def step(self) -> None:
        """Advance one quarter. The order of these lines is the model."""
        s = self.state
        self.turn_the_calendar()
        terms, offer = self.terms_in_force()  # blank, then each lever in force adds its offer
        founding.found(s, terms, offer)
        business.invest(s, terms)
        business.grow(s, terms)
        business.take_off(s, offer)
        public_equity = business.raise_money(s, terms)
        first, again = recognition.recognise(s, terms)  # only recognitions with a round this quarter
        self.settle(Outcome(first, again, public_equity))  # levers pay for what they promised
        mobility.relocate(s, offer)
        mobility.leave(s, terms)
        institutions.run(s, offer)  # the few: zones, consortia, scenes
        self.take_stock()

    def turn_the_calendar(self) -> None:
        """Move to the next quarter with a blank ledger page and blank flows."""
        self.state.quarter += 1
        self.state.ledger.open_page()
        self.state.flows.clear()
        self.state.newly.clear()

    def terms_in_force(self) -> tuple[Terms, CityTerms]:
        """Start from nothing and let each lever in force add its offer."""
        s, offer = self.state, self._blank_offer()
        self.terms.clear(len(s.enterprises))
        self.context, self.acting = self._context(offer), self.levers()
        for lever in self.acting:
            # in the order of the scenario: a fund sees what those before it have offered in the same deal
            s.ledger.open_line(lever.name, lever.pool(s.quarter))
            lever.apply(self.terms, s.enterprises, self.context)
        return self.terms, offer

    def settle(self, outcome: Outcome) -> None:
        """Let levers that pay on results pay, and write what was paid into the accounts of the institutions."""
        s = self.state
        for lever in self.acting:
            lever.settle(s.enterprises, outcome, self.context)
            lever.account(s.institutions, s.ledger.lines[lever.name])

    def take_stock(self) -> None:
        """Count everything once, at the end of the quarter."""
        s = self.state
        if s.quarter >= self.reports_from:
            s.census = Census.of(s.enterprises, s.quarter)
            self.datacollector.collect(self)
        else:
            # a place for every quarter, asked for or not, so that place i is the same quarter in all runs
            for numbers in self.datacollector.model_vars.values():
                numbers.append(np.nan)
        s.ledger.close(s.quarter)
        self.fired += rules.fire(self.policy.rules, self.fired, self.reported())  # they act from the next quarter on

    def reported(self) -> rules.Reported:
        """Return what has been reported so far, as adaptive rules look at it."""
        return rules.Reported(self.datacollector.model_vars, self.state.city.start, self.parted, self.quarter)

    def levers(self) -> list[Lever]:
        """Return the levers in force this quarter."""
        return [x for x in self.policy.levers_in(self.quarter, self.fired) if x.in_force(self.quarter)]

    def run_to(self, quarter: int) -> Self:
        """Step until `quarter` has been simulated."""
        while self.quarter < quarter:
            self.step()
        return self

    def fork(self, scenario: Scenario) -> Self:
        """Copy the whole state and turn the copy to another scenario; the original is untouched."""
        s = self.state
        # deepcopy takes what it finds in its memo as it is: what never changes, or is made anew before it is read
        shared = (
            self.policy,
            s.city,
            s.parameters,
            s.constants,
            s.record,
            s.known,
            s.census,  # this and what follows are made anew in every quarter
            self.acting,
            self.terms,
            self.context,
        )
        reported = self.datacollector.model_vars.values()  # lists of numbers, which a list can share
        twin = deepcopy(self, {id(x): x for x in shared} | {id(x): x.copy() for x in reported})
        return twin.turn_to(scenario)

    def turn_to(self, scenario: Scenario) -> Self:
        """Go on under another scenario from here; under the same one, rules that have acted stay so.

        Raises `InputError` for a rule dated before.
        """
        if scenario != self.policy:
            rules.refuse_past(scenario.name, scenario.rules, self.quarter)
            self.parted, self.fired = self.quarter + 1, []
        self.policy = scenario
        self.state.enterprises.reached[:] = False
        return self

    def release(self) -> None:
        """Let go of all that is large: Mesa's counter of agents keeps every model alive for ever."""
        self.remove_all_agents()
        del self.state, self.terms, self.context, self.acting, self.datacollector

    def enterprise(self, slot: int) -> dict[str, Any]:
        """Return one enterprise's view: every column by name, stage by word. Raises `KeyError` when it is not there."""
        e = self.state.enterprises
        rows = np.flatnonzero(e.slot == slot)
        if not len(rows):
            raise KeyError(f"no enterprise with slot {slot} in this quarter")
        view = {name: getattr(e, name)[rows[0]] for name, _, _ in Enterprises.describe()}
        return view | {"stage": Stage(view["stage"]).name, "age_quarters": self.quarter - int(view["born"])}

    def _blank_offer(self) -> CityTerms:
        return CityTerms.blank(len(self.state.city.districts), len(self.state.city.tracks))

    def _context(self, offer: CityTerms) -> QuarterContext:
        s = self.state
        zones = Zones.blank(len(s.institutions.pilot_zones))
        for z in s.institutions.pilot_zones:
            if z.since != NEVER:
                zones.status[z.index] = z.designated, z.provincial, z.national
                zones.works[z.index] = z.works
        return QuarterContext(
            s.quarter,
            s.parameters,
            s.ledger,
            offer,
            s.constants.future,
            s.constants.compute_heavy,
            zones,
            s.institutions.counts.scenes_matched,
            s.draw,
            projects=s.record.number("projects", s.quarter),
            projects_unseen=s.record.unseen("projects", s.quarter, s.parameters.record_seen),
        )


def _read(measure: Callable[[State], float], model: IndustryModel) -> float:
    """Read an indicator off a model, as Mesa's data collector asks for it."""
    return measure(model.state)
