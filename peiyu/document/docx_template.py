"""A planner's Word template made ready: whatever Word opens is opened, and only its styles and page are kept."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path, PurePosixPath

import docx
from docx.document import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from sim.inputs.errors import InputError
from sim.inputs.foreign import foreign
from sim.inputs.package import read_package
from sim.inputs.said import Said
from sim.inputs.shown import quoted
from sim.inputs.text import place

MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
"""The type of a document; templates and files with macros have others."""
_OTHER_MAIN = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.wordprocessingml\.template|"
    rb"ms-word\.(?:document|template)\.macroEnabled(?:Template)?)\.main\+xml"
)
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
"""Names in the strict form of the standard, ISO/IEC 29500; most programs write the transitional form."""
_SAYS_STRICT = re.compile(rb"""\s\w+:conformance=["']strict["']""")
_RENAMED = {b"extendedProperties": b"extended-properties", b"customProperties": b"custom-properties"}
_RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?(?:/>|>\s*</(?:\w+:)?Relationship>)")
_TARGET, _OUTSIDE = re.compile(rb"""\sTarget=["']([^"']*)["']"""), re.compile(rb"""TargetMode=["']External["']""")
# what python-docx raises on XML that is no Word document, and lxml, by SyntaxError, on what is no XML
_NO_WORD = (LookupError, ValueError, TypeError, AttributeError, AssertionError, SyntaxError, PackageNotFoundError)


def read_template(template: Path) -> Word:
    """Return a Word document without text, with a template's styles and page.

    Raises
    ------
    InputError
        If the template is not a Word file, or is larger than any.
    """
    try:
        parts = read_package(template)
        word = docx.Document(io.BytesIO(_ready(parts)))
        body = word.element.body
        for child in list(body):
            if child.tag != qn("w:sectPr"):
                body.remove(child)
        for style in word.styles:  # a style without a name or type would stop the writing later
            assert style.type is not None
    except InputError as error:
        raise InputError(Said("--template {error}", error=error.said)) from None
    except _NO_WORD as error:
        raise InputError(
            Said(
                "--template {file}: is not a Word file (.docx or .dotx): {reason}.",
                file=place(template),
                reason=foreign(quoted(error, 200)),
            )
        ) from error
    return word


def _ready(parts: dict[str, bytes]) -> bytes:
    """Return the package as python-docx reads it: a document, in the transitional form, without dead ends."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, _part(name, content, parts))
    return buffer.getvalue()


def _part(name: str, content: bytes, parts: dict[str, bytes]) -> bytes:
    if not name.lower().endswith((".xml", ".rels")):
        return content
    content = _SAYS_STRICT.sub(b"", _STRICT.sub(_transitional, content))
    if name == "[Content_Types].xml":
        return _OTHER_MAIN.sub(MAIN, content)
    if name.endswith(".rels"):
        owner = PurePosixPath(name).parent.parent
        return _RELATIONSHIP.sub(lambda found: found[0] if _alive(found[0], owner, parts) else b"", content)
    return content


def _transitional(found: re.Match[bytes]) -> bytes:
    return b"http://schemas.openxmlformats.org/%s/2006/%s" % (found[1], _RENAMED.get(found[2], found[2]))


def _alive(relationship: bytes, owner: PurePosixPath, parts: dict[str, bytes]) -> bool:
    """Tell whether a relationship leads to a part that is there; Word passes over one that does not."""
    target = _TARGET.search(relationship)
    if target is None or _OUTSIDE.search(relationship):
        return target is not None
    way: list[str] = []
    for step in (PurePosixPath("/") / owner / target[1].decode("utf8", "replace")).parts[1:]:
        way = way[:-1] if step == ".." else [*way, step]
    return "/".join(way) in parts
