"""Effects in the store: what each member of a scenario did better or worse than the same member of the first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.table import Floats
from sim import quarter
from sim.ensemble.ensemble import Trajectory
from sim.ensemble.record import RUNGS

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class EffectRecords:
    """The tables of effects in the file of a store."""

    db: sqlite3.Connection

    def write(self, run_id: str, base: str, t: Trajectory) -> None:
        """Write a member's effects against the base run, and its ladder; what is there already is left alone."""
        tallies = (
            (run_id, base, t.member, x.goal, x.reading, x.gross, x.additional, x.spillover, x.displaced)
            for x in t.tallies
        )
        self.db.executemany("INSERT OR IGNORE INTO effects VALUES (?,?,?,?,?,?,?,?,?)", tallies)
        parts = (
            (run_id, base, t.member, x.goal, x.reading, x.axis, x.code, x.gross, x.additional, x.net) for x in t.parts
        )
        self.db.executemany("INSERT OR IGNORE INTO parts VALUES (?,?,?,?,?,?,?,?,?,?)", parts)
        items = ((run_id, base, t.member, item, value) for item, value in t.leaks.items())
        self.db.executemany("INSERT OR IGNORE INTO leaks VALUES (?,?,?,?,?)", items)
        moved = (
            (run_id, base, t.member, x.year, x.indicator, x.gross, x.additional, x.spillover, x.displaced, x.net)
            for x in t.outcomes
        )
        self.db.executemany("INSERT OR IGNORE INTO outcomes VALUES (?,?,?,?,?,?,?,?,?,?)", moved)
        flows = (
            (run_id, t.member, RUNGS[i], RUNGS[j], float(x))
            for (i, j), x in np.ndenumerate(t.ladder)
            if (i, j) != (0, 0)
        )
        self.db.executemany("INSERT OR IGNORE INTO ladder VALUES (?,?,?,?,?)", flows)
        acts = ((run_id, t.member, x.rule, x.branch, quarter.label(x.quarter)) for x in t.acts)
        self.db.executemany("INSERT OR IGNORE INTO rule_acts VALUES (?,?,?,?,?)", acts)

    def members(self, run_id: str, base: str) -> set[int]:
        """Return the members of a run whose effects against the base run are there."""
        sql = "SELECT DISTINCT member FROM leaks WHERE run_id = ? AND base_run = ?"
        return {member for (member,) in self.db.execute(sql, (run_id, base))}

    def tallies(self, run_id: str, base: str, members: int) -> dict[Key, Floats]:
        """Return gross, additional, spillover and displaced by (goal, reading), (4, members)."""
        sql = (
            "SELECT goal, reading, member, gross, additional, spillover, displaced FROM effects"
            " WHERE run_id = ? AND base_run = ? AND member < ?"
        )
        return _by_key(self.db.execute(sql, (run_id, base, members)), 2, 4, members)

    def parts(self, run_id: str, base: str, members: int) -> dict[Key, Floats]:
        """Return gross, additional and net by (goal, reading, axis, code), (3, members)."""
        sql = (
            "SELECT goal, reading, axis, code, member, gross, additional, net FROM parts"
            " WHERE run_id = ? AND base_run = ? AND member < ?"
        )
        return _by_key(self.db.execute(sql, (run_id, base, members)), 4, 3, members)

    def outcomes(self, run_id: str, base: str, members: int) -> dict[Key, Floats]:
        """Return gross, additional, spillover, displaced and net by (indicator, year), (5, members)."""
        sql = (
            "SELECT indicator, year, member, gross, additional, spillover, displaced, net FROM outcomes"
            " WHERE run_id = ? AND base_run = ? AND member < ?"
        )
        return _by_key(self.db.execute(sql, (run_id, base, members)), 2, 5, members)

    def leaks(self, run_id: str, base: str, members: int) -> dict[str, Floats]:
        """Return what support paid for that is no effect, by item, (members,)."""
        sql = "SELECT item, member, value FROM leaks WHERE run_id = ? AND base_run = ? AND member < ?"
        return {
            key[0]: x[0] for key, x in _by_key(self.db.execute(sql, (run_id, base, members)), 1, 1, members).items()
        }

    def ladder(self, run_id: str, members: int) -> Floats:
        """Return the mean number of future-track enterprises from each rung to each rung, (rungs, rungs)."""
        sql = (
            "SELECT rung_before, rung_after, sum(enterprises) FROM ladder WHERE run_id = ? AND member < ?"
            " GROUP BY rung_before, rung_after"
        )
        flow = np.zeros((len(RUNGS), len(RUNGS)))
        for before, after, total in self.db.execute(sql, (run_id, members)):
            flow[RUNGS.index(before), RUNGS.index(after)] = total / members
        return flow

    def rule_acts(self, run_id: str, members: int) -> list[tuple[str, str, str, float]]:
        """Return rule, branch, quarter and the share of members in which the rule acted so, in order."""
        sql = (
            "SELECT rule, branch, quarter, count(*) FROM rule_acts WHERE run_id = ? AND member < ?"
            " GROUP BY rule, branch, quarter ORDER BY quarter, rule, branch"
        )
        return [(rule, branch, when, n / members) for rule, branch, when, n in self.db.execute(sql, (run_id, members))]


def _by_key(rows: Iterator[tuple[Any, ...]], keys: int, values: int, members: int) -> dict[Key, Floats]:
    """Gather rows of key columns, member and values; a member without a row has nothing of that key."""
    out: dict[Key, Floats] = {}
    for row in rows:
        out.setdefault(row[:keys], np.zeros((values, members)))[:, row[keys]] = row[keys + 1 :]
    return out
