"""Write docs/calibration.md and its figures: `python -m peiyu.fit.report`, or `make report`."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import typer

from calibration.fit.fit import Fit, load_fit
from peiyu.figures.style import save
from peiyu.fit import figures as figures_fit
from peiyu.fit.gather import FULL, SMALL, Budget, Evidence, gather, synthetic_cities
from peiyu.fit.pages import page
from peiyu.screen.lines import say, tell
from peiyu.words.numbers import percent
from sim.city.city import City, load_city
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.inputs.said import Said
from sim.state.indicators import NAMES
from sim.workers import Workers

FOLDER = Path(__file__).parents[2] / "docs"
PAGE = "calibration.md"
KEPT = "data/recovery"
"""Where, beside the page, the synthetic cities of the full budget stay: each takes minutes."""
SHOWN = ("hnte_stock", "tech_sme_stock", "hnte_certified")
"""Indicators drawn over time."""


def write_figures(e: Evidence, folder: Path) -> list[str]:
    """Write every figure of the report and return the names of the files."""
    t, c = e.toy, e.crosscheck
    exact = {"exact": (t.exact_mean.to_numpy(), t.exact_sd.to_numpy())}
    drawn = {
        "observations": figures_fit.draw_observed(e.seen),
        "history": figures_fit.draw_history(e.runs, e.seen, SHOWN),
        "coverage": figures_fit.draw_coverage(e.predictive),
        "toy": figures_fit.draw_intervals(
            list(t.name), exact | {"sampler": (t.found_mean.to_numpy(), t.found_sd.to_numpy())}
        ),
        "pyabc": figures_fit.draw_intervals(
            list(c.name),
            {
                "pyABC": (c.pyabc_mean.to_numpy(), c.pyabc_sd.to_numpy()),
                "sampler": (c.our_mean.to_numpy(), c.our_sd.to_numpy()),
            },
        ),
        "ranks": figures_fit.draw_ranks(e.ranks),
        "recovery": figures_fit.draw_recovery(e.recovered),
        "contraction": figures_fit.draw_contraction(e.told),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        save(figure, folder / f"calibration-{name}.svg")
    return [f"calibration-{name}.svg" for name in drawn]


class ReportPart(StrEnum):
    """What can be run alone."""

    RECOVERY = "recovery"


def main(
    city: Annotated[str, typer.Option(help="Shipped city or folder.")] = "hangzhou",
    small: Annotated[bool, typer.Option("--small", help="A few minutes of work, to try it.")] = False,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    docs: Annotated[Path, typer.Option(help="Folder of the page; figures go to figures/ inside.")] = FOLDER,
    only: Annotated[ReportPart | None, typer.Option(help="Run one part, keep what it finds and write no page.")] = None,
    cities: Annotated[int | None, typer.Option(min=1, help="Synthetic cities; those that are kept count.")] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="Folder where finished synthetic cities stay; usually data/recovery beside the page."),
    ] = None,
) -> None:
    """Write the calibration report of a city's fit.

    Synthetic cities take minutes each. They can be fitted beforehand, `--only recovery --cities 20`, stopped and begun
    again; the page is then written from them.
    """
    mpl.use("Agg")
    budget = SMALL if small else FULL
    budget = budget if cities is None else replace(budget, cities=cities)
    kept = docs / KEPT if keep is None and not small else keep
    try:
        place = load_city(city, known_indicators=frozenset(NAMES))
        if only is ReportPart.RECOVERY:
            _recovery(place, load_fit(place), budget, Workers(workers), kept)
            return
        evidence = gather(place, load_fit(place), budget, Workers(workers), tell, kept)
    except InputError as error:
        tell(str(error))
        raise typer.Exit(2) from None
    write_figures(evidence, docs / "figures")
    write_whole(docs / PAGE, page(evidence))
    say(str(docs / PAGE))


def _recovery(city: City, fit: Fit, budget: Budget, workers: Workers, keep: Path | None) -> None:
    """Fit the synthetic cities that are not kept yet, and say what all of them show."""
    if keep is None:
        raise InputError(
            Said("--only recovery: nothing would stay; name a folder for the finished cities with --keep.")
        )
    found = synthetic_cities(city, fit, budget, workers, keep).fitted(budget.cities, tell)
    if found.empty:
        raise InputError(Said("{folder}: no synthetic city could be fitted.", folder=keep))
    inside = percent(found.inside.mean())
    say(f"{found.city.nunique()} cities: {inside} of {len(found)} truths inside their 90 % interval")


if __name__ == "__main__":
    typer.run(main)
