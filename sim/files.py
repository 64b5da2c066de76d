"""Files as a whole: a folder that can be written is checked first, and a file is there complete or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sim.inputs.errors import InputError


def check_folder(folder: Path) -> None:
    """Refuse, before anything runs, a folder that cannot be written."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; --out names a folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made ({error.strerror}); choose another with --out.") from None
    if not os.access(folder, os.W_OK):
        raise InputError(f"{folder}: cannot be written; choose another folder with --out.")


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all; text is UTF-8 with line ends as they are.

    Two processes that write the same file do not meet: each has a temporary file of its own beside it, and the last
    one to finish stays.
    """
    # in the same folder, within which a rename is atomic
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content.encode("utf8") if isinstance(content, str) else content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
