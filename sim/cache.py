"""What is remembered from one process to the next to save time, in the user's cache folder; losing it costs nothing."""

from __future__ import annotations

import os
from pathlib import Path

from sim.files import write_whole
from sim.inputs.errors import InputError


def recall(kind: str, key: str) -> str | None:
    """Return what was remembered under a key, or None: also where the folder cannot be read."""
    try:
        return (_folder(kind) / key).read_text("utf8")
    except (OSError, RuntimeError, UnicodeDecodeError):  # a RuntimeError: there is no home
        return None


def remember(kind: str, key: str, text: str) -> None:
    """Remember a text for other processes; where nothing can be written, they work it out again."""
    try:
        _folder(kind).mkdir(parents=True, exist_ok=True)
        write_whole(_folder(kind) / key, text)
    except (OSError, RuntimeError, InputError):
        return


def _folder(kind: str) -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(caches).expanduser() / "peiyu" / kind
