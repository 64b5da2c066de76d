"""What one scenario's run leaves behind for a comparison: who was reached and founded, who met which reading.

A run is followed quarter by quarter from where the scenarios part. Nothing here changes a run: the same numbers
come out whether it is followed or not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from agents.enterprises import NEVER, Enterprises, Recognition, Stage
from agents.table import Bools, Floats, Ints, among, rows_where
from sim.city.city import Reading
from sim.ensemble.outcomes import YearEnd
from sim.levers.ledger import Ledger
from sim.model.model import IndustryModel
from sim.state.census import holds
from sim.state.state import State

Mask = Callable[[State], Bools]
"""Tells which enterprises count towards an indicator now."""
Key = tuple[str, str]
"""A goal and one of its readings."""
RUNGS = ("outside", "startup", "high_growth", "leader")
"""Where an enterprise can be seen from the ladder: not on the register, or on one of its rungs."""


def _held(kind: Recognition) -> Mask:
    return lambda s: holds(s.enterprises, kind, s.quarter) & s.enterprises.future


MASKS: dict[str, Mask] = {
    "future_hnte_stock": _held(Recognition.HNTE),
    "future_tech_centres_stock": _held(Recognition.TECH_CENTRE),
    "future_unicorns": lambda s: (s.enterprises.stage == Stage.LEADER.value) & s.enterprises.future,
    "future_revenue_leaders": lambda s: (s.enterprises.revenue >= s.city.leader.revenue_tier) & s.enterprises.future,
    "future_listed_leaders": lambda s: (s.enterprises.listed != NEVER) & s.enterprises.future,
}
"""Indicators that count the enterprises of a kind."""
EVENTS = {"future_hnte_new": Recognition.HNTE, "future_tech_centres_new": Recognition.TECH_CENTRE}
"""Indicators that count first recognitions; who has left the register since is counted too, as in the indicator."""


@dataclass(frozen=True, slots=True)
class Enumerated:
    """Enterprises, with the place in which they were seen."""

    slot: Ints
    district: Ints
    track: Ints

    @classmethod
    def rows(cls, e: Enterprises, which: Bools) -> Self:
        """Take enterprises off the register."""
        rows = rows_where(which)
        return cls(e.slot[rows], e.district[rows], e.track[rows])

    @classmethod
    def joined(cls, several: Sequence[Enumerated]) -> Self:
        """Put several lists after one another."""
        columns = zip(*((x.slot, x.district, x.track) for x in several), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


@dataclass(frozen=True, slots=True)
class Standing:
    """The register of future tracks at a deadline; row i is the same enterprise, in the order of the slots."""

    slot: Ints
    district: Ints
    zone: Ints
    origin: Ints
    reached: Bools
    relabelled: Floats  # 万元/年 of R&D reported but not spent, of supported holders of the high-tech label, any track
    met: dict[Key, Enumerated]

    def rows(self, slots: Ints) -> tuple[Ints, Bools]:
        """Return the row of each slot, and whether it is on the register at all."""
        at = np.minimum(np.searchsorted(self.slot, slots), max(len(self.slot) - 1, 0))
        return at, self.slot[at] == slots if len(self.slot) else np.zeros(len(slots), bool)


@dataclass(frozen=True, slots=True)
class PartingState:
    """The state in which the scenarios part: the newest slot, and who is on which rung in future tracks."""

    newest: int
    slot: Ints
    rung: Ints


@dataclass(slots=True)
class Record:
    """One scenario's run, as far as a comparison needs it."""

    weight: float
    standing: dict[int, Standing] = field(default_factory=dict)  # by deadline
    years: dict[int, YearEnd] = field(default_factory=dict)  # by the last quarter of the year
    reached: dict[int, Ints] = field(default_factory=dict)  # quarter -> slots in future tracks reached by then
    newcomers: Ints = field(default_factory=lambda: np.zeros(0, np.int64))  # who came since the parting, sorted slots
    vouchers: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    ladder: Floats = field(default_factory=lambda: np.zeros((len(RUNGS), len(RUNGS))))

    def was_reached(self, slots: Ints, deadline: int) -> Bools:
        """Tell which slots in future tracks a lever had reached by the deadline, those that have left included."""
        at, here = self.standing[deadline].rows(slots)
        found = here.copy()
        found[here] = self.standing[deadline].reached[at[here]]  # of an empty register no row can be read
        # who has left stands nowhere at the deadline; the quarters before know whether it was reached
        gone = rows_where(~here)
        looked_for = np.sort(slots[gone])
        for quarter, seen in self.reached.items() if len(gone) else ():
            if quarter <= deadline:
                found[gone] |= among(slots[gone], np.sort(seen[among(seen, looked_for)]))
        return found


@dataclass(slots=True)
class WatchedLedger(Ledger):
    """A ledger that also keeps what each payee got in the quarter, in the order in which the lever names them."""

    paid: dict[str, Floats] = field(default_factory=dict)

    def pay(self, lever: str, amounts: Floats) -> None:
        self.paid[lever] = amounts
        Ledger.pay(self, lever, amounts)


def origin_of(s: State) -> PartingState:
    """Describe the state in which scenarios part."""
    e = s.enterprises
    rows = _future_rows(e)
    return PartingState(int(e.slot.max(initial=-1)), e.slot[rows], e.stage[rows].astype(np.int64) + 1)


def follow(model: IndustryModel, end: int, origin: PartingState, *, compared: bool) -> Record:
    """Run a model that has just been turned to a scenario to `end` and return what is asked of the run.

    The whole register at the end of each year is asked for only where scenarios are compared.
    """
    s = model.state
    record = Record(s.weight)
    deadlines = {goal.deadline for goal in s.city.goals}
    # in place of the fork's own, with its pages: levers do not notice
    s.ledger = ledger = WatchedLedger(s.weight, s.ledger.lines, s.ledger.closed)
    founded, newest = [np.zeros(0, np.int64)], origin.newest
    events: dict[int, dict[str, Enumerated]] = {}
    ever = np.zeros(0, np.int64)
    while s.quarter < end:
        model.step()
        e = s.enterprises
        # slots of later queues are larger (`sim.model.founding`), so newcomers are those above the newest known
        founded.append(e.slot[rows_where(e.slot > newest)])
        newest = founded[-1].max(initial=newest)
        if compared:
            ever = _united(ever, e.slot[rows_where(e.reached)])
        record.reached[s.quarter] = e.slot[rows_where(e.reached & e.future)]
        _watch_vouchers(model.context.uses, ledger, record.vouchers)
        events[s.quarter] = {name: _newly(s, kind) for name, kind in EVENTS.items()}
        if compared and (s.quarter + 1) % 4 == 0:
            record.years[s.quarter] = YearEnd.of(s, ever)
        if s.quarter in deadlines:
            record.standing[s.quarter] = _standing(s, events)
    record.newcomers = np.sort(np.concatenate(founded))
    record.ladder = s.weight * _ladder(s, origin)
    return record


def _united(slots: Ints, more: Ints) -> Ints:
    """Return the slots of either, each once, in order; ten times as fast as `numpy.union1d`, which hashes."""
    both = np.sort(np.concatenate((slots, more)))
    return both[np.diff(both, prepend=-1) > 0]


def _newly(s: State, kind: Recognition) -> Enumerated:
    """Return who was first recognised this quarter: those on the register where they are now, those that left too."""
    here = Enumerated.rows(s.enterprises, _first(s, kind))
    slot, district, track = s.newly.get(kind, (np.zeros(0, np.int64),) * 3)
    left = rows_where(~among(slot, np.sort(here.slot)))
    return Enumerated.joined([here, Enumerated(slot[left], district[left], track[left])])


def _first(s: State, kind: Recognition, since: int | None = None) -> Bools:
    """Tell who is first recognised now, or from `since` on until now."""
    when = s.enterprises.first[:, kind]
    return (when >= (s.quarter if since is None else since)) & s.enterprises.future


def _standing(s: State, events: dict[int, dict[str, Enumerated]]) -> Standing:
    e = s.enterprises
    rows = _future_rows(e)
    met = {
        (goal.key, r.key): _met(s, r, events)
        for goal in s.city.goals
        for r in goal.readings
        if goal.deadline == s.quarter and r.indicator in {**MASKS, **EVENTS}
    }
    labelled = rows_where(e.reached & holds(e, Recognition.HNTE, s.quarter))
    relabelled = e.rd_reported[labelled] - e.rd_spend[labelled]
    slot, district, zone, origin = (x[rows] for x in (e.slot, e.district, e.zone, e.origin))
    return Standing(slot, district, zone, origin, e.reached[rows], relabelled, met)


def _future_rows(e: Enterprises) -> Ints:
    """Return the rows in future tracks, in the order of the slots."""
    rows = rows_where(e.future)
    return rows[np.argsort(e.slot[rows])]


def _met(s: State, reading: Reading, events: dict[int, dict[str, Enumerated]]) -> Enumerated:
    """Return who meets a reading now; of first recognitions before the parting, those still on the register."""
    e, name = s.enterprises, reading.indicator
    if name in MASKS:
        return Enumerated.rows(e, MASKS[name](s))
    when = e.first[:, EVENTS[name]]
    before = Enumerated.rows(e, _first(s, EVENTS[name], reading.since) & (when < min(events)))
    return Enumerated.joined([before, *(x[name] for quarter, x in events.items() if quarter >= reading.since)])


def _ladder(s: State, origin: PartingState) -> Floats:
    """Count future-track enterprises by rung at the origin and rung now, (rungs, rungs)."""
    e = s.enterprises
    rows = _future_rows(e)
    slots, now = e.slot[rows], e.stage[rows].astype(np.int64) + 1
    stayed = among(origin.slot, slots)
    was = np.zeros(len(slots), np.int64)
    was[among(slots, origin.slot)] = origin.rung[stayed]  # both in the order of the slots
    size = len(RUNGS)
    flow = np.bincount(was * size + now, minlength=size * size).astype(float)
    flow += np.bincount(origin.rung[~stayed] * size, minlength=size * size)
    return flow.reshape(size, size)


def _watch_vouchers(
    uses: Mapping[str, tuple[Floats, Floats]], ledger: WatchedLedger, counts: dict[str, float]
) -> None:
    """Count the quarter's vouchers: lapsed, paid for something new, paid for what was bought anyway.

    Every holder's use is the lever's own draw, so every payment is told apart exactly.
    """
    for lever, (used, additional) in uses.items():
        paid = ledger.paid[lever] * ledger.weight
        counts["vouchers_lapsed"] += ledger.weight * float((used == 0.0).sum())
        counts["vouchers_paid"] += ledger.weight * float((paid > 0.0).sum())
        counts["vouchers_paid_additional"] += ledger.weight * float(((paid > 0.0) & (additional > 0.0)).sum())
        counts["vouchers_wan"] += float(paid.sum())
        counts["vouchers_deadweight_wan"] += float((paid * (1.0 - additional)).sum())
