"""Where a line of a narrow column may end: between words, in Chinese too, where programs would end it at any letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from peiyu.words.letters import length
from peiyu.words.loader import words

HAN = re.compile("[\u3400-\u9fff]")
PAIR = 2
"""Letters of most Chinese words: what no list names is cut into so many."""
MOST = 24
"""Letters up to which a Chinese text is a name, set line by line; a longer one is a sentence and flows."""
PIECE = 12
"""Most letters of a word that are kept on one line; a longer one breaks after a mark, or anywhere."""
PART = re.compile(r"[^_./,:=–-]*[_./,:=–-]+|[^_./,:=–-]+")
"""What a long word is broken into: up to a mark."""
_TOKEN = re.compile("[\u3400-\u9fff]+|[^\u3400-\u9fff ]+ ?| ")
_OPENING, _CLOSING = "（〔“《★([", "，。；：、！？）〕”》…,.;:!?)]%·/"
"""Marks that end no line, and that begin none."""
_SYLLABLE = re.compile("(?<=[aeiouy])[^aeiouy](?=[^aeiouyh][^aeiouy]?[aeiouy])|[aeiouy](?=[^aeiouy][aeiouy])")
"""The last letter of a syllable: a consonant before another that begins one, or a vowel before one that does."""


def is_name(text: str) -> bool:
    """Say whether a text is a short Chinese one, whose lines are worth choosing."""
    return HAN.search(text) is not None and len(text) <= MOST and not any(mark in text for mark in "。；，：:\n")


def pieces(text: str) -> list[str]:
    """Return the parts of a text between which a line may end; together they are the text.

    >>> pieces("历史达成率")
    ['历史', '达成率']
    >>> pieces("★省科技型中小企业（家）")
    ['★省科技型', '中小企业', '（家）']
    >>> pieces("Relative to the best")
    ['Relative ', 'to ', 'the ', 'best']
    """
    out: list[str] = []
    for part in (word for token in _TOKEN.findall(text) for word in _words(token)):
        if out and (_leans(part, out[-1]) or out[-1][-1] in _OPENING or _alone(out[-1])):
            out[-1] += part
        else:
            out.append(part)
    return out


def lines(text: str, room: float, narrow: float = 1.0) -> list[str]:
    """Return a text in as few lines as fit a width in letters, of about one length, so that none holds a letter alone.

    `narrow` is that of `length`.

    >>> lines("历史达成率", 4.0)
    ['历史', '达成率']
    >>> lines("国家级中小企业特色产业集群", 8.0)
    ['国家级中小企业', '特色产业集群']
    """
    parts = pieces(text)
    few = _filled(parts, room, narrow)
    even = (_filled(parts, width, narrow) for width in _lengths(parts, narrow) if width <= room)
    return next((made for made in even if len(made) == len(few)), few) if len(few) > 1 else few


def narrowest(text: str, most: int, narrow: float = 1.0) -> float:
    """Return the least width in letters in which a text has at most so many lines that end between its parts."""
    parts = pieces(text)
    widest = max((length(part.rstrip(), narrow) for part in parts), default=0.0)
    wide = (w for w in _lengths(parts, narrow) if w >= widest)
    return next((w for w in wide if len(_filled(parts, w, narrow)) <= most), 0.0)


def _lengths(parts: list[str], narrow: float) -> list[float]:
    """Return the lengths that a line of some parts in a row may have."""
    ends = combinations(range(len(parts) + 1), 2)
    return sorted({length("".join(parts[i:j]).rstrip(), narrow) for i, j in ends})


def _filled(parts: list[str], room: float, narrow: float) -> list[str]:
    """Return lines that each hold as much as fits, without the blanks at their ends."""
    out = [""]
    for part in parts:
        if out[-1] and length((out[-1] + part).rstrip(), narrow) > room + 1e-6:
            out.append("")
        out[-1] += part
    return [line.rstrip() for line in out]


def broken(word: str, most: int = PIECE) -> list[str]:
    """Return the parts of a word between which a line may end; one of at most so many letters stays whole."""
    if len(word) <= most:
        return [word]
    parts = PART.findall(word)
    return [part[i : i + PIECE] for part in parts for i in range(0, len(part), PIECE)]


def syllables(word: str) -> list[str]:
    """Return a long word of Latin letters in two parts, cut near the middle before a syllable.

    >>> syllables("demonstration"), syllables("high-technology"), syllables("word")
    (['demonstra', 'tion'], ['high-technology'], ['word'])
    """
    if len(word) <= PIECE or not (word.isascii() and word.isalpha()):
        return [word]
    cuts = [found.start() + 1 for found in _SYLLABLE.finditer(word) if 1 < found.start() < len(word) - PAIR - 1]
    at = min(cuts, key=lambda cut: abs(cut - len(word) / 2.0), default=0)
    return [word[:at], word[at:]] if at else [word]


@cache
def _known() -> frozenset[str]:
    return frozenset(words("vocabulary", "zh")["words"].split())


def _leans(part: str, before: str) -> bool:
    """Say whether a part belongs to what stands before it: a mark, the unit of a number, the last letter of a word."""
    if part[0] in _CLOSING or part == " ":
        return True
    if before[-1].isdigit():
        return HAN.match(part) is not None and part not in _known()
    return _alone(part) and HAN.match(before[-1]) is not None


def _alone(part: str) -> bool:
    """Say whether a part is one Chinese letter."""
    return len(part.rstrip()) == 1 and HAN.match(part) is not None


def _words(token: str) -> Iterator[str]:
    """Cut a run of Chinese letters at the longest words that are known, and what is left into pairs."""
    if not HAN.match(token):
        yield token
        return
    known, rest = _known(), ""
    longest = max(map(len, known))
    while token:
        found = next((token[:n] for n in range(longest, 1, -1) if token[:n] in known), "")
        rest = rest if found else rest + token[0]
        token = token[len(found) or 1 :]
        if found or not token:
            yield from _pairs(rest)
            rest = ""
        if found:
            yield found


def _pairs(letters: str) -> Iterator[str]:
    """Cut letters into pairs; one that is left over stays with the last."""
    ends = [*range(PAIR, len(letters) - 1, PAIR), len(letters)] if letters else []
    for begin, end in zip([0, *ends], ends, strict=False):
        yield letters[begin:end]
