"""What is wrong with a workbook: every fault with its sheet, row and column, what is allowed and what was meant."""

from __future__ import annotations

from dataclasses import dataclass, field

from peiyu.words.loader import words
from sim.inputs.errors import InputError
from sim.inputs.shown import quoted

MOST = 30
"""Most faults that are told at once; who mends these sees the others next."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where something stands: a sheet, a row as the sheet numbers it, a column by its letter and head."""

    sheet: str
    row: int = 0
    column: str = ""
    head: str = ""

    def told(self, lang: str) -> str:
        """Return the place in words."""
        w = words("new_city", lang)
        parts = [w["sheet"].format(sheet=quoted(self.sheet))]
        parts += [w["row"].format(row=self.row)] if self.row else []
        parts += [w["column"].format(column=self.column, head=quoted(self.head))] if self.column else []
        parts += [quoted(self.head)] if self.head and not self.column else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: which sentence says it, what was found, what is allowed, what was meant."""

    place: CellPlace
    what: str
    found: str = ""
    allowed: str = ""
    meant: str = ""

    def told(self, lang: str) -> str:
        """Return the fault as one line."""
        w = words("new_city", lang)
        lines = [f"{self.place.told(lang)}: {w[f'fault_{self.what}'].format(found=quoted(self.found))}"]
        lines += [w["allowed"].format(allowed=self.allowed)] if self.allowed else []
        lines += [w["meant"].format(meant=quoted(self.meant))] if self.meant else []
        return " ".join(lines)


@dataclass(slots=True)
class Faults:
    """Every fault of a workbook, in the order they were found."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: CellPlace, what: str, *, found: str = "", allowed: str = "", meant: str = "") -> None:
        """Note a fault."""
        self.found.append(Fault(place, what, found, allowed, meant))


class FormError(InputError):
    """A workbook that cannot be used, with every fault found in it."""

    def __init__(self, name: str, faults: list[Fault], lang: str) -> None:
        self.lines = [f.told(lang) for f in faults[:MOST]]
        super().__init__(words("new_city", lang)["refused"].format(name=quoted(name), n=len(faults)))
