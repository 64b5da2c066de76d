"""The same bytes for the same document: zip files without the time of day, in one order."""

from __future__ import annotations

import io
import re
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:(?:created|modified)>)")


def normal(content: bytes, date: str, parts: dict[str, bytes] | None = None) -> bytes:
    """Return an Office file with the document's date in place of the clock's, and its parts in a fixed order.

    Parameters
    ----------
    content
        The file.
    date
        The date of the document, YYYY-MM-DD.
    parts
        Parts that replace those of the same name.
    """
    stamp = f"{date}T00:00:00Z".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n))
        for name in names:
            data = (parts or {}).get(name) or old.read(name)
            if name == "docProps/core.xml":
                data = STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", data)
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 0
            new.writestr(info, data)
    return buffer.getvalue()
