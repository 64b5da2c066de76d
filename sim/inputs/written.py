"""Numbers and dates as people write them: 1.6万, 约500家, 2.5亿元, 2024年底, 2024Q4, full-width digits."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Seen = Literal["exact", "rounded", "lower_bound", "upper_bound"]
"""What a number is: itself, round, or a bound."""
_UNITS = {"": 1.0, "十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_WAN = 1e4
_NUMBER = re.compile(
    r"(?P<before>约|大约|约为|近|接近|不足|不到|超|超过|突破|逾|达|达到|至少|不少于|累计)?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<unit>万亿|千万|百万|[十百千万亿])?(?P<more>余|多)?"
    r"(?P<of>家|个|项|户|只|元|人|名|件|条|处)?(?P<after>左右|上下|以上|以下|以内|余|多)?"
)
_ABOUT = {"约", "大约", "约为", "左右", "上下"}
_MORE = {"超", "超过", "突破", "逾", "至少", "不少于", "以上", "余", "多"}
_LESS = {"近", "接近", "不足", "不到", "以下", "以内"}
_CHINESE = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_FILLER = re.compile(r"^(?:截至|截止|到|至)|(?:底|末|度|以来|全年)$")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|Q[1-4]|-H[12])?", re.ASCII)
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_PERIODS = (
    (re.compile(r"(\d{4})年?"), "{0}"),
    (re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月)?"), "{0}-{1:0>2}"),
    (re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?"), "{0}-{1:0>2}-{2:0>2}"),
    (re.compile(r"(\d{4})年?[-]?q([1-4])"), "{0}Q{1}"),
    (re.compile(r"(\d{4})年?第?([1-4])季"), "{0}Q{1}"),
    (re.compile(r"(\d{4})(?:年上半年|年?-?h1)"), "{0}-H1"),
    (re.compile(r"(\d{4})(?:年下半年|年?-?h2)"), "{0}-H2"),
)


class Written(NamedTuple):
    """A number, and what it is: itself, round, or a bound."""

    value: float
    seen: Seen


def plain(text: str) -> str:
    """Return text without full width and blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def number(text: str) -> Written | None:
    """Return the count that a text writes, or None for anything else: a range, a share, two numbers, words."""
    found = _NUMBER.fullmatch(plain(text))
    if found is None:
        return None
    marks = {found["before"], found["after"], found["more"]}
    value = float(found["digits"].replace(",", "")) * _UNITS[found["unit"] or ""]
    bound: Seen = "lower_bound" if marks & _MORE else "upper_bound" if marks & _LESS else "exact"
    if bound == "exact" and (marks & _ABOUT or found["unit"]):
        bound = "rounded"
    return Written(round(value, 6), bound)


def money(text: str) -> float | None:
    """Return the 万元 that a text writes: without 元 or 亿 a plain number is 万元 already."""
    said = plain(text)
    found = number(said)
    if found is None:
        return None
    counted = re.search(r"元|亿|万", said) is not None
    return found.value / _WAN if counted else found.value


def period(text: str) -> str | None:
    """Return a period as a history file has it (2024, 2024-11, 2024Q4, 2024-H1), or None for anything else."""
    said = plain(text).lower().split("t00:00:00")[0]
    said = re.sub(r"(?<=[季年])([一二三四])(?=季)|第([一二三四])季", _quarter_digit, said)
    if re.match(r"[〇零一二三四五六七八九]{4}年", said):
        said = "".join(_CHINESE[c] for c in said[:4]) + said[4:]
    for _ in range(3):
        said = _FILLER.sub("", said)
    for pattern, form in _PERIODS:
        if (found := pattern.fullmatch(said)) and _DATE.fullmatch(made := form.format(*found.groups())):
            return made
    return None


def _quarter_digit(found: re.Match[str]) -> str:
    """Write the number of a quarter in digits."""
    return f"第{_QUARTERS[found[1] or found[2]]}季" if found[2] else _QUARTERS[found[1]]
