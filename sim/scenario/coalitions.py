"""Scenarios between two others: some of the levers in which they differ as in the one, the rest as in the other."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.levers import Lever
from sim.scenario.scenario import Scenario

KINDS = ("funding", "vouchers", "zones", "other")
"""Kinds of levers that a split tells apart: the three central families, and everything else together."""


def differing(base: Scenario, scenario: Scenario) -> list[str]:
    """Return the names of the levers in which two scenarios differ by more than words, in the scenario's order.

    Raises `InputError` for scenarios whose levers change over time by rules or later decisions: a part of such a
    scenario is not a scenario, because its rules name levers that may not be there.
    """
    for s in (base, scenario):
        if getattr(s, "rules", ()) or getattr(s, "before", ()):
            raise InputError(
                Said(
                    '--split: scenario "{name}" changes its levers by rules or a later decision; a split takes'
                    " scenarios whose levers are fixed.",
                    name=s.name,
                )
            )
    old, new = _plain(base), _plain(scenario)
    return [name for name in {**new, **old} if old.get(name) != new.get(name)]


def by_kind(base: Scenario, scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return the levers in which two scenarios differ, gathered by kind; kinds without one are left out."""
    types = {x.name: x for x in (*base.levers, *scenario.levers)}
    groups: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name in differing(base, scenario):
        groups[kind_of(types[name])].append(name)
    return {kind: tuple(names) for kind, names in groups.items() if names}


def kind_of(lever: Lever) -> str:
    """Return a lever's kind: that of the module which defines its family."""
    family = type(lever).__module__.rsplit(".", 1)[-1]
    return family if family in KINDS else KINDS[-1]


def coalition(base: Scenario, scenario: Scenario, joined: Collection[str]) -> Scenario:
    """Return the scenario in which the levers `joined` are as in `scenario` and all others as in `base`.

    With none or all of those that differ it is the base or the scenario itself.
    """
    differ = differing(base, scenario)
    if not set(differ) & set(joined):
        return base
    if set(differ) <= set(joined):
        return scenario
    old, new = ({x.name: x for x in s.levers} for s in (base, scenario))
    chosen = (new.get(name) if name in joined else old.get(name) for name in {**new, **old})
    # named by what it is made of, so that the store knows a part that was run before
    sha = hashlib.blake2b("|".join((base.sha, scenario.sha, *sorted(joined))).encode(), digest_size=16).hexdigest()
    return replace(scenario, name=f"part_{sha[:8]}", levers=tuple(x for x in chosen if x is not None), sha=sha)


def _plain(scenario: Scenario) -> dict[str, Lever]:
    """Return the levers by name, without the words that change nothing."""
    return {x.name: replace(x, source="", evidence="D") for x in scenario.levers}
