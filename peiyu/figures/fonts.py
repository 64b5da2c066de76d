"""Where an open Chinese font is on this machine: in a folder of the user's, in a package, or with the system."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from sim.inputs.errors import InputError
from sim.inputs.said import Said

FOLDER = "PEIYU_FONTS"
"""Names a folder with fonts of the user's own."""
PACKAGE = "pylopdf_fonts_zh_cn"
"""Installed with the appendix extra: Noto Sans SC and Noto Serif SC under the OFL; before the system's, so that
every machine prints the same."""
SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
          "~/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
SANS = ("NotoSansSC-Regular", "NotoSansCJKsc-Regular", "NotoSansCJK-Regular", "SourceHanSansSC-Regular",
        "SourceHanSansCN-Regular")  # fmt: skip
SERIF = ("NotoSerifSC-Regular", "NotoSerifCJKsc-Regular", "NotoSerifCJK-Regular", "SourceHanSerifSC-Regular",
         "SourceHanSerifCN-Regular")  # fmt: skip
FAMILIES_SANS = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN")
FAMILIES_SERIF = ("Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "Source Han Serif CN")
HOW = Said(
    "no open Chinese font is installed; install one (anywhere: pip install pylopdf-fonts-zh-cn; Debian, Ubuntu: apt"
    " install fonts-noto-cjk), or name a folder with Noto Sans SC or Source Han Sans in {variable}",
    variable=FOLDER,
)


def folders() -> list[Path]:
    """Return the folders that may hold fonts, the user's own first."""
    own = [os.environ[FOLDER]] if os.environ.get(FOLDER) else []
    found = find_spec(PACKAGE)
    packed = list(found.submodule_search_locations or ()) if found else []
    return [path for x in (*own, *packed, *SYSTEM) if (path := Path(x).expanduser()).is_dir()]


def named() -> list[Path]:
    """Return the folder that the user named, if it is there."""
    return [p for p in folders() if os.environ.get(FOLDER) and p == Path(os.environ[FOLDER]).expanduser()]


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
