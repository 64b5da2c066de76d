"""How `peiyu check` is read: a table for the terminal, a document for programs, a frame for files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.fit.fit import Fit
from calibration.moments.check import Check
from calibration.moments.moments import Moment, MomentResult
from peiyu.fit.check_document import CheckDocument, MomentRow
from peiyu.screen.console import stdout
from peiyu.screen.grid import Grid
from peiyu.words.loader import words
from peiyu.words.names import label
from peiyu.words.numbers import NOTHING, digits, interval
from sim.inputs.errors import InputError
from sim.inputs.json_text import read_json
from sim.inputs.said import Said
from sim.inputs.text import is_file

ORDER = {"outside": 0, "borderline": 1, "missing": 2, "inside": 3}
"""Misses are shown first."""


def sorted_results(results: Iterable[MomentResult]) -> list[MomentResult]:
    """Return misses first, each kind in the order of the moments."""
    return sorted(results, key=lambda r: ORDER[r.verdict])


def tolerance(m: Moment, lang: str) -> str:
    """Write the accept band of a moment."""
    if m.rule == "covers":
        return words("check", lang)["covers"]
    if m.lower is None or m.upper is None:
        return f"≥ {digits(m.lower)}" if m.lower is not None else f"≤ {digits(m.upper or 0.0)}"
    return interval(m.lower, m.upper, digits)


def between(low: float, high: float) -> str:
    """Write the interval of the members; one number for all of them, as of a backtest, has none."""
    return NOTHING if np.isnan(low) or low == high else interval(low, high, digits)


def cells(r: MomentResult, lang: str) -> tuple[str, ...]:
    """Return the cells of one row of the table."""
    m, w = r.moment, words("check", lang)
    return (
        m.key, label(m, lang), digits(m.target), tolerance(m, lang), digits(r.median), between(r.q05, r.q95),
        w[r.verdict], w[m.use], m.rows,
    )  # fmt: skip


COLUMNS = ("key", "what", "target", "tolerance", "median", "interval", "verdict", "use", "rows")


def print_check(results: list[MomentResult], title: str, members: int, lang: str, out: Path) -> None:
    """Print the table of moments, misses first, and how many are met."""
    w = words("check", lang)
    console = stdout(lang)
    console.heading(f"{title} · {w['title']}", f" · {members} {w['members']}")
    table = Grid(first_to_go=[w[key] for key in ("rows", "use", "tolerance")])
    for key in COLUMNS:
        left = key in ("key", "what", "verdict", "use", "rows")
        table.add_column(w[key], justify="left" if left else "right", no_wrap=key not in ("what", "rows"))
    previous = ""
    for r in sorted_results(results):
        if previous and previous != r.verdict:
            table.add_section()
        previous = r.verdict
        table.add_row(*cells(r, lang))
    console.table(table)
    for name, chosen in (("", results), (w["held"] + ": ", [r for r in results if r.moment.use == "V"])):
        met = sum(r.verdict == "inside" for r in chosen)
        console.print(f"{name}{met}/{len(chosen)} {w['of']}")
    console.print(w["wiring"])
    if any(r.verdict == "missing" and r.moment.key.startswith("M12") for r in results):
        console.print(w["backtest"])
    console.print(f"{w['files']}: {out}/ (check.json, check.csv)")


def maker(m: Moment) -> str:
    """Say what a moment is measured on: a run of the history, a replay, or a backtest that is another command."""
    return "peiyu backtest" if m.key.startswith("M12") else "history" if m.measure is not None else "replay"


def record(r: MomentResult) -> MomentRow:
    """Return one moment as the document and the file have it; what is open or not measured is null."""
    m = r.moment
    return MomentRow(
        moment=m.key, zh=m.zh, en=m.en, target=m.target, lower=m.lower, upper=m.upper, rule=m.rule, unit=m.unit,
        use="calibrated_on" if m.use == "C" else "held_out", rows=m.rows, made_by=maker(m),
        median=_measured(r.median), q05=_measured(r.q05), q95=_measured(r.q95), verdict=r.verdict,
    )  # fmt: skip


def _measured(x: float) -> float | None:
    return None if np.isnan(x) else float(f"{x:.6g}")


def frame(results: list[MomentResult]) -> pd.DataFrame:
    """Return one row per moment, misses first."""
    return pd.DataFrame([record(r).plain() for r in sorted_results(results)])


def document(results: list[MomentResult], found: Check, fit: Fit, members: int, seed: int) -> CheckDocument:
    """Return the JSON document: every moment, misses first, and the numbers that explain them."""
    about = fit.provenance
    rounded = {key: [float(f"{x:.6g}") for x in values] for key, values in found.context.items()}
    moments = [record(r) for r in sorted_results(results)]
    return CheckDocument(
        city=about.city, as_of=about.as_of, draws=about.draws_sha, members=members, seed=seed, moments=moments,
        context=rounded,
    )  # fmt: skip


def backtested(out: Path) -> pd.DataFrame | None:
    """Return the pairs of a backtest that was written to the same folder, or none."""
    about = out / "backtest.json"
    if not is_file(about):
        return None
    try:
        return pd.DataFrame(read_json(about)["pairs"])
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(
            Said(
                "{file}: cannot be read ({reason}); run peiyu backtest again, or remove it.",
                file=about,
                reason=getattr(error, "said", error),
            )
        ) from None
