"""The results in docs/borrowing.md: `python -m peiyu.fit.borrowing` holds out every shipped city and keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from calibration.fit.pooled import shipped_fits
from calibration.proof.held_out import held_out
from peiyu.document import kept
from peiyu.document.prose import code, paragraph, table
from peiyu.document.tree import Block, Table
from peiyu.screen.lines import say, tell
from peiyu.words.numbers import count, digits, interval, rate
from sim.files import write_whole
from sim.workers import Workers

NAME = "borrowing"
STOCK = "_stock@"
SIDES = ("flat", "pooled")
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
    return [paragraph(made), _by_city(rows), _by_number(rows)]


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
    spans = (interval(float(np.expm1(r[f"{side}_q05"])), float(np.expm1(r[f"{side}_q95"]))) for side in SIDES)
    scores = (digits(r[f"{side}_crps"]) for side in SIDES)
    return r["city"], code(r["name"]), count(float(np.expm1(r["observed"]))), *spans, *scores


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
    document = {"draws": draws, "seed": seed, "rows": found.round(4).to_dict("records")}
    write_whole(kept.DATA / f"{NAME}.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    kept.write(NAME, results)
    say(str(kept.DOCS / f"{NAME}.md"))


if __name__ == "__main__":
    typer.run(main)
