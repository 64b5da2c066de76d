"""Figures as files: in the language asked, or in English where no Chinese font is; none where matplotlib is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from peiyu.figures.fonts import HOW, sans
from peiyu.screen.lines import tell
from peiyu.words.loader import words
from peiyu.words.messages import told

Drawings = Mapping[Path, Callable[[str], object]]
"""What draws each file, in a language."""


def write(drawings: Drawings, lang: str) -> list[str]:
    """Write figures as SVG where they can be drawn, and return their names; the numbers are in other files."""
    if not drawings or find_spec("matplotlib") is None:
        return []
    if lang == "zh" and sans() is None:  # found out only here, when all the runs are done
        tell(words("screen", lang)["english_figures"].format(how=told(HOW, lang)))
        lang = "en"
    from peiyu.figures.style import save  # noqa: PLC0415  matplotlib is an extra

    for path, draw in drawings.items():
        save(draw(lang), path, lang)
    return [path.name for path in drawings]
