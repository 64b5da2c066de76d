"""Numbers of the user: each has a range with its unit, wherever it is written, beyond which no run means anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sim.inputs.errors import InputError
from sim.inputs.said import NOTHING, Said
from sim.inputs.shown import quoted

_PER_CENT = 100.0
_DIGITS = re.compile(r"\s*[-+]?\d[\d.]*\s*")
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where to where a number may be, both ends included, in which unit, and what is usual."""

    low: float
    high: float
    unit: Said | str = ""
    usual: Said | str = ""  # a sentence behind the range, such as "400 is the usual"
    open: bool = False  # the ends themselves are no numbers anything can be done with

    def check(self, what: Said | str, value: object) -> None:
        """Raise `InputError` unless the value is a number of the range; texts and true or false are none."""
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is None or not self.low <= number <= self.high or (self.open and number in (self.low, self.high)):
            shown = f'"{quoted(value, 40)}"' if isinstance(value, str) else quoted(_written(value), 40)
            said = Said("{what}{shown}: {wanted}", what=what, shown=shown, wanted=self.told)
            raise InputError(said + self._why(value))

    def field(self) -> Callable[[Number], Number]:
        """Return what checks a field of a file; who reads the file names the field."""

        def checked(value: Number) -> Number:
            self.check("", value)
            return value

        return checked

    @property
    def told(self) -> Said:
        """Say what may be written."""
        low, high = f"{self.low:,.12g}", f"{self.high:,.12g}"
        ends = Said("from {low} to {high}", low=low, high=high)
        if self.open:
            ends = Said("between {low} and {high}", low=low, high=high)
        measured = Said("{ends} {unit}", ends=ends, unit=self.unit) if self.unit else ends
        if self.usual:
            return Said("write a number {ends}; {usual}.", ends=measured, usual=self.usual)
        return Said("write a number {ends}.", ends=measured)

    def option(self, name: str) -> Callable[[Number], Number]:
        """Return what checks an option of the command line; one that is left out is not checked."""

        def checked(value: Number) -> Number:
            if value is not None:
                self.check(f"{name} ", value)
            return value

        return checked

    def _why(self, value: object) -> Said:
        """Say what kind of thing was written instead."""
        if isinstance(value, str):
            return Said(" Leave out the quotes.") if _DIGITS.fullmatch(value) else NOTHING
        if self.high == 1.0 and isinstance(value, int | float) and 1.0 < value <= _PER_CENT:
            share = f"{value / _PER_CENT:g}"
            return Said(" Shares are decimals: write {per_cent} % as {share}.", per_cent=f"{value:g}", share=share)
        return NOTHING


SEED = Limits(0, 2**31 - 1)  # older generators of NumPy take no larger one, and no number below zero
MEMBERS = Limits(1, 100_000, "", Said("{usual} is the usual", usual=400))
# with fewer a regression on the summaries means nothing
PARTICLES = Limits(50, 2_000, "", Said("{usual} is the usual", usual=400))
WORKERS = Limits(1, 256, "", Said("--cluster has more machines"))
CANDIDATES = Limits(8, 100_000)  # with fewer there is nothing to choose from
SCREEN = Limits(2, 100_000)  # one member alone is compared with none
BOXES = Limits(1, 100, "", Said("{usual} is the usual", usual=2))
CHANCE = Limits(0.0, 1.0, open=True)
SPENT = Limits(0.0, 1e10, Said("万元, such as 100000 for 10 亿元"), open=True)


def _written(value: object) -> str:
    """Write a value as the file has it."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value).lower() if isinstance(value, bool) else str(value)
