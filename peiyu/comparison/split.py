"""Split what a bundle of levers changes among the levers: Shapley shares of effects, chances and cost.

Every mixture of the two scenarios is an ordinary scenario, run in the same members over the same seeds, so the
shares add up to the whole in every member. By kind of lever all mixtures are run; lever by lever there are too many,
and each member draws one order in which they join, so that the intervals hold the sampling error too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from agents.table import Floats, added
from peiyu.comparison import shapley
from peiyu.comparison.paired import chance, interval, share_interval
from peiyu.comparison.split_document import ShareRow, SplitDocument
from peiyu.comparison.unit_cost import Note, pays, unit_cost, whole_scenario
from peiyu.forecasts.pipeline import Progress, Question, silent
from peiyu.words.numbers import digits
from sim.city.readings import every_reading
from sim.ensemble.ensemble import Ensemble, Experiment, Member, run_member
from sim.ensemble.forecast import path
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.scenario.coalitions import by_kind, coalition, differing
from sim.scenario.evidence import differing_outside
from sim.scenario.scenario import Scenario
from sim.store.store import Store

By = Literal["kinds", "levers"]
MEMBERS = 100
"""Most members of a split: it runs up to sixteen scenarios in each, or one for every lever."""


@dataclass(frozen=True, slots=True)
class LeverShare:
    """What one lever, or kind of levers, contributes to one reading."""

    player: str
    goal: str
    reading: str
    net: float
    net_ci90: tuple[float, float]
    delta_probability: float
    ci90: tuple[float, float]  # of delta_probability
    cost_wan: float
    cost_per_net_unit: float | None
    cost_per_net_unit_ci90: tuple[float, float] | None
    cost_note: str | None
    outside_evidence: bool


@dataclass(frozen=True)
class Split:
    """An effect shared among the levers that make it; the rows of a reading add up to `whole`."""

    base: str
    scenario: str
    by: By
    members: int
    players: dict[str, tuple[str, ...]]  # levers of each player
    rows: list[LeverShare]
    whole: list[LeverShare]

    def frame(self) -> pd.DataFrame:
        """Return one row per player, goal and reading, the whole last."""
        return pd.DataFrame([asdict(x) for x in (*self.rows, *self.whole)])

    def _repr_html_(self) -> str:
        return self.frame().to_html(index=False, float_format=digits)

    def document(self) -> SplitDocument:
        """Return the split as it is kept."""
        return SplitDocument(
            base=self.base,
            scenario=self.scenario,
            by=self.by,
            method="exact, all mixtures" if self.by == "kinds" else "sampled, one order of joining a member",
            members=self.members,
            players={name: list(levers) for name, levers in self.players.items()},
            shares=[_row(x) for x in self.rows],
            whole=[_row(x) for x in self.whole],
        )


@dataclass(frozen=True, slots=True)
class _Task:
    """What is run in every member, and what is read off."""

    experiment: Experiment
    base: Scenario
    scenario: Scenario
    players: tuple[tuple[str, ...], ...]
    by: By
    seed: int

    def mixtures(self, member: int) -> list[Scenario]:
        """Return the scenarios to run in a member: every mixture, or those along the member's order of joining."""
        n = len(self.players)
        if self.by == "kinds":
            sets = [shapley.members_of(k, n) for k in range(2**n)]
        else:
            order = shapley.order_of_joining(n, self.seed, member)
            sets = [order[:k] for k in range(n + 1)]
        return [coalition(self.base, self.scenario, {x for i in who for x in self.players[i]}) for who in sets]

    def shares(self, member: int, values: Floats) -> Floats:
        """Return every player's share of the values of the mixtures, (players, ...)."""
        if self.by == "kinds":
            return shapley.exact(values)
        return shapley.along(shapley.order_of_joining(len(self.players), self.seed, member), values)


def players_of(base: Scenario, scenario: Scenario, by: By) -> dict[str, tuple[str, ...]]:
    """Return who shares an effect, and the levers of each.

    Raises `InputError` when the two scenarios have the same levers, or levers that change by rules.
    """
    single = {name: (name,) for name in differing(base, scenario)}
    if not single:
        raise InputError(
            Said(
                "--split: {scenario} has the same levers as {base}; there is nothing to split.",
                scenario=scenario.name,
                base=base.name,
            )
        )
    return by_kind(base, scenario) if by == "kinds" else dict(single)


def split(q: Question, store: Store, scenario: Scenario, by: By, progress: Progress = silent) -> Split:
    """Split what `scenario` changes against the first scenario of the question.

    Every finished member is kept, so that a stopped split goes on where it was. Raises `InputError` when the two
    scenarios have the same levers, or levers that change by rules.
    """
    base = q.scenarios[0]
    players = players_of(base, scenario, by)
    task = _Task(q.experiment((base, scenario)), base, scenario, tuple(players.values()), by, q.seed)
    runs = [q.run_id(s) for s in (base, scenario)]
    key = hashlib.blake2b("|".join((SplitDocument.kind, by, *runs)).encode(), digest_size=8).hexdigest()
    members = [q.fit.member(i, q.seed) for i in range(min(q.members, MEMBERS))]
    values = _values(q, store, key, task, members, progress)
    result = _state(task, players, values)
    store.keep(result.document(), f"{key}-{len(members)}", q.city.name, runs)
    return result


def _values(
    q: Question, store: Store, key: str, task: _Task, members: Sequence[Member], progress: Progress
) -> list[Floats]:
    """Return the values of every mixture in every member, running only what the store does not have."""
    done = store.pieces(key)
    missing = [m for m in members if str(m.index) not in done]
    for i, (m, found) in enumerate(zip(missing, q.workers.spread(partial(_run, task), missing), strict=True)):
        done[str(m.index)] = found
        store.keep_piece(key, str(m.index), found)
        progress(len(members) - len(missing) + i + 1, len(members))
    return [np.array(done[str(m.index)]) for m in members]


def _run(task: _Task, member: Member) -> list[list[float]]:
    """Run a member's mixtures; returns what every reading counts at its deadline and what was paid, by mixture."""
    mixtures = task.mixtures(member.index)
    x = replace(task.experiment, scenarios=tuple(mixtures))
    out = []
    for t in run_member(x, member):
        one = Ensemble(t.scenario, x.city.start + 1, t.series[None])
        counts = [float(path(r, one)[0, goal.deadline - one.start]) for goal, r in every_reading(x.city)]
        out.append([*counts, added(row[2] for row in t.ledger)])
    return out


def _state(task: _Task, players: dict[str, tuple[str, ...]], values: list[Floats]) -> Split:
    """Turn values, (mixtures, readings + cost) for each member, into shares and the whole."""
    named = every_reading(task.experiment.city)
    chances = [np.column_stack([chance(r, v[:, i]) for i, (_, r) in enumerate(named)]) for v in values]
    shares = np.stack([task.shares(m, v) for m, v in enumerate(values)])  # (members, players, readings + cost)
    points = np.stack([task.shares(m, p) for m, p in enumerate(chances)])  # (members, players, readings)
    outside = differing_outside(task.base, task.scenario, task.experiment.city)
    known = [(_own_money(task, names), not outside.keys().isdisjoint(names)) for names in players.values()]
    rows = [
        _share((name, goal.key, r.key), (shares[:, i, k], points[:, i, k], shares[:, i, -1]), known[i])
        for i, name in enumerate(players)
        for k, (goal, r) in enumerate(named)
    ]
    whole = np.stack([v[-1] - v[0] for v in values])
    change = np.stack([p[-1] - p[0] for p in chances])
    note = whole_scenario(task.base, task.scenario)
    total = [
        _share(("all", goal.key, r.key), (whole[:, k], change[:, k], whole[:, -1]), (note, bool(outside)))
        for k, (goal, r) in enumerate(named)
    ]
    return Split(task.base.name, task.scenario.name, task.by, len(values), players, rows, total)


def _own_money(task: _Task, names: Collection[str]) -> Note | None:
    """Tell whether levers pay nothing of their own: what others then pay because of them is not their price."""
    own = [x for s in (task.base, task.scenario) for x in s.levers if x.name in names]
    return None if pays(own) else "no_cost"


def _share(
    what: tuple[str, str, str], columns: tuple[Floats, Floats, Floats], known: tuple[Note | None, bool]
) -> LeverShare:
    """State a share; known of its levers is why they have no price, and whether they are outside the evidence."""
    (units, points, money), (note, outside) = columns, known
    each = unit_cost(money, units, note)
    return LeverShare(
        *what,
        float(units.mean()),
        interval(units),
        float(points.mean()),
        share_interval(points),
        float(money.mean()),
        each.value,
        each.ci90,
        each.note,
        outside,
    )


def _row(x: LeverShare) -> ShareRow:
    return ShareRow.model_validate({k: list(v) if isinstance(v, tuple) else v for k, v in asdict(x).items()})
