"""Files that `peiyu fails-when` leaves in the output folder: JSON, a frame, and a figure where matplotlib is there."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from peiyu.document.csv import write_csv
from peiyu.fails_when.analysis import Result
from peiyu.fails_when.terminal import frame
from peiyu.figures import files as figure_files
from sim.files import write_whole


def write(result: Result, out: Path, lang: str) -> None:
    """Write fails_when.json, fails_when.csv and, where there is matplotlib, fails_when.svg."""
    document = result.document()
    write_whole(out / "fails_when.json", json.dumps(document.plain(), ensure_ascii=False, indent=1) + "\n")
    write_csv(out / "fails_when.csv", frame(document))
    drawing = out / "fails_when.svg"
    drawing.unlink(missing_ok=True)  # of an earlier question
    if document.boxes:
        figure_files.write({drawing: partial(_drawn, result)}, lang)


def _drawn(result: Result, lang: str) -> object:
    from peiyu.fails_when.figure import draw_boxes  # noqa: PLC0415  matplotlib is an extra

    return draw_boxes(result, lang)
