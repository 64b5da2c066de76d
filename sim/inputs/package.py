"""Office files, which are zip archives of XML: unpacked once, bounded in what they unfold to."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import place, read_bytes

MAX_PACKAGE, MAX_PARTS = 5_000_000, 500
"""Largest file read, in bytes, and most parts in it; a template is mostly pictures."""
MAX_PICTURES, MAX_XML, MAX_TAGS = 20_000_000, 4_000_000, 100_000
"""Most that the pictures and the XML unfold to, in bytes, and most tags; a tree takes a hundred times its tag."""
MAX_DEPTH = 100
"""Deepest nesting of tags; Word's own is a dozen."""
_XML = (".xml", ".rels")
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)|<\x00!\x00|\x00<\x00!", re.IGNORECASE)
_OTHER_CODE = re.compile(
    rb"""(?!(?:\xef\xbb\xbf)?\s*<)|(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["'](?!utf-8|us-ascii)""", re.IGNORECASE
)
_TAG = re.compile(rb"<(/?)[^<>!?]*?(/?)>")


WORD = Said("a Word file (.docx or .dotx)")
WORKBOOK = Said("a workbook (.xlsx)")


def read_package(path: Path, what: Said = WORD) -> dict[str, bytes]:
    """Return the parts of an office file by name. Raises `InputError` for what is none, or unfolds to too much."""
    raw = read_bytes(path, MAX_PACKAGE)
    parts: dict[str, bytes] = {}
    room = {True: MAX_XML, False: MAX_PICTURES}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            if len(package.namelist()) > MAX_PARTS:
                raise InputError(
                    Said(
                        "{place}: holds more than {most} parts; save its styles in a new file.",
                        place=place(path),
                        most=MAX_PARTS,
                    )
                )
            for info in package.infolist():
                is_xml = info.filename.lower().endswith(_XML)
                with package.open(info) as part:
                    # what is read counts, not what the archive says of itself
                    content = part.read(room[is_xml] + 1)
                room[is_xml] -= len(content)
                if room[is_xml] < 0:
                    raise InputError(
                        Said(
                            "{place}: unfolds to more than {most} MB of {what}; take out text and pictures, only"
                            " styles, page, header and footer are used.",
                            place=place(path),
                            most=f"{(MAX_XML if is_xml else MAX_PICTURES) / 1e6:g}",
                            what="XML" if is_xml else Said("pictures"),
                        )
                    )
                parts[info.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        # RuntimeError: a password is asked for
        reason = foreign(quoted(error, 200))
        said = Said("{place}: is not {what}: {reason}.", place=place(path), what=what, reason=reason)
        raise InputError(said) from error
    _refuse_bombs(path, parts)
    return parts


def _refuse_bombs(path: Path, parts: dict[str, bytes]) -> None:
    """Refuse XML that declares entities, nests too deeply or has too many tags."""
    tags = 0
    for name, content in parts.items():
        if not name.lower().endswith(_XML):
            continue
        if _DECLARATION.search(content) or _OTHER_CODE.match(content):
            raise InputError(
                Said(
                    "{place}: {part}: declares XML entities or is no UTF-8, as no Word file does.",
                    place=place(path),
                    part=quoted(name),
                )
            )
        depth = 0
        for tag in _TAG.finditer(content):
            tags += 1
            depth += -1 if tag[1] else 0 if tag[2] else 1
            if tags > MAX_TAGS or depth > MAX_DEPTH:
                raise InputError(
                    Said(
                        "{place}: {part}: has more than {tags} tags or {depth} inside each other; take out text and"
                        " pictures, only styles, page, header and footer are used.",
                        place=place(path),
                        part=quoted(name),
                        tags=f"{MAX_TAGS:,}",
                        depth=MAX_DEPTH,
                    )
                )
