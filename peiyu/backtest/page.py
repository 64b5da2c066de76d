"""The results in docs/backtest.md: after `peiyu backtest`, `python -m peiyu.backtest.page` keeps and shows them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from peiyu.document import kept
from peiyu.document.prose import paragraph, table
from peiyu.document.tree import Block, Heading, Table

NAME = "backtest"
UNTOLD = ("pairs",)
"""What the page does not tell: the thousands of single forecasts."""


def results(document: dict[str, Any]) -> list[Block]:
    """Return the tables of a document."""
    ours = [r for r in document["slices"] if r["model"] == "peiyu"]
    columns = ("pairs", "crps_mean", "relative_crps", "wis_mean", "coverage50", "coverage80", "coverage90")
    lost = [r for r in document["regions"] if r["relative"] > 1.0]
    won = sum(r["won"] for r in document["regions"])
    pairs = sum(r["pairs"] for r in document["regions"])
    shares = [{"model": m, "shares": x} for m, x in document["pit"].items()]
    goals = [{"goals": k} | _short(v) for k, v in document["goals_summary"].items()]
    bands = document["goals_summary"].get("all", {}).get("reliability", [])
    return [
        Heading(2, "By model"),
        _table(document["summary"], ("model", "peiyu_relative", *columns)),
        Heading(2, "peiyu by kind of number and horizon, against the best comparator of each"),
        _table(ours, ("kind", "horizon", "best", *columns)),
        Heading(2, "Differences in CRPS, negative where peiyu is better"),
        _table(document["differences"], ("against", "pairs", "difference", "ci90", "years", "dm_statistic", "dm_p")),
        Heading(2, "Where peiyu lost"),
        paragraph(f"It won {won} of {pairs} pairs against the best comparator. Regions lost on average:"),
        _table(lost, ("region", "pairs", "won", "crps", "crps_best", "relative")),
        Heading(2, "PIT: share of outcomes in each tenth of the forecast, 0.1 each when calibrated"),
        _table(shares, ("model", "shares")),
        Heading(2, "Goals"),
        _table(goals, _BRIER),
        _table(bands, _BANDS),
        _table(document["goals"], _GOALS),
    ]


_BRIER = (
    "goals", "n", "reached", "peiyu", "base_rate", "kind_rate", "required_growth", "model_alone", "hindsight_base_rate",
)  # fmt: skip
_GOALS = ("goal", "origin", "basis", "probability", "base_rate", "required_growth", "outcome")
_BANDS = ("from", "to", "goals", "probability", "reached")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("brier_"): x for key, x in row.items() if key != "goals"} | {"n": row["goals"]}


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    return table("", columns, ([_cell(row[c]) for c in columns] for row in rows))


def _cell(x: Any) -> str:
    if isinstance(x, list):
        return " ".join(f"{part:.2f}" for part in x)
    return f"{x:.3f}" if isinstance(x, float) else str(x)


def main(source: str = "out/backtest.json") -> None:
    """Keep the file in docs/data and write the page. Raises `InputError` without one."""
    kept.keep(NAME, Path(source), "there is no such file; run: peiyu backtest", UNTOLD)
    kept.write(NAME, results)


if __name__ == "__main__":
    main(*sys.argv[1:])
