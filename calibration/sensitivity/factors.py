"""What a sensitivity analysis moves: blocks of parameters, sizes of levers, and chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.parameters import NAMES
from agents.table import Bools, Floats, Ints
from calibration.fit.fit import Fit
from sim.levers import Lever
from sim.model.institutions import ANYWAY_OF
from sim.scenario.mixes import by_rules
from sim.scenario.scenario import Scenario

SECTIONS = {
    "drive": "drive_hnte_2013",
    "pool": "opening_pool",
    "growth": "shock_shape",
    "rd": "rd_median",
    "finance": "venture_share",
    "leaders": "take_off",
    "recognition": "hnte_apply",
    "vouchers": "voucher_additional",
    "zones": "zone_growth",
    "displacement": "displacement_local",
    "actions": "basic_research",
    "institutions": "consortia_rate",
}
"""Sections of `agents.parameters`, each with its first parameter."""
EFFECT_SECTIONS = ("vouchers", "zones", "displacement", "actions", "institutions")
EFFECTS_ELSEWHERE = ("public_odds", "government_only", "crowd_in", "award_response")
NO_EFFECTS = (*ANYWAY_OF.values(), "record_seen", "result_rate")
"""Parameters that say what a lever does: these sections and these names, but not what comes about without a lever."""
HALF, DOUBLE = 0.5, 2.0
"""Sizes between which a lever is moved, as multiples of its size in the scenario; evenly on the log scale."""
CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that is moved as a whole."""

    key: str  # "parameters:calibrated", "levers:funding", "chance"
    members: tuple[str, ...]  # parameters or levers


@dataclass(frozen=True, slots=True)
class Space:
    """The draws that are moved about, which parameters the data speak of, and the levers that have a size."""

    draws: Floats  # (draws, parameters)
    informed: tuple[str, ...]
    levers: tuple[Lever, ...]

    @classmethod
    def of(cls, fit: Fit, scenario: Scenario, as_of: int) -> Space:
        """Return the space of a fit and a scenario, with the levers in force after the origin that no rule changes."""
        ruled = by_rules(scenario)
        sized = tuple(x for x in scenario.levers if x.end > as_of and x.name not in ruled)
        return cls(fit.draws, tuple(fit.provenance.informed), sized)

    def columns(self, names: tuple[str, ...]) -> Ints:
        """Return where parameters are in a draw."""
        return np.array([NAMES.index(name) for name in names], np.int64)


def section_of(name: str) -> str:
    """Return the section a parameter stands in."""
    at = NAMES.index(name)
    return [key for key, first in SECTIONS.items() if NAMES.index(first) <= at][-1]


def is_effect(name: str) -> bool:
    """Tell whether a parameter says what a lever does; without levers it says nothing."""
    return name in EFFECTS_ELSEWHERE or (section_of(name) in EFFECT_SECTIONS and name not in NO_EFFECTS)


def parts(space: Space) -> dict[str, tuple[str, ...]]:
    """Return the parameters by part of the variance budget: calibrated, lever_effects, other."""
    free = [name for name in NAMES if name not in space.informed]
    return {
        "calibrated": space.informed,
        "other": tuple(name for name in free if not is_effect(name)),
        "lever_effects": tuple(name for name in free if is_effect(name)),
    }


def factors(space: Space) -> list[Factor]:
    """Return the blocks of the Sobol analysis: what the data speak of, the rest by section, levers by family, chance.

    What the data speak of stays one block, because the posterior ties these parameters to each other; the others
    keep their priors, which are independent.
    """
    made = [Factor("parameters:calibrated", space.informed)] if space.informed else []
    for section in SECTIONS:
        members = tuple(n for n in NAMES if section_of(n) == section and n not in space.informed)
        made += [Factor(f"parameters:{section}", members)] if members else []
    for family in sorted({family_of(x) for x in space.levers}):
        made.append(Factor(f"levers:{family}", tuple(x.name for x in space.levers if family_of(x) == family)))
    return [*made, Factor(CHANCE, ())]


def family_of(lever: Lever) -> str:
    """Return the family of a lever: the module it is written in."""
    return type(lever).__module__.rsplit(".", 1)[-1]


def size_at(u: Floats) -> Floats:
    """Return the size of a lever at a position in the unit interval, evenly on the log scale."""
    return np.asarray(HALF * (DOUBLE / HALF) ** u)


def row_at(u: Floats, draws: int) -> Ints:
    """Return the draw at a position in the unit interval."""
    return np.minimum((u * draws).astype(np.int64), draws - 1)


def seed_at(u: Floats, seed: int) -> Ints:
    """Return the seed of a run at a position in the unit interval, apart from the seeds of forecasts."""
    # members of a forecast have seeds from seed * 1_000_000 on, crossed draws from 900,000, Morris's paths from 950,000
    return seed * 1_000_000 + 500_000 + (u * 400_000).astype(np.int64)


def is_lever(factor: Factor) -> bool:
    """Tell whether a factor is a family of levers."""
    return factor.key.startswith("levers:")


def corners(parts_number: int) -> Bools:
    """Return every way to take each part from the first or the second draw, (2^parts, parts)."""
    return (np.arange(2**parts_number)[:, None] >> np.arange(parts_number)) & 1 == 1
