"""Files that `peiyu sensitivity` leaves in the output folder: JSON, a frame, and a figure of every reading shown."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from peiyu.document.csv import write_csv
from peiyu.figures import files as figure_files
from peiyu.sensitivity.document import ReadingRow, SensitivityDocument
from peiyu.sensitivity.terminal import frame
from sim.city.city import City
from sim.files import write_whole
from sim.scenario.scenario import Scenario


def write(document: SensitivityDocument, city: City, scenario: Scenario, out: Path, lang: str) -> None:
    """Write sensitivity.json and sensitivity.csv, and a figure of every reading shown."""
    write_whole(out / "sensitivity.json", json.dumps(document.plain(), ensure_ascii=False, indent=1) + "\n")
    write_csv(out / "sensitivity.csv", frame(document))
    figures = {
        out / f"sensitivity_{row.goal}_{row.reading}.svg": partial(_drawn, row, city, scenario)
        for row in document.readings
        if row.budget.count
    }
    figure_files.write(figures, lang)


def _drawn(row: ReadingRow, city: City, scenario: Scenario, lang: str) -> object:
    from peiyu.sensitivity.figure import draw_sensitivity  # noqa: PLC0415  matplotlib is an extra

    return draw_sensitivity(row, city, scenario, lang)
