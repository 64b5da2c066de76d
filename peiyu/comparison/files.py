"""Files a comparison leaves in the output folder: JSON, frames, the ledger, and figures where matplotlib is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from peiyu.comparison.result import Comparison
from peiyu.document.csv import write_csv
from peiyu.figures import files as figure_files
from peiyu.forecasts.files import ledger
from sim.files import write_whole
from sim.store.store import Store


def write_comparison(c: Comparison, store: Store, out: Path) -> None:
    """Write compare.json, a CSV of each kind of row, and the ledger of every scenario."""
    write_whole(out / "compare.json", json.dumps(c.document().plain(), ensure_ascii=False, indent=1) + "\n")
    frames = {
        "effects": c.frame(),
        "costs": c.cost_frame(),
        "outcomes": c.outcome_frame(),
        "parts": c.part_frame(),
        "leaks": c.leak_frame(),
        "ladder": c.ladder_frame(),
    }
    for name, frame in frames.items():
        write_csv(out / f"{name}.csv", frame)
    for x in c.splits:
        write_csv(out / f"split_{x.scenario}_{x.by}.csv", x.frame())
    every = pd.concat([ledger(store, f) for f in c.forecasts])
    write_csv(out / "ledger.csv", every)


def write_figures(c: Comparison, out: Path, lang: str) -> list[str]:
    """Write the forest plot, the ladder of every scenario and the tables of districts as SVG; returns their names.

    A scenario in which nobody stands on the ladder has no drawing of it. Without matplotlib (extra `appendix`) nothing
    is drawn: the numbers are in the other files.
    """
    drawings: dict[Path, Callable[[str], object]] = {out / "effects.svg": c.plot}
    for f in (x for x in c.forecasts[1:] if c.ladders[x.scenario.name].any()):
        drawings[out / f"ladder_{f.scenario.name}.svg"] = partial(c.plot_ladder, f.scenario.name)
    for goal in dict.fromkeys(p.goal for p in c.parts):
        drawings[out / f"districts_{goal}.svg"] = partial(c.plot_districts, goal)
    return figure_files.write(drawings, lang)
