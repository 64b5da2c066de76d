"""The rows of a comparison: an effect on a reading, its part in a place, what a lever cost, a leak of support."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """What a scenario changes about one reading, against the first scenario, by paired members."""

    scenario: str
    goal: str
    reading: str
    gross: float
    additional: float
    net: float
    delta_probability: float
    ci90: tuple[float, float]  # of delta_probability
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: tuple[float, float] | None
    cost_note: str | None  # why there is no cost per unit
    net_ci90: tuple[float, float]
    additional_ci90: tuple[float, float]
    spillover: float
    displaced: float
    unpaired_times: float | None
    basis: str  # what the published probability rests on; without the model in it the change is an assumption
    outside_evidence: bool  # a lever in which the scenarios differ is larger or smaller than any that was studied


@dataclass(frozen=True, slots=True)
class OutcomeEffect:
    """What a scenario changes about an outcome at the end of a year; costs are those up to then."""

    scenario: str
    indicator: str
    year: int
    unit: str
    gross: float
    additional: float
    spillover: float
    displaced: float
    net: float
    net_ci90: tuple[float, float]
    told_apart: bool
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: tuple[float, float] | None
    cost_note: str | None
    outside_evidence: bool


@dataclass(frozen=True, slots=True)
class LeverCost:
    """What one lever paid in the scenario and in the base, mean over members, 万元."""

    scenario: str
    lever: str
    cost_wan: float
    base_wan: float
    difference_wan: float
    difference_ci90: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PartEffect:
    """The effect on a main reading within one district or track."""

    scenario: str
    goal: str
    reading: str
    axis: str
    code: str
    gross: float
    additional: float
    net: float
    net_ci90: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Leak:
    """One kind of support that was no effect, in the scenario and in the base."""

    scenario: str
    item: str
    value: float
    base: float
    difference_ci90: tuple[float, float]
