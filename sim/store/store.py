"""The store: one SQLite file with every run, readable by Datasette, pandas or a shell without help.

Each member is one transaction, so a killed process loses at most the member in flight, and a run asked
for twice is read, not recomputed. Two processes may write to one file: SQLite's write-ahead log and a
busy time-out keep them apart, and rows are keyed so that both write the same thing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from sqlite_utils import Database

from sim import quarter
from sim.city.city import City
from sim.ensemble.ensemble import Trajectory
from sim.ensemble.stated import GoalForecast, Joint
from sim.scenario.scenario import Scenario
from sim.state.indicators import INDICATORS, NAMES
from sim.store.database import connect
from sim.store.document import Document
from sim.store.made import MADE_PIECE, WORDS
from sim.store.reader import StoreReader
from sim.store.results import StoredResults
from sim.versions import versions


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What identifies a run, besides the tables it points to."""

    run_id: str
    city: City
    scenario: Scenario
    fit_sha: str
    fit_provenance: dict[str, object]
    as_of: int
    end: int
    seed: int
    weight: float
    code: str
    version: str


class Store(StoredResults):
    """An open store, to read and to write. Use `open_store` to get one."""

    @cached_property
    def tables(self) -> Database:
        """The file as sqlite-utils has it: tables by name, rows as dictionaries, `insert`, `upsert`, `rows_where`."""
        return Database(self.db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of what is inside, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.rollback()
            raise
        self.db.commit()

    def register(self, run: RunRecord) -> None:
        """Write a run and what it refers to, unless it is there already."""
        city, scenario = run.city, run.scenario
        provenance = json.dumps(run.fit_provenance, ensure_ascii=False)
        indicators = (
            {"indicator": i.name, "label": i.label, "unit": i.unit, "kind": i.kind, "definition": i.definition}
            for i in INDICATORS.values()
        )
        with self.transaction():
            here = {"city": city.name, "title": city.title["zh"], "data_sha": city.sha}
            self.tables.table("cities").insert(here, ignore=True)
            self.tables.table("scenarios").insert(
                {
                    "scenario_sha": scenario.sha,
                    "name": scenario.name,
                    "title": scenario.title["zh"],
                    "text": scenario.text,
                },
                ignore=True,
            )
            self.tables.table("fits").insert(
                {"fit_sha": run.fit_sha, "city": city.name, "provenance": provenance}, ignore=True
            )
            self.tables.table("indicators").insert_all(indicators, ignore=True)
            self.tables.table("runs").insert(
                {
                    "run_id": run.run_id,
                    "city": city.name,
                    "scenario_sha": scenario.sha,
                    "scenario": scenario.name,
                    "fit_sha": run.fit_sha,
                    "as_of": quarter.label(run.as_of),
                    "horizon": quarter.label(run.end),
                    "seed": run.seed,
                    "weight": run.weight,
                    "code": run.code,
                    "data_sha": city.sha,
                    "version": run.version,
                    "created": "now",
                },
                ignore=True,
                conversions={"created": "datetime(?)"},
            )

    def save_member(self, run_ids: list[str], seed: int, results: list[Trajectory], start: int, first: int) -> None:
        """Write one member under every scenario, in one transaction; what is there already is left alone.

        Series are kept from quarter `first` on; `start` is the quarter of their first row.
        """
        base = run_ids[0]
        labels = [quarter.label(start + i) for i in range(first - start, len(results[0].series))]
        with self.transaction() as c:
            for run_id, t in zip(run_ids, results, strict=True):
                c.execute("INSERT OR IGNORE INTO members VALUES (?,?,?)", (run_id, t.member, seed))
                rows = (
                    (run_id, t.member, label, name, x)
                    for label, row in zip(labels, t.series[first - start :].tolist(), strict=True)
                    for name, x in zip(NAMES, row, strict=True)
                )
                c.executemany("INSERT OR IGNORE INTO series VALUES (?,?,?,?,?)", rows)
                paid = ((run_id, t.member, labels[q - first], *rest) for q, *rest in t.ledger)
                c.executemany("INSERT OR IGNORE INTO ledger VALUES (?,?,?,?,?,?,?)", paid)
                self.effects.write(run_id, base, t)

    def keep_fit(self, key: str, draws: str, provenance: str) -> None:
        """Keep a fit that was brought forward."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO kept_fits VALUES (?,?,?)", (key, draws, provenance))

    def keep(self, document: Document, key: str, city: str, runs: list[str]) -> None:
        """Write a finished analysis by its model, in place of an earlier one of the same kind and key."""
        kind, texts = document.kind, [json.dumps(x, ensure_ascii=False) for x in (runs, document.plain())]
        words = WORDS.get()
        called = None if words is None else {"words": words, "versions": versions()}
        made = (f"{kind}/{key}", MADE_PIECE, json.dumps(called, ensure_ascii=False))
        with self.transaction() as c:
            c.execute("INSERT OR REPLACE INTO analyses VALUES (?,?,?,?,?,datetime('now'))", (kind, key, city, *texts))
            c.execute("INSERT OR REPLACE INTO pieces VALUES (?,?,?)", made)

    def drop_analysis(self, kind: str, key: str) -> None:
        """Forget an analysis, so that it is made again."""
        with self.transaction() as c:
            c.execute("DELETE FROM analyses WHERE kind = ? AND key = ?", (kind, key))

    def keep_piece(self, key: str, piece: str, document: object) -> None:
        """Write one finished piece of a long analysis, so that a stopped one goes on where it was."""
        with self.transaction() as c:
            c.execute("INSERT OR IGNORE INTO pieces VALUES (?,?,?)", (key, piece, json.dumps(document)))

    def save_forecast(self, run_id: str, members: int, goals: list[GoalForecast], joint: Joint) -> None:
        """Write the statement about every goal, and the joint ones."""
        with self.transaction() as c:
            marks = ",".join("?" * (2 + len(asdict(goals[0]))))
            rows = [(run_id, members, *_in_order(goal)) for goal in goals]
            c.executemany(f"INSERT OR REPLACE INTO forecasts VALUES ({marks})", rows)
            levels = [(run_id, members, k, p) for k, p in joint.at_least.items()]
            c.executemany("INSERT OR REPLACE INTO joints VALUES (?,?,?,?)", levels)


def _in_order(goal: GoalForecast) -> tuple[object, ...]:
    return tuple(asdict(goal).values())


def open_store(path: Path | str, *, must_exist: bool = False) -> Store:
    """Open a store to write, and make it unless it must be there. Raises `InputError` as `connect` does."""
    path = Path(path)
    return Store(path, connect(path, must_exist=must_exist))


def copied(old: StoreReader, place: Path) -> Store:
    """Return a copy of a store in a new file."""
    copy = open_store(place)
    old.db.backup(copy.db)
    return copy
