"""What scores come to: by model, by kind of number, by region, and whether differences are more than luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from calibration.backtest import scores
from calibration.backtest.backtest import MODEL, OURS, Pair
from calibration.panel.data import FLOWS, STOCK

KEY = ["series", "region", "origin", "target_period"]
ALL = "all"


def frame(pairs: list[Pair]) -> pd.DataFrame:
    """Return one row per pair and model."""
    names = list(Pair.__dataclass_fields__)
    return pd.DataFrame([[getattr(p, name) for name in names] for p in pairs], columns=names)


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """Return CRPS with one row per pair and one column per model; blank where a model was not fitted."""
    return table.pivot_table(index=KEY, columns="model", values="crps", aggfunc="first")


def best_comparator(crps: pd.DataFrame) -> str:
    """Return the comparator of the least mean CRPS among those that forecast every pair."""
    scores = {str(m): (int(crps[m].notna().sum()), float(crps[m].mean())) for m in crps.columns}
    return best_of(scores, len(crps))


def best_of(scores: Mapping[str, tuple[int, float]], every: int) -> str:
    """Return the comparator of the least mean CRPS that forecast every pair, from pairs and mean CRPS by model."""
    # one that left out pairs could be the best by leaving out the hard ones
    full = [m for m, (pairs, _) in scores.items() if m not in OURS and pairs == every]
    return min(full, key=lambda m: scores[m][1])


def summary(table: pd.DataFrame, ours: str = MODEL) -> list[dict[str, Any]]:
    """Return mean CRPS, coverage and CRPS relative to the best comparator on the pairs a model forecast.

    `<ours>_relative` is the CRPS of ours over the model's on the pairs that both forecast. Ours comes first.
    """
    crps = wide(table)
    best = best_comparator(crps)
    out = []
    for model, mine in table.groupby("model"):
        held = crps[crps[str(model)].notna()]
        both = held[held[ours].notna()]
        theirs, at_best = (held[name].to_numpy(float).mean() for name in (str(model), best))
        relative = float(both[ours].to_numpy(float).mean() / both[str(model)].to_numpy(float).mean())
        row = {"model": str(model), "pairs": len(held), "crps_mean": float(mine.crps.mean()),
               "relative_crps": float(theirs / at_best), f"{ours}_relative": relative,
               "wis_mean": float(mine.wis.mean())}  # fmt: skip
        out.append(rounded(row | {f"coverage{c}": float(mine[f"coverage{c}"].mean()) for c in (50, 80, 90)}))
    return sorted(out, key=lambda r: (r["model"] != ours, r["model"] not in OURS, r["crps_mean"]))


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Round the numbers of a row to four decimals."""
    return {k: round(x, 4) if isinstance(x, float) else x for k, x in row.items()}


def slices(table: pd.DataFrame, ours: str = MODEL) -> list[dict[str, Any]]:
    """Return the summary of flows, of the high-tech stock, of other stocks, by horizon, each against its own best."""
    kinds = {"flows": table.series.isin(FLOWS), "high-tech stocks": table.series == STOCK}
    kinds["other stocks"] = ~(kinds["flows"] | kinds["high-tech stocks"])
    fresh = table.own_age < 1.0
    kinds["all, own point at the origin"] = fresh
    kinds["stocks, own point at the origin"] = ~kinds["flows"] & fresh
    kinds["stocks, own point older"] = ~kinds["flows"] & ~fresh
    out: list[dict[str, Any]] = []
    for kind, held in kinds.items():
        for horizon in (ALL, *sorted(table.horizon.unique())):
            part = table[held & ((table.horizon == horizon) | (horizon == ALL))]
            if len(part):
                best = best_comparator(wide(part))
                head = {"kind": kind, "horizon": str(horizon), "best": best}
                out += [head | row for row in summary(part, ours)]
    return out


def regions(table: pd.DataFrame, ours: str = MODEL) -> list[dict[str, Any]]:
    """Return, by region, our mean CRPS, the overall best comparator's, and how many pairs we win."""
    crps = wide(table)
    best = best_comparator(crps)
    out = []
    for region, part in crps.groupby(level="region"):
        own, theirs = float(part[ours].mean()), float(part[best].mean())
        out.append(
            {"region": str(region), "pairs": len(part), "won": int((part[ours] < part[best]).sum()),
             "crps": round(own, 4), "crps_best": round(theirs, 4), "relative": round(own / theirs, 3)}
        )  # fmt: skip
    return sorted(out, key=lambda r: r["relative"])


def differences(table: pd.DataFrame, seed: int, ours: str = MODEL) -> list[dict[str, Any]]:
    """Return our CRPS less each comparator's on shared pairs: bootstrap over regions, Diebold-Mariano over years.

    Errors of one region, and of one year, hang together: the bootstrap draws whole regions, and the test runs on
    the series of yearly means, with as many observations as there are target years.
    """
    crps = wide(table).reset_index()
    out = []
    for model in [m for m in crps.columns if m not in (*KEY, ours)]:
        both = crps[crps[model].notna() & crps[ours].notna()]
        if both.empty:
            continue
        gap = (both[ours] - both[model]).to_numpy(float)
        low, high = scores.paired_bootstrap(gap, list(both.region), seed)
        yearly = pd.Series(gap).groupby(both.target_period.str[:4].to_numpy()).mean().to_numpy(float)
        statistic, p = scores.diebold_mariano(yearly, 2)
        out.append(
            {"against": str(model), "pairs": len(both), "difference": round(float(gap.mean()), 4),
             "ci90": [round(low, 4), round(high, 4)], "years": len(yearly),
             "dm_statistic": round(statistic, 2), "dm_p": round(p, 3)}
        )  # fmt: skip
    return sorted(out, key=lambda r: r["difference"])


def calibration(table: pd.DataFrame) -> dict[str, list[float]]:
    """Return the shares of PIT values in ten equal bins, by model."""
    return {
        str(model): [round(float(x), 3) for x in scores.uniformity(np.asarray(mine.pit, dtype=float))]
        for model, mine in table.groupby("model")
    }
