"""Files as a whole: a folder that can be written is checked first, and a file is there complete or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
from pathlib import Path

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said

NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
"""What the system says when there is no room left; where to write is not at fault."""


def check_folder(folder: Path) -> None:
    """Refuse, before anything runs, a folder that cannot be written."""
    try:
        if folder.exists() and not folder.is_dir():
            raise InputError(Said("{folder}: is a file; --out names a folder.", folder=folder))
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = Said(
            "{folder}: cannot be made ({reason}); choose another with --out.", folder=folder, reason=reason(error)
        )
        raise InputError(said) from None
    if not writable(folder):
        raise InputError(Said("{folder}: cannot be written; choose another folder with --out.", folder=folder))


def writable(path: Path) -> bool:
    """Tell whether whoever runs this may write a file or a folder."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def reason(error: Exception) -> Said:
    """Return what the system says, without its number and the name of the file."""
    return foreign(getattr(error, "strerror", None) or error)


def no_room(error: Exception) -> bool:
    """Tell whether the disk, or what one may write on it, is full."""
    # only SQLite says it in words; another message may have them in the name of a file
    text = str(error) if isinstance(error, sqlite3.Error) else ""
    return getattr(error, "errno", None) in NO_ROOM or "is full" in text or "disk I/O error" in text


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all; text is UTF-8 with line ends as they are.

    Two processes that write the same file do not meet: each has a temporary file of its own beside it, made under a
    name that nobody can foresee and that was not there, and the last one to finish stays. A link in the file's place
    gives way; what it points to stays as it is. Raises `InputError` where a folder stands in the place of the file, or
    nothing can be written.
    """
    raw = content.encode("utf8") if isinstance(content, str) else content
    # in the same folder, within which a rename is atomic; its own name may be as long as a name can be
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        try:
            with part.open("xb") as file:
                file.write(raw)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if no_room(error):
            raise
        said = Said("{path}: cannot be written ({reason}); choose another folder.", path=path, reason=reason(error))
        raise InputError(said) from error
