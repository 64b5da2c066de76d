"""A city's past as it is run: under the policy in force, with one draw of the parameters."""

from __future__ import annotations

from dataclasses import dataclass

from agents.parameters import Parameters
from agents.table import Floats
from sim.city.city import City
from sim.ensemble.ensemble import series_of
from sim.model.model import IndustryModel
from sim.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class History:
    """A city's past as it is run: under the policy in force, to a quarter, at a weight."""

    city: City
    scenario: Scenario
    as_of: int
    weight: float

    def series(self, parameters: Parameters, seed: int) -> Floats:
        """Run it once and return (quarters, indicators) from the quarter after the opening."""
        model = IndustryModel(
            self.city, self.scenario, parameters, seed=seed, as_of=self.as_of, weight=self.weight
        ).run_to(self.as_of)
        series = series_of(model)
        model.release()
        return series
