"""Files with the figures of a comparison, where matplotlib is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from peiyu.figures import files as figure_files

if TYPE_CHECKING:
    from peiyu.comparison.result import Comparison


def write_figures(c: Comparison, out: Path, lang: str) -> list[str]:
    """Write the forest plot, the ladder of every scenario and the tables of districts as SVG; returns their names.

    Without matplotlib (extra `appendix`) nothing is drawn: the numbers are in the other files.
    """
    drawings: dict[Path, Callable[[str], object]] = {out / "effects.svg": c.plot}
    for f in c.forecasts[1:]:
        drawings[out / f"ladder_{f.scenario.name}.svg"] = partial(c.plot_ladder, f.scenario.name)
    for goal in dict.fromkeys(p.goal for p in c.parts):
        drawings[out / f"districts_{goal}.svg"] = partial(c.plot_districts, goal)
    return figure_files.write(drawings, lang)
