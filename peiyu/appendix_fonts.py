"""Where an open Chinese font is on this machine: with the system, in a folder of the user's, or in a package."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from sim.door import InputError

FOLDER = "PEIYU_FONTS"
"""Names a folder with fonts of the user's own."""
SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
          "~/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
PACKAGE = "manimgx_fonts_cjk"
"""Installed with the appendix extra; carries Noto Sans CJK under the OFL, without a serif."""
SANS = ("NotoSansCJK-Regular", "NotoSansCJKsc-Regular", "NotoSansSC-Regular", "SourceHanSansSC-Regular",
        "SourceHanSansCN-Regular", "NotoSansCJK-VF")  # fmt: skip
SERIF = ("NotoSerifCJK-Regular", "NotoSerifCJKsc-Regular", "NotoSerifSC-Regular", "SourceHanSerifSC-Regular",
         "SourceHanSerifCN-Regular")  # fmt: skip
FAMILIES_SANS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN")
FAMILIES_SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "Source Han Serif CN")
HOW = (
    "no open Chinese font is installed; install one (Debian, Ubuntu: apt install fonts-noto-cjk; anywhere: pip install"
    f" manimgx-fonts-cjk), or name a folder with Noto Sans CJK or Source Han Sans in {FOLDER}"
)


def folders() -> list[Path]:
    """Return the folders that may hold fonts, the user's own first."""
    named = [os.environ[FOLDER]] if os.environ.get(FOLDER) else []
    found = find_spec(PACKAGE)
    packed = list(found.submodule_search_locations or ()) if found else []
    return [path for x in (*named, *SYSTEM, *packed) if (path := Path(x).expanduser()).is_dir()]


def sans() -> Path | None:
    """Return an open Chinese sans-serif font file, if there is one."""
    return _first(SANS)


def serif() -> Path | None:
    """Return an open Chinese serif font file, if there is one."""
    return _first(SERIF)


def need_sans() -> Path:
    """Return an open Chinese sans-serif font file. Raises `InputError` saying how to get one."""
    found = sans()
    if found is None:
        raise InputError(HOW)
    return found


def _first(names: tuple[str, ...]) -> Path | None:
    wanted = {name: i for i, name in enumerate(names)}
    for folder in folders():
        here = [p for p in sorted(folder.rglob("*")) if p.suffix in (".ttc", ".otf", ".ttf")]
        known = [p for p in here if p.name.split(".")[0] in wanted]
        if known:
            return min(known, key=lambda p: wanted[p.name.split(".")[0]])
    return None
