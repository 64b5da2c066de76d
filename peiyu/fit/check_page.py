"""The results in docs/check.md: after `peiyu check`, `python -m peiyu.fit.check_page` keeps and shows them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from peiyu.document import kept
from peiyu.document.prose import paragraph, table
from peiyu.document.tree import Block, Table
from peiyu.fit.check import between
from peiyu.words.loader import words
from peiyu.words.numbers import count, digits, interval, percent, rate
from sim.inputs.said import Said

NAME = "check"
COLUMNS = ("moment", "what", "target", "median", "90 % interval", "verdict", "use")


def results(document: dict[str, Any]) -> list[Block]:
    """Return the results of a check: which fit, every moment, and the numbers that explain them."""
    context = document["context"]
    low, growth, high = context["stock_growth"]
    young, age, living = (context[key][1] for key in ("young_exits", "age_at_exit", "young_living"))
    made = (
        f"{document['city']}, data to {document['as_of']}, fit `{document['draws']}`, {document['members']} members,"
        f" seed {document['seed']}."
    )
    around = (
        f"The city's own stock grew by {rate(growth)} a year over the last five years ({interval(low, high, rate)});"
        f" unadjusted, {percent(young)} of its exits were of five years or less, their mean age was {count(age)} years,"
        f" and {percent(living)} of the living were under five."
    )
    return [paragraph(made), moments(document["moments"]), paragraph(around)]


def moments(found: list[dict[str, Any]]) -> Table:
    """Return the table of moments, in the order of the document."""
    return table("", COLUMNS, map(_moment, found))


def _moment(r: dict[str, Any]) -> tuple[str, ...]:
    w = words("check", "en")
    low, middle, high = (float("nan") if r[k] is None else float(r[k]) for k in ("q05", "median", "q95"))
    use = w["C" if r["use"] == "calibrated_on" else "V"]
    return r["moment"], r["en"], digits(float(r["target"])), digits(middle), between(low, high), w[r["verdict"]], use


def main(out: str = "out") -> None:
    """Keep OUT/check.json in docs/data and write the page. Raises `InputError` when there is none."""
    kept.keep(NAME, Path(out) / "check.json", Said("no check yet; run: peiyu check"))
    kept.write(NAME, results)


if __name__ == "__main__":
    main(*sys.argv[1:])
