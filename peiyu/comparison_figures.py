"""Files with the figures of a comparison, where matplotlib is there."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peiyu.comparison_results import Comparison


def write_figures(c: Comparison, out: Path) -> list[str]:
    """Write the forest plot, the ladder of every scenario and the tables of districts as SVG; returns their names.

    Without matplotlib (extra `appendix`) nothing is drawn: the numbers are in the other files.
    """
    if find_spec("matplotlib") is None:
        return []
    save = import_module("peiyu.figure_style").save
    figures = {"effects.svg": c.plot()}
    for f in c.forecasts[1:]:
        figures[f"ladder_{f.scenario.name}.svg"] = c.plot_ladder(f.scenario.name)
    for goal in dict.fromkeys(p.goal for p in c.parts):
        figures[f"districts_{goal}.svg"] = c.plot_districts(goal)
    for name, figure in figures.items():
        save(figure, out / name)
    return list(figures)
