"""Text files of the user: read at the door, whatever Excel saved them as."""

from __future__ import annotations

import re
from pathlib import Path

from sim.inputs.errors import InputError, suggest
from sim.inputs.shown import quoted

MAX_BYTES = 4_000_000
"""Largest table read; the shipped history, fifteen columns of 1,300 rows, is 0.5 MB, a shipped posterior 1 MB."""

_ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in China writes GBK, a part of GB18030
_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def place(path: Path | str) -> str:
    """Name a file the way messages do: its folder and its own name."""
    path = Path(path)
    name = quoted(path.name)
    return f"{quoted(path.parent.name)}/{name}" if path.parent.name else name


def is_file(path: Path) -> bool:
    """Tell whether there is an ordinary file; a name that no disk can hold is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_text(path: Path | str, most: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 or GBK file of at most so many bytes; the same letters whatever saved them.

    Raises
    ------
    InputError
        If there is no such file, it is a folder, too large, unreadable or not text.
    """
    path = Path(path)
    try:
        _refuse_shape(path, most)
        raw = path.read_bytes()
    except InputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        message = f"{place(path)}: cannot be read ({getattr(error, 'strerror', None) or error})."
        raise InputError(message) from error
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # nearly any bytes are some GB 18030 text, so a binary file is known by its control characters
        if not _BINARY.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
        break
    message = f"{place(path)}: is not a text file; save it as UTF-8 (allowed: UTF-8, GBK)."
    raise InputError(message)


def _refuse_shape(path: Path, most: int) -> None:
    """Refuse what is not an ordinary file of a sensible size."""
    if path.is_dir():
        message = f"{place(path)}: is a folder, a file is expected."
        raise InputError(message)
    if not path.exists():
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        message = f"{place(path)}: there is no such file.{suggest(path.name, names)}"
        raise InputError(message)
    if not path.is_file():
        message = f"{place(path)}: is not an ordinary file."
        raise InputError(message)
    if (size := path.stat().st_size) > most:
        message = f"{place(path)}: has {size / 1e6:.1f} MB, at most {most / 1e6:.1f} MB is allowed."
        raise InputError(message)
