"""What a comparison says: effects, where they arise, what support leaked, and the ladder, as frames and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from agents.table import Floats
from peiyu.comparison.compare_document import CompareDocument
from peiyu.comparison.reasons import Reason, reasons, sentence
from peiyu.comparison.rows import Effect, Leak, LeverCost, OutcomeEffect, PartEffect
from peiyu.comparison.split import Split
from peiyu.forecasts.result import Forecast
from peiyu.words.loader import LANGUAGES
from peiyu.words.numbers import digits
from sim.ensemble.record import RUNGS

MEANINGS = {
    "gross": "enterprises that meet the reading and that a lever reached, or that are in this scenario only; units",
    "additional": "gross less the supported that meet the reading in the base too; units",
    "net": "paired difference of the totals, displacement included; units",
    "spillover": "enterprises that no lever reached and that meet the reading in this scenario only: others' support"
    " helps them; units",
    "displaced": "enterprises that no lever reached and that meet the reading in the base only: what rivals lost;"
    " units. net = additional + spillover - displaced, in every member",
    "net_ci90": "90 % interval of the mean net effect, from paired members",
    "additional_ci90": "90 % interval of the mean additional effect, from paired members",
    "delta_probability": "change of P(reached) through the model's part of it; where the published probability rests"
    " on the record or an assumption, the change of the model's own, which is an assumption; a share",
    "basis": "what the published probability rests on: data, proxy, record or assumption",
    "ci90": "90 % interval of delta_probability, from paired members",
    "cost_wan": "mean of all payments of the scenario less those of the base, 万元, from the ledger",
    "cost_per_net_unit": "cost_wan / net, 万元 a unit, where one type of lever differs, it pays, and net is told apart"
    " from none; a split states it by lever",
    "cost_per_net_unit_ci90": "90 % interval of cost_per_net_unit, Fieller's, from paired members",
    "cost_note": "why there is no cost_per_net_unit: several_levers (see the split), no_cost, not_told_apart (the"
    " interval of net holds zero), lowers (net is below zero), saves (the scenario costs less)",
    "costs": "what each lever paid in the scenario and in the base, mean over members, 万元, from the ledger",
    "unpaired_times": "members that unpaired seeds would need for the same precision, relative to paired ones:"
    " (var(scenario) + var(base)) / var(difference); null where the difference does not vary",
    "outcome_effects": "the same numbers of every outcome at every year's end, in its own unit; cost_wan up to that"
    " year, and 万元 for one more unit; told_apart where the 90 % interval of net leaves zero out",
    "outside_evidence": "a lever in which the scenarios differ (of a share: of that player) is outside the sizes that"
    " evidence speaks of, half to twice the evidenced size; levers_outside_evidence says which, times that size, null"
    " where no size was published",
    "reasons": "where main readings are not told apart (unmoved), how far each type of lever gets on its path:"
    " paired differences by the last deadline, of the whole scenario, and from which on none is told apart (stops_at)",
    "leaks": "what support paid for that is no effect, mean over members: vouchers since the origin; relabelled R&D of"
    " supported holders of the high-tech label, 万元 a year; tenants of pilot zones by how they came",
    "ladder": "mean number of future-track enterprises by rung at the origin (rows) and at the end (columns)",
}
"""What each key of the document means, as part of the document."""


@dataclass(frozen=True)
class Comparison:
    """Forecasts of several scenarios over the same members, and paired effects against the first."""

    forecasts: list[Forecast]
    effects: list[Effect]
    costs: list[LeverCost] = field(default_factory=list)
    outcomes: list[OutcomeEffect] = field(default_factory=list)
    parts: list[PartEffect] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    ladders: dict[str, Floats] = field(default_factory=dict)  # scenario -> (rungs, rungs), mean enterprises
    splits: list[Split] = field(default_factory=list)

    def frame(self) -> pd.DataFrame:
        """Return one row per scenario, goal and reading."""
        return _frame(self.effects, Effect)

    def cost_frame(self) -> pd.DataFrame:
        """Return one row per scenario and lever that paid."""
        return _frame(self.costs, LeverCost)

    def outcome_frame(self) -> pd.DataFrame:
        """Return one row per scenario, outcome and year."""
        return _frame(self.outcomes, OutcomeEffect)

    def part_frame(self) -> pd.DataFrame:
        """Return one row per scenario, main reading and district or track."""
        return _frame(self.parts, PartEffect)

    def leak_frame(self) -> pd.DataFrame:
        """Return one row per scenario and kind of leak."""
        return _frame(self.leaks, Leak)

    def ladder_frame(self) -> pd.DataFrame:
        """Return one row per scenario, rung at the origin and rung at the end."""
        rows = [
            (name, RUNGS[i], RUNGS[j], float(flow[i, j]))
            for name, flow in self.ladders.items()
            for i in range(len(RUNGS))
            for j in range(len(RUNGS))
            if i or j
        ]
        return pd.DataFrame(rows, columns=["scenario", "rung_before", "rung_after", "enterprises"])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format=digits)

    def document(self) -> CompareDocument:
        """Return what `peiyu compare` writes, prints and keeps."""
        changes = {
            "scenarios": [f.document() for f in self.forecasts],
            "effects": [_plain(e) for e in self.effects],
            "costs": [_plain(x) for x in self.costs],
            "outcome_effects": [_plain(x) for x in self.outcomes],
            "parts": [_plain(p) for p in self.parts],
            "leaks": [_plain(x) for x in self.leaks],
            "ladder": {"rungs": list(RUNGS)} | {name: flow.tolist() for name, flow in self.ladders.items()},
            "reasons": self._reason_rows(),
            "splits": [s.document() for s in self.splits],
            "meanings": MEANINGS,
        }
        return CompareDocument.model_validate(self.forecasts[0].document() | changes)

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why nothing is seen of some goals, by scenario and type of lever."""
        return [x for f in self.forecasts[1:] for x in reasons(self.forecasts[0], f)]

    def _reason_rows(self) -> list[dict[str, Any]]:
        base = self.forecasts[0]
        said = [{lang: sentence(x, base, lang) for lang in LANGUAGES} for x in self.reasons]
        steps = [{"steps": [_plain(step) for step in x.steps]} for x in self.reasons]
        return [_plain(x) | more | words for x, more, words in zip(self.reasons, steps, said, strict=True)]

    def plot(self, lang: str = "en") -> object:
        """Draw the effects, with words in "en" or "zh"; needs matplotlib."""
        from peiyu.comparison.figures import draw_effects  # noqa: PLC0415  matplotlib is an extra

        return draw_effects(self.forecasts, self.effects, lang)

    def plot_ladder(self, scenario: str | None = None, lang: str = "en") -> object:
        """Draw who climbs the ladder under a scenario, the last one by default, and in the base; needs matplotlib."""
        from peiyu.comparison.ladder import draw_ladder  # noqa: PLC0415  matplotlib is an extra

        return draw_ladder(self.forecasts, self.ladders, scenario or self.forecasts[-1].scenario.name, lang)

    def plot_districts(self, goal: str | None = None, lang: str = "en") -> object:
        """Draw where the effects on a goal's main reading arise; needs matplotlib."""
        from peiyu.comparison.figures import draw_districts  # noqa: PLC0415  matplotlib is an extra

        return draw_districts(self.forecasts, self.parts, goal, lang)


def _frame(rows: Sequence[Any], kind: type[Any]) -> pd.DataFrame:
    return pd.DataFrame([asdict(row) for row in rows], columns=list(kind.__dataclass_fields__))


def _plain(row: Any) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(row).items()}
