"""Write docs/calibration.md and its figures: `python -m peiyu.fit.report`, or `make report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import matplotlib as mpl
import typer

from calibration.fit.fit import load_fit
from peiyu.figures.style import save
from peiyu.fit import figures as figures_fit
from peiyu.fit.gather import FULL, SMALL, Evidence, gather
from peiyu.fit.pages import page
from peiyu.screen.lines import say, tell
from sim.city.city import load_city
from sim.files import write_whole
from sim.inputs.errors import InputError
from sim.state.indicators import NAMES
from sim.workers import Workers

FOLDER = Path(__file__).parents[2] / "docs"
PAGE = "calibration.md"
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


def main(
    city: Annotated[str, typer.Option(help="Shipped city or folder.")] = "hangzhou",
    small: Annotated[bool, typer.Option("--small", help="A few minutes of work, to try it.")] = False,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    docs: Annotated[Path, typer.Option(help="Folder of the page; figures go to figures/ inside.")] = FOLDER,
) -> None:
    """Write the calibration report of a city's fit."""
    mpl.use("Agg")
    try:
        place = load_city(city, known_indicators=frozenset(NAMES))
        evidence = gather(place, load_fit(place), SMALL if small else FULL, Workers(workers), tell)
    except InputError as error:
        tell(str(error))
        raise typer.Exit(2) from None
    write_figures(evidence, docs / "figures")
    write_whole(docs / PAGE, page(evidence))
    say(str(docs / PAGE))


if __name__ == "__main__":
    typer.run(main)
