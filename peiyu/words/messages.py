"""What a message that is kept as an English template says in the language of a reader."""

from __future__ import annotations

from collections.abc import Mapping

from peiyu.words.loader import words
from sim.inputs.said import Said


def catalogue(lang: str) -> Mapping[str, str]:
    """Return the templates of a language by the English ones, which stand in the code."""
    return words("errors", "zh").texts if lang == "zh" else {}


def told(message: Said | str, lang: str) -> str:
    """Return a message in a language; one that is no `Said` is as it was written."""
    return message.told(catalogue(lang)) if isinstance(message, Said) else message
