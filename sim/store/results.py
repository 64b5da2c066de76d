"""What a store holds of runs and analyses as the model and its documents have them: arrays, and checked documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from agents.table import Floats
from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.state.indicators import NAMES
from sim.store.database import connect_to_read
from sim.store.document import D, Kept
from sim.store.effects import EffectRecords
from sim.store.reader import StoreReader
from sim.store.sound import damaged, parsed


@dataclass(frozen=True, slots=True)
class Analysis:
    """A stored analysis as JSON, of whatever kind and version: for listing it, and for finding a number by its path."""

    kind: str
    key: str  # names everything that decides its numbers
    city: str
    runs: list[str]
    document: dict[str, Any]  # what `--json` prints


class StoredResults(StoreReader):
    """A store to read, with everything that was found. Use `open_results` to get one; it cannot be written."""

    @property
    def effects(self) -> EffectRecords:
        """What each member of a run did better or worse than the same member of another."""
        return EffectRecords(self.db)

    def twins_of(self, run_id: str) -> list[str]:
        """Return the runs with members that asked the same as a run of other code, the newest first."""
        sql = (
            "SELECT b.run_id FROM runs a"
            " JOIN runs b USING (data_sha, scenario_sha, fit_sha, as_of, horizon, seed, weight)"
            " WHERE a.run_id = ? AND b.code != a.code AND EXISTS (SELECT 1 FROM members m WHERE m.run_id = b.run_id)"
            " ORDER BY b.created DESC, b.rowid DESC"
        )
        return [found for (found,) in self.db.execute(sql, (run_id,))]

    def members_done(self, run_ids: list[str]) -> set[int]:
        """Return the members that every one of the runs has, with effects against the first."""
        sets = []
        for run_id in run_ids:
            sql = "SELECT member FROM members WHERE run_id = ?"
            sets.append({m for (m,) in self.db.execute(sql, (run_id,))})
            if len(run_ids) > 1:
                sets.append(self.effects.members(run_id, run_ids[0]))
        return set.intersection(*sets)

    def series(self, run_id: str, members: int, start: int, first: int) -> Floats:
        """Read the first `members` members back, (members, quarters, indicators); quarters before `first` are NaN."""
        sql = "SELECT value FROM series WHERE run_id = ? AND member = ? ORDER BY quarter, indicator"
        order = np.argsort(np.argsort(np.array(NAMES)))
        out = []
        for member in range(members):
            numbers = [x for (x,) in self.db.execute(sql, (run_id, member))]
            try:
                out.append(np.array(numbers, float).reshape(-1, len(NAMES))[:, order])
            except (ValueError, TypeError):
                raise damaged(self.path, f"series of {run_id}") from None
        if len({len(x) for x in out}) > 1:
            raise damaged(self.path, f"series of {run_id}")
        stacked = np.stack(out)
        before = np.full((members, first - start, len(NAMES)), np.nan)
        return np.concatenate((before, stacked), axis=1)

    def whole_series(self, run_id: str, members: int) -> Floats:
        """Read the series of a run, whoever wrote it, (members, quarters, indicators); what it lacks is NaN."""
        sql = "SELECT member, quarter, indicator, value FROM series WHERE run_id = ? AND member < ?"
        rows = list(self.db.execute(sql, (run_id, members)))
        quarters = sorted({str(row[1]) for row in rows})
        column = {name: i for i, name in enumerate(NAMES)}
        line = {name: i for i, name in enumerate(quarters)}
        out = np.full((members, len(quarters), len(NAMES)), np.nan)
        try:
            for member, when, indicator, value in rows:
                if indicator in column:  # an older run may know some that are no more
                    out[member, line[str(when)], column[indicator]] = value
        except (ValueError, TypeError, IndexError):
            raise damaged(self.path, f"series of {run_id}") from None
        return out

    def kept_fit(self, key: str) -> tuple[str, str] | None:
        """Return a fit that was brought forward before, draws and provenance as text."""
        row = self.db.execute("SELECT draws, provenance FROM kept_fits WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row[0], row[1])

    def kept(self, model: type[D], run_id: str | None = None) -> list[Kept[D]]:
        """Return the analyses of a model's kind, the newest first; with a run, only those that rest on it.

        Raises `InputError` for a document that is not what the model declares: another version wrote it.
        """
        return [self._read(model, a) for a in self.analyses(model.kind, run_id)]

    def _read(self, model: type[D], a: Analysis) -> Kept[D]:
        try:
            return Kept(a.kind, a.key, a.city, a.runs, model.model_validate(a.document))
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(
                Said(
                    "{path}: analysis {kind}/{key} does not fit this version ({where}: {reason}); make it again with"
                    " the command that made it.",
                    path=self.path,
                    kind=a.kind,
                    key=a.key,
                    where="/".join(map(str, first["loc"])) or Said("the whole"),
                    reason=foreign(first["msg"]),
                )
            ) from None

    def analyses(self, kind: str, run_id: str | None = None) -> list[Analysis]:
        """Return the analyses of a kind, the newest first; with a run, only those that rest on it."""
        sql = "SELECT kind, key, city, runs, document FROM analyses WHERE kind = ? ORDER BY created DESC, key"
        found = [
            Analysis(k, key, city, json.loads(runs), parsed(self.path, f"analysis {k}/{key}", text))
            for k, key, city, runs, text in self.db.execute(sql, (kind,))
        ]
        return [a for a in found if run_id is None or run_id in a.runs]

    def cost(self, run_id: str, members: int, until: int | None = None) -> Floats:
        """Return what all levers paid over the forecast, or up to the end of a year, (members,), 万元."""
        last = "9999Q4" if until is None else f"{until}Q4"
        sql = (
            "SELECT member, sum(amount_wan) FROM ledger WHERE run_id = ? AND member < ? AND quarter <= ?"
            " GROUP BY member"
        )
        out = np.zeros(members)
        try:
            for member, amount in self.db.execute(sql, (run_id, members, last)):
                out[member] = amount
        except (ValueError, TypeError, IndexError):
            raise damaged(self.path, f"ledger of {run_id}") from None
        return out

    def cost_by_lever(self, run_id: str, members: int) -> dict[str, Floats]:
        """Return what each lever paid over the forecast, (members,), 万元."""
        sql = "SELECT lever, member, sum(amount_wan) FROM ledger WHERE run_id = ? AND member < ? GROUP BY lever, member"
        out: dict[str, Floats] = {}
        try:
            for lever, member, amount in self.db.execute(sql, (run_id, members)):
                out.setdefault(lever, np.zeros(members))[member] = amount
        except (ValueError, TypeError, IndexError):
            raise damaged(self.path, f"ledger of {run_id}") from None
        return out


def open_results(path: Path) -> StoredResults:
    """Open a store to read its results. Raises `InputError` as `connect_to_read` does."""
    return StoredResults(path, connect_to_read(path))
