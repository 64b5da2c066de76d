"""What a forecast and a comparison say: as objects, as frames, as the JSON documents other programs read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import import_module

import pandas as pd

from sim import quarter
from sim.city import City
from sim.ensemble import Ensemble
from sim.forecast import GoalForecast, Joint
from sim.scenario import Scenario


@dataclass(frozen=True)
class Forecast:
    """What one scenario's ensemble says about every goal."""

    run_id: str
    city: City
    scenario: Scenario
    as_of: int
    members: int
    seed: int
    goals: list[GoalForecast]
    joint: Joint
    ensemble: Ensemble

    def frame(self) -> pd.DataFrame:
        """Return one row per goal and reading."""
        return pd.DataFrame([asdict(g) for g in self.goals])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format="{:.3g}".format)

    def document(self) -> dict[str, object]:
        """Return the JSON document of `peiyu forecast --json`."""
        keys = (
            "goal",
            "reading",
            "operator",
            "value",
            "deadline",
            "q05",
            "median",
            "q95",
            "probability",
            "mc_error",
            "evidence",
        )
        return {
            "run_id": self.run_id,
            "city": self.city.name,
            "scenario": self.scenario.name,
            "as_of": quarter.label(self.as_of),
            "members": self.members,
            "seed": self.seed,
            "goals": [{k: getattr(g, k) for k in keys} for g in self.goals],
            "joint": {"all": self.joint.all, "at_least": {str(k): p for k, p in self.joint.at_least.items()}},
        }

    def plot(self) -> object:
        """Draw the goals; needs matplotlib."""
        return import_module("peiyu.figures").draw_goals(self)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scenario changes about one reading, against the first scenario, by paired members."""

    scenario: str
    goal: str
    reading: str
    gross: float
    additional: float
    net: float
    net_ci90: tuple[float, float]
    delta_probability: float
    ci90: tuple[float, float]  # of delta_probability
    cost_wan: float
    cost_per_net_unit: float | None


@dataclass(frozen=True)
class Comparison:
    """Forecasts of several scenarios over the same members, and paired effects against the first."""

    forecasts: list[Forecast]
    effects: list[Effect]

    def frame(self) -> pd.DataFrame:
        """Return one row per scenario, goal and reading."""
        return pd.DataFrame([asdict(e) for e in self.effects])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format="{:.3g}".format)

    def document(self) -> dict[str, object]:
        """Return the JSON document of `peiyu compare --json`."""
        keys = (
            "scenario",
            "goal",
            "reading",
            "gross",
            "additional",
            "net",
            "delta_probability",
            "ci90",
            "cost_wan",
            "cost_per_net_unit",
        )
        effects = [{k: getattr(e, k) for k in keys} | {"ci90": list(e.ci90)} for e in self.effects]
        return self.forecasts[0].document() | {
            "scenarios": [f.document() for f in self.forecasts],
            "effects": effects,
        }

    def plot(self) -> object:
        """Draw the effects; needs matplotlib."""
        return import_module("peiyu.figures").draw_effects(self)
