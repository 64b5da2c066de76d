"""How wrong we were: a model of ours beside the panel and the simple ones, by label and origin, against its aims."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import scenarios
from calibration.backtest.backtest import ABM, PANEL
from calibration.backtest.summary import KEY, best_comparator, rounded, summary, wide
from calibration.panel.observe import is_recognition
from sim.city.schema import Positive, Share, StrictFile
from sim.inputs.toml import read_model

FILE = scenarios.FOLDER / "common" / "backtest.toml"
Rows = list[dict[str, Any]]


class Aims(StrictFile):
    """[aims]: what a tested forecast has to show."""

    coverage_low: Share
    coverage_high: Share
    to_panel: Positive
    to_best: Positive


class BacktestFile(StrictFile):
    """All of backtest.toml."""

    aims: Aims


@cache
def aims() -> Aims:
    """Read the file, once."""
    return read_model(FILE, BacktestFile).aims


def how_wrong(table: pd.DataFrame, ours: str = ABM, beside: str = PANEL) -> dict[str, Rows]:
    """Return the scores of every model, of ours by label and by origin, its aims, and what it missed.

    `table` holds the pairs of `ours`, of the panel (`beside`) and of the comparators, as `summary.frame` makes it.
    Only what ours forecast counts, for all of them.
    """
    table = table.merge(table.loc[table.model == ours, KEY], on=KEY)
    return {
        "summary": summary(table, ours),
        "labels": _split(table, "series", ours, beside),
        "origins": _split(table, "origin", ours, beside),
        "aims": _aims(table, ours, beside),
        "misses": _misses(table, ours),
    }


def _split(table: pd.DataFrame, by: str, ours: str, beside: str) -> Rows:
    """Return coverage of ours and CRPS of ours, of the panel and of the best comparator, for each value of a column."""
    return [
        rounded({by: str(name)} | _coverage(mine[mine.model == ours]) | _compared(mine, ours, beside))
        for name, mine in table.groupby(by)
        if (mine.model == ours).any()
    ]


def _coverage(mine: pd.DataFrame) -> dict[str, Any]:
    held = {f"coverage{level}": float(mine[f"coverage{level}"].mean()) for level in (50, 80, 90)}
    return {"pairs": len(mine), "inside90": int(mine.coverage90.sum())} | held


def _compared(table: pd.DataFrame, ours: str, beside: str) -> dict[str, Any]:
    """Return mean CRPS of ours, and of the panel and the best comparator over it on the pairs that both forecast."""
    crps = wide(table)
    best = best_comparator(crps)
    rivals = {"panel": beside if beside in crps.columns and crps[beside].notna().any() else None, "best": best}
    out: dict[str, Any] = {"crps": float(crps[ours].to_numpy(float).mean()), "best": best}
    for name, rival in rivals.items():
        held = crps[crps[rival].notna()] if rival else crps[:0]
        theirs = float(held[rival].to_numpy(float).mean()) if rival else None
        out |= {f"crps_{name}": theirs, f"to_{name}": _ratio(held[ours].to_numpy(float), theirs)}
    return out


def _ratio(own: Any, theirs: float | None) -> float | None:
    return None if theirs is None or theirs == 0.0 else float(own.mean()) / theirs


def _aims(table: pd.DataFrame, ours: str, beside: str) -> Rows:
    """Return the three aims with what came: coverage of all, CRPS of the high-tech label, CRPS of everything else."""
    wanted, mine = aims(), table[table.model == ours]
    inside = float(mine.coverage90.mean()) if len(mine) else None
    out = [_aim("coverage90", "", len(mine), inside, (wanted.coverage_low, wanted.coverage_high))]
    recognition = table.series.map(is_recognition).astype(bool)
    for name, part, rival, most in (
        ("high_tech_to_panel", table[recognition], "panel", wanted.to_panel),
        ("other_labels_to_best", table[~recognition], "best", wanted.to_best),
    ):
        if (part.model == ours).any():
            made = _compared(part, ours, beside)
            against = beside if rival == "panel" else str(made["best"])
            out.append(_aim(name, against, int((part.model == ours).sum()), made[f"to_{rival}"], (None, most)))
    return out


def _aim(
    name: str, against: str, pairs: int, value: float | None, between: tuple[float | None, float]
) -> dict[str, Any]:
    low, high = between
    met = None if value is None else bool((low is None or value >= low) and value <= high)
    return rounded(
        {"aim": name, "against": against, "pairs": pairs, "value": value, "low": low, "high": high, "met": met}
    )


def _misses(table: pd.DataFrame, ours: str) -> Rows:
    """Return what came outside the 90 % interval, the furthest off first."""
    out = table[(table.model == ours) & ~table.coverage90.astype(bool)]
    far = np.abs(np.log(out.observed.to_numpy(float) / out.q50.to_numpy(float)))
    columns = [*KEY, "q05", "q50", "q95", "observed"]
    rows = out.iloc[np.argsort(-far, kind="stable")][columns]
    return [dict(zip(columns, row, strict=True)) for row in rows.itertuples(index=False)]
