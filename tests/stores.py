"""Stores made by hand: runs of a few members whose every number a test knows, without a model having run."""

import numpy as np

from sim import quarter
from sim.ensemble.ensemble import Trajectory
from sim.levers.ledger import Payment
from sim.state.indicators import NAMES
from sim.store.store import RunRecord

START = quarter.parse("2024Q1")
"""The first quarter of every trajectory here; runs keep what follows the origin."""
ORIGIN, END = quarter.parse("2024Q4"), quarter.parse("2026Q4")
QUARTERS = END - START + 1


def record(city, scenario, run_id="r1", **other):
    """Return the record of a run of that name."""
    usual = {"fit_sha": "fit", "fit_provenance": {"draws_sha": "fit"}, "as_of": ORIGIN, "end": END, "seed": 1, "weight": 1.0,
             "code": "code", "version": "0"}  # fmt: skip
    return RunRecord(run_id=run_id, city=city, scenario=scenario, **usual | other)


def series(first=START, **columns):
    """Return a trajectory's numbers: nought but for the indicators given, a number or one a quarter."""
    values = np.zeros((END - first + 1, len(NAMES)))
    for name, x in columns.items():
        values[:, NAMES.index(name)] = x
    return values


def trajectory(member=0, scenario="plan_as_written", paid=(), tallies=(), parts=(), **more):
    """Return one member under one scenario; `paid` has quarter, lever, amount, payments and budget."""
    values = more.pop("values", None)
    bills = [Payment(quarter.parse(when), *rest) for when, *rest in paid]
    ladder = more.pop("ladder", np.zeros((4, 4)))
    return Trajectory(member, scenario, series() if values is None else values, bills, list(tallies), list(parts), ladder=ladder, **more)


def at(store, run_id, when):
    """Say when a run was made; the store itself keeps whole seconds."""
    store.db.execute("UPDATE runs SET created = ? WHERE run_id = ?", (f"2026-01-01 {when}", run_id))


def finished(store, run_id, members=2, probability=0.5, goal="hnte"):
    """Write a forecast of one reading, as it is there once a run is finished."""
    row = (run_id, members, goal, "newly_recognised", ">=", 500.0, "2026Q4", 1.0, 2.0, 3.0, probability, 0.1, "B", 1, probability, 0.5,
           None, None, 0.0, 0.0, "data", "even", 1.0, 0, 0.5, 0, None, None)  # fmt: skip
    store.db.execute(f"INSERT INTO forecasts VALUES ({','.join('?' * len(row))})", row)
    store.db.execute("INSERT OR IGNORE INTO joints VALUES (?,?,1,?)", (run_id, members, probability))
