"""M12, the rolling-origin forecast against a first-order autoregression, read off the pairs of a backtest.

The backtest's `arima` is an autoregression of order one of yearly growth, fitted at every origin to what was
known then: the AR(1) of the evidence, on the years that the published numbers have.
"""

# ruff: noqa: E501  declarations of moments read as a table

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from agents.table import Floats
from calibration.moments.moments import Moment, MomentResult, verdict

MODEL, BENCHMARK = "peiyu", "arima"
PAIR = ["region", "series", "origin", "target_period"]
NEEDED = {*PAIR, "model", "observed", "q50", "horizon", "coverage90"}
RATIO = Moment("M12a", "滚动预测误差与AR(1)之比", "rolling forecast, RMSE to AR(1)", 1.0, None, 1.05, "ratio", "V", "D01-D05", None)  # fmt: skip
COVERAGE = Moment("M12b", "滚动预测90%区间覆盖率", "rolling forecast, coverage of 90 %", 0.90, 0.85, 0.95, "share", "V", "D09", None)  # fmt: skip


def rolling(pairs: pd.DataFrame | None) -> list[MomentResult]:
    """Return the ratio of root mean squared errors in logs, whole and by horizon, and the coverage.

    Without pairs, or with pairs of another make, both moments are missing. A ratio has no interval.
    """
    if pairs is None or not set(pairs.columns) >= NEEDED:
        return [_result(RATIO, float("nan")), _result(COVERAGE, float("nan"))]
    ours, theirs = (pairs[pairs.model == name].set_index(PAIR) for name in (MODEL, BENCHMARK))
    both = ours.join(theirs[["q50"]].rename(columns={"q50": "q50_ar"}), how="inner")
    out = [_result(_of(RATIO, both), _ratio(both))]
    for horizon, part in both.groupby("horizon"):
        out.append(_result(_of(_at(cast("Any", horizon)), part), _ratio(part)))
    return [*out, _result(COVERAGE, float(ours.coverage90.astype(float).mean()))]


def _ratio(both: pd.DataFrame) -> float:
    """Return our error by the benchmark's over the pairs that both forecast."""
    ours, theirs = (_rmse(both, column) for column in ("q50", "q50_ar"))
    return ours / theirs if theirs > 0.0 else float("nan")


def _rmse(both: pd.DataFrame, column: str) -> float:
    forecast, observed = (both[name].to_numpy(float) for name in (column, "observed"))
    error: Floats = np.log(forecast / observed)
    return float(np.sqrt(np.mean(error**2))) if len(error) else float("nan")


def _of(moment: Moment, pairs: pd.DataFrame) -> Moment:
    """Say in the label on how many pairs a ratio rests: few have years enough for an autoregression."""
    return replace(moment, zh=f"{moment.zh}({len(pairs)}对)", en=f"{moment.en} ({len(pairs)} pairs)")


def _at(horizon: Any) -> Moment:
    """Return the ratio at one horizon."""
    r = RATIO
    key, tail = f"{r.key}-h{horizon}", f"h = {horizon}"
    return Moment(key, f"{r.zh},{tail}", f"{r.en}, {tail}", r.target, r.lower, r.upper, r.unit, r.use, r.rows, None)


def _result(moment: Moment, value: float) -> MomentResult:
    said = "missing" if np.isnan(value) else verdict(moment, value, value, value)
    return MomentResult(moment, value, value, value, said)
