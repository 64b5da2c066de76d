"""Output streams that never fail over a letter: what their encoding lacks is written as JSON writes it."""

from __future__ import annotations

import codecs
import sys
from io import TextIOWrapper

_NAME = "peiyu.codes"


def _as_codes(error: UnicodeError) -> tuple[str, int]:
    r"""Return \\u and four digits for every letter, two of them for one beyond the first 65,536."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    units = letters.encode("utf-16-be", "surrogatepass")
    pairs = (units[i : i + 2].hex() for i in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


def in_letters_of(encoding: str, text: str) -> str:
    """Return text as an output of that encoding shows it: laid out, it is as wide as it is then."""
    codecs.register_error(_NAME, _as_codes)
    return text.encode(encoding, _NAME).decode(encoding)


def never_fail_over_a_letter() -> None:
    """Let stdout and stderr write every letter, as itself or as its code; JSON stays JSON."""
    codecs.register_error(_NAME, _as_codes)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_NAME)
