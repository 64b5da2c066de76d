"""Text of the user as it may be shown: nothing in it moves a cursor, turns the line round or fills the screen."""

from __future__ import annotations

import re

LONGEST = 60
"""Letters of a name or a value that a message quotes."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters but tab and line feed, marks of no width or of direction, and halves of surrogate pairs."""


def visible(text: str) -> str:
    r"""Return text in which a character that cannot be seen is written as its code, such as \u001b."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def quoted(value: object, most: int = LONGEST) -> str:
    """Return what a message says of a name or value of the user: its beginning, if it is long."""
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"
