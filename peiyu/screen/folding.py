"""Where a sentence on the screen ends its lines: between Chinese letters too, though no blank stands there."""

from __future__ import annotations

import re

from rich.cells import cell_len

_HAN = r"\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60"
_OPENING, _CLOSING = r"(\[{（《“‘「", r",.;:!?%)\]}，。；：、！？）》”’」…"
"""Marks that end no line, and that begin none."""
_WORD = re.compile(rf"\s+|[{_OPENING}]*(?:[{_HAN}]|[^\s{_HAN}]*[^\s{_HAN}{_OPENING}])[{_CLOSING}]*|[{_OPENING}]+")


def folded(text: str, width: int) -> str:
    r"""Break a text into lines of at most so many columns, of which a Chinese letter takes two.

    >>> folded("各矩的含义见 docs/check.md。", 12).split("\n")
    ['各矩的含义见', 'docs/check.md。']
    >>> folded("证据也是先验(P19)的来源,只检验接线。", 16).split("\n")
    ['证据也是先验', '(P19)的来源,只检', '验接线。']
    """
    return "\n".join(_folded(line, width) for line in text.split("\n"))


def _folded(line: str, width: int) -> str:
    lines = [""]
    for word in _WORD.findall(line):
        if cell_len(lines[-1] + word.rstrip()) > width and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(word.lstrip())
        else:
            lines[-1] += word
    return "\n".join(lines).rstrip() if line.strip() else line
