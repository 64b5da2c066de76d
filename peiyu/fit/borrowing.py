"""The results in docs/borrowing.md: `python -m peiyu.fit.borrowing` holds out every shipped city and keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from calibration.fit.pooled import shipped_fits
from calibration.proof.held_out import SIDES, HeldOut, held_out
from peiyu.document import kept
from peiyu.document.prose import code, paragraph, table
from peiyu.document.tree import Block, Table
from peiyu.screen.lines import say, tell
from peiyu.words.numbers import count, digits, interval, rate
from sim.files import write_whole
from sim.workers import Workers

NAME = "borrowing"
STOCK = "_stock@"
BY_CITY = ("city", "numbers", "CRPS alone", "CRPS borrowing", "ratio", "inside 90 % alone", "inside 90 % borrowing")
BY_NUMBER = ("city", "number", "published", "alone, 90 %", "borrowing, 90 %", "CRPS alone", "CRPS borrowing")


def results(document: Mapping[str, Any]) -> list[Block]:
    """Return what was found: all numbers, stocks, every city, every number."""
    rows = pd.DataFrame(document["rows"])
    stocks = rows[rows.name.str.contains(STOCK)]
    made = (
        f"{document['draws']} draws a city and side, seed {document['seed']}. Over {len(rows)} published numbers of"
        f" {rows.city.nunique()} cities the mean CRPS, on the scale of log1p, is {digits(rows.pooled_crps.mean())} with"
        f" what the other cities' fits say and {digits(rows.flat_crps.mean())} without; of the {len(stocks)} stocks,"
        f" {digits(stocks.pooled_crps.mean())} and {digits(stocks.flat_crps.mean())}. The 90 % intervals hold"
        f" {rate(rows.pooled_inside.mean())} of the numbers ({rate(stocks.pooled_inside.mean())} of the stocks) with"
        f" it and {rate(rows.flat_inside.mean())} ({rate(stocks.flat_inside.mean())}) without."
    )
    return [paragraph(made), paragraph(_luck(document["worlds"])), _by_city(rows), _by_number(rows)]


def worlds_of(found: HeldOut) -> dict[str, dict[str, list[float]]]:
    """Return 5 and 95 % of the share inside over worlds, and how often it is as seen or more, by side and kind."""
    stock = found.rows.name.str.contains(STOCK).to_numpy()
    said: dict[str, dict[str, list[float]]] = {}
    for side, inside in found.worlds.items():
        seen = found.rows[f"{side}_inside"].to_numpy(bool)
        said[side] = {}
        for which, of in (("all", np.ones(len(stock), bool)), ("stocks", stock)):
            share = inside[:, of].mean(axis=1)
            ends = np.quantile(share, [0.05, 0.95])
            said[side][which] = [float(x) for x in (*ends, np.mean(share >= seen[of].mean()))]
    return said


def _luck(worlds: Mapping[str, Mapping[str, list[float]]]) -> str:
    """Say what share could have been inside by luck, were every city one of the draws."""
    (low, high, often), (stocks_low, stocks_high, stocks_often) = (worlds["pooled"][k] for k in ("all", "stocks"))
    return (
        "Numbers of a city rise and fall together, so that few cities say little of what share should be inside. Were"
        f" every city one of the draws, for which the intervals are just right, they would hold {rate(low)} to"
        f" {rate(high)} of the numbers in nine of ten worlds ({rate(stocks_low)} to {rate(stocks_high)} of the stocks),"
        f" and as many as here or more in {rate(often)} of them ({rate(stocks_often)})."
    )


def _by_city(rows: pd.DataFrame) -> Table:
    cells = [_summary(city, of) for city, of in [*rows.groupby("city"), ("all", rows)]]
    return table("By city", BY_CITY, cells)


def _summary(city: object, of: pd.DataFrame) -> tuple[str, ...]:
    flat, pooled = of.flat_crps.mean(), of.pooled_crps.mean()
    inside = (rate(of[f"{side}_inside"].mean()) for side in SIDES)
    return str(city), count(len(of)), digits(flat), digits(pooled), digits(pooled / flat), *inside


def _by_number(rows: pd.DataFrame) -> Table:
    return table("By number", BY_NUMBER, [_number(r) for _, r in rows.iterrows()])


def _number(r: pd.Series[Any]) -> tuple[str, ...]:
    spans = (interval(_count(r[f"{side}_q05"]), _count(r[f"{side}_q95"])) for side in SIDES)
    scores = (digits(r[f"{side}_crps"]) for side in SIDES)
    return r["city"], code(r["name"]), count(float(np.expm1(r["observed"]))), *spans, *scores


def _count(log1p: float) -> float:
    """Return the count of its log; the error of a small one can take it below none."""
    return max(float(np.expm1(log1p)), 0.0)


def main(
    draws: Annotated[int, typer.Option(help="Draws for each city and side.")] = 200,
    seed: Annotated[int, typer.Option(help="Seed.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
) -> None:
    """Hold out every shipped city, keep what came out in docs/data and write the page."""
    found = held_out(
        shipped_fits(),
        draws=draws,
        seed=seed,
        workers=Workers(workers),
        progress=lambda done, total: tell(f"{done} of {total} cities"),
    )
    document = {
        "draws": draws,
        "seed": seed,
        "rows": found.rows.round(4).to_dict("records"),
        "worlds": worlds_of(found),
    }
    write_whole(kept.DATA / f"{NAME}.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    kept.write(NAME, results)
    say(str(kept.DOCS / f"{NAME}.md"))


if __name__ == "__main__":
    typer.run(main)
