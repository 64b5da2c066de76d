"""Files a forecast leaves in the output folder: JSON, goals, yearly paths, the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from peiyu.document.csv import write_csv
from peiyu.forecasts.result import Forecast
from sim import quarter
from sim.files import write_whole
from sim.state.indicators import NAMES
from sim.store.store import Store


def write_forecast(f: Forecast, store: Store, out: Path) -> None:
    """Write forecast.json, goals.csv, outcomes.csv, paths.csv and ledger.csv."""
    write_whole(out / "forecast.json", json.dumps(f.document(), ensure_ascii=False, indent=1) + "\n")
    write_csv(out / "goals.csv", f.frame().assign(run_id=f.run_id))
    write_csv(out / "outcomes.csv", pd.DataFrame(f.outcomes).assign(run_id=f.run_id))
    write_csv(out / "paths.csv", paths(f))
    write_csv(out / "ledger.csv", ledger(store, f))


def paths(f: Forecast) -> pd.DataFrame:
    """Return quantiles of every indicator by quarter from the origin, one row each."""
    first = f.as_of - f.ensemble.start
    q = np.quantile(f.ensemble.values[:, first:], (0.05, 0.5, 0.95), axis=0)
    rows = [(quarter.label(f.as_of + t), name, *q[:, t, i]) for t in range(q.shape[1]) for i, name in enumerate(NAMES)]
    return pd.DataFrame(rows, columns=["quarter", "indicator", "q05", "median", "q95"])


def ledger(store: Store, f: Forecast) -> pd.DataFrame:
    """Return mean payments by quarter and lever, 万元."""
    columns = ["scenario", "quarter", "lever", "amount_wan", "payments", "budget_wan"]
    rows = [{"scenario": f.scenario.name} | row for row in store.mean_payments(f.run_id, f.members)]
    return pd.DataFrame(rows, columns=columns)
