"""The one door for files of the user: their bytes are read once, bounded, and decoded whatever Excel saved them as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sim.inputs.errors import InputError, meant
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.inputs.shown import quoted

MAX_BYTES = 2_000_000
"""Largest text read: four times the shipped history, the largest file that people write."""

_ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in China writes GBK, a part of GB18030
_BINARY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEIGHBOURS = 1_000  # names beside a missing file that it may be a slip of


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file as it was read: what checks it, what hashes it and what keeps it see the same text."""

    path: Path
    text: str


Source = TextFile | Path | str
"""A file that was read, or the path of one to read."""


def place(path: Source) -> str:
    """Name a file the way messages do: its folder and its own name."""
    path = Path(path.path if isinstance(path, TextFile) else path)
    return quoted(f"{path.parent.name}/{path.name}" if path.parent.name else path.name, 120)


def opened(source: Source, most: int = MAX_BYTES) -> TextFile:
    """Return a text file, read now unless it has been."""
    return source if isinstance(source, TextFile) else TextFile(Path(source), read_text(source, most))


def read_text(path: Path | str, most: int = MAX_BYTES) -> str:
    """Return the text of a UTF-8 or GBK file, with the line ends of Unix and without a byte-order mark.

    Raises
    ------
    InputError
        If there is no such file, it is a folder, too large, unreadable or not text.
    """
    return decoded(read_bytes(path, most), path)[0]


def read_bytes(path: Path | str, most: int) -> bytes:
    """Return the bytes of an ordinary file of at most `most` bytes. Raises `InputError` as `read_text` does."""
    path = Path(path)
    try:
        _refuse_shape(path)
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or error  # ValueError: a NUL byte in the path
        said = Said("{place}: cannot be read ({reason}).", place=place(path), reason=foreign(reason))
        raise InputError(said) from error
    if len(raw) > most:
        raise InputError(
            Said(
                "{place}: is larger than {most} MB, the most that is read of such a file.",
                place=place(path),
                most=f"{most / 1e6:g}",
            )
        )
    return raw


def decoded(raw: bytes, path: Path | str) -> tuple[str, str]:
    """Return the text of bytes in UTF-8 or GBK, and which of the two. Raises `InputError` for what is not text."""
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # nearly any bytes are some GB 18030 text, so a binary file is known by its control characters
        if not _BINARY.search(text):
            return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), encoding
        break
    raise InputError(Said("{place}: is not a text file; save it as UTF-8 (allowed: UTF-8, GBK).", place=place(path)))


def is_file(path: Path) -> bool:
    """Tell whether there is such an ordinary file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _refuse_shape(path: Path) -> None:
    """Refuse what is not an ordinary file."""
    if path.is_dir():
        raise InputError(Said("{place}: is a folder, a file is expected.", place=place(path)))
    if not path.exists():
        names = (
            [p.name for _, p in zip(range(_NEIGHBOURS), path.parent.iterdir(), strict=False)]
            if path.parent.is_dir()
            else []
        )
        raise InputError(Said("{place}: there is no such file.", place=place(path)) + meant(path.name, names))
    if not path.is_file():
        raise InputError(Said("{place}: is not an ordinary file.", place=place(path)))
