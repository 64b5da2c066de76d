"""One cell: what it says, or which fault it is; the same for a workbook and for an answer to a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peiyu.new_city.form import ColumnEntry, workbook
from peiyu.words.loader import words
from peiyu.words.names import Named, label
from sim import quarter
from sim.city import regions
from sim.city.labels import NameEntry, labels
from sim.inputs import written
from sim.inputs.named import find, folded, nearest
from sim.inputs.toml import toml_number

LONGEST = 500
"""Letters of a text that is kept."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be used: which sentence says so, what is allowed, how what was probably meant is found.

    It is looked for where it is told: for thousands of cells that takes seconds.
    """

    what: str
    allowed: str = ""
    guess: Callable[[], str] = str

    @property
    def meant(self) -> str:
        """What was probably meant, or nothing."""
        return self.guess()


def read_cell(column: ColumnEntry, said: str, lang: str) -> str | Wrong:
    """Return a cell as the folder will have it: a key, a number, a period; blank for a blank one that may be."""
    if not said:
        return Wrong("missing") if column.needed else ""
    if len(said) > LONGEST:
        return Wrong("long")
    if column.kind in _NAMES:
        return _named(said, _NAMES[column.kind](), lang)
    return _READERS[column.kind](said, lang)


def _named(said: str, known: Sequence[NameEntry], lang: str) -> str | Wrong:
    found = find(said, known)
    if found is not None:
        return found.key
    return Wrong("name", _listed(known, lang), lambda: _near(said, known, lang))


def _near(said: str, known: Sequence[NameEntry], lang: str) -> str:
    near = nearest(said, known)
    return label(near, lang) if near else ""


def _listed(known: Sequence[Named], lang: str) -> str:
    return words("new_city", lang)["comma"].join(label(x, lang) for x in known)


def _text(said: str, _lang: str) -> str | Wrong:
    return " ".join(said.split())


def _count(said: str, lang: str) -> str | Wrong:
    found = written.number(said)
    if found is None:
        return Wrong("number", words("new_city", lang)["numbers"], lambda: _digits(said))
    return f"{toml_number(found.value)} {found.seen}"


def _money(said: str, lang: str) -> str | Wrong:
    found = written.money(said)
    if found is None:
        return Wrong("number", words("new_city", lang)["moneys"], lambda: _digits(said))
    return toml_number(found)


def _digits(said: str) -> str:
    """Return the first number in a text that holds one, which was probably meant."""
    kept = "".join(c if c.isdigit() or c in ".," else " " for c in written.plain(said)).split()
    return next((x for x in kept if written.number(x)), "")


def _period(said: str, lang: str) -> str | Wrong:
    found = written.period(said)
    if found is None or quarter.period_end(found) is None or not quarter.FIRST <= int(found[:4]) <= quarter.LAST:
        digits = "".join(c for c in written.plain(said) if c.isdigit())
        meant = f"20{digits}" if len(digits) == len("24") else ""
        return Wrong("period", words("new_city", lang)["periods"], lambda: meant)
    return found


def _end(said: str, lang: str) -> str | Wrong:
    """Return the quarter in which a period ends."""
    found = _period(said, lang)
    return found if isinstance(found, Wrong) else quarter.label(quarter.period_end(found) or 0)


def _start(said: str, lang: str) -> str | Wrong:
    """Return the quarter in which a period begins."""
    found = _period(said, lang)
    if isinstance(found, Wrong):
        return found
    back = 3 if len(found) == len("2024") else 1 if "H" in found else 0
    return quarter.label((quarter.period_end(found) or 0) - back)


def _grade(said: str, _lang: str) -> str | Wrong:
    grade = folded(said).upper()[:1]
    return grade if grade in "ABC" else Wrong("name", "A, B, C")


def places() -> dict[str, str]:
    """Return regions by every name they have, folded."""
    chinese = words("places", "zh")
    known = {folded(key): key for key in _regions()}
    return known | {folded(chinese[key]): key for key in _regions() if key in chinese}


def _regions() -> list[str]:
    tree = regions.every_region()
    return [tree.nation, *tree.province, *(c for cities in tree.province.values() for c in cities)]


def region_named(said: str) -> str | None:
    """Return the key of a region by its Chinese or English name, with or without 省 or 市."""
    known, name = places(), folded(said)
    endings = ("", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市")
    return next((known[cut] for e in endings if name.endswith(e) and (cut := name.removesuffix(e)) in known), None)


def _region(said: str, lang: str) -> str | Wrong:
    found = region_named(said)
    return found or Wrong("region", words("new_city", lang)["regions"], lambda: _near_place(said, lang, _regions()))


def _province(said: str, lang: str) -> str | Wrong:
    found, known = region_named(said), list(regions.provinces())
    if found in known:
        return str(found)
    shown = words("new_city", lang)["comma"].join(_place(x, lang) for x in known)
    return Wrong("province", shown, lambda: _near_place(said, lang, known))


def _near_place(said: str, lang: str, known: list[str]) -> str:
    """Return the region that shares most of its first letters with what was written."""
    entries = [NameEntry(key=k, zh=_place(k, "zh"), en=k) for k in known]
    near = nearest(said, entries)
    return _place(near.key, lang) if near else ""


def _place(key: str, lang: str) -> str:
    return words("places", "zh").get(key, key) if lang == "zh" else key.replace("_", " ").title()


_NAMES: dict[str, Callable[[], Sequence[NameEntry]]] = {
    "label": lambda: labels().label,
    "measure": lambda: labels().measure,
    "scope": lambda: labels().scope,
    "lever": lambda: labels().lever,
    "status": lambda: workbook().status,
}
_READERS: dict[str, Callable[[str, str], str | Wrong]] = {
    "text": _text, "count": _count, "money": _money, "period": _period, "start": _start, "end": _end,
    "region": _region, "province": _province, "grade": _grade,
}  # fmt: skip
