"""What a forecast says: as an object, as a frame, as the JSON document other programs read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from peiyu.forecasts.outcomes import YearlyOutcome, outcomes
from peiyu.words.evidence import outside_document
from peiyu.words.numbers import digits
from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Ensemble
from sim.ensemble.stated import GoalForecast, Joint
from sim.scenario.evidence import evidenced, outside_evidence
from sim.scenario.scenario import Scenario

POOL = (
    "basis", "likelihood", "model_probability", "model_weight", "record_rate", "record_n", "record_own", "base_rate",
    "hangs_low", "hangs_high",
)  # fmt: skip
"""What the document says of where a probability comes from."""


@dataclass(frozen=True, slots=True)
class RuleAct:
    """In how many members an adaptive rule acted, by which of its branches, at the end of which quarter."""

    rule: str
    branch: str
    quarter: str
    share: float


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
    acts: tuple[RuleAct, ...] = ()  # of the scenario's adaptive rules

    def frame(self) -> pd.DataFrame:
        """Return one row per goal and reading."""
        return pd.DataFrame([asdict(g) for g in self.goals])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format=digits)

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
            *POOL,
        )
        acts = {"rules": [asdict(x) for x in self.acts]} if self.acts else {}  # of scenarios that have rules
        return {
            "run_id": self.run_id,
            "city": self.city.name,
            "scenario": self.scenario.name,
            "as_of": quarter.label(self.as_of),
            "members": self.members,
            "seed": self.seed,
            "goals": [{k: getattr(g, k) for k in keys} for g in self.goals],
            "joint": {"all": self.joint.all, "at_least": {str(k): p for k, p in self.joint.at_least.items()}},
            "outcomes": [asdict(x) for x in self.outcomes],
            "outside_evidence": bool(self.outside),
            "levers_outside_evidence": outside_document(self.outside),
        } | acts

    @cached_property
    def outcomes(self) -> list[YearlyOutcome]:
        """What becomes of the tracks and the city, year by year to the horizon."""
        return outcomes(self.ensemble, self.as_of)

    @cached_property
    def outside(self) -> dict[str, float]:
        """Levers of the scenario whose size no evidence speaks of, with the multiple of the evidenced size."""
        return outside_evidence(self.scenario, evidenced(self.city))

    def plot(self, lang: str = "en") -> object:
        """Draw where every main reading goes, with what is asked, as in the appendix; needs matplotlib."""
        from peiyu.forecasts.figures import draw_paths  # noqa: PLC0415  matplotlib is an extra

        return draw_paths(self.city, self.ensemble, self.as_of, lang)

    def plot_chances(self, lang: str = "en") -> object:
        """Draw P(reached) of every reading with its Monte-Carlo error; needs matplotlib."""
        from peiyu.forecasts.figures import draw_chances  # noqa: PLC0415  matplotlib is an extra

        title = f"{self.city.title[lang]} · {self.scenario.title[lang]}"
        return draw_chances(self.city, self.goals, title, lang)
