"""Put the results of a backtest into docs/backtest.md: `peiyu backtest`, then `python -m peiyu.backtest.page`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from sim.files import write_whole
from sim.inputs.errors import InputError

PAGE = Path(__file__).parents[2] / "docs" / "backtest.md"
BLOCK = re.compile(r"(<!-- backtest-output -->\n).*?(<!-- /backtest-output -->)", re.DOTALL)


def page(text: str, document: dict[str, Any]) -> str:
    """Return the page with the results of a document between its marks."""
    return BLOCK.sub(lambda m: m[1] + results(document) + m[2], text)


def results(document: dict[str, Any]) -> str:
    """Return the tables of a document in Markdown."""
    ours = [r for r in document["slices"] if r["model"] == "peiyu"]
    columns = ("pairs", "crps_mean", "relative_crps", "wis_mean", "coverage50", "coverage80", "coverage90")
    lost = [r for r in document["regions"] if r["relative"] > 1.0]
    won = sum(r["won"] for r in document["regions"])
    pairs = sum(r["pairs"] for r in document["regions"])
    parts = [
        "### By model",
        table(document["summary"], ("model", "peiyu_relative", *columns)),
        "### peiyu by kind of number and horizon, against the best comparator of each",
        table(ours, ("kind", "horizon", "best", *columns)),
        "### Differences in CRPS, negative where peiyu is better",
        table(document["differences"], ("against", "pairs", "difference", "ci90", "years", "dm_statistic", "dm_p")),
        f"### Where peiyu lost\n\nIt won {won} of {pairs} pairs against the best comparator. Regions lost on average:",
        table(lost, ("region", "pairs", "won", "crps", "crps_best", "relative")),
        "### PIT: share of outcomes in each tenth of the forecast, 0.1 each when calibrated",
        table([{"model": m, "shares": x} for m, x in document["pit"].items()], ("model", "shares")),
        "### Goals",
        table([{"goals": k} | _short(v) for k, v in document["goals_summary"].items()], _BRIER),
        table(document["goals_summary"].get("all", {}).get("reliability", []), _BANDS),
        table(document["goals"], ("goal", "origin", "basis", "probability", "base_rate", "required_growth", "outcome")),
    ]
    return "\n\n".join(parts) + "\n"


_BRIER = (
    "goals", "n", "reached", "peiyu", "base_rate", "kind_rate", "required_growth", "model_alone", "hindsight_base_rate",
)  # fmt: skip
_BANDS = ("from", "to", "goals", "probability", "reached")


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("brier_"): x for key, x in row.items() if key != "goals"} | {"n": row["goals"]}


def table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(_cell(row[c]) for c in columns) + " |" for row in rows]
    return "\n".join(lines)


def _cell(x: Any) -> str:
    if isinstance(x, list):
        return " ".join(f"{part:.2f}" for part in x)
    return f"{x:.3f}" if isinstance(x, float) else str(x)


def main(arguments: list[str]) -> None:
    """Read out/backtest.json, or the file named, and write the page. Raises `InputError` without one."""
    source = Path(arguments[0] if arguments else "out/backtest.json")
    if not source.is_file():
        raise InputError(f"{source}: there is no such file; run: peiyu backtest")
    write_whole(PAGE, page(PAGE.read_text("utf8"), json.loads(source.read_text("utf8"))))


if __name__ == "__main__":
    main(sys.argv[1:])
